//! What is left when something in the middle fails.

use aws_sdk_s3::Client;
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart};
use lambda_testkit::prelude::*;

use crate::case::Bug;
use crate::inbox::{Error, OBJECTS, copy, inbox, is, read, read_if_any, write};

async fn delete_then_write(event: S3Event, s3: Client) -> Result<(), Error> {
    for record in event.records {
        let key = record.key().to_string();
        let Some(body) = read_if_any(&s3, "inbox", &key).await? else { continue }; // moved before
        s3.delete_object().bucket("inbox").key(&key).send().await?;
        write(&s3, "outbox", &key, body).await?;
    }
    Ok(())
}

async fn write_then_delete(event: S3Event, s3: Client) -> Result<(), Error> {
    for record in event.records {
        let key = record.key().to_string();
        let Some(body) = read_if_any(&s3, "inbox", &key).await? else { continue }; // moved before
        write(&s3, "outbox", &key, body).await?;
        s3.delete_object().bucket("inbox").key(&key).send().await?;
    }
    Ok(())
}

#[test]
fn the_input_is_deleted_before_the_output_is_written() {
    Bug {
        name: "the input is deleted before the output is written",
        from: "Flux (OSDI'23): an invocation may end between any two of its effects",
        finding: "something is lost",
        buggy: |trial| inbox(trial, delete_then_write, OBJECTS),
        fixed: |trial| inbox(trial, write_then_delete, OBJECTS),
    }
    .try_it();
}

async fn staged(event: S3Event, s3: Client) -> Result<(), Error> {
    for record in event.records {
        let key = record.key().to_string();
        let staged = format!("tmp/{key}");
        write(&s3, "outbox", &staged, read(&s3, "inbox", &key).await?).await?;
        s3.copy_object().bucket("outbox").key(&key).copy_source(format!("outbox/{staged}")).send().await?;
        let _ = s3.delete_object().bucket("outbox").key(&staged).send().await;
    }
    Ok(())
}

#[test]
fn a_temporary_object_is_left() {
    Bug {
        name: "a temporary object is left",
        from: "Yuan et al., OSDI 2014: errors of cleaning up",
        finding: "something is there that should not be",
        buggy: |trial| inbox(trial, staged, OBJECTS),
        fixed: |trial| inbox(trial, copy, OBJECTS), // a put is atomic: no stage is needed
    }
    .try_it();
}

async fn send_parts(s3: &Client, key: &str, id: &str, body: Vec<u8>) -> Result<(), Error> {
    let part = s3.upload_part().bucket("outbox").key(key).upload_id(id).part_number(1).body(body.into());
    let tag = part.send().await?.e_tag.ok_or("no ETag")?;
    let parts = CompletedMultipartUpload::builder().parts(CompletedPart::builder().part_number(1).e_tag(tag).build());
    let done = s3.complete_multipart_upload().bucket("outbox").key(key).upload_id(id);
    done.multipart_upload(parts.build()).send().await?;
    Ok(())
}

async fn upload(event: S3Event, s3: Client) -> Result<(), Error> {
    for record in event.records {
        let key = record.key().to_string();
        let body = read(&s3, "inbox", &key).await?;
        let begun = s3.create_multipart_upload().bucket("outbox").key(&key).send().await?;
        send_parts(&s3, &key, begun.upload_id().ok_or("no id")?, body).await?;
    }
    Ok(())
}

async fn upload_or_abort(event: S3Event, s3: Client) -> Result<(), Error> {
    for record in event.records {
        let key = record.key().to_string();
        let body = read(&s3, "inbox", &key).await?;
        let begun = s3.create_multipart_upload().bucket("outbox").key(&key).send().await?;
        let id = begun.upload_id().ok_or("no id")?;
        if let Err(error) = send_parts(&s3, &key, id, body).await {
            s3.abort_multipart_upload().bucket("outbox").key(&key).upload_id(id).send().await?;
            return Err(error);
        }
    }
    Ok(())
}

#[test]
fn an_upload_is_left_open() {
    Bug {
        name: "an upload is left open",
        from: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/abort-mpu.html: parts are paid for until an abort",
        finding: "an upload is left open",
        buggy: |trial| inbox(trial, upload, OBJECTS),
        fixed: |trial| inbox(trial, upload_or_abort, OBJECTS),
    }
    .try_it();
}

async fn marker_first(event: S3Event, s3: Client) -> Result<(), Error> {
    for record in event.records {
        let key = record.key().to_string();
        let mark = s3.put_object().bucket("outbox").key(format!("done/{key}")).if_none_match("*");
        match mark.send().await {
            Err(error) if is(&error, "PreconditionFailed") => continue, // somebody else has done it
            other => drop(other?),
        }
        let body = read(&s3, "inbox", &key).await?;
        write(&s3, "outbox", &key, body).await?;
    }
    Ok(())
}

async fn marker_last(event: S3Event, s3: Client) -> Result<(), Error> {
    for record in event.records {
        let key = record.key().to_string();
        let body = read(&s3, "inbox", &key).await?;
        write(&s3, "outbox", &key, body).await?;
        write(&s3, "outbox", &format!("done/{key}"), "").await?;
    }
    Ok(())
}

#[test]
fn a_marker_stays_when_the_work_fails() {
    Bug {
        name: "a marker stays when the work fails",
        from: "https://docs.aws.amazon.com/powertools/python/latest/utilities/idempotency/: a record is deleted on errors",
        finding: "something is lost",
        buggy: |trial| inbox(trial, marker_first, OBJECTS),
        fixed: |trial| inbox(trial, marker_last, OBJECTS),
    }
    .try_it();
}

async fn index_then_data(event: S3Event, s3: Client) -> Result<(), Error> {
    for record in event.records {
        let key = record.key().to_string();
        let body = read(&s3, "inbox", &key).await?;
        let index = format!("index/{key}");
        if s3.head_object().bucket("outbox").key(&index).send().await.is_ok() {
            continue;
        }
        write(&s3, "outbox", &index, body.len().to_string()).await?;
        write(&s3, "outbox", &format!("data/{key}"), body).await?;
    }
    Ok(())
}

async fn data_then_index(event: S3Event, s3: Client) -> Result<(), Error> {
    for record in event.records {
        let key = record.key().to_string();
        let body = read(&s3, "inbox", &key).await?;
        let index = format!("index/{key}");
        if s3.head_object().bucket("outbox").key(&index).send().await.is_ok() {
            continue;
        }
        let size = body.len().to_string();
        write(&s3, "outbox", &format!("data/{key}"), body).await?;
        write(&s3, "outbox", &index, size).await?;
    }
    Ok(())
}

#[test]
fn an_index_has_what_is_not_there() {
    Bug {
        name: "an index has what is not there",
        from: "Rainmaker (NSDI'23): a request that fails between two writes",
        finding: "something is lost",
        buggy: |trial| inbox(trial, index_then_data, OBJECTS),
        fixed: |trial| inbox(trial, data_then_index, OBJECTS),
    }
    .try_it();
}
