//! The names of buckets: those that exist, and those that can still be given.

use crate::event::BuildError;

/// Checks the name of a bucket that exists. Old ones in `us-east-1` have up to 255 characters, upper-case letters and
/// underscores among them.
pub(crate) fn check_bucket_name(name: &str) -> Result<(), BuildError> {
    let character = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    if (3..=255).contains(&name.len()) && name.bytes().all(character) {
        return Ok(());
    }
    Err(broken(name, "a bucket name has 3 to 255 letters, digits, periods, hyphens and underscores"))
}

/// Checks the name of a general purpose bucket about to be created.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html>
#[cfg(feature = "cloud")]
pub(crate) fn check_new_bucket_name(name: &str) -> Result<(), BuildError> {
    const PREFIXES: [&str; 3] = ["xn--", "sthree-", "amzn-s3-demo-"];
    const SUFFIXES: [&str; 5] = ["-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"];
    let letter = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = name.as_bytes();
    let rules = [
        ((3..=63).contains(&bytes.len()), "a bucket name has 3 to 63 characters"),
        (
            bytes.iter().all(|byte| letter(byte) || matches!(byte, b'.' | b'-')),
            "a bucket name has lower-case letters, digits, periods and hyphens only",
        ),
        (
            bytes.first().is_some_and(letter) && bytes.last().is_some_and(letter),
            "a bucket name begins and ends with a letter or a digit",
        ),
        (!name.contains(".."), "a bucket name has no two periods side by side"),
        (name.parse::<std::net::Ipv4Addr>().is_err(), "a bucket name is not formatted as an IP address"),
        (
            !PREFIXES.iter().any(|prefix| name.starts_with(prefix)),
            "a bucket name does not begin with xn--, sthree- or amzn-s3-demo-, which S3 keeps for itself",
        ),
        (
            !SUFFIXES.iter().any(|suffix| name.ends_with(suffix)),
            "a bucket name does not end in -s3alias, --ol-s3, .mrap, --x-s3 or --table-s3, which S3 keeps for itself",
        ),
    ];
    rules.iter().find(|(kept, _)| !kept).map_or(Ok(()), |(_, rule)| Err(broken(name, rule)))
}

fn broken(name: &str, rule: &'static str) -> BuildError {
    BuildError::Rule { what: "bucket name", value: name.to_owned(), rule }
}

#[cfg(all(test, feature = "cloud"))]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_cannot_be_given_is_refused_with_the_rule_that_it_breaks() {
        for (name, rule) in [
            ("ab", "3 to 63"),
            ("", "3 to 63"),
            ("Export", "lower-case"),
            ("a_b", "lower-case"),
            ("-export", "begins and ends"),
            ("export.", "begins and ends"),
            ("a..b", "side by side"),
            ("192.168.0.1", "IP address"),
            ("xn--a", "xn--"),
            ("a--x-s3", "--x-s3"),
        ] {
            let text = check_new_bucket_name(name).unwrap_err().to_string();
            assert!(text.contains(&format!("invalid bucket name {name:?}")) && text.contains(rule), "{text}");
        }
        assert!(check_new_bucket_name(&"x".repeat(63)).is_ok() && check_new_bucket_name(&"x".repeat(64)).is_err());
        assert!(check_bucket_name("Old_Export").is_ok());
    }
}
