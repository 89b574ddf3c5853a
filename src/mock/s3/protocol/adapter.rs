//! The trait by which `s3s` calls this mock. Each operation is one function of the modules beside this one.

use std::cell::{Cell, RefCell};
use std::future::{Future, ready};
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode};
use s3s::dto::*;
use s3s::{S3, S3Error, S3ErrorCode, S3Request, S3Response, S3Result};

use super::super::checksum::Checksum;
use super::super::fault::S3Fault;
use super::super::service::S3Service;
use super::super::state::{Act, S3State};
use super::additions::Additions;
use super::configurations::{analytics, inventory, metrics, tiering};
use super::gate::Gate;
use super::kept::Kept;
use super::{
    access, acl, attributes, buckets, cors, lifecycle, listing, lock, multipart, notification, objects, restore,
    settings,
};
use crate::lock::Lock;
use crate::mock::http::Call;

/// What goes along with a request through `s3s`, which hands its extensions on.
#[derive(Debug, Clone)]
pub(super) struct Alongside {
    pub gate: Gate,
    pub slot: FaultSlot,
    pub kept: Kept,
    pub additions: Additions,
    /// The body as it came, shared and not streamed.
    pub body: Bytes,
}

/// Takes a fault around `s3s`.
#[derive(Debug, Clone, Default)]
pub(super) struct FaultSlot(Arc<Lock<Option<S3Fault>>>);

impl FaultSlot {
    /// Keeps the fault, and gives the error that `s3s` is told in its place.
    pub fn refuse(&self, fault: S3Fault) -> S3Error {
        let mut error = S3Error::new(S3ErrorCode::Custom("MockFault".into()));
        error.set_status_code(StatusCode::from_u16(fault.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR));
        *self.0.lock() = Some(fault);
        error
    }

    pub fn take(&self) -> Option<S3Fault> {
        self.0.lock().take()
    }
}

/// What an operation knows beside its input.
pub(super) struct Context<'a> {
    pub service: &'a Arc<S3Service>,
    pub call: &'a Call,
    pub headers: &'a HeaderMap,
    pub kept: &'a Kept,
    pub body: &'a Bytes,
    /// Headers of the answer that are not among the output's.
    pub answer: RefCell<HeaderMap>,
    /// The answer's status, where it is another than `s3s` gives.
    pub status: Cell<Option<StatusCode>>,
    /// Elements of the answer that `s3s` does not know.
    pub additions: &'a Additions,
}

impl Context<'_> {
    /// Names the version that the answer is about, where the output has no member for it.
    pub(super) fn answer_version(&self, id: Option<&str>) {
        if let Some(value) = id.and_then(|id| HeaderValue::from_str(id).ok()) {
            self.answer.borrow_mut().insert("x-amz-version-id", value);
        }
    }

    /// Runs one operation on the state.
    pub(super) fn act<T>(
        &self,
        operation: impl FnOnce(&mut S3State, &mut Act<'_>) -> Result<T, S3Fault>,
    ) -> Result<T, S3Fault> {
        self.service.act(self.call, operation)
    }

    /// Sets a header of the answer.
    pub(super) fn tell(&self, name: &'static str, value: impl AsRef<str>) {
        if let Ok(value) = HeaderValue::from_str(value.as_ref()) {
            self.answer.borrow_mut().insert(name, value);
        }
    }

    /// Sets the header of a checksum.
    pub(super) fn tell_checksum(&self, checksum: Option<&Checksum>) {
        if let Some(checksum) = checksum {
            self.tell(checksum.algorithm.header(), &checksum.value);
        }
    }
}

/// The service behind the trait of `s3s`.
pub(super) struct Adapter {
    service: Arc<S3Service>,
}

impl Adapter {
    pub(super) fn new(service: Arc<S3Service>) -> Self {
        Self { service }
    }

