//! Multipart uploads as XML.

use s3s::dto::*;

use super::super::checksum::{ChecksumAlgorithm, Claims};
use super::super::encode::encoded;
use super::super::fault::S3Fault;
use super::super::state::{
    ByteRange, ChecksumType as Kind, CompleteUpload, Content, CopyPart, ListUploads, NewUpload, PartClaim, Tags,
    UploadListing, UploadPart,
};
use super::acl::{self, wished};
use super::adapter::Context;
use super::convert::{
    checksum_type, count, e_tag, read_conditions, set_checksum, shown_time, size, type_of, write_conditions,
};
use super::headers::{algorithm, claims};
use super::listing::Spelling;
use super::objects::{content, source};
use super::unread::no_object_size;
use super::{lifecycle, lock, parts_document, sse};

pub(super) fn create(
    context: &Context<'_>,
    mut input: CreateMultipartUploadInput,
) -> Result<CreateMultipartUploadOutput, S3Fault> {
    let wish = wished(context)?;
    let mut request = NewUpload {
        content: content!(context, input),
        algorithm: input.checksum_algorithm.as_ref().map(|name| algorithm(name.as_str())).transpose()?,
        checksum_type: input.checksum_type.as_ref().map(kind).transpose()?,
        bucket: input.bucket.clone(),
        key: input.key.clone(),
    };
    let encryption = request.content.encryption.clone();
    let started = context.act(|state, act| {
        request.content.acl = state.acl_of_new(act, &request.bucket, &wish)?;
        state.create_upload(act, request)
    })?;
    sse::tell(context, encryption.as_ref());
    lifecycle::tell_abortion(context, started.aborts.as_ref());
    Ok(CreateMultipartUploadOutput {
        bucket: Some(input.bucket),
        key: Some(input.key),
        upload_id: Some(started.upload_id),
        checksum_algorithm: started.checksum.map(|(algorithm, _)| super::convert::algorithm(algorithm)),
        checksum_type: started.checksum.map(|(_, kind)| checksum_type(kind)),
        ..CreateMultipartUploadOutput::default()
    })
}

fn kind(name: &ChecksumType) -> Result<Kind, S3Fault> {
    match name.as_str() {
        ChecksumType::COMPOSITE => Ok(Kind::Composite),
        ChecksumType::FULL_OBJECT => Ok(Kind::FullObject),
        other => {
            let message = "Value for x-amz-checksum-type header is invalid.";
            Err(S3Fault::invalid_argument(message, "x-amz-checksum-type", other))
        }
    }
}

fn object_size(size: i64) -> Result<u64, S3Fault> {
    u64::try_from(size).map_err(|_| no_object_size(&size.to_string()))
}

/// A part number; what is out of bounds becomes 0, which the state refuses.
fn part_number(number: i32) -> u32 {
    u32::try_from(number).unwrap_or(0)
}

pub(super) fn upload_part(context: &Context<'_>, input: UploadPartInput) -> Result<UploadPartOutput, S3Fault> {
    let request = UploadPart {
        bucket: input.bucket,
        key: input.key,
        upload_id: input.upload_id,
        part_number: part_number(input.part_number),
        body: context.body.clone(),
        claims: claims(context.headers)?,
        customer_key: sse::customer_key(context.headers)?,
    };
    let written = context.act(|state, act| state.upload_part(act, request))?;
    context.tell_checksum(written.checksum.as_ref());
    sse::tell(context, written.encryption.as_ref());
    Ok(UploadPartOutput { e_tag: Some(e_tag(&written.e_tag)), ..UploadPartOutput::default() })
}

pub(super) fn copy_part(context: &Context<'_>, input: UploadPartCopyInput) -> Result<UploadPartCopyOutput, S3Fault> {
    let range = input.copy_source_range.as_deref().map(copy_range).transpose()?;
    let request = CopyPart {
        source_conditions: read_conditions(
            input.copy_source_if_match.as_ref(),
            input.copy_source_if_none_match.as_ref(),
            input.copy_source_if_modified_since.as_ref(),
            input.copy_source_if_unmodified_since.as_ref(),
        ),
        source: source(context, input.copy_source)?,
        source_key: sse::source_key(context.headers)?,
        customer_key: sse::customer_key(context.headers)?,
        range,
        bucket: input.bucket,
        key: input.key,
        upload_id: input.upload_id,
        part_number: part_number(input.part_number),
    };
    let (written, version) = context.act(|state, act| state.copy_part(act, request))?;
    let mut result = CopyPartResult {
        e_tag: Some(e_tag(&written.e_tag)),
        last_modified: Some(shown_time(written.last_modified)),
        ..CopyPartResult::default()
    };
    set_checksum!(context, ("CopyPartResult", 0), result, &written.checksum);
    sse::tell(context, written.encryption.as_ref());
    Ok(UploadPartCopyOutput {
        copy_part_result: Some(result),
        copy_source_version_id: version,
        ..UploadPartCopyOutput::default()
    })
}

