//! How many batches of a queue run at once.
use crate::common::clock::seconds;
use crate::runtimes::on_both_runtimes;

use std::sync::{Arc, Mutex};

use lambda_testkit::prelude::*;
use lambda_testkit::{Batch, Queue};

/// The most invocations that there were at once, for messages that each take a second.
async fn most_at_once(queue: &Queue, cloud: &Cloud, batch: Batch, send: impl Fn(&Queue, usize)) -> usize {
    let (clock, running) = (cloud.clock(), Arc::new(Mutex::new((0_usize, 0_usize))));
    let counted = Arc::clone(&running);
    let function = cloud.function("slow", move |_: SqsEvent| {
        let (clock, running) = (clock.clone(), Arc::clone(&running));
        async move {
            {
                let (now, most) = &mut *running.lock().unwrap();
                *now += 1;
                *most = (*most).max(*now);
            }
            clock.sleep(seconds(1)).await;
            running.lock().unwrap().0 -= 1;
        }
    });
    queue.trigger(&function, batch);
    (0..20).for_each(|number| send(queue, number));
    cloud.drain().await.assert_ok();
    queue.assert_empty();
    let (_, most) = *counted.lock().unwrap();
    most
}

#[test]
fn five_batches_of_a_standard_queue_run_at_once_and_fewer_where_a_maximum_says_so() {
    on_both_runtimes(|| async {
        for (batch, expected) in [
            (batch(1), 5),
            (batch(1).maximum_concurrency(2), 2),
            (batch(1).maximum_concurrency(4), 4),
            (batch(1).maximum_concurrency(1_000), 5),
        ] {
            let cloud = Cloud::start();
            let send = |queue: &Queue, number: usize| drop(queue.send(number.to_string()));
            let most = most_at_once(&cloud.queue("q"), &cloud, batch.clone(), send).await;
            assert_eq!(most, expected, "{batch:?}");
        }
    });
}

#[test]
fn as_many_batches_of_a_fifo_queue_as_it_has_groups_and_fewer_where_a_maximum_says_so() {
    on_both_runtimes(|| async {
        for (batch, expected) in [(batch(1), 7), (batch(1).maximum_concurrency(3), 3)] {
            let cloud = Cloud::start();
            let send = |queue: &Queue, number: usize| {
                drop(queue.send_fifo(&(number % 7).to_string(), &number.to_string(), number.to_string()));
            };
            let most = most_at_once(&cloud.queue("q.fifo"), &cloud, batch.clone(), send).await;
            assert_eq!(most, expected, "{batch:?}");
        }
    });
}

#[test]
fn a_batch_of_ten_thousand_waits_five_minutes_for_the_rest() {
    on_both_runtimes(|| async {
        let cloud = Cloud::start();
        let queue = cloud.queue("q").visibility_timeout(seconds(400));
        let counts = cloud.function("counts", async |event: SqsEvent| event.records.len());
        queue.trigger(&counts, batch(10_000).window(seconds(300)));
        (0..12).for_each(|number| drop(queue.send(number.to_string())));
        cloud.advance(seconds(299)).await.assert_ok();
        assert!(counts.events().is_empty());
        cloud.advance(seconds(1)).await.assert_ok();
        assert_eq!(counts.responses(), [12]);
        queue.assert_empty();
    });
}
