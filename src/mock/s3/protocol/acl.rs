//! Access control lists as headers and XML.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketAcl.html>

use s3s::dto;
use s3s::dto::*;

use super::super::fault::S3Fault;
use super::super::state::{Acl, AclWish, Canned, Grant, Grantee, ObjectAt, Permission, owner_id};
use super::adapter::Context;
use super::headers::{any, claims};
use crate::event::AccountId;
use crate::mock::http::header_text;

/// The headers that grant, with what they grant.
const HEADERS: [(&str, Permission); 5] = [
    ("x-amz-grant-full-control", Permission::FullControl),
    ("x-amz-grant-read", Permission::Read),
    ("x-amz-grant-read-acp", Permission::ReadAcp),
    ("x-amz-grant-write", Permission::Write),
    ("x-amz-grant-write-acp", Permission::WriteAcp),
];

/// The list that headers ask for.
///
/// # Errors
///
/// `InvalidRequest` for a canned list beside grants, `InvalidArgument` for what is none.
pub(super) fn wished(context: &Context<'_>) -> Result<AclWish, S3Fault> {
    let headers = context.headers;
    let mut grants = Vec::new();
    let there = if any(headers, "x-amz-grant-") { &HEADERS[..] } else { &[] };
    for (name, permission) in there.iter().copied() {
        for grantee in header_text(headers, name).into_iter().flat_map(|value| value.split(',')) {
            grants.push(Grant { grantee: named(context, name, grantee.trim())?, permission });
        }
    }
    match header_text(headers, "x-amz-acl") {
        Some(_) if !grants.is_empty() => {
            Err(S3Fault::invalid_request("Specifying both Canned ACLs and Header Grants is not allowed"))
        }
        Some(canned) => Canned::parse(canned).map(AclWish::Canned),
        None if grants.is_empty() => Ok(AclWish::None),
        None => Ok(AclWish::Grants(grants)),
    }
}

/// A grantee as headers name one: `id="…"` or `uri="…"`.
fn named(context: &Context<'_>, header: &str, text: &str) -> Result<Grantee, S3Fault> {
    let (kind, value) = text.split_once('=').unwrap_or((text, ""));
    let value = value.trim().trim_matches('"');
    match kind.trim().to_ascii_lowercase().as_str() {
        // Here it has another name than in a document: https://github.com/versity/versitygw/issues/1384
        "id" => Grantee::account(value).map_err(|_| S3Fault::invalid_argument("Invalid id", "id", value)),
        "uri" => Grantee::group(value),
        "emailaddress" => Err(no_mail(context)),
        _ => Err(S3Fault::invalid_argument("Argument format not recognized", header, text)),
    }
}

/// Until October 2025 an address stood for the account that has it. None has one here.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_Grantee.html>
fn no_mail(context: &Context<'_>) -> S3Fault {
    if context.service.is_as_before_2020() {
        let message = "The e-mail address you provided does not match any account on record.";
        return S3Fault::new(400, "UnresolvableGrantByEmailAddress", message);
    }
    S3Fault::new(405, "MethodNotAllowed", "Email Grantee access control lists (ACLs) are not supported")
}

/// The list of a request that is about one and nothing else: by its headers or its document.
fn asked(context: &Context<'_>, document: Option<AccessControlPolicy>) -> Result<(AclWish, Option<String>), S3Fault> {
    claims(context.headers)?.verify(context.body)?;
    let by_headers = wished(context)?;
    let Some(document) = document else {
        if by_headers == AclWish::None {
            let message = "Your request was missing a required header";
            return Err(S3Fault::new(400, "MissingSecurityHeader", message).with("MissingHeaderName", "x-amz-acl"));
        }
        return Ok((by_headers, None));
    };
    if by_headers != AclWish::None {
        let message = "This request does not support content";
        return Err(S3Fault::new(400, "UnexpectedContent", message));
    }
    let owner = document.owner.and_then(|owner| owner.id).filter(|id| !id.is_empty());
    let owner = owner.ok_or_else(malformed)?;
    let grants =
        document.grants.unwrap_or_default().into_iter().map(|given| grant(context, given)).collect::<Result<_, _>>()?;
    Ok((AclWish::Grants(grants), Some(owner)))
}

