//! GetObjectAttributes.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectAttributes.html>

use s3s::dto::*;

use super::super::checksum::ChecksumAlgorithm;
use super::super::fault::S3Fault;
use super::super::state::{GetObject, Object, ObjectAt};
use super::adapter::Context;
use super::convert::{count, set_checksum, shown_time, size, type_of};
use super::sse;
use super::unread::no_attributes;

const KNOWN: [&str; 5] = ["ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize"];

pub(super) fn get(
    context: &Context<'_>,
    input: GetObjectAttributesInput,
) -> Result<GetObjectAttributesOutput, S3Fault> {
    let mut asked: Vec<&str> = input.object_attributes.iter().flat_map(|name| name.as_str().split(',')).collect();
    // What follows the last name is nothing: https://github.com/brekkylab/backlot/blob/main/backlot/routers/s3.py
    asked.truncate(asked.iter().rposition(|name| !name.is_empty()).map_or(0, |last| last + 1));
    asked.iter_mut().for_each(|name| *name = name.trim());
    if asked.is_empty() {
        return Err(no_attributes());
    }
    if let Some(other) = asked.iter().find(|name| !KNOWN.contains(*name)) {
        return Err(S3Fault::invalid_argument("Invalid attribute name specified.", "x-amz-object-attributes", *other));
    }
    let wants = |name: &str| asked.contains(&name);
    let max = count(input.max_parts, "max-parts", 1000)?.min(1000);
    let marker = count(input.part_number_marker, "part-number-marker", 0)?;
    let request = GetObject {
        at: ObjectAt { bucket: input.bucket, key: input.key, version_id: input.version_id },
        customer_key: sse::customer_key(context.headers)?,
        ..GetObject::default()
    };
    let found = context.act(|state, _| state.head_object(&request))?;
    let object = &found.object;
    let parts = (wants("ObjectParts") && !object.parts.is_empty()).then(|| parts(context, object, max, marker));
    // Of an object without checksums there is none to be told.
    let checksum = object.checksum.as_ref().filter(|_| wants("Checksum")).map(|stored| {
        let mut checksum = Checksum { checksum_type: Some(type_of(stored)), ..Checksum::default() };
        set_checksum!(context, ("Checksum", 0), checksum, Some(stored));
        checksum
    });
    if wants("ETag") {
        // Here alone it has no quotes.
        context.additions.element("GetObjectAttributesResponse", 0, "ETag".to_owned(), object.e_tag.clone());
    }
    Ok(GetObjectAttributesOutput {
        checksum,
        last_modified: Some(shown_time(found.last_modified)),
        object_parts: parts,
        object_size: size(object.size()).filter(|_| wants("ObjectSize")),
        storage_class: wants("StorageClass").then(|| StorageClass::from(object.content.class().to_owned())),
        version_id: found.version_id,
        ..GetObjectAttributesOutput::default()
    })
}

/// The page of parts behind the marker. Without checksums of theirs S3 tells their number alone.
fn parts(context: &Context<'_>, object: &Object, max: usize, marker: usize) -> GetObjectAttributesParts {
    let total_parts_count = i32::try_from(object.parts.len()).ok();
    if object.parts.iter().any(|part| part.checksum.is_none()) {
        return GetObjectAttributesParts { total_parts_count, ..GetObjectAttributesParts::default() };
    }
    let mut behind = object.parts.iter().filter(|part| part.number as usize > marker);
    let page: Vec<_> = behind.by_ref().take(max).collect();
    let more = behind.next().is_some();
    let last = page.last().map_or(0, |part| part.number);
    let parts = page.iter().enumerate().map(|(place, stored)| {
        let mut part = ObjectPart {
            part_number: i32::try_from(stored.number).ok(),
            size: size(stored.size),
            ..ObjectPart::default()
        };
        set_checksum!(context, ("Part", place), part, &stored.checksum);
        part
    });
    GetObjectAttributesParts {
        is_truncated: Some(more),
        max_parts: i32::try_from(max).ok(),
        next_part_number_marker: i32::try_from(last).ok(),
        part_number_marker: i32::try_from(marker).ok(),
        parts: Some(parts.collect()),
        total_parts_count,
    }
}
