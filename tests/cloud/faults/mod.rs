//! Every way in which a run may deviate, as a real client meets it.
//!
//! Each test records the ordinary course of a run, lets one of its points deviate, and runs it again.
//!
//! * [`calls`]: the calls that are tried, and how each fails.
//! * [`errors`], [`broken`]: what clients meet before and after the work.
//! * [`inside`]: what ends or delays the invocation that asks.
//! * [`handles`], [`slack`]: the same for those who are no SDK client.
//! * [`deliveries`], [`turns`]: what is handed on, and in which order.
//! * [`extents`]: how much of a request's work is done; [`gone`]: what somebody else deletes or overwrites meanwhile.
//! * [`late`]: answers that come so late that other things happen before.
//! * [`attribution`]: who is said to have met a point.

mod attribution;
mod broken;
mod calls;
mod deliveries;
mod errors;
mod extents;
mod gone;
mod handles;
mod inside;
mod late;
mod slack;
mod turns;

use lambda_testkit::{Cloud, Course, Deviation, Plan, Point};

/// The point of this label at which this may happen; the first, if there are several.
#[track_caller]
pub fn point<'a>(course: &'a Course, label: &str, deviation: &Deviation) -> &'a Point {
    let mut points = course.points().iter();
    let found = points.find(|point| point.label == label && point.alternatives.contains(deviation));
    found.unwrap_or_else(|| panic!("{deviation} cannot happen at {label}:\n{course}"))
}

/// The plan by which the first point of this label deviates.
#[track_caller]
pub fn deviate(course: &Course, label: &str, deviation: &Deviation) -> Plan {
    let plan = point(course, label, deviation).deviate(deviation);
    assert_eq!(plan.to_string().parse::<Plan>(), Ok(plan.clone()), "a plan is what it prints");
    plan
}

/// A cloud that runs by this plan.
pub fn planned(plan: &Plan) -> Cloud {
    Cloud::builder().plan(plan).start()
}

/// Checks that all of the plan has come to pass.
#[track_caller]
pub fn assert_met(cloud: &Cloud, plan: &Plan) {
    let course = cloud.course();
    course.assert_plan_met();
    assert!(course.unmet().is_empty());
    assert_eq!(course.fired().len(), plan.len(), "{course}");
}
