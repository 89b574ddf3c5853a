//! Who may invoke a function, beside its own account: what the verbs of triggers permit by themselves, as the console does, and
//! what a test permits to another account.

use std::sync::Arc;

use super::account::Account;
use super::error::{CloudError, expect};
use super::function::Function;
use super::world::World;
use crate::event::Arn;
use crate::history::{Caller, Name};
use crate::mock::lambda::{self, CannotAdd, FunctionPolicy, Permission, Statement};

/// A statement that was added to a function's policy.
pub(super) struct Permitted {
    function: Arc<lambda::Function>,
    qualifier: String,
    sid: String,
    revision: String,
}

impl Permitted {
    /// Takes it away again: what it was for did not come about.
    pub fn undo(self) {
        let Self { function, qualifier, sid, revision } = self;
        let undone = function.change_policy(&qualifier, |policy| {
            Ok::<_, CannotAdd>(policy.and_then(|policy| policy.without(&sid, revision)))
        });
        debug_assert_eq!(undone, Ok(()));
    }
}

/// Lets somebody invoke a function, in a statement whose id begins with `sid`. None if he may already.
///
/// # Errors
///
/// [`CloudError::Aws`] when the policy would be too long.
pub(super) fn permit(
    world: &World,
    function: &Arc<lambda::Function>,
    by: &Arc<Caller>,
    source: Option<&Arn>,
    sid: &str,
) -> Result<Option<Permitted>, CloudError> {
    if world.router.may_invoke(by, source, &function.named).is_ok() {
        return Ok(None);
    }
    let named = &function.named;
    let sid: String = sid.chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' }).collect();
    let mut taken = 1;
    let mut statement_id = sid.clone();
    while function.policy(named.qualifier()).is_some_and(|policy| policy.has(&statement_id)) {
        taken += 1;
        statement_id = format!("{sid}-{taken}");
    }
    let (principal, source_account) = if by.is_service() {
        (by.principal.clone(), Some(by.account.to_string()))
    } else {
        (by.account.to_string(), None)
    };
    let (sid, action, source_arn) =
        (statement_id.clone(), "lambda:InvokeFunction".to_owned(), source.map(Arn::to_string));
    let permission =
        Permission { statement_id, action, principal, source_arn, source_account, ..Permission::default() };
    let resource = named.qualified_arn().to_string();
    let name = Name::ROOT.under("policy", &format!("{resource} {sid}"));
    let statement = Statement::new(permission, resource, named.region.partition());
    let mut ids = world.kernel.ids(name, "policy");
    let (now, before) = (ids.uuid(), ids.uuid());
    function
        .change_policy(named.qualifier(), |policy| FunctionPolicy::with(policy, statement, now).map(Some))
        .map_err(|why| {
            let message = match why {
                CannotAdd::TooLong(length) => {
                    format!("The final policy size ({length}) is bigger than the limit (20480).")
                }
                CannotAdd::Exists => "the statement exists".to_owned(),
                CannotAdd::Invalid(why) => why.to_string(),
            };
            CloudError::Aws { service: "lambda", code: "PolicyLengthExceededException".to_owned(), message }
        })?;
    let (function, qualifier) = (Arc::clone(function), named.qualifier().to_owned());
    Ok(Some(Permitted { function, qualifier, sid, revision: before }))
}

impl Function {
    /// Lets another account invoke the function, by a statement in the function's policy, as AddPermission with the account as
    /// principal does. Default: only the function's own account may; others are refused with `AccessDeniedException`.
    ///
    /// Whoever invokes it from there needs its ARN, for a name alone means a function of his own account. The bucket of another
    /// account needs no such verb: [`Bucket::notify`](crate::Bucket::notify) permits what it needs itself.
    ///
    /// ```
    /// # use lambda_testkit::Cloud;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let cloud = Cloud::start();
    /// let partner = cloud.account("222222222222");
    /// let double = cloud.function("double", async |number: u32| number * 2);
    /// let lambda = aws_sdk_lambda::Client::new(&partner.sdk_config());
    /// let invoke = || lambda.invoke().function_name(double.arn().to_string()).payload(b"21".to_vec().into()).send();
    /// assert!(invoke().await.is_err());
    ///
    /// double.invokable_by(&partner);
    /// assert_eq!(invoke().await.unwrap().payload().unwrap().as_ref(), b"42");
    /// # }
    /// ```
    ///
    /// <https://docs.aws.amazon.com/lambda/latest/dg/permissions-function-cross-account.html>
    ///
    /// # Panics
    ///
    /// As [`try_invokable_by`](Self::try_invokable_by) fails.
    #[track_caller]
    pub fn invokable_by(&self, account: &Account) -> Self {
        expect(self.try_invokable_by(account));
        self.clone()
    }

    /// As [`invokable_by`](Self::invokable_by).
    ///
    /// # Errors
    ///
    /// [`CloudError::Setting`] for an account of another Cloud; [`CloudError::Aws`] with `PolicyLengthExceededException` when the
    /// function's policy would be longer than 20 KB.
    pub fn try_invokable_by(&self, account: &Account) -> Result<(), CloudError> {
        let world = self.world()?;
        if !Arc::ptr_eq(&world, &account.world()?) {
            let rule = "it is an account of another Cloud";
            return Err(CloudError::Setting { name: "account", value: account.id().to_string(), rule });
        }
        let by = world.caller(account.id());
        permit(&world, &self.registered()?, &by, None, &format!("account-{}", account.id())).map(drop)
    }
}
