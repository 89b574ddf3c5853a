//! What runs in a whole cloud, in one binary: linking the AWS SDK once is slow enough.

#![cfg(all(feature = "aws-sdk", feature = "slack", feature = "schema"))]

mod accounts;
mod bad_input;
mod clock;
mod closure;
mod common;
mod determinism;
mod endings;
mod environments;
mod faults;
mod functions;
mod invocations;
mod lambda_runtime;
mod names;
mod other_services;
mod plans;
mod queues;
mod readme;
mod recorded;
mod retries;
mod retry_budget;
mod runtimes;
mod s3_framing;
mod s3_refusals;
mod s3_retries;
mod s3_signatures;
mod scenarios;
mod sdk_lambda;
mod sdk_s3;
mod sdk_sqs;
mod small_limits;
mod state;
mod verbs;
