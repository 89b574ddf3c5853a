//! Faults that a test injects by hand: checked against what the services know, and asked for at the end.

use std::collections::BTreeSet;
use std::panic::Location;

use super::Cloud;
use super::error::{CloudError, expect};
use super::world::World;
use crate::choice::{Deviation, Effect, Fault, InjectedFault, Rule};
use crate::history::What;

/// The operations whose answer says what became of each entry.
const BATCHES: [&str; 5] =
    ["SendMessageBatch", "DeleteMessageBatch", "ChangeMessageVisibilityBatch", "DeleteObjects", "PutEvents"];
/// How many resources the word on a fault that was never hit names.
const MOST_NAMED: usize = 3;

impl Cloud {
    /// Injects a fault: from now on some requests do not go as they would. See [`Fault`] for which, and for what happens.
    ///
    /// A [plan](crate::Plan) is asked first: a request that it has fail meets no fault beside that.
    ///
    /// ```
    /// use lambda_testkit::prelude::*;
    /// use lambda_testkit::Fault;
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let cloud = Cloud::start();
    /// let s3 = aws_sdk_s3::Client::new(&cloud.sdk_config());
    /// let log = cloud.function_with("log", s3, async |s3, line: String| {
    ///     let put = s3.put_object().bucket("logs").key("line").body(line.into_bytes().into());
    ///     put.send().await.map(|_| ())
    /// });
    /// cloud.bucket("logs");
    /// let lost = cloud.inject(Fault::on("s3.PutObject").resource("logs").by("log").answer_lost());
    /// log.invoke::<()>("hello").await;                                // the SDK tries again
    /// assert_eq!((lost.hits(), cloud.bucket("logs").text("line").as_str()), (1, "hello"));
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// As [`try_inject`](Self::try_inject) fails. The drop of the cloud panics when the fault was never hit, unless it is
    /// [`optional`](Fault::optional).
    #[track_caller]
    pub fn inject(&self, fault: Fault) -> InjectedFault {
        expect(self.try_inject(fault))
    }

    /// As [`inject`](Self::inject).
    ///
    /// ```
    /// # use lambda_testkit::{Cloud, Fault};
    /// let cloud = Cloud::start();
    /// let error = cloud.try_inject(Fault::on("s3.PutObject").refuse("SlowDwon")).unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "unknown error of s3.PutObject \"SlowDwon\": there are SlowDown, InternalError, ServiceUnavailable, AccessDenied"
    /// );
    /// ```
    ///
    /// # Errors
    ///
    /// [`CloudError::Unknown`] when there is no such service or operation, or when the service does not give such an error
    /// to a request with which nothing is wrong; it names those that there are. [`CloudError::Setting`] when a number is
    /// out of range: requests are counted from 1; or when entries of something else than a batch are to fail.
    #[track_caller]
    pub fn try_inject(&self, fault: Fault) -> Result<InjectedFault, CloudError> {
        check(&self.world, &fault)?;
        Ok(InjectedFault::new(self.world.choices.injections().add(fault, Location::caller())))
    }
}

fn unknown<'a>(what: String, asked: &str, known: impl IntoIterator<Item = &'a str>) -> CloudError {
    let known = known.into_iter().map(str::to_owned).collect();
    CloudError::Unknown { what, asked: asked.to_owned(), known }
}

fn check(world: &World, fault: &Fault) -> Result<(), CloudError> {
    let place = fault.place();
    let setting = |name, value: String, rule| Err(CloudError::Setting { name, value, rule });
    let spelt = place.to_string();
    let Some((name, operation)) = place.operation() else {
        return setting("place of a fault", spelt, "it is spelt `service.Operation`, such as `s3.PutObject` or `s3.*`");
    };
    let service = world.gateway.service(name).map_err(|known| unknown("service".to_owned(), name, known))?;
    let operations = service.operations();
    if operation != "*" && !operations.is_empty() && !operations.contains(&operation) {
        return Err(unknown(format!("operation of {name}"), operation, operations.iter().copied()));
    }
    if let Some((name, rule)) = place.uncounted() {
        return setting(name, "0".to_owned(), rule);
    }
    match fault.effect() {
        Effect::Before(Deviation::Error { code, .. }) => {
            let known = service.faults(operation);
            if !known.iter().any(|fault| fault.code == *code) {
                let codes = known.iter().map(|fault| fault.code);
                return Err(unknown(format!("error of {name}.{operation}"), code, codes));
            }
        }
        Effect::Entries(entries) => {
            if !BATCHES.contains(&operation) {
                let rule = "entries fail in SendMessageBatch, DeleteMessageBatch, ChangeMessageVisibilityBatch, PutEvents and \
                            DeleteObjects";
                return setting("place of a fault", spelt, rule);
            }
            if entries.is_empty() {
                return setting("entries of a fault", "[]".to_owned(), "at least one entry fails");
            }
        }
        Effect::Latency(time) if time.is_zero() => {
            return setting("latency", "0ns".to_owned(), "an answer that comes at once is none that comes later");
        }
        _ => {}
    }
    Ok(())
}

/// What is wrong with leaving a cloud in which a fault was never hit; none if there is no such.
pub(super) fn never_hit(world: &World) -> Option<String> {
    let never = world.choices.injections().never_hit();
    let rule = never.first()?;
    let others = match never.len() {
        1 => String::new(),
        count => format!(", nor were {} more", count - 1),
    };
    let (fault, by) = (&rule.fault, rule.by);
    Some(format!("the fault {fault} of {by} was never hit{others}: {}; optional() if that may be", why(world, rule)))
}

/// Why a fault was not hit: who asked instead.
fn why(world: &World, rule: &Rule) -> String {
    let met = rule.met();
    if met > 0 {
        return format!("of the requests that it stands for came {met}, and none could be hit");
    }
    let place = rule.fault.place();
    let (mut count, mut resources) = (0_usize, BTreeSet::new());
    world.kernel.recorder().look(|entries| {
        for entry in entries {
            if let What::Request(request) = &entry.what
                && place.is_for(&format!("{}.{}", request.service, request.operation))
            {
                count += 1;
                resources.insert(request.resource.clone());
            }
        }
    });
    if count == 0 {
        return format!("there was no request for {}", place.spelt());
    }
    let mut named: Vec<&str> = resources.iter().map(String::as_str).take(MOST_NAMED).collect();
    if resources.len() > MOST_NAMED {
        named.push("…");
    }
    format!("{} was asked for {count} times, all others than it stands for, of {}", place.spelt(), named.join(", "))
}
