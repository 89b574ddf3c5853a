use serde_json::{Value, json};

use super::*;

fn account(id: &str) -> AccountId {
    AccountId::new(id).unwrap()
}

fn no_facts(_: &str) -> Vec<String> {
    Vec::new()
}

fn asks(principal: Option<&Caller>) -> Asking<'_> {
    Asking { principal, role: None, source: None, region: "eu-west-1", facts: &no_facts }
}

#[test]
fn the_owner_and_the_services_that_act_for_him_may_and_nobody_else() {
    let (own, other) = (account("111111111111"), account("222222222222"));
    let policies = [Policy::Owner(own.clone())];
    let ask = |who: Option<&Caller>| decide(asks(who), "s3:GetObject", "arn:aws:s3:::export/a", &policies);
    assert_eq!(ask(Some(&Caller::user(&own, "AIDA1"))), Ok(()));
    assert_eq!(ask(Some(&Caller::service("s3.amazonaws.com", &own))), Ok(()));
    assert!(ask(Some(&Caller::service("s3.amazonaws.com", &other))).is_err());
    assert!(ask(None).is_err());
    assert_eq!(
        ask(Some(&Caller::user(&other, "AIDA2"))).unwrap_err().to_string(),
        "User: arn:aws:iam::222222222222:user/AIDA2 is not authorized to perform: s3:GetObject on resource: \
         arn:aws:s3:::export/a because no resource-based policy allows the s3:GetObject action"
    );
}

#[test]
fn what_is_about_nobodys_resource_takes_any_signature() {
    let (signed, user) = ([Policy::Signed], Caller::user(&account("333333333333"), "A"));
    assert_eq!(decide(asks(Some(&user)), "s3:ListAllMyBuckets", "*", &signed), Ok(()));
    assert!(decide(asks(None), "s3:ListAllMyBuckets", "*", &signed).is_err());
    assert!(decide(asks(Some(&user)), "s3:GetObject", "*", &[]).is_err());
}

/// What a function with this policy is told; it is of the first account and the bucket is, too.
fn told(policy: Value, action: &str, resource: &str) -> Result<(), String> {
    let own = account("111111111111");
    let policy = PolicyDocument::parse(&policy).unwrap();
    let role = Role { account: own.clone(), arn: "arn:aws:sts::111111111111:assumed-role/r/f".into(), policy };
    let user = Caller::user(&own, "AIDA1");
    let asking = Asking { role: Some(&role), ..asks(Some(&user)) };
    decide(asking, action, resource, &[Policy::Owner(own)]).map_err(|denial| denial.to_string())
}

fn statement(effect: &str, action: Value, resource: Value) -> Value {
    json!({ "Effect": effect, "Action": action, "Resource": resource })
}

fn policy(statements: impl IntoIterator<Item = Value>) -> Value {
    json!({ "Version": "2012-10-17", "Statement": statements.into_iter().collect::<Vec<_>>() })
}

#[test]
fn a_role_may_do_what_its_policy_allows_and_no_more() {
    let reads = policy([statement("Allow", json!(["s3:Get*", "S3:listbucket"]), json!("arn:aws:s3:::box/*"))]);
    assert_eq!(told(reads.clone(), "s3:GetObject", "arn:aws:s3:::box/a"), Ok(()));
    assert_eq!(told(reads.clone(), "s3:ListBucket", "arn:aws:s3:::box/"), Ok(()));
    assert_eq!(
        told(reads.clone(), "s3:PutObject", "arn:aws:s3:::box/a").unwrap_err(),
        "User: arn:aws:sts::111111111111:assumed-role/r/f is not authorized to perform: s3:PutObject on resource: \
         arn:aws:s3:::box/a because no identity-based policy allows the s3:PutObject action"
    );
    assert!(told(reads, "s3:GetObject", "arn:aws:s3:::other/a").is_err());
}

#[test]
fn a_statement_that_denies_wins() {
    let all = statement("Allow", json!("*"), json!("*"));
    let but = policy([all, statement("Deny", json!("s3:Delete*"), json!("*"))]);
    assert_eq!(told(but.clone(), "s3:GetObject", "arn:aws:s3:::box/a"), Ok(()));
    let why = told(but, "s3:DeleteObject", "arn:aws:s3:::box/a").unwrap_err();
    assert!(why.ends_with("with an explicit deny in an identity-based policy"), "{why}");
}

