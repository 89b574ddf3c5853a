//! A chain of calls as text.

/// The columns that a line should not go beyond.
const WIDTH: usize = 100;

/// A chain of calls, such as `S3Event::put("bucket", "a").size(3).build()`.
#[derive(Debug, Clone)]
pub(in crate::event) struct Expression {
    head: String,
    calls: Vec<(&'static str, Vec<Argument>)>,
}

#[derive(Debug, Clone)]
pub(in crate::event) enum Argument {
    Text(String),
    Nested(Expression),
}

impl From<String> for Argument {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for Argument {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<Expression> for Argument {
    fn from(expression: Expression) -> Self {
        Self::Nested(expression)
    }
}

impl Argument {
    fn render(&self, column: usize) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Nested(expression) => expression.render(column),
        }
    }
}

impl Expression {
    /// A call of a function of a type.
    pub(in crate::event) fn new<A: Into<Argument>>(function: &str, arguments: impl IntoIterator<Item = A>) -> Self {
        let arguments: Vec<Argument> = arguments.into_iter().map(Into::into).collect();
        Self { head: format!("{function}({})", list(&arguments, 0)), calls: Vec::new() }
    }

    /// One more call of a method.
    pub(in crate::event) fn then<A: Into<Argument>>(
        mut self,
        method: &'static str,
        arguments: impl IntoIterator<Item = A>,
    ) -> Self {
        self.calls.push((method, arguments.into_iter().map(Into::into).collect()));
        self
    }

    /// The code, whose lines but the first start at a column: one line if it fits, or else a line for each call.
    pub(in crate::event) fn render(&self, column: usize) -> String {
        let calls = self.calls.iter().map(|(method, arguments)| format!(".{method}({})", list(arguments, column)));
        let line = self.head.clone() + &calls.collect::<String>();
        if column + line.len() <= WIDTH && !line.contains('\n') {
            return line;
        }
        let (inner, deeper) = (column + 4, column + 8);
        let mut text = self.head.clone();
        for (method, arguments) in &self.calls {
            let line = format!(".{method}({})", list(arguments, inner));
            text.push_str(&format!("\n{:inner$}", ""));
            match arguments.as_slice() {
                [Argument::Nested(nested)] if inner + line.len() > WIDTH || line.contains('\n') => {
                    let nested = nested.render(deeper);
                    text.push_str(&format!(".{method}(\n{:deeper$}{nested},\n{:inner$})", "", ""));
                }
                _ => text.push_str(&line),
            }
        }
        text
    }
}

fn list(arguments: &[Argument], column: usize) -> String {
    arguments.iter().map(|argument| argument.render(column)).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::Expression;

    #[test]
    fn a_chain_that_does_not_fit_has_a_line_for_each_call() {
        let short = Expression::new("S3Event::put", ["\"b\"", "\"k\""]).then("size", ["3"]);
        assert_eq!(short.clone().then("build", [""; 0]).render(0), r#"S3Event::put("b", "k").size(3).build()"#);
        let long = short.then("e_tag", [format!("\"{}\"", "e".repeat(80))]);
        let wide = format!("S3Event::put(\"b\", \"k\")\n    .size(3)\n    .e_tag(\"{}\")", "e".repeat(80));
        assert_eq!(long.render(0), wide);
        let two = Expression::new("A::new", [""; 0]).then("record", [long]).then("build", [""; 0]);
        let nested = wide.replace('\n', "\n        ");
        assert_eq!(two.render(0), format!("A::new()\n    .record(\n        {nested},\n    )\n    .build()"));
    }
}