fn copy_range(text: &str) -> Result<ByteRange, S3Fault> {
    ByteRange::parse(text).filter(|range| matches!(range, ByteRange::Closed(..))).ok_or_else(|| {
        let message = "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last \
                       are the zero-based offsets of the first and last bytes to copy";
        S3Fault::invalid_argument(message, "x-amz-copy-source-range", text)
    })
}

fn part_claim(part: CompletedPart, checksum: Option<(ChecksumAlgorithm, String)>) -> Result<PartClaim, S3Fault> {
    let (Some(number), Some(e_tag)) = (part.part_number, part.e_tag) else { return Err(S3Fault::malformed_xml()) };
    Ok(PartClaim { number: part_number(number), e_tag: e_tag.into_value(), checksum })
}

pub(super) fn complete(
    context: &Context<'_>,
    input: CompleteMultipartUploadInput,
) -> Result<CompleteMultipartUploadOutput, S3Fault> {
    let Claims { md5, checksum } = claims(context.headers)?;
    // The checksum is the object's, the MD5 the document's.
    Claims { md5, checksum: None }.verify(context.body)?;
    let parts = input.multipart_upload.and_then(|upload| upload.parts).unwrap_or_default();
    let checksums = parts_document::checksums(context.body)?.into_iter().chain(std::iter::repeat(None));
    let request = CompleteUpload {
        customer_key: sse::customer_key(context.headers)?,
        parts: parts.into_iter().zip(checksums).map(|(part, sum)| part_claim(part, sum)).collect::<Result<_, _>>()?,
        checksum,
        checksum_type: input.checksum_type.as_ref().map(kind).transpose()?,
        size: input.mpu_object_size.map(object_size).transpose()?,
        conditions: write_conditions(input.if_match.as_ref(), input.if_none_match.as_ref()),
        bucket: input.bucket.clone(),
        key: input.key.clone(),
        upload_id: input.upload_id,
    };
    let (written, region) = context.act(|state, act| {
        let region = state.head_bucket(&request.bucket)?.region;
        Ok((state.complete_upload(act, request)?, region))
    })?;
    let mut output = CompleteMultipartUploadOutput {
        location: Some(format!("https://{}.s3.{region}.amazonaws.com/{}", input.bucket, encoded(&input.key))),
        bucket: Some(input.bucket),
        key: Some(input.key),
        e_tag: Some(e_tag(&written.e_tag)),
        version_id: written.version_id,
        checksum_type: written.checksum.as_ref().map(type_of),
        ..CompleteMultipartUploadOutput::default()
    };
    set_checksum!(context, ("CompleteMultipartUploadResult", 0), output, &written.checksum);
    sse::tell(context, written.encryption.as_ref());
    lifecycle::tell_expiration(context, written.expires.as_ref());
    Ok(output)
}

pub(super) fn abort(
    context: &Context<'_>,
    input: AbortMultipartUploadInput,
) -> Result<AbortMultipartUploadOutput, S3Fault> {
    if input.if_match_initiated_time.is_some() {
        return Err(S3Fault::not_implemented("the header x-amz-if-match-initiated-time"));
    }
    context.act(|state, _| state.abort_upload(&input.bucket, &input.key, &input.upload_id))?;
    Ok(AbortMultipartUploadOutput::default())
}