#[test]
fn all_but_some_can_be_named() {
    let document =
        json!({ "Statement": { "Effect": "Allow", "NotAction": "sqs:*", "NotResource": "arn:aws:s3:::secret/*" } });
    assert_eq!(told(document.clone(), "s3:GetObject", "arn:aws:s3:::box/a"), Ok(()));
    assert!(told(document.clone(), "sqs:SendMessage", "arn:aws:sqs:eu-west-1:111111111111:q").is_err());
    assert!(told(document, "s3:GetObject", "arn:aws:s3:::secret/a").is_err());
}

#[test]
fn conditions_must_all_hold() {
    let with = |conditions: Value| {
        let mut statement = statement("Allow", json!("s3:*"), json!("*"));
        statement["Condition"] = conditions;
        told(policy([statement]), "s3:GetObject", "arn:aws:s3:::box/a").is_ok()
    };
    assert!(with(json!({ "StringEquals": { "aws:RequestedRegion": ["us-east-1", "eu-west-1"] } })));
    assert!(!with(json!({ "StringNotEquals": { "aws:requestedregion": "eu-west-1" } })));
    assert!(with(json!({ "ArnLike": { "aws:PrincipalArn": "arn:aws:sts::*:assumed-role/r/*" } })));
    assert!(with(json!({ "Bool": { "aws:SecureTransport": true } })));
    assert!(!with(json!({ "Bool": { "aws:SecureTransport": "false" } })));
    assert!(with(
        json!({ "Null": { "aws:ResourceAccount": "false" }, "StringLikeIfExists": { "aws:PrincipalAccount": "1*" } })
    ));
    assert!(!with(json!({ "StringEquals": { "aws:PrincipalAccount": "111111111111", "aws:ResourceAccount": "2" } })));
}

#[test]
fn what_is_no_policy_is_refused_with_the_value_and_the_rule() {
    let refused = |document: Value| PolicyDocument::parse(&document).unwrap_err().to_string();
    let one = |member: &str, value: Value| {
        let mut statement = statement("Allow", json!("s3:*"), json!("*"));
        statement[member] = value;
        refused(policy([statement]))
    };
    let rows = [
        (refused(json!("Allow")), "\"Allow\": a policy is a JSON object"),
        (refused(json!({})), "Statement null: a policy has one statement or more"),
        (refused(json!({ "Version": "2012-10-18" })), "Version \"2012-10-18\": it is \"2012-10-17\" or \"2008-10-17\""),
        (refused(json!({ "Statements": [] })), "Statements []: there is no such member, but Version, Id, Statement"),
        (one("Effect", json!("allow")), "Statement[0].Effect \"allow\": it is \"Allow\" or \"Deny\""),
        (one("Principal", json!("*")), "Statement[0].Principal \"*\": the policy of an identity names no principal"),
        (
            one("Action", json!("GetObject")),
            "Statement[0].Action \"GetObject\": actions are spelt service:Action, with * and ? for what may vary, or *",
        ),
        (one("Resource", json!([])), "Statement[0].Resource []: it is a text or a list of texts"),
        (
            one("Resource", json!("box")),
            "Statement[0].Resource \"box\": resources are ARNs, with * and ? for what may vary, or *",
        ),
        (one("NotAction", json!("s3:*")), "Statement[0].Action \"s3:*\": it stands beside its opposite"),
        (
            one("Resource", json!("arn:aws:s3:::box/${aws:username}")),
            "Statement[0].Resource \"arn:aws:s3:::box/${aws:username}\": policy variables are not evaluated by lambda-testkit",
        ),
    ];
    for (is, expected) in rows {
        assert_eq!(is, expected);
    }
    let why = one("Condition", json!({ "BinaryEquals": { "aws:CurrentTime": "2026-01-01T00:00:00Z" } }));
    assert!(
        why.starts_with("Statement[0].Condition.BinaryEquals {") && why.contains("evaluates StringEquals"),
        "{why}"
    );
    let why = one("Condition", json!({ "StringEquals": { "s3:suffix": "a" } }));
    assert!(
        why.starts_with("Statement[0].Condition.StringEquals.s3:suffix \"a\": lambda-testkit knows the keys"),
        "{why}"
    );
}

