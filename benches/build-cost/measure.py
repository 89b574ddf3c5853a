#!/usr/bin/env python3
"""What this crate adds to the build of a handler's tests: user CPU seconds and crates, cold, beside the same tests without it.

    nice benches/build-cost/measure.py                  # all variants; minutes each
    nice benches/build-cost/measure.py without default  # these two
    nice benches/build-cost/measure.py --crates 20 …    # and the 20 crates that cost most
    nice benches/build-cost/measure.py --timings …      # and cargo's own report

User CPU, not wall time: it hardly depends on what else the machine does. Versions are those of this crate's `Cargo.lock`,
so the network is asked for nothing that a build here has not fetched already. The crate is built as users build it: the
profile is cargo's own (`CARGO_PROFILE_*` of the caller count).
"""

import argparse
import os
import pathlib
import resource
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
RECORD = "BUILD_COST_RECORD"

MANIFEST = """
[package]
name = "handler"
version = "0.1.0"
edition = "2024"

[workspace]

[dependencies]
aws-config = "1"
aws-sdk-s3 = "1"
aws_lambda_events = "1"
lambda_runtime = "1"
tokio = { version = "1", features = ["macros", "rt-multi-thread"] }

[dev-dependencies]
"""

HANDLER = """
use aws_lambda_events::event::s3::S3Event;
use lambda_runtime::{Error, LambdaEvent};

pub async fn shout(event: LambdaEvent<S3Event>, s3: aws_sdk_s3::Client) -> Result<usize, Error> {
    for record in &event.payload.records {
        let key = record.s3.object.key.clone().ok_or("no key")?;
        let object = s3.get_object().bucket("quiet").key(&key).send().await?;
        let text = String::from_utf8(object.body.collect().await?.to_vec())?;
        s3.put_object().bucket("loud").key(key).body(text.to_uppercase().into_bytes().into()).send().await?;
    }
    Ok(event.payload.records.len())
}
"""

PLAIN_TEST = """
use aws_lambda_events::event::s3::S3Event;
use lambda_runtime::{Context, LambdaEvent};

#[tokio::test]
async fn the_handler_takes_an_empty_event() {
    let s3 = aws_sdk_s3::Client::new(&aws_config::SdkConfig::builder().build());
    assert_eq!(handler::shout(LambdaEvent::new(S3Event::default(), Context::default()), s3).await.unwrap(), 0);
}
"""

EVENTS_TEST = PLAIN_TEST.replace(
    "S3Event::default()", 'lambda_testkit::event::S3Event::put("quiet", "a.txt").build().to::<S3Event>().unwrap()'
)

CLOUD_TEST = """
use aws_lambda_events::event::s3::S3Event;
use lambda_runtime::{Context, LambdaEvent};
use lambda_testkit::prelude::{Cloud, ObjectCreated, on};

#[tokio::test]
async fn the_handler_shouts() {
    let cloud = Cloud::start();
    let (quiet, loud) = (cloud.bucket("quiet"), cloud.bucket("loud"));
    let s3 = aws_sdk_s3::Client::new(&cloud.sdk_config());
    let function = cloud.function("shout", move |event: S3Event| {
        handler::shout(LambdaEvent::new(event, Context::default()), s3.clone())
    });
    quiet.notify(&function, on(ObjectCreated));
    quiet.put("a.txt", "a");
    cloud.settle().await.assert_ok();
    assert_eq!(loud.text("a.txt"), "A");
}
"""

# Name, what comes after `path = …` in the dependency (None: no dependency), and the test that is built.
VARIANTS = {
    "without": (None, PLAIN_TEST),
    "default": ("", CLOUD_TEST),
    "cloud": (', default-features = false, features = ["aws-sdk"]', CLOUD_TEST),
    "events": (", default-features = false", EVENTS_TEST),
}


