//! What a function may do, and what it did.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::Serialize;
use serde_json::{Value, json};

use super::Cloud;
use super::error::{CloudError, expect};
use super::function::Function;
use crate::event::Arn;
use crate::history::{Actor, Entry, RequestInfo, Source, What};
use crate::iam::{PolicyDocument, Role};

/// What an event source mapping does in the name of the function's role.
///
/// <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html#events-sqs-permissions>
const POLLED: [&str; 3] = ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"];

impl Function {
    /// Lets the function do only what this policy of its role allows: the JSON of an IAM policy, such as the one that a
    /// template gives to the role. Default: all that its account may.
    ///
    /// What it does not allow is refused in AWS's words, `AccessDenied` or `AccessDeniedException` with status 403. Asked by a role
    /// without `s3:ListBucket`, S3 answers 403, and not 404, for an object that is not there. Requests with the credentials of another
    /// account are none of the role's.
    ///
    /// ```
    /// use lambda_testkit::prelude::*;
    /// use serde_json::json;
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let cloud = Cloud::start();
    /// let (inbox, outbox) = (cloud.bucket("inbox"), cloud.bucket("outbox"));
    /// let s3 = aws_sdk_s3::Client::new(&cloud.sdk_config());
    /// let copy = cloud.function_with("copy", s3, async |s3, event: S3Event| {
    ///     for record in event.records {
    ///         let copy = s3.copy_object().bucket("outbox").key(record.key().as_str());
    ///         copy.copy_source(format!("inbox/{}", record.key())).send().await?;
    ///     }
    ///     Ok::<_, aws_sdk_s3::Error>(())
    /// });
    /// inbox.notify(&copy, on(ObjectCreated));
    ///
    /// copy.role(json!({
    ///     "Version": "2012-10-17",
    ///     "Statement": [{ "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::inbox/*" }]
    /// }));
    /// inbox.put("a.txt", "a");
    /// let report = cloud.settle().await;
    /// assert!(report.to_string().contains("403 AccessDenied: User: "), "{report}");
    /// assert!(outbox.keys().is_empty());
    /// # }
    /// ```
    ///
    /// Evaluated are `Effect`, `Action`, `NotAction`, `Resource`, `NotResource` and the conditions `StringEquals`, `StringLike`,
    /// `ArnEquals`, `ArnLike`, their opposites, `Bool` and `Null` about `aws:PrincipalAccount`, `aws:PrincipalArn`,
    /// `aws:RequestedRegion`, `aws:ResourceAccount` and `aws:SecureTransport`; anything else is refused. What Lambda itself does in
    /// the role's name, such as receiving from a queue, is not asked.
    ///
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html>
    ///
    /// # Panics
    ///
    /// As [`try_role`](Self::try_role) fails.
    #[track_caller]
    pub fn role(&self, policy: impl Serialize) -> Self {
        expect(self.try_role(policy));
        self.clone()
    }

    /// As [`role`](Self::role).
    ///
    /// # Errors
    ///
    /// [`CloudError::Policy`] when it is no policy, or one that is not evaluated; it names the member, its value and the rule.
    pub fn try_role(&self, policy: impl Serialize) -> Result<(), CloudError> {
        let document = serde_json::to_value(policy).map_err(|error| CloudError::NotJson(error.to_string()))?;
        let policy = PolicyDocument::parse(&document).map_err(|error| CloudError::Policy(error.to_string()))?;
        let function = self.changeable()?;
        let (partition, account, name) = (self.arn().partition(), function.named.account.clone(), self.name());
        let arn = format!("arn:{partition}:sts::{account}:assumed-role/{name}-role/{name}");
        function.change(|settings| settings.role = Some(Arc::new(Role { account, arn, policy })));
        Ok(())
    }
}

