//! No run depends on what other runs of the same process have used up.

use lambda_testkit::{Cloud, Plan};

/// How many attempts one call makes that S3 refuses for good.
async fn attempts() -> usize {
    let plan: Plan = "s3.GetObject bucket/key #1: SlowDown (for good)".parse().unwrap();
    let cloud = Cloud::builder().plan(&plan).start();
    cloud.bucket("bucket").put("key", "x");
    let s3 = aws_sdk_s3::Client::new(&cloud.sdk_config());
    s3.get_object().bucket("bucket").key("key").send().await.unwrap_err();
    cloud.history().requests().operation("GetObject").status(503).count()
}

#[test]
fn the_last_of_600_calls_that_exhaust_their_retries_on_two_threads_still_makes_three_attempts() {
    let thread = || {
        std::thread::spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            runtime.block_on(async {
                let mut all = Vec::new();
                for _ in 0..300 {
                    all.push(attempts().await);
                }
                all
            })
        })
    };
    for thread in [thread(), thread()] {
        assert_eq!(thread.join().unwrap(), vec![3; 300]);
    }
}