def write_crate(folder, variant):
    features, test = VARIANTS[variant]
    line = "" if features is None else f'lambda-testkit = {{ path = "{ROOT}"{features} }}\n'
    (folder / "src").mkdir()
    (folder / "tests").mkdir()
    (folder / "Cargo.toml").write_text(MANIFEST + line)
    (folder / "src/lib.rs").write_text(HANDLER)
    (folder / "tests/handler.rs").write_text(test)
    shutil.copy(ROOT / "Cargo.lock", folder / "Cargo.lock")


def cargo(folder, *arguments, **more):
    return subprocess.run(["cargo", *arguments], cwd=folder, check=True, **more)


def crates(folder):
    """The packages that this machine compiles for the tests, the handler among them."""
    tree = cargo(folder, "tree", "-e", "normal,build,dev", "--prefix", "none", capture_output=True, text=True).stdout
    return len({" ".join(line.split()[:2]) for line in tree.splitlines()})


def measure(variant, arguments):
    with tempfile.TemporaryDirectory(prefix="build-cost-", dir=arguments.dir) as name:
        folder = pathlib.Path(name)
        write_crate(folder, variant)
        cargo(folder, "fetch", "--quiet")
        environment = dict(os.environ, CARGO_TARGET_DIR=str(folder / "target"))
        record = folder / "record"
        if arguments.crates:
            environment |= {"RUSTC_WRAPPER": str(pathlib.Path(__file__).resolve()), RECORD: str(record)}
        before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
        flags = ["--timings"] if arguments.timings else []
        cargo(folder, "test", "--no-run", "--quiet", *flags, env=environment)
        seconds = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before
        if arguments.timings:
            report = pathlib.Path(f"build-cost-{variant}.html").resolve()
            shutil.copy(folder / "target/cargo-timings/cargo-timing.html", report)
            print(f"{variant}: {report}", file=sys.stderr)
        lines = [line.split() for line in record.read_text().splitlines()] if arguments.crates else []
        costs = sorted(((float(used), crate) for used, _, crate in lines), reverse=True)
        # What the wrapper itself took is no cost of the crates.
        seconds -= sum(float(own) for _, own, _ in lines)
        return seconds, crates(folder), costs


def compile_and_record(command):
    """As `RUSTC_WRAPPER`: runs rustc, and notes what it took."""
    code = subprocess.call(command, close_fds=False)  # the jobserver is a pipe
    crate = command[command.index("--crate-name") + 1] if "--crate-name" in command else "?"
    used = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    own = resource.getrusage(resource.RUSAGE_SELF).ru_utime
    with open(os.environ[RECORD], "a") as record:
        record.write(f"{used:.2f} {own:.3f} {crate}\n")
    return code


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("variants", nargs="*", metavar="VARIANT", help=f"of {', '.join(VARIANTS)}; all by default")
    parser.add_argument("--crates", type=int, default=0, metavar="N", help="list the N crates that cost most")
    parser.add_argument("--timings", action="store_true", help="keep cargo's report of each variant here")
    parser.add_argument("--dir", help="where the crates are built; they need some GB (default: the system's temporary folder)")
    arguments = parser.parse_args()
    variants = arguments.variants or list(VARIANTS)
    if unknown := [variant for variant in variants if variant not in VARIANTS]:
        parser.error(f"no variant {unknown[0]!r}: there are {', '.join(VARIANTS)}")

    base = None
    print(f"{'variant':<10}{'user s':>8}{'ratio':>8}{'crates':>8}{'ratio':>8}")
    for variant in variants:
        seconds, count, costs = measure(variant, arguments)
        base = base or (seconds, count)
        print(f"{variant:<10}{seconds:>8.0f}{seconds / base[0]:>8.2f}{count:>8}{count / base[1]:>8.2f}", flush=True)
        for used, crate in costs[: arguments.crates]:
            print(f"    {used:6.1f} {crate}")


if __name__ == "__main__":
    if RECORD in os.environ:
        sys.exit(compile_and_record(sys.argv[1:]))
    main()
