//! The errors of SQS, with the shape, code, status and text that AWS answers.

use std::fmt;

use crate::history::RefusedWith;
use crate::mock::http::ServiceFault;

/// Why SQS refused a request.
///
/// AWS names every error twice: by the shape of its JSON model and by the code of the older query
/// protocol. SDKs show the query code when it is there, so both travel together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SqsFault {
    /// The error's name in the JSON protocol, such as `QueueDoesNotExist`.
    pub shape: &'static str,
    /// The error's code in the query protocol, such as `AWS.SimpleQueueService.NonExistentQueue`.
    pub query_code: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// AWS's text.
    pub message: String,
}

impl SqsFault {
    fn new(shape: &'static str, query_code: &'static str, status: u16, message: impl Into<String>) -> Self {
        Self { shape, query_code, status, message: message.into() }
    }

    /// The namespace that stands before the shape in `__type`.
    pub(crate) fn namespace(&self) -> &'static str {
        match self.shape {
            "SerializationException" | "UnknownOperationException" | "AccessDeniedException" => {
                "com.amazon.coral.service"
            }
            _ => "com.amazonaws.sqs",
        }
    }

    pub(super) fn queue_does_not_exist() -> Self {
        let message = "The specified queue does not exist.";
        Self::new("QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue", 400, message)
    }

    pub(super) fn queue_name_exists(attribute: &str) -> Self {
        let message =
            format!("A queue already exists with the same name and a different value for attribute {attribute}");
        Self::new("QueueNameExists", "QueueAlreadyExists", 400, message)
    }

    /// The words are not AWS's: of the tags that a request has, users report the refusal alone.
    ///
    /// <https://github.com/Bogdanp/dramatiq_sqs/pull/13>,
    /// <https://github.com/awslabs/amazon-sqs-java-temporary-queues-client/pull/70>
    pub(super) fn queue_has_other_tags() -> Self {
        let message = "A queue already exists with the same name and different tags";
        Self::new("QueueNameExists", "QueueAlreadyExists", 400, message)
    }

    pub(super) fn queue_deleted_recently() -> Self {
        let message =
            "You must wait 60 seconds after deleting a queue before you can create another with the same name.";
        Self::new("QueueDeletedRecently", "AWS.SimpleQueueService.QueueDeletedRecently", 400, message)
    }

    pub(super) fn invalid_parameter(message: impl Into<String>) -> Self {
        Self::new("InvalidParameterValueException", "InvalidParameterValue", 400, message)
    }

    /// The usual form of [`Self::invalid_parameter`]: value, parameter, reason.
    pub(super) fn invalid_value(value: impl fmt::Display, parameter: &str, reason: &str) -> Self {
        Self::invalid_parameter(format!("Value {value} for parameter {parameter} is invalid. Reason: {reason}"))
    }

    pub(super) fn missing_parameter(name: &str) -> Self {
        let message = format!("The request must contain the parameter {name}.");
        Self::new("MissingRequiredParameterException", "MissingParameter", 400, message)
    }

    /// A deletion without a receipt handle, which AWS calls by another name.
    ///
    /// <https://github.com/aws/aws-sdk-js-v3/issues/6092>, <https://github.com/syndesisio/syndesis/issues/6254>
    pub(super) fn missing_handle() -> Self {
        Self::missing_parameter("MessageHandle")
    }

    pub(super) fn invalid_attribute_name(message: impl Into<String>) -> Self {
        Self::new("InvalidAttributeName", "InvalidAttributeName", 400, message)
    }

    pub(super) fn unknown_attribute(name: &str) -> Self {
        Self::invalid_attribute_name(format!("Unknown Attribute {name}."))
    }

    pub(super) fn invalid_attribute_value(message: impl Into<String>) -> Self {
        Self::new("InvalidAttributeValue", "InvalidAttributeValue", 400, message)
    }

    pub(super) fn invalid_message_contents(message: impl Into<String>) -> Self {
        Self::new("InvalidMessageContents", "InvalidMessageContents", 400, message)
    }

    pub(super) fn receipt_handle_is_invalid(handle: &str) -> Self {
        Self::invalid_handle(format!("The input receipt handle \"{handle}\" is not a valid receipt handle."))
    }

    fn invalid_handle(message: impl Into<String>) -> Self {
        Self::new("ReceiptHandleIsInvalid", "ReceiptHandleIsInvalid", 400, message)
    }

    /// A handle that another queue gave.
    ///
    /// <https://github.com/aws/aws-sdk-java-v2/issues/3101>
    pub(super) fn receipt_handle_of_another_queue(handle: &str) -> Self {
        Self::invalid_handle(format!("The receipt handle \"{handle}\" is not valid for this queue."))
    }

    /// The handle of an entry of a batch, in whose results AWS names this error otherwise than alone.
    ///
    /// <https://github.com/smaskalik/sqsmover/issues/54>
    pub(super) fn receipt_handle_has_expired_in_batch() -> Self {
        Self::invalid_handle("The receipt handle has expired")
    }

    pub(super) fn empty_batch(entry: &str) -> Self {
        let message = format!("There should be at least one {entry} in the request.");
        Self::new("EmptyBatchRequest", "AWS.SimpleQueueService.EmptyBatchRequest", 400, message)
    }

    pub(super) fn too_many_entries(count: usize) -> Self {
        let message = format!("Maximum number of entries per request are 10. You have sent {count}.");
        let code = "AWS.SimpleQueueService.TooManyEntriesInBatchRequest";
        Self::new("TooManyEntriesInBatchRequest", code, 400, message)
    }

    pub(super) fn invalid_batch_entry_id() -> Self {
        let message = "A batch entry id can only contain alphanumeric characters, hyphens and underscores. \
                       It can be at most 80 letters long.";
        Self::new("InvalidBatchEntryId", "AWS.SimpleQueueService.InvalidBatchEntryId", 400, message)
    }

    pub(super) fn batch_entry_ids_not_distinct(id: &str) -> Self {
        let code = "AWS.SimpleQueueService.BatchEntryIdsNotDistinct";
        Self::new("BatchEntryIdsNotDistinct", code, 400, format!("Id {id} repeated."))
    }

    pub(super) fn batch_request_too_long(limit: usize, bytes: usize) -> Self {
        let message = format!("Batch requests cannot be longer than {limit} bytes. You have sent {bytes} bytes.");
        Self::new("BatchRequestTooLong", "AWS.SimpleQueueService.BatchRequestTooLong", 400, message)
    }

    pub(super) fn purge_in_progress(queue: &str) -> Self {
        let message = format!("Only one PurgeQueue operation on {queue} is allowed every 60 seconds.");
        Self::new("PurgeQueueInProgress", "AWS.SimpleQueueService.PurgeQueueInProgress", 403, message)
    }

    pub(super) fn over_limit(message: impl Into<String>) -> Self {
        Self::new("OverLimit", "OverLimit", 403, message)
    }

    /// Whether there is too much of something.
    pub(super) fn is_over_limit(&self) -> bool {
        self.shape == "OverLimit"
    }

    /// An entry of a batch that failed by no fault of the sender: the code that AWS answers then.
    ///
    /// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_BatchResultErrorEntry.html>,
    /// <https://github.com/aws/aws-sdk-java/issues/2562>
    pub(super) fn internal_error() -> Self {
        let message = "We encountered an internal error. Please try again.";
        Self::new("InternalError", "InternalError", 500, message)
    }

    /// Whether the sender is to blame, and the same request would fail again.
    pub(super) fn is_of_sender(&self) -> bool {
        self.status < 500
    }

    /// A part of SQS that this mock leaves out: refused by name, never ignored.
    pub(super) fn unsupported(message: impl Into<String>) -> Self {
        Self::new("UnsupportedOperation", "AWS.SimpleQueueService.UnsupportedOperation", 400, message)
    }

    pub(super) fn access_denied(message: impl Into<String>) -> Self {
        Self::new("AccessDeniedException", "AccessDenied", 403, message)
    }

    pub(super) fn serialization(message: impl Into<String>) -> Self {
        Self::new("SerializationException", "MalformedInput", 400, message)
    }

    pub(super) fn unknown_operation(operation: &str) -> Self {
        let message = format!("The operation {operation:?} is not an operation of Amazon SQS.");
        Self::new("UnknownOperationException", "InvalidAction", 404, message)
    }

    /// A request of the query protocol that names no action.
    pub(super) fn no_action() -> Self {
        Self::new("UnknownOperationException", "InvalidAction", 404, "The request names no Action.")
    }

    /// Whether the answer of the query protocol is that for a request without an action.
    pub(super) fn is_no_action(&self) -> bool {
        self.shape == "UnknownOperationException"
    }

    /// An action of the query protocol that there is not, or that is none of a queue's.
    pub(super) fn invalid_action(action: &str) -> Self {
        let message = format!("The action {action} is not valid for this endpoint.");
        Self::new("InvalidAction", "InvalidAction", 400, message)
    }

    /// Something that a move task names and that is not there.
    pub(super) fn resource_not_found(message: impl Into<String>) -> Self {
        Self::new("ResourceNotFoundException", "ResourceNotFoundException", 404, message)
    }

    /// The text in the query protocol, which says more of a queue that does not exist.
    pub(super) fn query_message(&self) -> &str {
        if self.shape == "QueueDoesNotExist" {
            "The specified queue does not exist for this wsdl version."
        } else {
            &self.message
        }
    }
}

impl fmt::Display for SqsFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.query_code, self.message)
    }
}

impl std::error::Error for SqsFault {}

impl ServiceFault for SqsFault {
    fn status(&self) -> u16 {
        self.status
    }

    fn refused_with(&self) -> RefusedWith {
        RefusedWith { code: self.query_code.to_owned(), message: self.message.clone() }
    }
}
