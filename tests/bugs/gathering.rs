//! Reads that are made at once, and what becomes of their answers.

use aws_sdk_s3::Client;
use futures::future::{join_all, try_join_all};
use futures::stream::{FuturesUnordered, StreamExt as _};
use lambda_testkit::prelude::*;

use crate::case::Bug;
use crate::inbox::{Error, write};
use crate::rounds::{PARTS, keys, rounds, text};

const JOIN: &str =
    "https://docs.rs/futures/latest/futures/stream/struct.FuturesUnordered.html: in the order in which they complete";

async fn merge_as_they_come(event: ScheduledEvent, s3: Client) -> Result<(), Error> {
    let keys = keys(&s3, "inbox").await?;
    let mut reads: FuturesUnordered<_> = keys.iter().map(|key| text(&s3, "inbox", key)).collect();
    let mut merged = String::new();
    while let Some(part) = reads.next().await {
        merged += &part?;
    }
    write(&s3, "outbox", &event.id, merged).await
}

async fn merge_in_order(event: ScheduledEvent, s3: Client) -> Result<(), Error> {
    let keys = keys(&s3, "inbox").await?;
    let parts = try_join_all(keys.iter().map(|key| text(&s3, "inbox", key))).await?;
    write(&s3, "outbox", &event.id, parts.concat()).await
}

#[test]
fn parts_are_merged_as_they_come() {
    Bug {
        name: "what is read at once is joined as it comes",
        from: JOIN,
        finding: "something else is there: s3://outbox/",
        buggy: |trial| rounds(trial, merge_as_they_come, 1, PARTS),
        fixed: |trial| rounds(trial, merge_in_order, 1, PARTS),
    }
    .try_it();
}

/// What is missing moves the others up.
async fn copy_by_place(_: ScheduledEvent, s3: Client) -> Result<(), Error> {
    let keys = keys(&s3, "inbox").await?;
    let parts = join_all(keys.iter().map(|key| text(&s3, "inbox", key))).await;
    for (key, part) in keys.iter().zip(parts.into_iter().flatten()) {
        write(&s3, "outbox", key, part).await?;
    }
    Ok(())
}

async fn copy_by_key(_: ScheduledEvent, s3: Client) -> Result<(), Error> {
    let keys = keys(&s3, "inbox").await?;
    let parts = join_all(keys.iter().map(|key| text(&s3, "inbox", key))).await;
    for (key, part) in keys.iter().zip(parts) {
        write(&s3, "outbox", key, part?).await?;
    }
    Ok(())
}

#[test]
fn results_are_matched_with_the_wrong_keys() {
    Bug {
        name: "results are matched with the wrong keys",
        from: "https://doc.rust-lang.org/std/iter/trait.Iterator.html#method.flatten: an iterator over results leaves the errors out",
        finding: "something else is there: s3://outbox/",
        buggy: |trial| rounds(trial, copy_by_place, 1, PARTS),
        fixed: |trial| rounds(trial, copy_by_key, 1, PARTS),
    }
    .try_it();
}

/// Whether the whole list was seen.
async fn index(s3: &Client, whole: bool) -> Result<(), Error> {
    let mut pages = s3.list_objects_v2().bucket("inbox").max_keys(2).into_paginator().send();
    let mut keys = Vec::new();
    while let Some(page) = pages.next().await {
        match page {
            Ok(page) => keys.extend(page.contents.unwrap_or_default().into_iter().filter_map(|object| object.key)),
            Err(error) if whole => return Err(error.into()),
            Err(_) => break,
        }
    }
    write(s3, "outbox", "index", keys.join("\n")).await
}

async fn index_what_comes(_: ScheduledEvent, s3: Client) -> Result<(), Error> {
    index(&s3, false).await
}

async fn index_all(_: ScheduledEvent, s3: Client) -> Result<(), Error> {
    index(&s3, true).await
}

#[test]
fn an_error_ends_the_list() {
    Bug {
        name: "an error ends the list",
        from: "https://docs.aws.amazon.com/sdk-for-rust/latest/dg/paginating.html",
        finding: "something else is there: s3://outbox/index",
        buggy: |trial| rounds(trial, index_what_comes, 1, PARTS),
        fixed: |trial| rounds(trial, index_all, 1, PARTS),
    }
    .try_it();
}
