//! Operations on objects.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::HeaderValue;
use http::header::EXPIRES;
use s3s::Body;
use s3s::dto::*;

use super::super::checksum::{ChecksumAlgorithm, Claims};
use super::super::fault::S3Fault;
use super::super::state::{
    ByteRange, Content, CopyObject, Directive, Found, GetObject, ObjectAt, ObjectLock, PutObject, Tags,
    WriteConditions, check_version_id,
};
use super::acl::wished;
use super::adapter::Context;
use super::annotations::DIRECTIVE;
use super::convert::{e_tag, read_conditions, set_checksum, shown_time, size, type_of, write_conditions};
use super::headers::{algorithm, claims, conditions, if_range};
use super::unread::no_source_key;
use super::{lifecycle, lock, restore, sse};
use crate::event::hex::hex;
use crate::mock::http::{Access, header_text};

/// What a writing request sets beside the body; the inputs of `s3s` share names but no trait.
macro_rules! content {
    ($context:expr, $input:expr) => {
        Content {
            content_type: $input.content_type.take(),
            cache_control: $input.cache_control.take(),
            content_disposition: $input.content_disposition.take(),
            content_encoding: $input.content_encoding.take(),
            content_language: $input.content_language.take(),
            expires: $context.kept.expires.as_ref().map(|text| text.as_bytes().to_vec()),
            metadata: $input.metadata.take().into_iter().flatten().collect(),
            storage_class: $input.storage_class.take().map(|class| class.as_str().to_owned()),
            acl: None,
            encryption: sse::wanted($context, &$input.bucket)?,
            lock: lock::wanted($context.headers)?,
            restore: None,
            website_redirect: $input.website_redirect_location.take(),
            tags: $input.tagging.as_deref().map(Tags::from_header).transpose()?.unwrap_or_default(),
        }
    };
}
pub(super) use content;

/// Of a whole object S3 tells the digest that was sent in hex.
///
/// <https://github.com/brekkylab/backlot/blob/main/backlot/routers/s3.py>
fn in_hex(mut fault: S3Fault) -> S3Fault {
    for (name, value) in &mut fault.extra {
        if *name == "ExpectedDigest"
            && let Ok(digest) = STANDARD.decode(&*value)
        {
            *value = hex(&digest);
        }
    }
    fault
}

pub(super) fn put(context: &Context<'_>, mut input: PutObjectInput) -> Result<PutObjectOutput, S3Fault> {
    let wish = wished(context)?;
    let content = content!(context, input);
    let claims = claims(context.headers)?;
    if content.lock != ObjectLock::default() && claims == Claims::default() {
        let message = "Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests with Object Lock parameters";
        return Err(S3Fault::invalid_request(message));
    }
    let mut request = PutObject {
        content,
        claims,
        conditions: write_conditions(input.if_match.as_ref(), input.if_none_match.as_ref()),
        body: context.body.clone(),
        posted: context.kept.posted,
        bucket: input.bucket,
        key: input.key,
    };
    let written = context.act(|state, act| {
        request.content.acl = state.acl_of_new(act, &request.bucket, &wish)?;
        state.put_object(act, request).map_err(in_hex)
    })?;
    let output = PutObjectOutput {
        e_tag: Some(e_tag(&written.e_tag)),
        version_id: written.version_id,
        checksum_type: written.checksum.as_ref().map(type_of),
        ..PutObjectOutput::default()
    };
    context.tell_checksum(written.checksum.as_ref());
    sse::tell(context, written.encryption.as_ref());
    lifecycle::tell_expiration(context, written.expires.as_ref());
    Ok(output)
}

fn byte_range(range: Range) -> ByteRange {
    match range {
        Range::Int { first, last: Some(last) } => ByteRange::Closed(first, last),
        Range::Int { first, last: None } => ByteRange::From(first),
        Range::Suffix { length } => ByteRange::Last(length),
    }
}

