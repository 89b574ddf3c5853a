//! Versions and aliases wherever a function can be named: by handles, triggers, destinations and plans.

use std::time::Duration;

use aws_sdk_lambda::Client;
use aws_sdk_lambda::types::InvocationType;
use aws_sdk_s3::types::{Event, LambdaFunctionConfiguration, NotificationConfiguration};
use lambda_runtime::LambdaEvent;
use lambda_testkit::event::invoke::DestinationRecord;
use lambda_testkit::prelude::*;
use lambda_testkit::{Deviation, Function, Redelivery};
use serde_json::{Value, json};

use crate::common::refusal;

const ARN: &str = "arn:aws:lambda:us-east-1:111111111111:function:work";

/// What the handler is told of itself.
async fn told(event: LambdaEvent<Value>) -> Result<(String, String, String), lambda_runtime::Error> {
    let config = &event.context.env_config;
    let arn = event.context.invoked_function_arn.rsplit(":function:").next().unwrap_or_default().to_owned();
    Ok((arn, config.version.clone(), config.log_stream.clone()))
}

fn function(cloud: &Cloud) -> Function {
    cloud.function("work", told)
}

#[tokio::test]
async fn the_context_has_the_qualifier_as_it_was_given_and_the_version_that_runs() {
    let cloud = Cloud::start();
    let work = function(&cloud);
    work.alias("live", &work.publish());
    let lambda = Client::new(&cloud.sdk_config());
    for (name, arn, version) in [
        ("work", "work", "$LATEST"),
        ("work:$LATEST", "work:$LATEST", "$LATEST"),
        ("work:1", "work:1", "1"),
        ("work:live", "work:live", "1"),
    ] {
        let output = lambda.invoke().function_name(name).send().await.unwrap();
        let seen: (String, String, String) = serde_json::from_slice(output.payload().unwrap().as_ref()).unwrap();
        assert_eq!((seen.0.as_str(), seen.1.as_str()), (arn, version), "{name}");
        assert!(seen.2.contains(&format!("/[{version}]")), "{name}: {}", seen.2);
        assert_eq!(output.executed_version(), Some(version));
    }
    let timeline = cloud.timeline().to_string();
    for line in ["invoke work\n", "invoke work:1: ok", "invoke work:live (version 1): ok", "lambda Invoke work:live"] {
        let found = timeline.replace(": ok", ": ok\n").contains(line) || timeline.contains(line.trim_end());
        assert!(found, "{line}: {timeline}");
    }
}

#[tokio::test]
async fn a_handle_is_that_of_a_function_of_a_version_or_of_an_alias() {
    let cloud = Cloud::start();
    let work = cloud.function("work", async |number: u32| number + 1);
    let first = work.publish();
    cloud.function("work", async |number: u32| number + 2);
    let second = work.publish();
    let live = work.alias("live", &first);
    assert_eq!((first.name(), first.qualifier(), work.qualifier()), ("work", Some("1"), None));
    assert_eq!(live.arn().to_string(), format!("{ARN}:live"));
    assert_eq!((first.invoke::<u32>(0).await, second.invoke::<u32>(0).await, live.invoke::<u32>(0).await), (1, 2, 1));
    assert_eq!(work.alias("live", &second).invoke::<u32>(0).await, 2, "the alias has moved");
    let count = |function: &Function| function.invocations().len();
    assert_eq!([count(&work), count(&first), count(&second), count(&live)], [4, 2, 2, 2]);
    assert_eq!((live.responses(), live.events()), (vec![json!(1), json!(2)], vec![json!(0), json!(0)]));

    let refused = |result: Result<(), lambda_testkit::CloudError>| result.unwrap_err().to_string();
    assert!(refused(first.try_timeout(Duration::from_secs(5))).contains("versions are published as they are"));
    assert!(refused(live.try_publish().map(drop)).contains("versions are published as they are"));
    assert!(
        refused(live.try_role(json!({ "Statement": { "Effect": "Allow", "Action": "*", "Resource": "*" } })))
            .contains("set it on the function")
    );
    assert!(refused(work.try_alias("7", &first).map(drop)).contains("not digits alone"));
    assert!(refused(work.try_alias("new", &live).map(drop)).contains("versions of its own function"));
    let other = cloud.function("other", async |_: Value| ());
    assert!(refused(work.try_alias("new", &other.publish()).map(drop)).contains("versions of its own function"));
    assert!(refused(first.try_additional_version(&second, 0.5)).contains("only an alias"));
    assert!(refused(live.try_additional_version(&second, 0.5)).contains("already included"));
    assert!(refused(live.try_additional_version(&first, 1.5)).contains("0.0 to 1.0"));
    assert!(refused(live.try_additional_version(&first, f64::NAN)).contains("0.0 to 1.0"));
    let lambda = Client::new(&cloud.sdk_config());
    lambda.delete_alias().function_name("work").name("live").send().await.unwrap();
    let gone = live.try_invoke::<u32>(0).await.unwrap_err().to_string();
    assert_eq!(gone, "unknown version or alias of work \"live\": there are $LATEST, 1, 2");
}