impl Cloud {
    /// The smallest IAM policy that covers what a function has asked for so far, granted or not, as JSON ready for a template.
    /// What happened in a test is all that it knows of; of objects it names the bucket and not each key.
    ///
    /// Queues that a trigger reads for the function are in it, for that is done in the name of its role; writing logs is not
    /// (`AWSLambdaBasicExecutionRole`). A snapshot of it shows when a handler begins to need more.
    ///
    /// ```
    /// # use lambda_testkit::prelude::*;
    /// # use serde_json::json;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let cloud = Cloud::start();
    /// let s3 = aws_sdk_s3::Client::new(&cloud.sdk_config());
    /// let note = cloud.function_with("note", s3, async |s3, event: SqsEvent| {
    ///     let body = event.records[0].body.clone().into_bytes();
    ///     s3.put_object().bucket("notes").key("last").body(body.into()).send().await.map(|_| ())
    /// });
    /// cloud.bucket("notes");
    /// let queue = cloud.queue("incoming");
    /// queue.trigger(&note, batch(1));
    /// queue.send("hello");
    /// cloud.settle().await.assert_ok();
    ///
    /// let queue = "arn:aws:sqs:us-east-1:111111111111:incoming";
    /// assert_eq!(cloud.policy_used_by(&note), json!({
    ///     "Version": "2012-10-17",
    ///     "Statement": [
    ///         { "Effect": "Allow", "Action": ["s3:PutObject"], "Resource": ["arn:aws:s3:::notes/*"] },
    ///         {
    ///             "Effect": "Allow",
    ///             "Action": ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"],
    ///             "Resource": [queue],
    ///         },
    ///     ],
    /// }));
    /// # }
    /// ```
    pub fn policy_used_by(&self, function: &Function) -> Value {
        let mut used: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut uses = |action: &str, resource: String| {
            used.entry(resource).or_default().insert(action.to_owned());
        };
        self.world.kernel.recorder().look(|entries| {
            for entry in entries {
                look_at(entry, function, &mut uses);
            }
        });
        // Resources with which the same is done share a statement.
        let mut statements: BTreeMap<BTreeSet<String>, BTreeSet<String>> = BTreeMap::new();
        for (resource, actions) in used {
            statements.entry(actions).or_default().insert(resource);
        }
        let statements: Vec<Value> = statements
            .into_iter()
            .map(|(actions, resources)| json!({ "Effect": "Allow", "Action": actions, "Resource": resources }))
            .collect();
        json!({ "Version": "2012-10-17", "Statement": statements })
    }
}

/// What an entry says that a function used: actions and resources.
fn look_at(entry: &Entry, function: &Function, uses: &mut impl FnMut(&str, String)) {
    match (&entry.what, &entry.actor) {
        (What::Request(request), Actor::Function(name))
            if **name == *function.name() && request.action.contains(':') =>
        {
            uses(&action(request), request.arn.as_ref().map_or_else(|| "*".to_owned(), |arn| whole(&arn.to_string())));
            for (action, arn) in &request.also {
                uses(action, whole(arn));
            }
        }
        (What::Delivery(delivery), _) if delivery.to_arn == *function.unqualified_arn() => {
            if let Source::Messages { queue, .. } = &delivery.from {
                let arn = function.arn();
                // A mapping reads queues of its function's account and region alone.
                if let (Some(region), Some(account)) = (arn.region(), arn.account()) {
                    let queue = Arn::regional("sqs", region, account, queue.as_str()).to_string();
                    POLLED.iter().for_each(|action| uses(action, queue.clone()));
                }
            }
        }
        _ => {}
    }
}

/// The action as templates spell it. SQS's own messages have it in small letters, and a batch needs what its entries need.
fn action(request: &RequestInfo) -> Cow<'_, str> {
    match request.service {
        "sqs" => Cow::Owned(format!("sqs:{}", request.operation.trim_end_matches("Batch"))),
        _ => Cow::Borrowed(&request.action),
    }
}

/// An object stands for all of its bucket.
fn whole(arn: &str) -> String {
    match arn.split_once(":s3:::").and_then(|(start, path)| Some((start, path.split_once('/')?.0))) {
        Some((start, bucket)) => format!("{start}:s3:::{bucket}/*"),
        None => arn.to_owned(),
    }
}
