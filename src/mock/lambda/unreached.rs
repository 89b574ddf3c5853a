//! Why a handler fails whose requests are in no history: its client calls somebody else.

/// What AWS SDKs say whose calls reach nobody or are not let in, in lower case and without spaces and underscores: the
/// SDK for Rust prints `dispatch failure`, and `DispatchFailure(…)` when it is unwrapped. The codes are those with which
/// AWS refuses the credentials of somebody else:
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>,
/// <https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html>.
const SIGNS: [&str; 10] = [
    "dispatchfailure",
    "failedtoconstructrequest",
    "constructionfailure",
    "requesthastimedout",
    "timeouterror",
    "credential",
    "invalidaccesskeyid",
    "invalidclienttokenid",
    "unrecognizedclient",
    "expiredtoken",
];

/// What to look at when a handler that made no request of the cloud failed with this error; nothing when the error does
/// not look like that of a client.
pub(super) fn hint(error: &str) -> Option<String> {
    let folded: String =
        error.chars().filter(|c| !c.is_whitespace() && *c != '_').map(|c| c.to_ascii_lowercase()).collect();
    let looks_so = SIGNS.iter().any(|sign| folded.contains(sign));
    looks_so.then(|| "no request of this handler reached the cloud: is its client made from sdk_config()?".to_owned())
}

#[cfg(test)]
mod tests {
    use super::hint;

    #[test]
    fn errors_of_clients_that_reach_nobody_get_a_hint_and_others_none() {
        for error in [
            "dispatch failure",
            "Lambda panicked: called `Result::unwrap()` on an `Err` value: DispatchFailure(DispatchFailure { … })",
            "failed to construct request",
            "dispatch failure: other: the credential provider was not enabled",
            "unhandled error (InvalidAccessKeyId)",
        ] {
            assert!(hint(error).is_some(), "{error}");
        }
        for error in ["service error", "unhandled error (NoSuchKey)", "no bucket", ""] {
            assert_eq!(hint(error), None, "{error}");
        }
    }
}
