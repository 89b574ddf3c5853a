//! `corpus`: seeds for fuzzers.

use super::*;

#[test]
fn a_corpus_is_the_same_for_the_same_seed() {
    for kind in [
        "s3",
        "s3-test",
        "s3-eventbridge",
        "sqs",
        "batch-response",
        "sns",
        "scheduled",
        "invoke",
        "destination",
        "nested",
        "malformed",
        "key",
    ] {
        let (one, two) = (directory(&format!("corpus-{kind}-1")), directory(&format!("corpus-{kind}-2")));
        for directory in [&one, &two] {
            let printed =
                ok(&["corpus", directory.to_str().unwrap(), "--kind", kind, "--count", "5", "--seed", "7", "--json"]);
            assert_eq!(json(&printed)["files"], 5);
        }
        let mut files: Vec<_> = fs::read_dir(&one).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        files.sort();
        assert_eq!(files.len(), 5);
        for file in files {
            let bytes = fs::read(one.join(&file)).unwrap();
            assert_eq!(bytes, fs::read(two.join(&file)).unwrap(), "{file:?}");
            match kind {
                "malformed" => {}
                "key" => drop(lambda_testkit::event::EncodedKey::new(String::from_utf8(bytes).unwrap()).unwrap()),
                "invoke" => drop(schema::validate_bytes_as("invoke/payload", &bytes).unwrap()),
                _ => drop(schema::validate_bytes(&bytes).unwrap()),
            }
        }
    }
    let file = directory("corpus-file").join("file");
    fs::write(&file, "").unwrap();
    assert!(fails(1, &["corpus", file.to_str().unwrap(), "--kind", "s3"]).contains("cannot write"));
}
