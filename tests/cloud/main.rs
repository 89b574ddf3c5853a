//! What runs in a whole cloud, in one binary: linking the AWS SDK once is slow enough.

#![cfg(all(feature = "aws-sdk", feature = "slack", feature = "schema"))]

mod accounts;
mod answers;
mod bad_input;
mod batching;
mod clock;
mod closure;
mod common;
mod determinism;
mod drawn_plans;
mod early_clocks;
mod elsewhere;
mod endings;
mod endless;
mod environments;
mod faults;
mod functions;
mod invocations;
mod lambda_runtime;
mod names;
mod operations;
mod other_services;
mod plans;
mod presigned;
mod queues;
mod readme;
mod reasons;
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
mod sockets;
mod state;
mod unmocked;
mod verbs;
mod words;
