//! What is uploaded: the code of CreateFunction, and UpdateFunctionCode.
//!
//! <https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionCode.html>

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::document::configuration;
use super::{Named, check_revision};
use crate::event::Arn;
use crate::mock::http::{Call, Effect};
use crate::mock::lambda::api::Operation;
use crate::mock::lambda::api::asked::Asked;
use crate::mock::lambda::api::constraint::Constraints;
use crate::mock::lambda::api::fault::Fault;
use crate::mock::lambda::package::Package;
use crate::mock::lambda::service::LambdaService;

/// Where code comes from on AWS, and not here.
const ELSEWHERE: [&str; 4] = ["S3ObjectVersion", "S3ObjectStorageMode", "ImageUri", "SourceKMSKeyArn"];

/// The most bytes of a zip file in a request; an object of S3 may be larger.
///
/// <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
const LARGEST_ZIP: usize = 50 * 1024 * 1024;

/// The code that a request gives.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Code {
    zip_file: Option<String>,
    s3_bucket: Option<String>,
    s3_key: Option<String>,
    #[serde(flatten)]
    others: Map<String, Value>,
}

impl Code {
    /// Where the package is. What is in it nobody looks at, for nothing of it runs.
    pub fn source(&self, operation: &str) -> Result<Source, Fault> {
        let has = |name: &&&str| self.others.get(**name).is_some_and(|value| !value.is_null());
        if let Some(name) = ELSEWHERE.iter().find(has) {
            return Err(Fault::unsupported(format_args!(
                "{name} of {operation}: only ZipFile, and S3Bucket with S3Key"
            )));
        }
        match (&self.zip_file, &self.s3_bucket, &self.s3_key) {
            (Some(zip), None, None) => {
                let zip = STANDARD.decode(zip).map_err(|error| {
                    Fault::new(400, "SerializationException", format!("ZipFile is not Base64: {error}"))
                })?;
                match zip.len() {
                    0 => Err(Fault::invalid("Uploaded file must be a non-empty zip")),
                    size if size > LARGEST_ZIP => {
                        let message = format!("The zip file has {size} bytes, and may have {LARGEST_ZIP} in a request");
                        Err(Fault::new(413, "RequestEntityTooLargeException", message))
                    }
                    _ => Ok(Source::Given(Package::of(&zip))),
                }
            }
            (None, Some(bucket), Some(key)) => Ok(Source::Object { bucket: bucket.clone(), key: key.clone() }),
            (Some(_), ..) => {
                Err(Fault::invalid("Please do not provide other FunctionCode parameters when providing a ZipFile."))
            }
            _ => Err(Fault::invalid("Please provide a source for function code.")),
        }
    }
}

/// Where a package comes from.
pub(super) enum Source {
    Given(Package),
    Object { bucket: String, key: String },
}

impl Source {
    /// The package, read from S3 if it is there.
    pub fn package(self, lambda: &LambdaService, call: &Call) -> Result<Package, Fault> {
        match self {
            Self::Given(package) => Ok(package),
            Self::Object { bucket, key } => match lambda.read_object(call, &bucket, &key) {
                Ok(zip) if zip.is_empty() => Err(Fault::invalid("Uploaded file must be a non-empty zip")),
                Ok(zip) => Ok(Package::of(&zip)),
                Err(why) => Err(Fault::invalid(format!("Error occurred while GetObject. {why}"))),
            },
        }
    }
}

/// The architecture that a request names.
pub(super) fn architecture(given: Option<&[String]>, constraints: &mut Constraints) -> Option<String> {
    match given? {
        [one] if one == "x86_64" || one == "arm64" => Some(one.clone()),
        [] => None,
        others => {
            let rule = "Member must have length less than or equal to 1 and satisfy enum value set: [x86_64, arm64]";
            constraints.broken(format_args!("[{}]", others.join(", ")), "architectures", rule);
            None
        }
    }
}

/// Replaces the package. The handler is that which is bound.
pub(in crate::mock::lambda::api) struct UpdateCode {
    named: Named,
    source: Source,
    architecture: Option<String>,
    body: Body,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Body {
    architectures: Option<Vec<String>>,
    publish: Option<bool>,
    publish_to: Option<Value>,
    dry_run: Option<bool>,
    revision_id: Option<String>,
    #[serde(flatten)]
    code: Code,
}

impl Operation for UpdateCode {
    const NAME: &'static str = "UpdateFunctionCode";
    const EFFECT: Effect = Effect::Write;
    type Output = Value;

    fn read(asked: &Asked<'_>) -> Result<Self, Fault> {
        let (named, body): (_, Body) = (Named::unqualified(asked)?, asked.document()?);
        if body.publish_to.is_some() {
            return Err(Fault::unsupported(format_args!("PublishTo of {}", Self::NAME)));
        }
        let mut constraints = Constraints::default();
        let architecture = architecture(body.architectures.as_deref(), &mut constraints);
        constraints.check()?;
        Ok(Self { named, source: body.code.source(Self::NAME)?, architecture, body })
    }

    fn about(&self) -> (String, Option<Arn>) {
        self.named.about()
    }

    fn run(self, lambda: &LambdaService, call: &Call) -> Result<Value, Fault> {
        let Self { named, source, architecture, body: Body { publish, dry_run, revision_id, .. } } = self;
        let function = named.find(lambda)?;
        check_revision(lambda, &function, revision_id.as_deref(), function.latest().revision)?;
        let package = source.package(lambda, call)?;
        if dry_run == Some(true) {
            // As it would be: only what is uploaded differs.
            let mut state = function.latest();
            state.package = Some(package);
            return Ok(configuration(lambda, &function, &state, named.arn()));
        }
        let now = lambda.kernel().now();
        function.upload(package, architecture, now);
        let state = if publish == Some(true) { function.publish(None, now) } else { function.latest() };
        Ok(configuration(lambda, &function, &state, named.arn()))
    }
}
