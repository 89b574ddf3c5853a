//! Requests that wait with their body until they are told to go on (`Expect: 100-continue`): S3 refuses those that have no
//! permission before it asks for the body.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html>: "Expect: 100-continue"

use super::*;

impl Gateway {
    /// The answer to a request that is refused without its body; none when it may go on.
    ///
    /// The other services sign over the body, and a form says inside who signed it.
    pub async fn refuse_unread(&self, parts: &Parts) -> Option<Reply> {
        let service = self.route(parts).ok()?;
        let wire = service.wire().of(parts);
        if wire != Wire::S3 || parts.method == Method::OPTIONS || form::is_form(parts) {
            return None;
        }
        let invocation = self.kernel.turns().current_or_running();
        let mut head = parts.clone();
        let attempt = SdkAttempt::of(&head);
        let parsed = match self.signer(&*service, &mut head, None) {
            Err(fault) => self.refused(&*service, wire, &head, Refusal::auth(wire, &fault)),
            Ok(Signer { caller, region, .. }) => {
                let request = Request::from_parts(head, Bytes::new());
                let parsed = Arc::clone(&service).parse(Incoming { request, caller, region }).await;
                let (also, facts) = (&parsed.also, parsed.facts.as_ref());
                let denied = self.pipeline.authorise(&*service, &parsed.info, (also, facts), invocation).err()?;
                // Whatever is permitted by now, it has no body.
                Parsed { run: Box::new(move |call| Box::pin(async move { denied.answer(wire, &call) })), ..parsed }
            }
        };
        let asking = Asking { wire, origin: Origin::Socket, invocation, attempt, trace: None };
        Some(self.pass(&service, parsed, asking).await)
    }
}