#[tokio::test]
async fn triggers_reach_the_version_or_alias_that_they_name() {
    let cloud = Cloud::start();
    let work = function(&cloud);
    let first = work.publish();
    let live = work.alias("live", &first);
    let (inbox, jobs) = (cloud.bucket("inbox"), cloud.queue("jobs"));
    inbox.notify(&live, on(ObjectCreated));
    jobs.trigger(&first, batch(1));
    cloud.rule("hourly", "rate(1 hour)").trigger(&live);
    let mapping = jobs.trigger(&live, batch(1));
    assert_eq!(mapping.name(), "jobs → work:live", "another alias is another function");
    mapping.remove();
    inbox.put("a.txt", "a");
    jobs.send("job");
    cloud.settle().await.assert_ok();
    cloud.advance(Duration::from_secs(3_600)).await.assert_ok();
    let arns: Vec<_> = work.responses().iter().map(|told| told[0].as_str().unwrap().to_owned()).collect();
    assert_eq!(arns, ["work:live", "work:1", "work:live"]);
    let explained = cloud.explain().to_string();
    for trigger in ["inbox → work:live fired", "jobs → work:1 fired", "hourly → work:live fired"] {
        assert!(explained.contains(trigger), "{explained}");
    }
    assert_eq!(cloud.history().deliveries().to("work").into_iter().count(), 3);
    assert_eq!(cloud.history().deliveries().to("work:live").into_iter().count(), 2);

    // A duplicate comes by the name by which its event came.
    assert_eq!(live.redeliver(Redelivery::All), 2);
    cloud.settle().await.assert_ok();
    assert_eq!(work.responses().iter().filter(|told| told[0] == "work:live").count(), 4);
}

#[tokio::test]
async fn the_apis_of_triggers_take_qualifiers_and_refuse_those_that_are_not_there() {
    let cloud = Cloud::start();
    let work = function(&cloud);
    work.alias("live", &work.publish());
    let (inbox, jobs) = (cloud.bucket("inbox"), cloud.queue("jobs"));
    let (lambda, s3) = (Client::new(&cloud.sdk_config()), aws_sdk_s3::Client::new(&cloud.sdk_config()));
    let map = |name: &str| {
        lambda.create_event_source_mapping().event_source_arn(jobs.arn().to_string()).function_name(name).send()
    };
    let mapped = map("work:live").await.unwrap();
    assert_eq!(mapped.function_arn(), Some(&*format!("{ARN}:live")));
    assert_eq!(refusal(map(&format!("{ARN}:live")).await), "409 ResourceConflictException");
    assert_eq!(refusal(map("work:7").await), "400 InvalidParameterValueException");
    let listed = async |name: &str| {
        let listed = lambda.list_event_source_mappings().function_name(name).send().await.unwrap();
        listed.event_source_mappings().len()
    };
    assert_eq!((listed("work").await, listed("work:live").await, listed("work:1").await), (1, 1, 0));
    let deletion = lambda.delete_alias().function_name("work").name("live").send().await;
    assert_eq!(refusal(deletion), "400 NotImplemented", "it is polled for");

    let notify = async |arn: &str| {
        let function = LambdaFunctionConfiguration::builder().lambda_function_arn(arn).events(Event::S3ObjectCreated);
        let all = NotificationConfiguration::builder().lambda_function_configurations(function.build().unwrap());
        s3.put_bucket_notification_configuration().bucket("inbox").notification_configuration(all.build()).send().await
    };
    assert_eq!(refusal(notify(&format!("{ARN}:1")).await), "400 InvalidArgument", "it needs permission");
    let permit =
        lambda.add_permission().function_name("work").qualifier("1").statement_id("s3").action("lambda:InvokeFunction");
    permit.principal("s3.amazonaws.com").source_arn("arn:aws:s3:::inbox").send().await.unwrap();
    notify(&format!("{ARN}:1")).await.unwrap();
    assert_eq!(refusal(notify(&format!("{ARN}:7")).await), "400 InvalidArgument");
    inbox.put("a.txt", "a");
    jobs.send("job");
    cloud.settle().await.assert_ok();
    let arns: Vec<_> = work.responses().iter().map(|told| told[0].as_str().unwrap().to_owned()).collect();
    assert_eq!(arns, ["work:1", "work:live"]);

    // The version is deleted, and what its bucket has to say is lost with a reason.
    lambda.update_alias().function_name("work").name("live").function_version("$LATEST").send().await.unwrap();
    lambda.delete_function().function_name("work:1").send().await.unwrap();
    inbox.put("b.txt", "b");
    cloud.settle().await.assert_ok();
    assert!(cloud.timeline().contains(&format!("lost: there is no function {ARN}:1")), "{}", cloud.timeline());
}

