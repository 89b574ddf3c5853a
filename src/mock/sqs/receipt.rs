//! Receipt handles: which receive of which message a consumer holds.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::history::Name;
use crate::kernel::Ids;

use super::fault::SqsFault;
use super::message::Position;
use super::queue_id::QueueId;

/// AWS's handles begin so.
const PREFIX: &str = "AQEB";

/// What a handle says. Every receive of a message makes a new one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Receipt {
    pub position: Position,
    /// The message's receive count at that receive.
    pub receive: u32,
}

impl Receipt {
    /// The opaque handle that the consumer gets; it follows from the message and the receive.
    pub(super) fn issue(self, queue: &QueueId, message_id: &str) -> String {
        let Self { position: Position(position), receive } = self;
        let mut ids = Ids::of(0, Name::ROOT.under("receive", message_id).nth(receive), "receipt handle");
        let text = format!("{} {} {position} {receive}", ids.uuid(), queue.arn());
        let mut handle = String::with_capacity(PREFIX.len() + text.len().div_ceil(3) * 4);
        handle.push_str(PREFIX);
        STANDARD.encode_string(text, &mut handle);
        handle
    }

    /// Reads a handle back.
    ///
    /// # Errors
    ///
    /// AWS's for what is no handle, and for one of another queue.
    pub(super) fn read(handle: &str, queue: &QueueId) -> Result<Self, SqsFault> {
        let (receipt, arn) = said(handle).ok_or_else(|| SqsFault::receipt_handle_is_invalid(handle))?;
        if arn == queue.arn().to_string() {
            Ok(receipt)
        } else {
            Err(SqsFault::receipt_handle_of_another_queue(handle))
        }
    }
}

/// What a handle says, and the ARN of its queue.
fn said(handle: &str) -> Option<(Receipt, String)> {
    let text = String::from_utf8(STANDARD.decode(handle.strip_prefix(PREFIX)?).ok()?).ok()?;
    let parts: Vec<&str> = text.split(' ').collect();
    let [_, arn, position, receive] = parts[..] else { return None };
    let receipt = Receipt { position: Position(position.parse().ok()?), receive: receive.parse().ok()? };
    Some((receipt, arn.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{AccountId, Region};

    #[test]
    fn a_handle_is_read_back_by_its_own_queue_only() {
        let queue = |name: &str| {
            QueueId::new(&AccountId::new("111111111111").unwrap(), &Region::new("us-east-1").unwrap(), name)
        };
        let receipt = Receipt { position: Position(7), receive: 2 };
        let again = Receipt { receive: 3, ..receipt };
        let (first, second) = (receipt.issue(&queue("a"), "m"), again.issue(&queue("a"), "m"));
        assert_ne!(first, second);
        assert_eq!(Receipt::read(&first, &queue("a")), Ok(receipt));
        assert_eq!(Receipt::read(&first, &queue("b")), Err(SqsFault::receipt_handle_of_another_queue(&first)));
        for garbage in ["", "AQEB", "garbage", "AQEB????", &first[..first.len() - 5]] {
            let fault = SqsFault::receipt_handle_is_invalid(garbage);
            assert_eq!(Receipt::read(garbage, &queue("a")), Err(fault), "{garbage}");
        }
    }
}
