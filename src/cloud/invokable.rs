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

/// A text in the characters that the id of a statement may have.
pub(super) fn statement_id(text: &str) -> String {
    text.chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' }).collect()
}

/// Lets somebody invoke a function, in a statement whose id begins with `sid`. None if he may already.
///
/// # Errors
///
/// [`CloudError::Aws`] when the policy would be too long.
pub(super) fn permit(
    world: &World,
    function: &lambda::Callee,
    by: &Arc<Caller>,
    source: Option<&Arn>,
    sid: &str,
) -> Result<Option<Permitted>, CloudError> {
    let named = function.as_named();
    if world.router.may_invoke(by, source, &named).is_ok() {
        return Ok(None);
    }
    let sid = statement_id(sid);
    let (principal, source_account) = if by.is_service() {
        (by.principal.clone(), Some(by.account.to_string()))
    } else {
        (by.account.to_string(), None)
    };
    let (action, source_arn) = ("lambda:InvokeFunction".to_owned(), source.map(Arn::to_string));
    let (qualifier, resource) = (named.qualifier().to_owned(), named.qualified_arn().to_string());
    // Different names may make the same id.
    let mut number = 1;
    loop {
        let sid = if number == 1 { sid.clone() } else { format!("{sid}-{number}") };
        let permission = Permission {
            statement_id: sid.clone(),
            action: action.clone(),
            principal: principal.clone(),
            source_arn: source_arn.clone(),
            source_account: source_account.clone(),
            ..Permission::default()
        };
        let statement = Statement::new(permission, resource.clone(), named.region.partition());
        let name = Name::ROOT.under("policy", &format!("{resource} {sid}"));
        let mut ids = world.kernel.ids(name, "policy");
        let (now, before) = (ids.uuid(), ids.uuid());
        let added = function.change_policy(&qualifier, |policy| FunctionPolicy::with(policy, statement, now).map(Some));
        let (code, message) = match added {
            Ok(()) => {
                return Ok(Some(Permitted {
                    function: Arc::clone(function.function()),
                    qualifier,
                    sid,
                    revision: before,
                }));
            }
            Err(CannotAdd::Exists) => {
                number += 1;
                continue;
            }
            Err(why @ CannotAdd::TooLong(_)) => ("PolicyLengthExceededException", why.to_string()),
            Err(why @ CannotAdd::Invalid(_)) => ("InvalidParameterValueException", why.to_string()),
        };
        return Err(CloudError::Aws { service: "lambda", code: code.to_owned(), message });
    }
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
        permit(&world, &self.callee()?, &by, None, &format!("account-{}", account.id())).map(drop)
    }
}
