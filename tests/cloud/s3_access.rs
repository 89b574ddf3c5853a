//! Who may do what with a bucket: policies, lists, ownership, the blocks, and what browsers may.

use aws_sdk_s3::Client;
use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{
    BucketCannedAcl, BucketLifecycleConfiguration, CorsConfiguration, CorsRule, CreateBucketConfiguration, Delete,
    ExpirationStatus, LifecycleExpiration, LifecycleRule, LifecycleRuleFilter, ObjectCannedAcl, ObjectIdentifier,
    ObjectOwnership, OwnershipControls, OwnershipControlsRule, PublicAccessBlockConfiguration, ServerSideEncryption,
    Tag, Tagging,
};
use lambda_testkit::prelude::*;
use serde_json::{Value, json};

use crate::common::signed::Raw;

const PARTNER: &str = "222222222222";

struct Both {
    cloud: Cloud,
    own: Client,
    partner: Client,
}

fn both() -> Both {
    let cloud = Cloud::start();
    cloud.bucket("box").put("open/a", "a");
    cloud.bucket("box").put("shut/b", "b");
    let (own, partner) = (Client::new(&cloud.sdk_config()), Client::new(&cloud.account(PARTNER).sdk_config()));
    Both { cloud, own, partner }
}

#[track_caller]
fn code<T: std::fmt::Debug, E: ProvideErrorMetadata>(result: Result<T, E>) -> String {
    result.unwrap_err().code().unwrap_or_default().to_owned()
}

impl Both {
    async fn policy(&self, statements: Value) -> Result<(), String> {
        let policy = json!({ "Version": "2012-10-17", "Statement": statements }).to_string();
        let put = self.own.put_bucket_policy().bucket("box").policy(policy).send().await;
        put.map(drop).map_err(|error| error.code().unwrap_or_default().to_owned())
    }

    async fn reads(&self, key: &str) -> Result<(), String> {
        let got = self.partner.get_object().bucket("box").key(key).send().await;
        got.map(drop).map_err(|error| error.code().unwrap_or_default().to_owned())
    }

    /// As whoever has no key at all.
    async fn anonymous(&self, method: &str, target: &str) -> u16 {
        Raw::new("s3", method, target).send(&self.cloud).await.status
    }

    async fn block(&self, block: PublicAccessBlockConfiguration) {
        let put = self.own.put_public_access_block().bucket("box");
        put.public_access_block_configuration(block).send().await.unwrap();
    }

    async fn owned_by(&self, ownership: ObjectOwnership) {
        let rule = OwnershipControlsRule::builder().object_ownership(ownership).build().unwrap();
        let controls = OwnershipControls::builder().rules(rule).build().unwrap();
        self.own.put_bucket_ownership_controls().bucket("box").ownership_controls(controls).send().await.unwrap();
    }
}

fn to_partner(effect: &str, action: Value, resource: &str) -> Value {
    json!({ "Effect": effect, "Principal": { "AWS": PARTNER }, "Action": action, "Resource": resource })
}

#[tokio::test]
async fn another_account_gets_what_the_policy_of_the_bucket_allows() {
    let both = both();
    let denied = Err("AccessDenied".to_owned());
    assert_eq!(both.reads("open/a").await, denied);
    let allow = to_partner("Allow", json!(["s3:GetObject", "s3:DeleteObject"]), "arn:aws:s3:::box/*");
    let deny = to_partner("Deny", json!("s3:*"), "arn:aws:s3:::box/shut/*");
    both.policy(json!([allow, deny])).await.unwrap();
    assert_eq!(both.reads("open/a").await, Ok(()));
    assert_eq!(both.reads("shut/b").await, denied, "what denies wins");
    assert_eq!(both.reads("open/absent").await, denied, "nobody who may not list is told what is not there");

    // Each key of a batch is asked for.
    let key = |key: &str| ObjectIdentifier::builder().key(key).build().unwrap();
    let batch = Delete::builder().objects(key("open/a")).objects(key("shut/b")).build().unwrap();
    let deleted = both.partner.delete_objects().bucket("box").delete(batch).send().await.unwrap();
    assert_eq!(deleted.deleted()[0].key(), Some("open/a"));
    assert_eq!((deleted.errors()[0].key(), deleted.errors()[0].code()), (Some("shut/b"), Some("AccessDenied")));
    assert_eq!(both.cloud.bucket("box").keys(), ["shut/b"]);

    both.own.delete_bucket_policy().bucket("box").send().await.unwrap();
    assert_eq!(code(both.own.get_bucket_policy().bucket("box").send().await), "NoSuchBucketPolicy");
}

