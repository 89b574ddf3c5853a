//! Values without a test runner's loop: by seed and number, and from the bytes of a fuzzer.

use std::sync::LazyLock;

use md5::{Digest, Md5};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

/// The value number `index` of the endless row that `seed` stands for.
///
/// It follows from `seed` and `index` alone: not from values drawn before, the machine, the build or proptest's
/// environment variables. So machines that share the work by number agree. The row may change with the version of
/// this crate.
///
/// # Panics
///
/// If the strategy rejects. The strategies of this crate never do; one with `prop_filter` may.
///
/// # Example
///
/// ```
/// use lambda_testkit::strategy::{s3_event, sample};
///
/// assert_eq!(sample(&s3_event(), 7, 1000), sample(&s3_event(), 7, 1000));
/// assert_ne!(sample(&s3_event(), 7, 1000), sample(&s3_event(), 7, 1001));
/// ```
pub fn sample<S: Strategy>(strategy: &S, seed: u64, index: u64) -> S::Value {
    let mut bytes = *b"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0lambda-testkit/1";
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    bytes[8..16].copy_from_slice(&index.to_le_bytes());
    draw(strategy, &bytes)
}

/// The value that a fuzzer's input stands for. Every input stands for a value, the empty one too.
///
/// The bytes are hashed into the seed of a ChaCha generator, so a small change of the input gives quite another
/// value. proptest's own generator that passes bytes through is not used: at the end of its input it may loop for
/// ever.
///
/// # Panics
///
/// As [`sample`].
///
/// # Example
///
/// ```
/// use lambda_testkit::strategy::{from_bytes, sqs_event};
///
/// assert_eq!(from_bytes(&sqs_event(), b""), from_bytes(&sqs_event(), b""));
/// assert_ne!(from_bytes(&sqs_event(), b""), from_bytes(&sqs_event(), b"\0"));
/// ```
pub fn from_bytes<S: Strategy>(strategy: &S, bytes: &[u8]) -> S::Value {
    let mut seed = [0; 32];
    for (half, salt) in seed.chunks_exact_mut(16).zip([b"a", b"b"]) {
        half.copy_from_slice(&Md5::new().chain_update(salt).chain_update(bytes).finalize());
    }
    draw(strategy, &seed)
}

/// Copied for each value, which is cheaper than to make it.
static CONFIG: LazyLock<Config> = LazyLock::new(|| Config { failure_persistence: None, ..Config::default() });

fn draw<S: Strategy>(strategy: &S, seed: &[u8; 32]) -> S::Value {
    let mut runner = TestRunner::new_with_rng(CONFIG.clone(), TestRng::from_seed(RngAlgorithm::ChaCha, seed));
    match strategy.new_tree(&mut runner) {
        Ok(tree) => tree.current(),
        Err(reason) => panic!("the strategy rejected: {reason}"),
    }
}
