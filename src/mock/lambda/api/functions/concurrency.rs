//! Put, Get and Delete of FunctionConcurrency.
//!
//! <https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionConcurrency.html>

use serde::{Deserialize, Serialize};

use super::Named;
use crate::event::Arn;
use crate::mock::http::{Call, Effect};
use crate::mock::lambda::api::Operation;
use crate::mock::lambda::api::asked::Asked;
use crate::mock::lambda::api::constraint::Constraints;
use crate::mock::lambda::api::fault::Fault;
use crate::mock::lambda::function::Function;
use crate::mock::lambda::service::LambdaService;

/// What an account has by default, of which so much is left to those functions for which nothing is reserved.
///
/// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html>
const OF_AN_ACCOUNT: u64 = 1_000;
const UNRESERVED: u64 = 100;

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::mock::lambda::api) struct Reserved {
    #[serde(skip_serializing_if = "Option::is_none")]
    reserved_concurrent_executions: Option<i64>,
}

/// Reserves concurrency.
pub(in crate::mock::lambda::api) struct Put {
    named: Named,
    most: u32,
}

/// What is reserved for the other functions of the account in this region.
fn reserved_for_others(lambda: &LambdaService, function: &Function) -> u64 {
    let own = &function.named;
    let all = lambda.all();
    let others = all.iter().filter(|other| {
        (&other.named.account, &other.named.region) == (&own.account, &own.region) && other.named.name != own.name
    });
    others.filter_map(|other| other.reserved_concurrency()).map(u64::from).sum()
}

impl Operation for Put {
    const NAME: &'static str = "PutFunctionConcurrency";
    const EFFECT: Effect = Effect::Write;
    type Output = Reserved;

    fn read(asked: &Asked<'_>) -> Result<Self, Fault> {
        let named = Named::unqualified(asked)?;
        let Reserved { reserved_concurrent_executions: most } = asked.document()?;
        let mut constraints = Constraints::default();
        if most.is_none() {
            constraints.missing("reservedConcurrentExecutions");
        }
        constraints.range("reservedConcurrentExecutions", most, 0..=i64::from(i32::MAX));
        constraints.check()?;
        Ok(Self { named, most: most.and_then(|most| u32::try_from(most).ok()).unwrap_or_default() })
    }

    fn about(&self) -> (String, Option<Arn>) {
        self.named.about()
    }

    fn run(self, lambda: &LambdaService, _: &Call) -> Result<Reserved, Fault> {
        let Self { named, most } = self;
        let function = named.find(lambda)?;
        if u64::from(most) + reserved_for_others(lambda, &function) > OF_AN_ACCOUNT - UNRESERVED {
            return Err(Fault::invalid(format!(
                "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below \
                 its minimum value of [{UNRESERVED}]."
            )));
        }
        function.reserve(Some(most));
        Ok(Reserved { reserved_concurrent_executions: Some(most.into()) })
    }
}

/// What is reserved; nothing, if nothing is.
pub(in crate::mock::lambda::api) struct Get(Named);

impl Operation for Get {
    const NAME: &'static str = "GetFunctionConcurrency";
    const EFFECT: Effect = Effect::Read;
    type Output = Reserved;

    fn read(asked: &Asked<'_>) -> Result<Self, Fault> {
        Ok(Self(Named::unqualified(asked)?))
    }

    fn about(&self) -> (String, Option<Arn>) {
        self.0.about()
    }

    fn run(self, lambda: &LambdaService, _: &Call) -> Result<Reserved, Fault> {
        let most = self.0.find(lambda)?.reserved_concurrency();
        Ok(Reserved { reserved_concurrent_executions: most.map(i64::from) })
    }
}

/// Lets the function run as many events as there are.
pub(in crate::mock::lambda::api) struct Delete(Named);

impl Operation for Delete {
    const NAME: &'static str = "DeleteFunctionConcurrency";
    const EFFECT: Effect = Effect::Write;
    const STATUS: u16 = 204;
    type Output = ();

    fn read(asked: &Asked<'_>) -> Result<Self, Fault> {
        Ok(Self(Named::unqualified(asked)?))
    }

    fn about(&self) -> (String, Option<Arn>) {
        self.0.about()
    }

    fn run(self, lambda: &LambdaService, _: &Call) -> Result<(), Fault> {
        self.0.find(lambda)?.reserve(None);
        Ok(())
    }
}