#[tokio::test]
async fn the_conditions_of_a_policy_hold_for_the_request() {
    let both = both();
    let mut list = to_partner("Allow", json!("s3:ListBucket"), "arn:aws:s3:::box");
    list["Condition"] =
        json!({ "StringLike": { "s3:prefix": "open/*" }, "IpAddress": { "aws:SourceIp": "127.0.0.0/8" } });
    let mut tagged = to_partner("Allow", json!("s3:GetObject"), "arn:aws:s3:::box/*");
    tagged["Condition"] = json!({ "StringEquals": { "s3:ExistingObjectTag/share": "yes" } });
    both.policy(json!([list, tagged])).await.unwrap();
    let listed = |prefix: &str| both.partner.list_objects_v2().bucket("box").prefix(prefix).send();
    assert_eq!(listed("open/").await.unwrap().key_count(), Some(1));
    assert_eq!(code(listed("shut/").await), "AccessDenied");

    assert!(both.reads("open/a").await.is_err());
    let tag = Tag::builder().key("share").value("yes").build().unwrap();
    let tagging = Tagging::builder().tag_set(tag).build().unwrap();
    both.own.put_object_tagging().bucket("box").key("open/a").tagging(tagging).send().await.unwrap();
    assert_eq!(both.reads("open/a").await, Ok(()));
}