const FUNCTION: &str = "arn:aws:lambda:eu-west-1:111111111111:function:f";

/// What whoever asks is told of a function of the first account, whose policy has one statement with these members.
fn invokes(asking: Asking<'_>, members: Value) -> Result<(), String> {
    let mut one = json!({ "Sid": "s", "Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": FUNCTION });
    one.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    let document = PolicyDocument::parse_of_resource(&policy([one])).unwrap();
    let policies = [Policy::OwnerAndRoles(account("111111111111")), Policy::OfResource(Arc::new(document))];
    decide(asking, "lambda:InvokeFunction", FUNCTION, &policies).map_err(|denial| denial.to_string())
}

#[test]
fn the_policy_of_a_resource_lets_in_whom_it_names() {
    let partner = Caller::user(&account("222222222222"), "AIDA2");
    let allowed = |principal: Value| invokes(asks(Some(&partner)), json!({ "Principal": principal })).is_ok();
    assert!(allowed(json!("*")) && allowed(json!({ "AWS": "*" })) && allowed(json!({ "AWS": "222222222222" })));
    assert!(allowed(json!({ "AWS": ["arn:aws:iam::333333333333:root", "arn:aws:iam::222222222222:root"] })));
    assert!(allowed(json!({ "AWS": "arn:aws:iam::222222222222:user/AIDA2" })));
    assert!(!allowed(json!({ "AWS": "arn:aws:iam::222222222222:user/AIDA3" })));
    assert!(!allowed(json!({ "AWS": "333333333333" })) && !allowed(json!({ "Service": "s3.amazonaws.com" })));
    let other = json!({ "Principal": "*", "Action": "lambda:GetFunction" });
    let why = invokes(asks(Some(&partner)), other).unwrap_err();
    assert!(why.ends_with("because no resource-based policy allows the lambda:InvokeFunction action"), "{why}");
    let denied = json!({ "Principal": "*", "Effect": "Deny" });
    let why = invokes(asks(Some(&Caller::user(&account("111111111111"), "AIDA1"))), denied).unwrap_err();
    assert!(why.ends_with("with an explicit deny in a resource-based policy"), "{why}");
}

#[test]
fn a_service_without_a_role_needs_the_policy_of_the_resource_and_its_source_may_be_asked_for() {
    let own = account("111111111111");
    let (s3, bucket) = (Caller::service("s3.amazonaws.com", &own), "arn:aws:s3:::box".parse().unwrap());
    let from_bucket = Asking { source: Some(&bucket), ..asks(Some(&s3)) };
    let service =
        |conditions: Value| json!({ "Principal": { "Service": "s3.amazonaws.com" }, "Condition": conditions });
    let arn = |arn: &str| json!({ "ArnLike": { "AWS:SourceArn": arn } });
    assert!(invokes(from_bucket, service(json!({}))).is_ok());
    assert!(invokes(from_bucket, service(arn("arn:aws:s3:::box"))).is_ok());
    assert!(invokes(from_bucket, service(arn("arn:aws:s3:::b*"))).is_ok());
    assert!(invokes(from_bucket, service(arn("arn:aws:s3:::other"))).is_err());
    assert!(invokes(asks(Some(&s3)), service(arn("*"))).is_err(), "there is no source");
    assert!(invokes(asks(Some(&s3)), service(json!({ "ArnLikeIfExists": { "aws:SourceArn": "none" } }))).is_ok());
    let accounts = |account: &str| service(json!({ "StringEquals": { "AWS:SourceAccount": account } }));
    assert!(invokes(from_bucket, accounts("111111111111")).is_ok() && invokes(from_bucket, accounts("2")).is_err());
    let org = service(json!({ "StringEquals": { "aws:PrincipalOrgID": "o-1" } }));
    assert!(invokes(from_bucket, org).is_err(), "nobody belongs to an organization");
    let events = json!({ "Principal": { "Service": "events.amazonaws.com" } });
    let why = invokes(from_bucket, events.clone()).unwrap_err();
    assert!(why.starts_with("User: s3.amazonaws.com is not authorized to perform: lambda:InvokeFunction"), "{why}");
    for name in ["lambda.amazonaws.com", "scheduler.amazonaws.com"] {
        assert!(invokes(asks(Some(&Caller::service(name, &own))), events.clone()).is_ok(), "{name} has a role");
    }
}

