//! Invocations whose work goes on in tasks that they have spawned.

use std::time::Instant;

use super::*;

/// A task that sleeps so many seconds, one after the other, and logs when it has.
fn spawn_sleeper(kernel: &Arc<Kernel>, log: &Log, name: &str, sleeps: Vec<u64>) -> tokio::task::JoinHandle<()> {
    let (work, weak) = (sleeper(kernel, sleeps), Arc::downgrade(kernel));
    let (log, name) = (log.clone(), name.to_owned());
    tokio::spawn(async move {
        work.await;
        let now = weak.upgrade().map_or(-1, |kernel| elapsed(&kernel));
        log.lock().unwrap().push((now, name));
    })
}

/// An invocation that spawns tasks which sleep, and waits for all.
fn invoke_spawning(kernel: &Arc<Kernel>, log: &Log, name: &str, timeout: u64, sleeps: Vec<Vec<u64>>) {
    let (weak, noted, named) = (Arc::downgrade(kernel), log.clone(), name.to_owned());
    invoke(kernel, log, name, timeout, async move {
        let mut tasks = tokio::task::JoinSet::new();
        for (n, sleeps) in sleeps.into_iter().enumerate() {
            tasks.spawn(spawn_sleeper(&weak.upgrade().unwrap(), &noted, &format!("{named} task {n}"), sleeps));
        }
        while tasks.join_next().await.is_some() {}
    });
}

fn logged(log: &Log) -> Vec<String> {
    entries(log).into_iter().map(|(at, what)| format!("{at} {what}")).collect()
}

#[test]
fn the_clock_waits_for_tasks_to_go_on_and_not_for_real_time() {
    let (kernel, log, began) = (kernel_that_stalls_after(60_000), Log::default(), Instant::now());
    invoke_spawning(&kernel, &log, "f", 900, vec![vec![3, 1], vec![1, 1, 1, 1, 1], vec![2]]);
    let _ = block_on(kernel.drive(Goal::Drain)).unwrap();
    assert_eq!(logged(&log), ["2 f task 2", "4 f task 0", "5 f task 1", "5 f done"]);
    assert!(began.elapsed() < seconds(5), "it took {:?} of real time", began.elapsed());
}

#[test]
fn two_invocations_that_spawn_go_on_side_by_side() {
    let (kernel, log) = (kernel_that_stalls_after(60_000), Log::default());
    invoke_spawning(&kernel, &log, "f", 900, vec![vec![1, 2], vec![2]]);
    invoke_spawning(&kernel, &log, "g", 900, vec![vec![1]]);
    let _ = block_on(kernel.drive(Goal::Drain)).unwrap();
    assert_eq!(logged(&log), ["1 g task 0", "1 g done", "2 f task 1", "3 f task 0", "3 f done"]);
}

#[test]
fn a_timeout_freezes_the_tasks_of_its_environment() {
    let (kernel, log) = (kernel_that_stalls_after(60_000), Log::default());
    let (weak, noted) = (Arc::downgrade(&kernel), log.clone());
    invoke(&kernel, &log, "f", 5, async move {
        let _ = spawn_sleeper(&weak.upgrade().unwrap(), &noted, "late", vec![1, 10]).await;
    });
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let _ = kernel.drive(Goal::Drain).await.unwrap();
        assert_eq!(runtime.metrics().num_alive_tasks(), 1);
        invoke(&kernel, &log, "g", 30, sleeper(&kernel, vec![20]));
        let _ = kernel.drive(Goal::Drain).await.unwrap();
        tokio::task::yield_now().await;
    });
    assert_eq!(logged(&log), ["5 f timed out", "25 g done"]);
    assert_eq!(Arc::strong_count(&kernel), 1, "what is frozen holds nothing");
}

#[test]
fn a_task_of_the_test_is_nobodys() {
    let (kernel, log) = (kernel_that_stalls_after(1_000), Log::default());
    block_on(async {
        let (clock, weak) = (Clock::new(&kernel), Arc::downgrade(&kernel));
        let (go, told) = tokio::sync::oneshot::channel();
        let asks = move || weak.upgrade().unwrap().turns().asking().is_some();
        let test = tokio::spawn(async move {
            clock.sleep(seconds(2)).await;
            told.await.unwrap();
            let before = asks();
            clock.sleep(seconds(2)).await;
            (before, asks())
        });
        tokio::task::yield_now().await;
        invoke_spawning(&kernel, &log, "f", 900, vec![vec![1, 2, 3]]);
        go.send(()).unwrap();
        let _ = kernel.drive(Goal::Drain).await.unwrap();
        assert_eq!(test.await.unwrap(), (false, false));
    });
    assert_eq!(logged(&log), ["8 f task 0", "8 f done"]);
}
