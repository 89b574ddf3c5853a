use std::time::{Duration, Instant};
use lambda_testkit::prelude::*;
use lambda_testkit::{Explored, explore};
use serde_json::json;

#[path = "../../examples/tour/alarms.rs"]
#[allow(dead_code)]
pub mod alarms;
#[path = "../../examples/tour/export.rs"]
#[allow(dead_code)]
pub mod export;
#[path = "../../examples/tour/nightly.rs"]
#[allow(dead_code)]
pub mod nightly;
#[path = "../../examples/tour/users.rs"]
#[allow(dead_code)]
pub mod users;

fn show(name: &str, began: Instant, explored: &Explored) {
    println!("=== {name}: {:?}\n{explored}", began.elapsed());
}

#[test]
fn tours() {
    let began = Instant::now();
    let explored = explore(async |cloud: &Cloud| {
        let (export, _) = export::arrange(cloud);
        export.put("my_files/export-1 é.csv", "1,2");
        export.put("my_files/notes.txt", "not a CSV file");
        cloud.settle().await.assert_ok();
    }).try_run();
    show("export", began, &explored);
    let began = Instant::now();
    let explored = explore(async |cloud: &Cloud| {
        let (logs, _, rule) = nightly::arrange(cloud);
        logs.put("linux/logs.txt", "INFO up\nERROR disk full\n");
        cloud.advance(Duration::from_secs(2 * 3600)).await.assert_ok();
        let _ = rule;
    }).try_run();
    show("nightly", began, &explored);
    let began = Instant::now();
    let explored = explore(async |cloud: &Cloud| {
        let (alarms, ..) = alarms::arrange(cloud);
        for alarm in ["disk full on db-1", "no route to db-2", "db-3 is slow"] {
            alarms.send(alarm);
        }
    }).at_least_once("slack").try_run();
    show("alarms", began, &explored);
    let began = Instant::now();
    let explored = explore(async |cloud: &Cloud| {
        let (start, ..) = users::arrange(cloud);
        start.invoke_later(json!({ "logs": "2026/" }));
        let _ = cloud.drain().await;
    }).failing("check_users").try_run();
    show("users", began, &explored);
}