#[test]
fn a_resource_of_the_same_account_may_let_a_role_in_that_its_own_policy_does_not() {
    let own = account("111111111111");
    let reads = PolicyDocument::parse(&policy([statement("Allow", json!("s3:*"), json!("*"))])).unwrap();
    let role = |of: &AccountId| Role {
        account: of.clone(),
        arn: format!("arn:aws:sts::{of}:assumed-role/r/f"),
        policy: reads.clone(),
    };
    let (user, mine) = (Caller::user(&own, "AIDA1"), role(&own));
    let asking = Asking { role: Some(&mine), ..asks(Some(&user)) };
    let named = |arn: &str| json!({ "Principal": { "AWS": arn } });
    assert!(invokes(asking, named("arn:aws:iam::111111111111:role/r")).is_ok());
    assert!(invokes(asking, named("arn:aws:iam::111111111111:role/path/r")).is_ok());
    assert!(invokes(asking, named("arn:aws:sts::111111111111:assumed-role/r/f")).is_ok());
    for arn in ["arn:aws:iam::111111111111:root", "arn:aws:iam::111111111111:role/other"] {
        let why = invokes(asking, named(arn)).unwrap_err();
        assert!(why.contains("no identity-based policy"), "{arn}: {why}");
    }
    // From another account both are needed.
    let partner = account("222222222222");
    let (user, theirs) = (Caller::user(&partner, "AIDA2"), role(&partner));
    let asking = Asking { role: Some(&theirs), ..asks(Some(&user)) };
    let why = invokes(asking, named("arn:aws:iam::222222222222:role/r")).unwrap_err();
    assert!(why.contains("no identity-based policy"), "{why}");
}

#[test]
fn principals_that_are_none_are_refused_with_the_value_and_the_rule() {
    for (principal, expected) in [
        (json!(null), "Statement[0].Principal null: the policy of a resource names principals"),
        (json!("222222222222"), "Statement[0].Principal \"222222222222\": the policy of a resource names principals"),
        (json!({}), "Statement[0].Principal {}: the policy of a resource names principals"),
        (json!({ "AWS": "2" }), "Statement[0].Principal.AWS \"2\": it is \"*\", the 12 digits of an account"),
        (json!({ "AWS": "arn:aws:s3:::box" }), "Statement[0].Principal.AWS \"arn:aws:s3:::box\": it is"),
        (json!({ "Service": "s3" }), "Statement[0].Principal.Service \"s3\": it is the name of a service"),
        (
            json!({ "Federated": "x" }),
            "Statement[0].Principal.Federated \"x\": lambda-testkit evaluates AWS and Service",
        ),
    ] {
        let mut one = statement("Allow", json!("*"), json!("*"));
        one["Principal"] = principal;
        let why = PolicyDocument::parse_of_resource(&policy([one])).unwrap_err().to_string();
        assert!(why.starts_with(expected), "{why}");
    }
}

/// What a bucket of the first account says to whoever asks to read `a`, with these facts; its policy has one statement.
fn of_bucket(asking: Asking<'_>, members: Value, more: Vec<Policy>) -> bool {
    let mut one =
        json!({ "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::box/*" });
    one.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    one.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    let document = Arc::new(PolicyDocument::parse_of_bucket(&policy([one])).unwrap());
    let policies = [vec![Policy::Owner(account("111111111111")), Policy::OfResource(document)], more].concat();
    decide(asking, "s3:GetObject", "arn:aws:s3:::box/a", &policies).is_ok()
}

