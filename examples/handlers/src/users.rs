//! Lambda → Lambda: a function is invoked for each user of a list.

use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::InvocationType::{Event, RequestResponse};
use lambda_runtime::{Error, LambdaEvent};
use serde::{Deserialize, Serialize};

/// The bucket of the lists.
pub const USERS: &str = "users";

/// The function that checks a user.
pub const CHECK: &str = "check_users";

#[derive(Deserialize)]
pub struct Start {
    /// The folder of the list.
    pub logs: String,
    /// Whether to wait for each answer.
    #[serde(default)]
    pub wait: bool,
}

/// What is checked.
#[derive(Debug, PartialEq, Deserialize, Serialize)]
pub struct User {
    pub user: String,
    pub log_path: String,
}

#[derive(Clone)]
pub struct Clients {
    pub s3: aws_sdk_s3::Client,
    pub lambda: aws_sdk_lambda::Client,
}

/// Has each user of the list checked, and gives those whose check failed, if it waits for that.
pub async fn handle(clients: Clients, event: LambdaEvent<Start>) -> Result<Vec<String>, Error> {
    let Start { logs: log_path, wait } = event.payload;
    let list = clients.s3.get_object().bucket(USERS).key(format!("{log_path}users.json")).send().await;
    let list = list.map_err(aws_sdk_s3::Error::from)?.body.collect().await?.into_bytes();
    let mut failed = Vec::new();
    for user in serde_json::from_slice::<Vec<String>>(&list)? {
        let payload = Blob::new(serde_json::to_vec(&User { user: user.clone(), log_path: log_path.clone() })?);
        let invoke = clients.lambda.invoke().function_name(CHECK).payload(payload);
        let invoke = invoke.invocation_type(if wait { RequestResponse } else { Event });
        // A function that fails is a good answer of Lambda's, with a mark.
        if invoke.send().await.map_err(aws_sdk_lambda::Error::from)?.function_error().is_some() {
            failed.push(user);
        }
    }
    Ok(failed)
}