    fn run<I, O>(
        &self,
        request: S3Request<I>,
        operation: impl FnOnce(&Context<'_>, I) -> Result<O, S3Fault>,
    ) -> S3Result<S3Response<O>> {
        let extensions = &request.extensions;
        let (Some(call), Some(alongside)) = (extensions.get::<Call>(), extensions.get::<Alongside>()) else {
            return Err(S3Error::new(S3ErrorCode::InternalError));
        };
        let Alongside { slot, kept, additions, body, .. } = alongside;
        let (service, headers, answer, status) = (&self.service, &request.headers, RefCell::default(), Cell::new(None));
        let context = Context { service, call, headers, kept, body, answer, additions, status };
        let output = operation(&context, request.input);
        let (answer, status) = (context.answer.into_inner(), context.status.get());
        let respond = |output| {
            let mut response = S3Response::with_headers(output, answer);
            // `s3s` hands its extensions on, and its status not.
            status.map(|status| response.extensions.insert(status));
            response
        };
        output.map(respond).map_err(|fault| slot.refuse(fault))
    }
}

/// What `async_trait`, on which the trait of `s3s` is built, makes of an async function's result.
type Answer<'a, O> = Pin<Box<dyn Future<Output = S3Result<S3Response<O>>> + Send + 'a>>;

/// The trait's functions. No operation waits for anything, so each is a future that is ready.
macro_rules! operations {
    ($($name:ident: $input:ty => $output:ty, $function:path;)+) => {
        impl S3 for Adapter {
            $(fn $name<'life0, 'async_trait>(&'life0 self, request: S3Request<$input>) -> Answer<'async_trait, $output>
            where
                'life0: 'async_trait,
                Self: 'async_trait,
            {
                Box::pin(ready(self.run(request, $function)))
            })+
        }
    };
}

operations! {
    create_bucket: CreateBucketInput => CreateBucketOutput, buckets::create;
    delete_bucket: DeleteBucketInput => DeleteBucketOutput, buckets::delete;
    head_bucket: HeadBucketInput => HeadBucketOutput, buckets::head;
    list_buckets: ListBucketsInput => ListBucketsOutput, buckets::list;
    get_bucket_location: GetBucketLocationInput => GetBucketLocationOutput, buckets::location;
    get_bucket_versioning: GetBucketVersioningInput => GetBucketVersioningOutput, buckets::versioning;
    put_bucket_versioning: PutBucketVersioningInput => PutBucketVersioningOutput, buckets::set_versioning;
    get_bucket_notification_configuration: GetBucketNotificationConfigurationInput
        => GetBucketNotificationConfigurationOutput, notification::get;
    put_bucket_notification_configuration: PutBucketNotificationConfigurationInput
        => PutBucketNotificationConfigurationOutput, notification::put;
    get_bucket_acl: GetBucketAclInput => GetBucketAclOutput, acl::of_bucket;
    put_bucket_acl: PutBucketAclInput => PutBucketAclOutput, acl::set_of_bucket;
    get_object_acl: GetObjectAclInput => GetObjectAclOutput, acl::of_object;
    put_object_acl: PutObjectAclInput => PutObjectAclOutput, acl::set_of_object;
    get_bucket_policy: GetBucketPolicyInput => GetBucketPolicyOutput, access::get_policy;
    put_bucket_policy: PutBucketPolicyInput => PutBucketPolicyOutput, access::put_policy;
    delete_bucket_policy: DeleteBucketPolicyInput => DeleteBucketPolicyOutput, access::delete_policy;
    get_bucket_policy_status: GetBucketPolicyStatusInput => GetBucketPolicyStatusOutput, access::policy_status;
    get_bucket_ownership_controls: GetBucketOwnershipControlsInput
        => GetBucketOwnershipControlsOutput, access::get_ownership;
    put_bucket_ownership_controls: PutBucketOwnershipControlsInput
        => PutBucketOwnershipControlsOutput, access::put_ownership;
    delete_bucket_ownership_controls: DeleteBucketOwnershipControlsInput
        => DeleteBucketOwnershipControlsOutput, access::delete_ownership;
    get_public_access_block: GetPublicAccessBlockInput => GetPublicAccessBlockOutput, access::get_block;
    put_public_access_block: PutPublicAccessBlockInput => PutPublicAccessBlockOutput, access::put_block;
    delete_public_access_block: DeletePublicAccessBlockInput => DeletePublicAccessBlockOutput, access::delete_block;
    get_bucket_cors: GetBucketCorsInput => GetBucketCorsOutput, cors::get;
    put_bucket_cors: PutBucketCorsInput => PutBucketCorsOutput, cors::put;
    delete_bucket_cors: DeleteBucketCorsInput => DeleteBucketCorsOutput, cors::delete;
    get_bucket_tagging: GetBucketTaggingInput => GetBucketTaggingOutput, settings::get_tagging;
    put_bucket_tagging: PutBucketTaggingInput => PutBucketTaggingOutput, settings::put_tagging;
    delete_bucket_tagging: DeleteBucketTaggingInput => DeleteBucketTaggingOutput, settings::delete_tagging;
    get_bucket_encryption: GetBucketEncryptionInput => GetBucketEncryptionOutput, settings::get_encryption;
    put_bucket_encryption: PutBucketEncryptionInput => PutBucketEncryptionOutput, settings::put_encryption;
    delete_bucket_encryption: DeleteBucketEncryptionInput => DeleteBucketEncryptionOutput, settings::delete_encryption;
    get_bucket_request_payment: GetBucketRequestPaymentInput => GetBucketRequestPaymentOutput, settings::get_payment;
    put_bucket_request_payment: PutBucketRequestPaymentInput => PutBucketRequestPaymentOutput, settings::put_payment;
    get_bucket_website: GetBucketWebsiteInput => GetBucketWebsiteOutput, settings::get_website;
    put_bucket_website: PutBucketWebsiteInput => PutBucketWebsiteOutput, settings::put_website;
    delete_bucket_website: DeleteBucketWebsiteInput => DeleteBucketWebsiteOutput, settings::delete_website;
    get_bucket_logging: GetBucketLoggingInput => GetBucketLoggingOutput, settings::get_logging;
    put_bucket_logging: PutBucketLoggingInput => PutBucketLoggingOutput, settings::put_logging;
    get_bucket_accelerate_configuration: GetBucketAccelerateConfigurationInput
        => GetBucketAccelerateConfigurationOutput, settings::get_accelerate;
    put_bucket_accelerate_configuration: PutBucketAccelerateConfigurationInput
        => PutBucketAccelerateConfigurationOutput, settings::put_accelerate;
    get_bucket_lifecycle_configuration: GetBucketLifecycleConfigurationInput
        => GetBucketLifecycleConfigurationOutput, lifecycle::get;
    put_bucket_lifecycle_configuration: PutBucketLifecycleConfigurationInput
        => PutBucketLifecycleConfigurationOutput, lifecycle::put;
    delete_bucket_lifecycle: DeleteBucketLifecycleInput => DeleteBucketLifecycleOutput, lifecycle::delete;
    put_bucket_metrics_configuration: PutBucketMetricsConfigurationInput
        => PutBucketMetricsConfigurationOutput, metrics::put;
    get_bucket_metrics_configuration: GetBucketMetricsConfigurationInput
        => GetBucketMetricsConfigurationOutput, metrics::get;
    delete_bucket_metrics_configuration: DeleteBucketMetricsConfigurationInput
        => DeleteBucketMetricsConfigurationOutput, metrics::delete;
    list_bucket_metrics_configurations: ListBucketMetricsConfigurationsInput
        => ListBucketMetricsConfigurationsOutput, metrics::list;
    put_bucket_analytics_configuration: PutBucketAnalyticsConfigurationInput
        => PutBucketAnalyticsConfigurationOutput, analytics::put;
    get_bucket_analytics_configuration: GetBucketAnalyticsConfigurationInput
        => GetBucketAnalyticsConfigurationOutput, analytics::get;
    delete_bucket_analytics_configuration: DeleteBucketAnalyticsConfigurationInput
        => DeleteBucketAnalyticsConfigurationOutput, analytics::delete;
    list_bucket_analytics_configurations: ListBucketAnalyticsConfigurationsInput
        => ListBucketAnalyticsConfigurationsOutput, analytics::list;
    put_bucket_inventory_configuration: PutBucketInventoryConfigurationInput
        => PutBucketInventoryConfigurationOutput, inventory::put;
    get_bucket_inventory_configuration: GetBucketInventoryConfigurationInput
        => GetBucketInventoryConfigurationOutput, inventory::get;
    delete_bucket_inventory_configuration: DeleteBucketInventoryConfigurationInput
        => DeleteBucketInventoryConfigurationOutput, inventory::delete;
    list_bucket_inventory_configurations: ListBucketInventoryConfigurationsInput
        => ListBucketInventoryConfigurationsOutput, inventory::list;
    put_bucket_intelligent_tiering_configuration: PutBucketIntelligentTieringConfigurationInput
        => PutBucketIntelligentTieringConfigurationOutput, tiering::put;
    get_bucket_intelligent_tiering_configuration: GetBucketIntelligentTieringConfigurationInput
        => GetBucketIntelligentTieringConfigurationOutput, tiering::get;
    delete_bucket_intelligent_tiering_configuration: DeleteBucketIntelligentTieringConfigurationInput
        => DeleteBucketIntelligentTieringConfigurationOutput, tiering::delete;
    list_bucket_intelligent_tiering_configurations: ListBucketIntelligentTieringConfigurationsInput
        => ListBucketIntelligentTieringConfigurationsOutput, tiering::list;
    get_bucket_replication: GetBucketReplicationInput => GetBucketReplicationOutput, settings::get_replication;
    delete_bucket_replication: DeleteBucketReplicationInput
        => DeleteBucketReplicationOutput, settings::delete_replication;
    put_object: PutObjectInput => PutObjectOutput, objects::put;
    get_object: GetObjectInput => GetObjectOutput, objects::get;
    head_object: HeadObjectInput => HeadObjectOutput, objects::head;
    copy_object: CopyObjectInput => CopyObjectOutput, objects::copy;
    delete_object: DeleteObjectInput => DeleteObjectOutput, objects::delete;
    delete_objects: DeleteObjectsInput => DeleteObjectsOutput, objects::delete_many;
    restore_object: RestoreObjectInput => RestoreObjectOutput, restore::restore;
    get_object_attributes: GetObjectAttributesInput => GetObjectAttributesOutput, attributes::get;
    get_object_lock_configuration: GetObjectLockConfigurationInput
        => GetObjectLockConfigurationOutput, lock::configuration;
    put_object_lock_configuration: PutObjectLockConfigurationInput
        => PutObjectLockConfigurationOutput, lock::set_configuration;
    get_object_retention: GetObjectRetentionInput => GetObjectRetentionOutput, lock::retention;
    put_object_retention: PutObjectRetentionInput => PutObjectRetentionOutput, lock::set_retention;
    get_object_legal_hold: GetObjectLegalHoldInput => GetObjectLegalHoldOutput, lock::legal_hold;
    put_object_legal_hold: PutObjectLegalHoldInput => PutObjectLegalHoldOutput, lock::set_legal_hold;
    get_object_tagging: GetObjectTaggingInput => GetObjectTaggingOutput, objects::tagging;
    put_object_tagging: PutObjectTaggingInput => PutObjectTaggingOutput, objects::set_tagging;
    delete_object_tagging: DeleteObjectTaggingInput => DeleteObjectTaggingOutput, objects::delete_tagging;
    list_objects: ListObjectsInput => ListObjectsOutput, listing::objects;
    list_objects_v2: ListObjectsV2Input => ListObjectsV2Output, listing::objects_v2;
    list_object_versions: ListObjectVersionsInput => ListObjectVersionsOutput, listing::versions;
    create_multipart_upload: CreateMultipartUploadInput => CreateMultipartUploadOutput, multipart::create;
    upload_part: UploadPartInput => UploadPartOutput, multipart::upload_part;
    upload_part_copy: UploadPartCopyInput => UploadPartCopyOutput, multipart::copy_part;
    complete_multipart_upload: CompleteMultipartUploadInput => CompleteMultipartUploadOutput, multipart::complete;
    abort_multipart_upload: AbortMultipartUploadInput => AbortMultipartUploadOutput, multipart::abort;
    list_parts: ListPartsInput => ListPartsOutput, multipart::list_parts;
    list_multipart_uploads: ListMultipartUploadsInput => ListMultipartUploadsOutput, multipart::list_uploads;
}
