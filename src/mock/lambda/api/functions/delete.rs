//! DeleteFunction.
//!
//! <https://docs.aws.amazon.com/lambda/latest/api/API_DeleteFunction.html>

use super::Named;
use crate::event::Arn;
use crate::mock::http::{Call, Effect};
use crate::mock::lambda::api::Operation;
use crate::mock::lambda::api::asked::Asked;
use crate::mock::lambda::api::fault::Fault;
use crate::mock::lambda::event_source::{Described, Owner};
use crate::mock::lambda::function::Function;
use crate::mock::lambda::function_ref::FunctionRef;
use crate::mock::lambda::service::LambdaService;
use crate::mock::lambda::version::VersionId;

/// Takes a function away, or one of its versions. What would be left on AWS of one that runs or is polled for is refused by name.
pub(in crate::mock::lambda::api) struct Delete(Named);

impl Operation for Delete {
    const NAME: &'static str = "DeleteFunction";
    const EFFECT: Effect = Effect::Write;
    const STATUS: u16 = 204;
    type Output = ();

    fn read(asked: &Asked<'_>) -> Result<Self, Fault> {
        let named = Named::read(asked)?;
        if named.function.qualifier.is_some() && named.function.is_latest() {
            return Err(Fault::invalid("$LATEST version cannot be deleted without deleting the function."));
        }
        Ok(Self(named))
    }

    fn about(&self) -> (String, Option<Arn>) {
        self.0.about()
    }

    fn run(self, lambda: &LambdaService, _: &Call) -> Result<(), Fault> {
        let (function, version) = self.0.version(lambda)?;
        let qualifier = self.0.function.qualifier.as_deref();
        if qualifier.is_some_and(|qualifier| VersionId::parse(qualifier).is_none()) {
            return Err(Fault::invalid("Deletion of aliases is not currently supported: DeleteAlias does so."));
        }
        lambda.check_unpolled(&function, qualifier, "DeleteFunction of a function")?;
        if function.is_running() {
            return Err(Fault::unsupported("DeleteFunction of a function that is running"));
        }
        if qualifier.is_none() {
            lambda.remove(&function);
            return Ok(());
        }
        function.unpublish(version.id).map_err(|aliases| {
            let (arn, aliases) = (self.0.arn(), aliases.join(", "));
            let message = format!("Function version {arn} is in use by aliases: [{aliases}]");
            Fault::new(409, "ResourceConflictException", message)
        })
    }
}

impl LambdaService {
    /// Refuses to take away what an event source mapping polls for: a function, or what it has by this qualifier.
    pub(in crate::mock::lambda::api) fn check_unpolled(
        &self,
        function: &Function,
        qualifier: Option<&str>,
        what: &str,
    ) -> Result<(), Fault> {
        let FunctionRef { account, region, .. } = &function.named;
        let owner = Owner { account: account.clone(), region: region.clone() };
        let named = qualifier.map(|qualifier| function.named.by(Some(qualifier.to_owned())).qualified_arn());
        let mut mappings = self.mappings()?.list(&owner).into_iter();
        let polls = |mapping: &Described| match &named {
            Some(named) => mapping.function_arn == *named,
            None => mapping.function == function.arn,
        };
        match mappings.find(polls) {
            Some(mapping) => Err(Fault::unsupported(format_args!(
                "{what} with event source mappings: delete {} first",
                mapping.uuid
            ))),
            None => Ok(()),
        }
    }
}