/// The request that a GET and a HEAD share.
macro_rules! get_request {
    ($context:expr, $input:expr) => {
        GetObject {
            customer_key: sse::customer_key($context.headers)?,
            conditions: read_conditions(
                $input.if_match.as_ref(),
                $input.if_none_match.as_ref(),
                $input.if_modified_since.as_ref(),
                $input.if_unmodified_since.as_ref(),
            ),
            range: $input.range.map(byte_range),
            if_range: if_range($context.headers),
            part_number: $input.part_number.map(|number| u32::try_from(number).unwrap_or(0)),
            at: ObjectAt { bucket: $input.bucket, key: $input.key, version_id: $input.version_id },
        }
    };
}

/// The headers that a GET and a HEAD share.
macro_rules! describe {
    ($context:expr, $output:ident, $found:expr, $wants_checksum:expr) => {{
        let (found, content) = (&$found, &$found.object.content);
        let mut output = $output {
            accept_ranges: Some("bytes".to_owned()),
            cache_control: content.cache_control.clone(),
            content_disposition: content.content_disposition.clone(),
            content_encoding: content.content_encoding.clone(),
            content_language: content.content_language.clone(),
            content_length: size(found.body.len() as u64),
            content_range: content_range(found),
            content_type: Some(content.content_type.clone().unwrap_or_else(|| "binary/octet-stream".to_owned())),
            e_tag: Some(e_tag(&found.object.e_tag)),
            last_modified: Some(shown_time(found.last_modified)),
            metadata: Some(content.metadata.clone().into_iter().collect()),
            parts_count: parts_count(found, $wants_checksum.1),
            // STANDARD is not said (GetObject, x-amz-storage-class).
            storage_class: content.storage_class.clone().filter(|class| class != "STANDARD").map(StorageClass::from),
            version_id: found.version_id.clone(),
            website_redirect_location: content.website_redirect.clone(),
            ..$output::default()
        };
        sse::tell($context, content.encryption.as_ref());
        lock::tell($context, &content.lock);
        restore::tell($context, content.restore);
        lifecycle::tell_expiration($context, found.expires.as_ref());
        if let (true, Some(checksum)) = ($wants_checksum.0, found.checksum()) {
            $context.tell_checksum(Some(checksum));
            output.checksum_type = found.object.checksum.as_ref().map(type_of);
        }
        output
    }};
}

/// Refuses parameters that override headers of the answer in a request without a signature.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html>, "Overriding response header values"
fn check_overrides(context: &Context<'_>, wished: [&Option<String>; 5]) -> Result<(), S3Fault> {
    let any = context.kept.response_expires.is_some() || wished.iter().any(|wish| wish.is_some());
    if any && context.call.caller.is_none() {
        let message = "Request specific response headers cannot be used for anonymous GET requests.";
        return Err(S3Fault::invalid_request(message));
    }
    Ok(())
}

/// Whether the checksum is asked for.
fn is_mode(mode: Option<&ChecksumMode>) -> Result<bool, S3Fault> {
    match mode {
        Some(mode) if !mode.as_str().eq_ignore_ascii_case(ChecksumMode::ENABLED) => {
            Err(S3Fault::invalid_request("Value for x-amz-checksum-mode header is invalid."))
        }
        mode => Ok(mode.is_some()),
    }
}

/// Whether a part is asked for.
fn is_part(number: Option<PartNumber>) -> Result<bool, S3Fault> {
    match number {
        Some(number) if !(1..=10_000).contains(&number) => Err(S3Fault::invalid_part_number(number.to_string())),
        number => Ok(number.is_some()),
    }
}

pub(super) fn get(context: &Context<'_>, input: GetObjectInput) -> Result<GetObjectOutput, S3Fault> {
    let wants = (is_mode(input.checksum_mode.as_ref())?, is_part(input.part_number)?);
    let wished = [
        &input.response_cache_control,
        &input.response_content_disposition,
        &input.response_content_encoding,
        &input.response_content_language,
        &input.response_content_type,
    ];
    check_overrides(context, wished)?;
    sse::check_read(context.headers)?;
    let request = get_request!(context, input);
    let found = context.act(|state, _| state.get_object(&request))?;
    expires(context, &found);
    let mut output = describe!(context, GetObjectOutput, found, wants);
    let tags = found.object.content.tags.len();
    output.tag_count = i32::try_from(tags).ok().filter(|count| *count > 0);
    output.body = Some(stream(found.body));
    Ok(output)
}