fn malformed() -> S3Fault {
    let message = "The XML you provided was not well-formed or did not validate against our published schema";
    S3Fault::new(400, "MalformedACLError", message)
}

fn grant(context: &Context<'_>, grant: dto::Grant) -> Result<Grant, S3Fault> {
    let (Some(grantee), Some(permission)) = (grant.grantee, grant.permission) else { return Err(malformed()) };
    let permission = Permission::of(permission.as_str()).ok_or_else(malformed)?;
    let grantee = match (grantee.type_.as_str(), grantee.id, grantee.uri) {
        (Type::CANONICAL_USER, Some(id), _) => Grantee::account(&id)?,
        (Type::GROUP, _, Some(uri)) => Grantee::group(&uri)?,
        (Type::AMAZON_CUSTOMER_BY_EMAIL, ..) => return Err(no_mail(context)),
        _ => return Err(malformed()),
    };
    Ok(Grant { grantee, permission })
}

/// An owner as XML shows him.
pub(super) fn owner(context: &Context<'_>, owner: Option<&AccountId>) -> Owner {
    let display_name = context.service.shows_names().then(|| owner.map_or("anonymous", AccountId::as_str).to_owned());
    Owner { display_name, id: Some(owner_id(owner)) }
}

/// Whoever started an upload as XML shows him.
pub(super) fn initiator(context: &Context<'_>, account: Option<&AccountId>) -> Initiator {
    let Owner { display_name, id } = owner(context, account);
    Initiator { display_name, id }
}

fn shown(context: &Context<'_>, acl: &Acl) -> Grants {
    let one = |grant: &Grant| {
        let (type_, id) = match &grant.grantee {
            Grantee::Account(id) => (Type::CANONICAL_USER, Some(id.clone())),
            _ => (Type::GROUP, None),
        };
        dto::Grant {
            grantee: Some(dto::Grantee {
                display_name: id.as_ref().and_then(|id| context.service.name_of(id)),
                email_address: None,
                id,
                type_: Type::from_static(type_),
                uri: grant.grantee.uri().map(str::to_owned),
            }),
            permission: Some(dto::Permission::from_static(grant.permission.name())),
        }
    };
    // Groups come first, as in the canned lists.
    let (groups, accounts): (Vec<_>, Vec<_>) = acl.grants.iter().partition(|grant| grant.grantee.uri().is_some());
    groups.into_iter().chain(accounts).map(one).collect()
}

pub(super) fn of_bucket(context: &Context<'_>, input: GetBucketAclInput) -> Result<GetBucketAclOutput, S3Fault> {
    let acl = context.act(|state, _| state.bucket_acl(&input.bucket))?;
    Ok(GetBucketAclOutput { owner: Some(owner(context, acl.owner.as_ref())), grants: Some(shown(context, &acl)) })
}

pub(super) fn set_of_bucket(context: &Context<'_>, input: PutBucketAclInput) -> Result<PutBucketAclOutput, S3Fault> {
    let (wish, owner) = asked(context, input.access_control_policy)?;
    context.act(|state, _| state.set_bucket_acl(&input.bucket, owner.as_deref(), &wish))?;
    Ok(PutBucketAclOutput::default())
}

pub(super) fn of_object(context: &Context<'_>, input: GetObjectAclInput) -> Result<GetObjectAclOutput, S3Fault> {
    let at = ObjectAt { bucket: input.bucket, key: input.key, version_id: input.version_id };
    let (acl, version) = context.act(|state, _| state.object_acl(&at))?;
    context.answer_version(version.as_deref());
    Ok(GetObjectAclOutput {
        owner: Some(owner(context, acl.owner.as_ref())),
        grants: Some(shown(context, &acl)),
        request_charged: None,
    })
}

pub(super) fn set_of_object(context: &Context<'_>, input: PutObjectAclInput) -> Result<PutObjectAclOutput, S3Fault> {
    let (wish, owner) = asked(context, input.access_control_policy)?;
    let at = ObjectAt { bucket: input.bucket, key: input.key, version_id: input.version_id };
    let version = context.act(|state, act| state.set_object_acl(act, &at, owner.as_deref(), &wish))?;
    context.answer_version(version.as_deref());
    Ok(PutObjectAclOutput::default())
}