#[tokio::test]
async fn a_policy_that_is_none_or_of_something_else_is_refused() {
    let both = both();
    for statement in [
        to_partner("Allow", json!("sqs:SendMessage"), "arn:aws:s3:::box"),
        to_partner("Allow", json!("s3:GetObject"), "arn:aws:s3:::other/*"),
        json!({ "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::box/*" }),
        json!({ "Effect": "Allow", "NotPrincipal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::box" }),
        json!({
            "Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::box",
            "Condition": { "StringEquals": { "s3:from-the-future": "1" } }
        }),
    ] {
        assert_eq!(both.policy(json!([statement])).await, Err("MalformedPolicy".to_owned()));
    }
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html>
#[tokio::test]
async fn new_buckets_block_what_is_public_until_the_block_is_taken_away() {
    let both = both();
    let public =
        json!({ "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::box/open/*" });
    assert_eq!(both.policy(json!([public])).await, Err("AccessDenied".to_owned()));
    both.own.delete_public_access_block().bucket("box").send().await.unwrap();
    both.policy(json!([public])).await.unwrap();
    assert_eq!(both.anonymous("GET", "/box/open/a").await, 200);
    assert_eq!(both.anonymous("GET", "/box/shut/b").await, 403);
    assert_eq!(both.anonymous("DELETE", "/box/open/a").await, 403);
    let status = both.own.get_bucket_policy_status().bucket("box").send().await.unwrap();
    assert_eq!(status.policy_status().unwrap().is_public(), Some(true));

    both.block(PublicAccessBlockConfiguration::builder().restrict_public_buckets(true).build()).await;
    assert_eq!(both.anonymous("GET", "/box/open/a").await, 403);
    assert!(both.reads("open/a").await.is_err());
    both.own.get_object().bucket("box").key("open/a").send().await.unwrap();
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html>
#[tokio::test]
async fn lists_count_where_the_bucket_says_so() {
    let both = both();
    let public = || both.own.put_bucket_acl().bucket("box").acl(BucketCannedAcl::PublicRead).send();
    assert_eq!(code(public().await), "AccessControlListNotSupported");
    both.owned_by(ObjectOwnership::BucketOwnerPreferred).await;
    assert_eq!(code(public().await), "AccessDenied", "public lists are blocked");
    both.block(PublicAccessBlockConfiguration::builder().build()).await;
    public().await.unwrap();
    assert_eq!(both.anonymous("GET", "/box").await, 200);
    assert_eq!(both.anonymous("GET", "/box/open/a").await, 403);
    assert_eq!(both.anonymous("GET", "/box/absent").await, 404, "whoever may list is told");

    // Whoever writes owns, unless he gives the bucket's owner full control.
    both.own.put_bucket_acl().bucket("box").acl(BucketCannedAcl::PublicReadWrite).send().await.unwrap();
    let put = |key: &str| both.partner.put_object().bucket("box").key(key).body(ByteStream::from_static(b"theirs"));
    put("mine").send().await.unwrap();
    put("given").acl(ObjectCannedAcl::BucketOwnerFullControl).send().await.unwrap();
    assert_eq!(code(both.own.get_object().bucket("box").key("mine").send().await), "AccessDenied");
    both.own.get_object().bucket("box").key("given").send().await.unwrap();
    both.owned_by(ObjectOwnership::ObjectWriter).await;
    both.own.put_bucket_acl().bucket("box").acl(BucketCannedAcl::Private).send().await.unwrap();
    both.owned_by(ObjectOwnership::BucketOwnerEnforced).await;
    both.own.get_object().bucket("box").key("mine").send().await.unwrap();
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/cors.html>
#[tokio::test]
async fn browsers_of_the_origins_that_the_rules_name_are_let_in() {
    let both = both();
    let rule = CorsRule::builder().allowed_origins("https://*.example").allowed_methods("GET").allowed_headers("x-*");
    let rule = rule.expose_headers("etag").max_age_seconds(60).build().unwrap();
    let rules = CorsConfiguration::builder().cors_rules(rule).build().unwrap();
    both.own.put_bucket_cors().bucket("box").cors_configuration(rules).send().await.unwrap();
    let ask = |origin: &'static str| {
        let raw = Raw::new("s3", "OPTIONS", "/box/open/a").header("origin", origin);
        raw.header("access-control-request-method", "GET").header("access-control-request-headers", "X-Own")
    };
    assert_eq!(ask("https://app.example").send(&both.cloud).await.status, 200);
    assert_eq!(ask("https://app.other").send(&both.cloud).await.status, 403);
    assert_eq!(both.anonymous("OPTIONS", "/box/open/a").await, 400);
}

#[tokio::test]
async fn settings_of_a_bucket_are_checked_and_read_back() {
    let both = both();
    let s3 = &both.own;
    let encryption = s3.get_bucket_encryption().bucket("box").send().await.unwrap();
    let rules = encryption.server_side_encryption_configuration.unwrap().rules;
    let default = rules[0].apply_server_side_encryption_by_default.as_ref().unwrap();
    assert_eq!(default.sse_algorithm, ServerSideEncryption::Aes256);

    let tag = Tag::builder().key("team").value("a").build().unwrap();
    assert_eq!(code(s3.get_bucket_tagging().bucket("box").send().await), "NoSuchTagSet");
    let tagging = Tagging::builder().tag_set(tag.clone()).build().unwrap();
    s3.put_bucket_tagging().bucket("box").tagging(tagging).send().await.unwrap();
    assert_eq!(s3.get_bucket_tagging().bucket("box").send().await.unwrap().tag_set, std::slice::from_ref(&tag));
    let with_tags = CreateBucketConfiguration::builder().tags(tag.clone()).build();
    s3.create_bucket().bucket("other-box").create_bucket_configuration(with_tags).send().await.unwrap();
    assert_eq!(s3.get_bucket_tagging().bucket("other-box").send().await.unwrap().tag_set, [tag]);

    let rule = |days| {
        let rule = LifecycleRule::builder().filter(LifecycleRuleFilter::builder().prefix("tmp/").build());
        let rule = rule.expiration(LifecycleExpiration::builder().days(days).build());
        let rule = rule.status(ExpirationStatus::Enabled).build().unwrap();
        BucketLifecycleConfiguration::builder().rules(rule).build().unwrap()
    };
    let put = |days| s3.put_bucket_lifecycle_configuration().bucket("box").lifecycle_configuration(rule(days)).send();
    assert_eq!(code(put(0).await), "InvalidArgument");
    put(7).await.unwrap();
    let kept = s3.get_bucket_lifecycle_configuration().bucket("box").send().await.unwrap();
    assert_eq!(kept.rules()[0].expiration().unwrap().days(), Some(7));
    assert!(kept.rules()[0].id().is_some_and(|id| !id.is_empty()), "a rule without a name is given one");
    s3.delete_bucket_lifecycle().bucket("box").send().await.unwrap();
    let gone = s3.get_bucket_lifecycle_configuration().bucket("box").send().await;
    assert_eq!(code(gone), "NoSuchLifecycleConfiguration");
}

#[tokio::test]
async fn tags_of_what_anybody_put_are_the_buckets_owners_too_and_mail_addresses_belong_to_nobody() {
    let cloud = Cloud::builder().buckets_before_2020().start();
    cloud.bucket("box");
    let s3 = Client::new(&cloud.sdk_config());
    s3.put_bucket_acl().bucket("box").acl(BucketCannedAcl::PublicReadWrite).send().await.unwrap();
    let put = Raw::new("s3", "PUT", "/box/k").body("v").send(&cloud).await;
    assert_eq!(put.status, 200, "{}", put.body);
    let tags = Tagging::builder().tag_set(Tag::builder().key("a").value("1").build().unwrap()).build().unwrap();
    s3.put_object_tagging().bucket("box").key("k").tagging(tags).send().await.unwrap();
    let tags = s3.get_object_tagging().bucket("box").key("k").send().await.unwrap();
    assert_eq!(tags.tag_set()[0].key(), "a");
    // What is in it stays his who put it.
    assert_eq!(code(s3.get_object().bucket("box").key("k").send().await), "AccessDenied");

    let mail = r#"emailAddress="somebody@example.com""#;
    let granted = s3.put_bucket_acl().bucket("box").grant_read(mail).send().await;
    assert_eq!(code(granted), "UnresolvableGrantByEmailAddress");
    let now = Cloud::start();
    now.bucket("box");
    let granted = Client::new(&now.sdk_config()).put_bucket_acl().bucket("box").grant_read(mail).send().await;
    assert_eq!(code(granted), "MethodNotAllowed");
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html>: by this header SDKs find out where to ask again.
#[tokio::test]
async fn where_a_bucket_is_is_told_to_who_may_not_see_it() {
    let cloud = Cloud::start();
    cloud.region("eu-west-1").bucket("box");
    for request in [Raw::new("s3", "HEAD", "/box"), Raw { region: "eu-west-1", ..Raw::new("s3", "HEAD", "/box") }] {
        let hidden = request.send(&cloud).await;
        assert_eq!((hidden.status, hidden.header("x-amz-bucket-region")), (403, "eu-west-1"));
    }
    let nowhere = Raw::new("s3", "HEAD", "/nowhere").signed(&cloud).await;
    assert_eq!((nowhere.status, nowhere.header("x-amz-bucket-region")), (404, ""));
}