pub(super) fn head(context: &Context<'_>, mut input: HeadObjectInput) -> Result<HeadObjectOutput, S3Fault> {
    let wants = (is_mode(input.checksum_mode.as_ref())?, is_part(input.part_number)?);
    let wished = HeadObjectOutput {
        cache_control: input.response_cache_control.take(),
        content_disposition: input.response_content_disposition.take(),
        content_encoding: input.response_content_encoding.take(),
        content_language: input.response_content_language.take(),
        content_type: input.response_content_type.take(),
        ..HeadObjectOutput::default()
    };
    let overridden = [
        &wished.cache_control,
        &wished.content_disposition,
        &wished.content_encoding,
        &wished.content_language,
        &wished.content_type,
    ];
    check_overrides(context, overridden)?;
    sse::check_read(context.headers)?;
    let request = get_request!(context, input);
    let found = context.act(|state, _| state.head_object(&request))?;
    expires(context, &found);
    let output = describe!(context, HeadObjectOutput, found, wants);
    let tags = found.object.content.tags.len();
    if tags > 0 {
        context.answer.borrow_mut().insert("x-amz-tagging-count", tags.into());
    }
    // `s3s` does this for a GET alone.
    Ok(HeadObjectOutput {
        cache_control: wished.cache_control.or(output.cache_control),
        content_disposition: wished.content_disposition.or(output.content_disposition),
        content_encoding: wished.content_encoding.or(output.content_encoding),
        content_language: wished.content_language.or(output.content_language),
        content_type: wished.content_type.or(output.content_type),
        ..output
    })
}

/// The `Expires` header as the writer sent it, or as the reader wants it.
fn expires(context: &Context<'_>, found: &Found) {
    let stored = found.object.content.expires.as_ref().and_then(|text| HeaderValue::from_bytes(text).ok());
    if let Some(value) = context.kept.response_expires.clone().or(stored) {
        context.answer.borrow_mut().insert(EXPIRES, value);
    }
}

fn stream(body: Bytes) -> StreamingBlob {
    StreamingBlob::from(Body::from(body))
}

fn content_range(found: &Found) -> Option<String> {
    found.range.map(|(start, end)| format!("bytes {start}-{}/{}", end - 1, found.object.size()))
}

fn parts_count(found: &Found, by_part: bool) -> Option<i32> {
    if by_part && !found.object.parts.is_empty() { i32::try_from(found.object.parts.len()).ok() } else { None }
}

/// The object that a copy reads.
pub(super) fn source(context: &Context<'_>, source: CopySource) -> Result<ObjectAt, S3Fault> {
    let CopySource::Bucket { bucket, key, version_id } = source else {
        return Err(S3Fault::not_implemented("x-amz-copy-source with the ARN of an access point"));
    };
    if key.is_empty() {
        return Err(no_source_key(&format!("{bucket}/")));
    }
    if let Some(expected) = header_text(context.headers, "x-amz-source-expected-bucket-owner") {
        context.service.check_owner(&bucket, expected)?;
    }
    Ok(ObjectAt { bucket: bucket.into(), key: key.into(), version_id: version_id.map(Into::into) })
}

