//! What is read from objects.

use aws_sdk_s3::Client;
use lambda_testkit::prelude::*;

use crate::case::Bug;
use crate::inbox::{Error, inbox, read, write};

async fn upper_case_utf8(event: S3Event, s3: Client) -> Result<(), Error> {
    for record in event.records {
        let key = record.key().to_string();
        let text = String::from_utf8(read(&s3, "inbox", &key).await?)?;
        write(&s3, "outbox", &key, text.to_uppercase()).await?;
    }
    Ok(())
}

async fn upper_case_any(event: S3Event, s3: Client) -> Result<(), Error> {
    for record in event.records {
        let key = record.key().to_string();
        let body = read(&s3, "inbox", &key).await?;
        write(&s3, "outbox", &key, String::from_utf8_lossy(&body).to_uppercase()).await?;
    }
    Ok(())
}

#[test]
fn utf8_is_assumed() {
    const OBJECTS: &[(&str, &[u8])] = &[("a.txt", b"a"), ("b.txt", b"caf\xe9")];
    Bug {
        name: "UTF-8 is assumed",
        from: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingObjects.html: an object is any bytes",
        finding: "a function fails",
        buggy: |trial| inbox(trial, upper_case_utf8, OBJECTS),
        fixed: |trial| inbox(trial, upper_case_any, OBJECTS),
    }
    .try_it();
}

async fn head_line(event: S3Event, s3: Client) -> Result<(), Error> {
    for record in event.records {
        let key = record.key().to_string();
        let body = String::from_utf8_lossy(&read(&s3, "inbox", &key).await?).into_owned();
        let columns = body.lines().next().expect("a CSV file has a head").split(',').count();
        write(&s3, "outbox", &key, columns.to_string()).await?;
    }
    Ok(())
}

async fn head_line_if_any(event: S3Event, s3: Client) -> Result<(), Error> {
    for record in event.records {
        let key = record.key().to_string();
        let body = String::from_utf8_lossy(&read(&s3, "inbox", &key).await?).into_owned();
        let columns = body.lines().next().map_or(0, |line| line.split(',').count());
        write(&s3, "outbox", &key, columns.to_string()).await?;
    }
    Ok(())
}

#[test]
fn an_object_is_empty() {
    const OBJECTS: &[(&str, &[u8])] = &[("a.csv", b"name,age\nada,36\n"), ("b.csv", b"")];
    Bug {
        name: "an object is empty",
        from: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-folders.html: folders are objects of 0 bytes",
        finding: "a function fails",
        buggy: |trial| inbox(trial, head_line, OBJECTS),
        fixed: |trial| inbox(trial, head_line_if_any, OBJECTS),
    }
    .try_it();
}

async fn copy_until_error(event: S3Event, s3: Client) -> Result<(), Error> {
    for record in event.records {
        let key = record.key().to_string();
        let mut object = s3.get_object().bucket("inbox").key(&key).send().await?;
        let mut body = Vec::new();
        while let Some(Ok(chunk)) = object.body.next().await {
            body.extend_from_slice(&chunk);
        }
        write(&s3, "outbox", &key, body).await?;
    }
    Ok(())
}

async fn copy_whole(event: S3Event, s3: Client) -> Result<(), Error> {
    for record in event.records {
        let key = record.key().to_string();
        let mut object = s3.get_object().bucket("inbox").key(&key).send().await?;
        let mut body = Vec::new();
        while let Some(chunk) = object.body.next().await {
            body.extend_from_slice(&chunk?);
        }
        write(&s3, "outbox", &key, body).await?;
    }
    Ok(())
}

#[test]
fn a_cut_body_is_taken_as_whole() {
    const OBJECTS: &[(&str, &[u8])] = &[("a.txt", b"all of it, to the last byte")];
    Bug {
        name: "a cut body is taken as whole",
        from: "https://www.rfc-editor.org/rfc/rfc9110#section-8.6: a body shorter than its Content-Length is incomplete",
        finding: "something else is there",
        buggy: |trial| inbox(trial, copy_until_error, OBJECTS),
        fixed: |trial| inbox(trial, copy_whole, OBJECTS),
    }
    .try_it();
}