#[tokio::test]
async fn records_name_the_qualifier_and_the_version_that_ran() {
    let cloud = Cloud::start();
    let (done, failed) = (cloud.queue("done"), cloud.queue("failed"));
    let work = cloud.function("work", async |number: u32| if number > 0 { Ok(number) } else { Err("zero") });
    let live = work.alias("live", &work.publish());
    live.on_success(&done).on_failure(&failed).retry_attempts(0);
    work.retry_attempts(0);
    let lambda = Client::new(&cloud.sdk_config());
    for (name, number) in [("work:live", "1"), ("work:live", "0"), ("work", "1"), ("work:1", "1")] {
        let invoke = lambda.invoke().function_name(name).invocation_type(InvocationType::Event);
        invoke.payload(aws_sdk_lambda::primitives::Blob::new(number)).send().await.unwrap();
    }
    let _ = cloud.settle().await;
    assert_eq!((done.bodies().len(), failed.bodies().len()), (1, 1), "each qualifier has destinations of its own");
    for queue in [&done, &failed] {
        let record: DestinationRecord = serde_json::from_str(&queue.bodies()[0]).unwrap();
        assert_eq!(record.request_context.function_arn.to_string(), format!("{ARN}:live"));
        assert_eq!(record.response_context.unwrap().executed_version, "1");
    }
    assert!(cloud.timeline().contains("event for work:live given up"), "{}", cloud.timeline());

    let heard = cloud.stub("heard");
    let first = heard.publish();
    work.on_success(&first).invoke_later(5);
    cloud.settle().await.assert_ok();
    assert_eq!((first.invocations().len(), heard.invocations().len()), (1, 1));
}

#[tokio::test]
async fn the_version_of_a_weighted_alias_is_a_choice() {
    let scenario = |cloud: &Cloud| {
        let work = function(cloud);
        let first = work.publish();
        cloud.function("work", told);
        work.alias("live", &first).additional_version(&work.publish(), 0.1)
    };
    let cloud = Cloud::start();
    let live = scenario(&cloud);
    live.invoke_later(1);
    cloud.settle().await.assert_ok();
    let course = cloud.course();
    let point = course.points().iter().find(|point| point.label == "route work:live").unwrap();
    assert_eq!(point.alternatives, [Deviation::AdditionalVersion]);
    assert_eq!(live.responses()[0][1], "1");

    let again = Cloud::builder().plan(point.deviate(&Deviation::AdditionalVersion)).start();
    let live = scenario(&again);
    live.invoke_later(1);
    again.settle().await.assert_ok();
    assert_eq!(live.responses()[0][1], "2");
    again.course().assert_plan_met();
    let timeline = again.timeline().to_string();
    assert!(timeline.contains("route work:live: to its additional version 2"), "{timeline}");
    assert!(timeline.contains("invoke work:live (version 2): ok"), "{timeline}");
}