pub(super) fn copy(context: &Context<'_>, mut input: CopyObjectInput) -> Result<CopyObjectOutput, S3Fault> {
    let directive = |header: &str, what: &'static str| match header_text(context.headers, header) {
        None | Some("COPY") => Ok(Directive::Copy),
        Some("REPLACE") => Ok(Directive::Replace),
        Some(other) => Err(S3Fault::invalid_argument(what, header, other)),
    };
    // https://github.com/versity/versitygw/issues/1242
    if !context.body.is_empty() {
        let message = "The request included a body. Requests of this type must not include a non-empty body.";
        return Err(S3Fault::invalid_request(message));
    }
    let wish = wished(context)?;
    let mut request = CopyObject {
        source_conditions: read_conditions(
            input.copy_source_if_match.as_ref(),
            input.copy_source_if_none_match.as_ref(),
            input.copy_source_if_modified_since.as_ref(),
            input.copy_source_if_unmodified_since.as_ref(),
        ),
        source_key: sse::source_key(context.headers)?,
        content: content!(context, input),
        metadata: directive("x-amz-metadata-directive", "Unknown metadata directive.")?,
        tagging: directive("x-amz-tagging-directive", "Unknown tagging directive.")?,
        without_annotations: match header_text(context.headers, DIRECTIVE) {
            None | Some("COPY") => false,
            Some("EXCLUDE") => true,
            Some(other) => return Err(S3Fault::invalid_argument("Unknown annotation directive.", DIRECTIVE, other)),
        },
        checksum: input.checksum_algorithm.as_ref().map(|name| algorithm(name.as_str())).transpose()?,
        conditions: conditions(context.headers),
        source: source(context, input.copy_source)?,
        bucket: input.bucket,
        key: input.key,
    };
    let (written, source_version) = context.act(|state, act| {
        request.content.acl = state.acl_of_new(act, &request.bucket, &wish)?;
        state.copy_object(act, request)
    })?;
    let mut result = CopyObjectResult {
        e_tag: Some(e_tag(&written.e_tag)),
        last_modified: Some(shown_time(written.last_modified)),
        checksum_type: written.checksum.as_ref().map(type_of),
        ..CopyObjectResult::default()
    };
    set_checksum!(context, ("CopyObjectResult", 0), result, &written.checksum);
    sse::tell(context, written.encryption.as_ref());
    lifecycle::tell_expiration(context, written.expires.as_ref());
    Ok(CopyObjectOutput {
        copy_object_result: Some(result),
        copy_source_version_id: source_version,
        version_id: written.version_id,
        ..CopyObjectOutput::default()
    })
}

/// The conditions of a deletion.
fn deletion(if_match: Option<&ETagCondition>, bypass: Option<bool>) -> WriteConditions {
    WriteConditions { bypass_governance: bypass.unwrap_or(false), ..write_conditions(if_match, None) }
}

pub(super) fn delete(context: &Context<'_>, input: DeleteObjectInput) -> Result<DeleteObjectOutput, S3Fault> {
    let conditions = deletion(input.if_match.as_ref(), input.bypass_governance_retention);
    let at = ObjectAt { bucket: input.bucket, key: input.key, version_id: input.version_id };
    let deleted = context.act(|state, act| state.delete_object(act, &at, &conditions))?;
    Ok(DeleteObjectOutput {
        delete_marker: deleted.delete_marker.then_some(true),
        version_id: deleted.version_id,
        ..DeleteObjectOutput::default()
    })
}

/// DeleteObjects takes up to 1,000 keys.
const MAX_DELETED: usize = 1000;

/// The error of a key that could not be deleted although nothing is wrong with it.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_Error.html>
const INTERNAL_ERROR: (&str, &str) = ("InternalError", "We encountered an internal error. Please try again.");

/// Whether whoever asks may delete this key: DeleteObjects is permitted key by key.
fn may_delete(context: &Context<'_>, bucket: &str, object: &ObjectIdentifier) -> bool {
    let resource = format!("{bucket}/{}", object.key);
    context.call.may(&Access {
        action: if object.version_id.is_some() { "s3:DeleteObjectVersion" } else { "s3:DeleteObject" },
        arn: format!("arn:{}:s3:::{resource}", context.call.region.partition()),
        resource,
    })
}

