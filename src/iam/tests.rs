use serde_json::{Value, json};

use super::*;

fn account(id: &str) -> AccountId {
    AccountId::new(id).unwrap()
}

fn asks(principal: Option<&Caller>) -> Asking<'_> {
    Asking { principal, role: None, region: "eu-west-1" }
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
    let why = one("Condition", json!({ "DateLessThan": { "aws:CurrentTime": "2026-01-01T00:00:00Z" } }));
    assert!(
        why.starts_with("Statement[0].Condition.DateLessThan {") && why.contains("evaluates StringEquals"),
        "{why}"
    );
    let why = one("Condition", json!({ "StringEquals": { "s3:prefix": "a" } }));
    assert!(
        why.starts_with("Statement[0].Condition.StringEquals.s3:prefix \"a\": lambda-testkit knows the keys"),
        "{why}"
    );
}
