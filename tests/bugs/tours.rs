//! The four scenarios of the tour, explored: they are right, but for what is declared.

use std::time::Duration;

use lambda_testkit::prelude::*;
use lambda_testkit::{Explored, explore};
use serde_json::json;

#[path = "../../examples/tour/alarms.rs"]
#[allow(dead_code, reason = "the tour's own run is not explored")]
pub mod alarms;
#[path = "../../examples/tour/export.rs"]
#[allow(dead_code, reason = "the tour's own run is not explored")]
pub mod export;
#[path = "../../examples/tour/nightly.rs"]
#[allow(dead_code, reason = "the tour's own run is not explored")]
pub mod nightly;
#[path = "../../examples/tour/users.rs"]
#[allow(dead_code, reason = "the tour's own run is not explored")]
pub mod users;

async fn exports(cloud: &Cloud) {
    let (export, _) = export::arrange(cloud);
    export.put("my_files/export-1 é.csv", "1,2");
    export.put("my_files/notes.txt", "not a CSV file");
    cloud.settle().await.assert_ok();
}

async fn nights(cloud: &Cloud) {
    let (logs, ..) = nightly::arrange(cloud);
    logs.put("linux/logs.txt", "INFO up\nERROR disk full\n");
    cloud.advance(Duration::from_secs(2 * 3600)).await.assert_ok();
}

async fn alarm(cloud: &Cloud) {
    let (alarms, ..) = alarms::arrange(cloud);
    for alarm in ["disk full on db-1", "no route to db-2", "db-3 is slow"] {
        alarms.send(alarm);
    }
}

async fn many_users(cloud: &Cloud) {
    let (start, ..) = users::arrange(cloud);
    start.invoke_later(json!({ "logs": "2026/" }));
    let _ = cloud.drain().await;
}

#[test]
fn the_scenarios_of_the_tour_survive_every_failure() {
    let explored: [(&str, Explored, usize); 4] = [
        ("export", explore(exports).run(), 30),
        ("nightly", explore(nights).run(), 30),
        // It posts again what comes again.
        ("alarms", explore(alarm).at_least_once("slack #general").run(), 40),
        // One user is unknown.
        ("users", explore(many_users).failing("check_users").run(), 80),
    ];
    for (name, explored, least) in explored {
        assert!(explored.singles() > least, "{name}: {explored}");
    }
}

/// What the tour's handler of alarms does not promise is found, with the option that permits it.
#[test]
fn what_is_posted_twice_is_found() {
    let explored = explore(alarm).try_run();
    println!("{explored}");
    let found = &explored.findings()[0];
    assert_eq!((found.what.as_str(), found.plan.len()), ("not idempotent", 1), "{explored}");
    assert!(found.plan.to_string().ends_with(": twice"), "{}", found.plan);
    assert!(explored.to_string().contains(r#".at_least_once("slack #general")"#), "{explored}");
}

/// The same bytes on one thread and on two.
#[test]
fn the_report_does_not_depend_on_threads() {
    let report = |threads| explore(alarm).threads(threads).pairs(20).histories(20).orders(20).try_run().to_string();
    let one = report(1);
    assert_eq!(one, report(2));
    assert_eq!(one, report(2));
}
