//! A builder together with the code that made it.

use super::Expression;

/// A builder that is asked what it would build.
pub(in crate::event) trait Builds: Clone {
    /// What it builds.
    type Built;

    /// What it would build at this place of an event; none if it refuses.
    fn built(&self, place: usize) -> Option<Self::Built>;
}

/// A builder, the code of the calls that made it what it is, and what it is to build.
pub(in crate::event) struct Chain<'a, B: Builds> {
    builder: B,
    code: Expression,
    wanted: &'a B::Built,
    place: usize,
}

impl<'a, B: Builds> Chain<'a, B> {
    /// Starts with a builder and its code; none if it does not build.
    pub(in crate::event) fn new(builder: B, code: Expression, wanted: &'a B::Built, place: usize) -> Option<Self> {
        builder.built(place)?;
        Some(Self { builder, code, wanted, place })
    }

    /// Calls a setter with the value that a field is to have, and writes the call down, where the builder gives the field
    /// another one. Not where there is no such value, nor where the builder would refuse it: then [`super::completed`] shows it.
    pub(in crate::event) fn field<T: PartialEq>(
        &mut self,
        setter: &'static str,
        field: impl Fn(&B::Built) -> Option<T>,
        code: impl Fn(&T) -> String,
        set: impl FnOnce(B, T) -> B,
    ) {
        let Some(wanted) = field(self.wanted) else { return };
        if self.builder.built(self.place).and_then(|built| field(&built)).is_some_and(|built| built == wanted) {
            return;
        }
        let code = code(&wanted);
        self.call(setter, [code], |builder| set(builder, wanted));
    }

    /// Makes a call and writes it down, unless the builder would refuse to build then.
    pub(in crate::event) fn call(
        &mut self,
        setter: &'static str,
        arguments: impl IntoIterator<Item = String>,
        set: impl FnOnce(B) -> B,
    ) {
        let builder = set(self.builder.clone());
        if builder.built(self.place).is_some() {
            self.builder = builder;
            self.code = self.code.clone().then(setter, arguments);
        }
    }

    /// The builder and its code.
    pub(in crate::event) fn into_parts(self) -> (B, Expression) {
        (self.builder, self.code)
    }
}

/// [`Chain::field`] of a setter that is named once: `field!(chain.size of S3EventBuilder, |record| …, u64::to_string)`.
macro_rules! field {
    ($chain:ident.$setter:ident of $builder:ty, $field:expr, $code:expr) => {
        $chain.field(stringify!($setter), $field, $code, <$builder>::$setter)
    };
}
pub(in crate::event) use field;