pub(super) fn delete_many(context: &Context<'_>, input: DeleteObjectsInput) -> Result<DeleteObjectsOutput, S3Fault> {
    let claims = claims(context.headers)?;
    if claims.md5.is_none() && claims.checksum.is_none() {
        let message = "Missing required header for this request: Content-MD5 OR x-amz-checksum-*";
        return Err(S3Fault::invalid_request(message));
    }
    claims.verify(context.body)?;
    let objects = input.delete.objects;
    if objects.is_empty() || objects.len() > MAX_DELETED {
        return Err(S3Fault::malformed_xml());
    }
    // https://github.com/brekkylab/backlot/blob/main/backlot/routers/s3.py
    if objects.iter().any(|object| object.key.is_empty()) {
        return Err(S3Fault::new(400, "UserKeyMustBeSpecified", "User key must be specified."));
    }
    let quiet = input.delete.quiet.unwrap_or(false);
    let (mut deleted, mut errors) = (Vec::new(), Vec::new());
    let allowed: Vec<bool> = objects.iter().map(|object| may_delete(context, &input.bucket, object)).collect();
    context.act(|state, act| {
        state.head_bucket(&input.bucket)?;
        let failing = context.call.failing(objects.len());
        for (place, object) in objects.into_iter().enumerate() {
            let condition = object.e_tag.map(ETagCondition::ETag);
            let conditions = deletion(condition.as_ref(), input.bypass_governance_retention);
            let at = ObjectAt { bucket: input.bucket.clone(), key: object.key, version_id: object.version_id };
            let no_version = at.version_id.as_deref().filter(|id| check_version_id(id).is_err());
            let done = if !allowed[place] {
                Err(S3Fault::access_denied())
            } else if let Some(id) = no_version {
                // Here it is no argument that is invalid: https://github.com/versity/versitygw/issues/2119
                Err(S3Fault::no_such_version(&at.key, id))
            } else if failing.contains(&place) {
                Err(S3Fault::new(500, INTERNAL_ERROR.0, INTERNAL_ERROR.1))
            } else {
                state.delete_object(act, &at, &conditions)
            };
            match done {
                Ok(_) if quiet => {}
                Ok(done) => {
                    let marker = done.version_id.filter(|_| done.delete_marker);
                    deleted.push(DeletedObject {
                        delete_marker: marker.is_some().then_some(true),
                        delete_marker_version_id: marker,
                        key: Some(at.key),
                        version_id: at.version_id,
                    });
                }
                Err(fault) => errors.push(Error {
                    code: Some(fault.code.into_owned()),
                    key: Some(at.key),
                    message: Some(fault.message.into_owned()),
                    version_id: at.version_id,
                }),
            }
        }
        Ok(())
    })?;
    Ok(DeleteObjectsOutput {
        deleted: Some(deleted).filter(|list| !list.is_empty()),
        errors: Some(errors).filter(|list| !list.is_empty()),
        ..DeleteObjectsOutput::default()
    })
}

pub(super) fn tagging(context: &Context<'_>, input: GetObjectTaggingInput) -> Result<GetObjectTaggingOutput, S3Fault> {
    let at = ObjectAt { bucket: input.bucket, key: input.key, version_id: input.version_id };
    // Here alone the key is told with its bucket: https://github.com/brekkylab/backlot/blob/main/backlot/routers/s3.py
    let missing = |fault: S3Fault| match fault.code.as_ref() {
        "NoSuchKey" => S3Fault::no_such_key(&format!("{}/{}", at.bucket, at.key)),
        _ => fault,
    };
    let (tags, version_id) = context.act(|state, _| state.tagging(&at)).map_err(missing)?;
    let tag_set = tags.iter().map(|(key, value)| Tag { key: Some(key.clone()), value: Some(value.clone()) });
    Ok(GetObjectTaggingOutput { tag_set: tag_set.collect(), version_id })
}

pub(super) fn set_tagging(
    context: &Context<'_>,
    input: PutObjectTaggingInput,
) -> Result<PutObjectTaggingOutput, S3Fault> {
    claims(context.headers)?.verify(context.body)?;
    let tags = input.tagging.tag_set.into_iter().map(|tag| Some((tag.key?, tag.value?)));
    let tags = Tags::new(tags.collect::<Option<_>>().ok_or_else(S3Fault::malformed_xml)?)?;
    let at = ObjectAt { bucket: input.bucket, key: input.key, version_id: input.version_id };
    let version_id = context.act(|state, act| state.set_tagging(act, &at, Some(tags)))?;
    Ok(PutObjectTaggingOutput { version_id })
}

pub(super) fn delete_tagging(
    context: &Context<'_>,
    input: DeleteObjectTaggingInput,
) -> Result<DeleteObjectTaggingOutput, S3Fault> {
    let at = ObjectAt { bucket: input.bucket, key: input.key, version_id: input.version_id };
    let version_id = context.act(|state, act| state.set_tagging(act, &at, None))?;
    Ok(DeleteObjectTaggingOutput { version_id })
}