#[test]
fn a_bucket_lets_in_who_has_not_signed_and_shuts_out_all_but_some() {
    let (own, other) = (account("111111111111"), account("222222222222"));
    let (owner, partner) = (Caller::user(&own, "AIDA1"), Caller::user(&other, "AIDA2"));
    assert!(of_bucket(asks(None), json!({}), Vec::new()));
    assert!(!of_bucket(asks(None), json!({ "Principal": { "AWS": "222222222222" } }), Vec::new()));
    let but_partner = json!({ "Effect": "Deny", "Principal": null, "NotPrincipal": { "AWS": "222222222222" } });
    assert!(!of_bucket(asks(Some(&owner)), but_partner.clone(), Vec::new()), "what denies wins");
    let granted = vec![Policy::Granted(&["s3:GetObject"])];
    assert!(of_bucket(asks(Some(&partner)), but_partner, granted.clone()));
    assert!(!of_bucket(asks(None), json!({ "Effect": "Deny" }), granted));
    let forbids = Arc::new(
        PolicyDocument::parse_of_bucket(&policy([json!({
            "Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::box/*"
        })]))
        .unwrap(),
    );
    let only = [Policy::Owner(own), Policy::Forbids(forbids)];
    assert!(decide(asks(None), "s3:GetObject", "arn:aws:s3:::box/a", &only).is_err(), "it lets nobody in");
}

#[test]
fn conditions_compare_what_the_request_tells() {
    let facts = |key: &str| -> Vec<String> {
        match key {
            "aws:SourceIp" => vec!["127.0.0.1".into()],
            "s3:max-keys" => vec!["10".into()],
            "aws:CurrentTime" => vec!["2026-01-01T00:00:00Z".into()],
            "s3:ExistingObjectTag/Team" => vec!["a".into()],
            "s3:RequestObjectTagKeys" => vec!["a".into(), "b".into()],
            _ => Vec::new(),
        }
    };
    let holds = |conditions: Value| {
        of_bucket(Asking { facts: &facts, ..asks(None) }, json!({ "Condition": conditions }), Vec::new())
    };
    for (conditions, expected) in [
        (json!({ "IpAddress": { "aws:SourceIp": ["10.0.0.0/8", "127.0.0.0/8"] } }), true),
        (json!({ "NotIpAddress": { "aws:SourceIp": "127.0.0.1/32" } }), false),
        (json!({ "NumericLessThanEquals": { "s3:max-keys": "10" } }), true),
        (json!({ "NumericGreaterThan": { "s3:max-keys": 10 } }), false),
        (json!({ "DateLessThan": { "aws:CurrentTime": "2026-01-02T00:00:00Z" } }), true),
        (json!({ "DateGreaterThan": { "aws:CurrentTime": "2026-01-02" } }), false),
        (json!({ "StringEquals": { "S3:existingobjecttag/Team": "a" } }), true),
        (json!({ "StringEquals": { "s3:ExistingObjectTag/team": "a" } }), false),
        (json!({ "ForAllValues:StringEquals": { "s3:RequestObjectTagKeys": ["a", "b", "c"] } }), true),
        (json!({ "ForAllValues:StringEquals": { "s3:RequestObjectTagKeys": ["a"] } }), false),
        (json!({ "ForAnyValue:StringEquals": { "s3:RequestObjectTagKeys": ["a"] } }), true),
        (json!({ "Null": { "aws:Referer": "true" } }), true),
        (json!({ "StringNotEquals": { "aws:Referer": "http://a" } }), true),
        (json!({ "StringLikeIfExists": { "aws:Referer": "http://a" } }), true),
    ] {
        assert_eq!(holds(conditions.clone()), expected, "{conditions}");
    }
}

#[test]
fn a_policy_is_public_unless_it_names_those_whom_it_lets_in() {
    let is_public = |members: Value| {
        let mut one =
            json!({ "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::box/*" });
        one.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        PolicyDocument::parse_of_bucket(&policy([one])).unwrap().is_public()
    };
    let ip = |range: &str| json!({ "Condition": { "IpAddress": { "aws:SourceIp": range } } });
    assert!(is_public(json!({})) && is_public(json!({ "Principal": { "AWS": ["222222222222", "*"] } })));
    assert!(!is_public(json!({ "Principal": { "AWS": "222222222222" } })) && !is_public(json!({ "Effect": "Deny" })));
    assert!(!is_public(ip("10.0.0.0/32")) && is_public(ip("0.0.0.0/0")));
    let arn = |arn: &str| json!({ "Condition": { "ArnLike": { "aws:SourceArn": arn } } });
    assert!(!is_public(arn("arn:aws:s3:::other")) && is_public(arn("*")));
    assert!(is_public(json!({ "Condition": { "StringLike": { "s3:prefix": "a" } } })));
}