pub(super) fn list_parts(context: &Context<'_>, input: ListPartsInput) -> Result<ListPartsOutput, S3Fault> {
    let max = count(input.max_parts, "max-parts", 1000)?.min(1000);
    let after = count(input.part_number_marker, "part-number-marker", 0)?;
    let behind = u32::try_from(after).unwrap_or(u32::MAX);
    let listing = context.act(|state, _| {
        let list = |max| state.list_parts(&input.bucket, &input.key, &input.upload_id, behind, max);
        context.call.paged(max, |page| page.parts.len(), list)
    })?;
    lifecycle::tell_abortion(context, listing.aborts.as_ref());
    // It is there on the last page, too, and 0 without parts: https://github.com/boto/boto3/issues/3495
    let last = listing.parts.last().map_or(0, |part| part.number);
    let parts = listing.parts.into_iter().enumerate().map(|(place, listed)| {
        let mut part = Part {
            e_tag: Some(e_tag(&listed.e_tag)),
            last_modified: Some(shown_time(listed.last_modified)),
            part_number: i32::try_from(listed.number).ok(),
            size: size(listed.size),
            ..Part::default()
        };
        set_checksum!(context, ("Part", place), part, &listed.checksum);
        part
    });
    Ok(ListPartsOutput {
        parts: Some(parts.collect()),
        bucket: Some(input.bucket),
        key: Some(input.key),
        upload_id: Some(input.upload_id),
        checksum_algorithm: listing.checksum.map(|(algorithm, _)| super::convert::algorithm(algorithm)),
        checksum_type: listing.checksum.map(|(_, kind)| checksum_type(kind)),
        initiator: Some(acl::initiator(context, listing.initiator.as_ref())),
        owner: Some(acl::owner(context, listing.owner.as_ref())),
        is_truncated: Some(listing.next.is_some()),
        max_parts: i32::try_from(max).ok(),
        part_number_marker: i32::try_from(after).ok(),
        next_part_number_marker: i32::try_from(last).ok(),
        storage_class: Some(StorageClass::from(listing.storage_class)),
        ..ListPartsOutput::default()
    })
}

pub(super) fn list_uploads(
    context: &Context<'_>,
    input: ListMultipartUploadsInput,
) -> Result<ListMultipartUploadsOutput, S3Fault> {
    let spelling = Spelling::new(input.encoding_type.as_ref())?;
    let max = count(input.max_uploads, "max-uploads", 1000)?.min(1000);
    let given = |marker: &Option<String>| marker.clone().filter(|marker| !marker.is_empty());
    let request = ListUploads {
        bucket: input.bucket.clone(),
        prefix: input.prefix.clone().unwrap_or_default(),
        delimiter: input.delimiter.clone(),
        key_marker: given(&input.key_marker),
        upload_id_marker: given(&input.upload_id_marker),
        max_uploads: max,
    };
    let listing = context.act(|state, _| {
        let list = |max_uploads| state.list_uploads(&ListUploads { max_uploads, ..request.clone() });
        let entries = |page: &UploadListing| page.uploads.len() + page.prefixes.len();
        context.call.paged(max, entries, list)
    })?;
    // Also of the last page: https://github.com/versity/versitygw/issues/2144
    let (next_key_marker, next_upload_id_marker) = listing.last.unzip();
    let uploads = listing.uploads.into_iter().map(|upload| MultipartUpload {
        checksum_algorithm: upload.checksum.map(|(algorithm, _)| super::convert::algorithm(algorithm)),
        checksum_type: upload.checksum.map(|(_, kind)| checksum_type(kind)),
        initiated: Some(shown_time(upload.initiated)),
        initiator: Some(acl::initiator(context, upload.initiator.as_ref())),
        key: Some(spelling.key(&upload.key)),
        owner: Some(acl::owner(context, upload.owner.as_ref())),
        storage_class: Some(StorageClass::from(upload.storage_class)),
        upload_id: Some(upload.upload_id),
    });
    Ok(ListMultipartUploadsOutput {
        uploads: Some(uploads.collect()),
        bucket: Some(input.bucket),
        is_truncated: Some(listing.is_truncated),
        common_prefixes: spelling.prefixes(&listing.prefixes),
        delimiter: spelling.optional(input.delimiter.filter(|delimiter| !delimiter.is_empty())),
        encoding_type: input.encoding_type,
        key_marker: Some(spelling.key(input.key_marker.as_deref().unwrap_or(""))),
        upload_id_marker: Some(input.upload_id_marker.unwrap_or_default()),
        next_key_marker: spelling.optional(next_key_marker),
        next_upload_id_marker,
        max_uploads: i32::try_from(max).ok(),
        prefix: spelling.optional(input.prefix),
        ..ListMultipartUploadsOutput::default()
    })
}
