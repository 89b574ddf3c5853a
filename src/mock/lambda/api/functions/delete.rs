//! DeleteFunction.
//!
//! <https://docs.aws.amazon.com/lambda/latest/api/API_DeleteFunction.html>

use super::Named;
use crate::event::Arn;
use crate::mock::http::{Call, Effect};
use crate::mock::lambda::api::Operation;
use crate::mock::lambda::api::asked::Asked;
use crate::mock::lambda::api::fault::Fault;
use crate::mock::lambda::event_source::Owner;
use crate::mock::lambda::function_ref::FunctionRef;
use crate::mock::lambda::service::LambdaService;

/// Takes a function away. What would be left on AWS of one that runs or is polled for is refused by name.
pub(in crate::mock::lambda::api) struct Delete(Named);

impl Operation for Delete {
    const NAME: &'static str = "DeleteFunction";
    const EFFECT: Effect = Effect::Write;
    const STATUS: u16 = 204;
    type Output = ();

    fn read(asked: &Asked<'_>) -> Result<Self, Fault> {
        let named = Named::read(asked)?;
        if named.qualified && named.function.qualifier.is_none() {
            return Err(Fault::invalid("$LATEST version cannot be deleted without deleting the function."));
        }
        Ok(Self(named))
    }

    fn about(&self) -> (String, Option<Arn>) {
        self.0.about()
    }

    fn run(self, lambda: &LambdaService, _: &Call) -> Result<(), Fault> {
        let function = self.0.find(lambda)?;
        let FunctionRef { account, region, .. } = &function.named;
        let owner = Owner { account: account.clone(), region: region.clone() };
        if let Some(mapping) = lambda.mappings()?.list(&owner).iter().find(|mapping| mapping.function == function.arn) {
            let why = format!("a function with event source mappings: delete {} first", mapping.uuid);
            return Err(Fault::unsupported(format_args!("DeleteFunction of {why}")));
        }
        if function.is_running() {
            return Err(Fault::unsupported("DeleteFunction of a function that is running"));
        }
        lambda.remove(&function);
        Ok(())
    }
}
