//! Access control lists: who may do what with a bucket or an object, apart from policies.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html>

use super::super::fault::S3Fault;
use super::super::owner::canonical_id;
use crate::event::AccountId;

/// Whom a grant is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Grantee {
    /// An account by its canonical user id.
    Account(String),
    AllUsers,
    AuthenticatedUsers,
    LogDelivery,
}

/// The groups by the ends of their URIs.
const GROUPS: [(&str, Grantee); 3] = [
    ("http://acs.amazonaws.com/groups/global/AllUsers", Grantee::AllUsers),
    ("http://acs.amazonaws.com/groups/global/AuthenticatedUsers", Grantee::AuthenticatedUsers),
    ("http://acs.amazonaws.com/groups/s3/LogDelivery", Grantee::LogDelivery),
];

impl Grantee {
    /// The group of this URI.
    pub(crate) fn group(uri: &str) -> Result<Self, S3Fault> {
        let group = GROUPS.iter().find(|(known, _)| *known == uri).map(|(_, group)| group.clone());
        group.ok_or_else(|| S3Fault::invalid_argument("Invalid group uri", "uri", uri))
    }

    /// The account of this canonical user id: 64 hexadecimal digits.
    pub(crate) fn account(id: &str) -> Result<Self, S3Fault> {
        let valid = id.len() == 64 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
        let invalid = || S3Fault::invalid_argument("Invalid id", "CanonicalUser/ID", id);
        if valid { Ok(Self::Account(id.to_ascii_lowercase())) } else { Err(invalid()) }
    }

    /// A group's URI.
    pub(crate) fn uri(&self) -> Option<&'static str> {
        GROUPS.iter().find(|(_, group)| group == self).map(|(uri, _)| *uri)
    }

    /// Whether it is more than the accounts that somebody chose.
    fn is_public(&self) -> bool {
        matches!(self, Self::AllUsers | Self::AuthenticatedUsers)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Permission {
    FullControl,
    Read,
    ReadAcp,
    Write,
    WriteAcp,
}

impl Permission {
    pub(crate) const ALL: [Self; 5] = [Self::FullControl, Self::Read, Self::ReadAcp, Self::Write, Self::WriteAcp];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::FullControl => "FULL_CONTROL",
            Self::Read => "READ",
            Self::ReadAcp => "READ_ACP",
            Self::Write => "WRITE",
            Self::WriteAcp => "WRITE_ACP",
        }
    }

    pub(crate) fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|permission| permission.name() == name)
    }

    /// What it lets a grantee do with a bucket.
    ///
    /// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#acl-access-policy-permission-mapping>
    fn on_bucket(self) -> &'static [&'static str] {
        match self {
            Self::Read => &["s3:ListBucket", "s3:ListBucketVersions", "s3:ListBucketMultipartUploads"],
            Self::Write => &["s3:PutObject", "s3:DeleteObject"],
            Self::ReadAcp => &["s3:GetBucketAcl"],
            Self::WriteAcp => &["s3:PutBucketAcl"],
            Self::FullControl => &[
                "s3:ListBucket",
                "s3:ListBucketVersions",
                "s3:ListBucketMultipartUploads",
                "s3:PutObject",
                "s3:DeleteObject",
                "s3:GetBucketAcl",
                "s3:PutBucketAcl",
            ],
        }
    }

    /// What it lets a grantee do with an object; `WRITE` is for buckets.
    fn on_object(self) -> &'static [&'static str] {
        match self {
            Self::Read => &["s3:GetObject", "s3:GetObjectVersion"],
            Self::Write => &[],
            Self::ReadAcp => &["s3:GetObjectAcl", "s3:GetObjectVersionAcl"],
            Self::WriteAcp => &["s3:PutObjectAcl", "s3:PutObjectVersionAcl"],
            Self::FullControl => &[
                "s3:GetObject",
                "s3:GetObjectVersion",
                "s3:GetObjectAcl",
                "s3:GetObjectVersionAcl",
                "s3:PutObjectAcl",
                "s3:PutObjectVersionAcl",
            ],
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Grant {
    pub grantee: Grantee,
    pub permission: Permission,
}

/// A ready-made list.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#canned-acl>
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Canned {
    Private,
    PublicRead,
    PublicReadWrite,
    AuthenticatedRead,
    AwsExecRead,
    BucketOwnerRead,
    BucketOwnerFullControl,
    LogDeliveryWrite,
}

impl Canned {
    /// # Errors
    ///
    /// `InvalidArgument` for a name that there is not.
    pub(crate) fn parse(name: &str) -> Result<Self, S3Fault> {
        Ok(match name {
            "private" => Self::Private,
            "public-read" => Self::PublicRead,
            "public-read-write" => Self::PublicReadWrite,
            "authenticated-read" => Self::AuthenticatedRead,
            "aws-exec-read" => Self::AwsExecRead,
            "bucket-owner-read" => Self::BucketOwnerRead,
            "bucket-owner-full-control" => Self::BucketOwnerFullControl,
            "log-delivery-write" => Self::LogDeliveryWrite,
            other => return Err(S3Fault::invalid_argument("", "x-amz-acl", other)),
        })
    }
}

/// What a request wants a list to be.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) enum AclWish {
    /// It says nothing: the owner alone.
    #[default]
    None,
    Canned(Canned),
    Grants(Vec<Grant>),
}

/// A list may have so many grants.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html>
const MAX_GRANTS: usize = 100;

/// A list, and who owns what it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Acl {
    /// None is nobody: an object that was written without a signature.
    pub owner: Option<AccountId>,
    pub grants: Vec<Grant>,
}

/// The canonical user id of those who do not sign.
const ANONYMOUS: &str = "65a011a29cdf8ec533ec3d1ccaae921c";

/// The canonical user id of an owner.
pub(crate) fn owner_id(owner: Option<&AccountId>) -> String {
    owner.map_or_else(|| ANONYMOUS.to_owned(), canonical_id)
}

impl Acl {
    /// The list of what belongs to `owner` in a bucket of `bucket_owner`.
    ///
    /// # Errors
    ///
    /// `MalformedACLError` for too many grants.
    pub(crate) fn new(owner: Option<&AccountId>, bucket_owner: &AccountId, wish: &AclWish) -> Result<Self, S3Fault> {
        let full = |owner| Grant { grantee: Grantee::Account(owner), permission: Permission::FullControl };
        let own = full(owner_id(owner));
        let with = |more: Vec<(Grantee, Permission)>| {
            let more = more.into_iter().map(|(grantee, permission)| Grant { grantee, permission });
            more.chain([own.clone()]).collect()
        };
        let bucket_owner = canonical_id(bucket_owner);
        let theirs = |permission| {
            let mut grants = vec![own.clone()];
            if owner_id(owner) != bucket_owner {
                grants.push(Grant { grantee: Grantee::Account(bucket_owner.clone()), permission });
            }
            grants
        };
        let grants = match wish {
            AclWish::None | AclWish::Canned(Canned::Private | Canned::AwsExecRead) => vec![own.clone()],
            AclWish::Canned(Canned::PublicRead) => with(vec![(Grantee::AllUsers, Permission::Read)]),
            AclWish::Canned(Canned::PublicReadWrite) => {
                with(vec![(Grantee::AllUsers, Permission::Read), (Grantee::AllUsers, Permission::Write)])
            }
            AclWish::Canned(Canned::AuthenticatedRead) => with(vec![(Grantee::AuthenticatedUsers, Permission::Read)]),
            AclWish::Canned(Canned::LogDeliveryWrite) => {
                with(vec![(Grantee::LogDelivery, Permission::Write), (Grantee::LogDelivery, Permission::ReadAcp)])
            }
            AclWish::Canned(Canned::BucketOwnerRead) => theirs(Permission::Read),
            AclWish::Canned(Canned::BucketOwnerFullControl) => theirs(Permission::FullControl),
            AclWish::Grants(grants) if grants.len() > MAX_GRANTS => {
                let message = "The ACL that you provided was not well formed or did not validate against our published \
                               schema: it has more than 100 grants";
                return Err(S3Fault::new(400, "MalformedACLError", message));
            }
            AclWish::Grants(grants) => grants.clone(),
        };
        Ok(Self { owner: owner.cloned(), grants })
    }

    /// Whether it lets in more than the accounts that somebody chose.
    pub(crate) fn is_public(&self) -> bool {
        self.grants.iter().any(|grant| grant.grantee.is_public())
    }

    /// Whether it lets nobody in but this account.
    pub(super) fn is_for(&self, account: &AccountId) -> bool {
        let id = canonical_id(account);
        self.grants.iter().all(|grant| matches!(&grant.grantee, Grantee::Account(to) if *to == id))
    }

    /// The actions that it lets this caller do: with the bucket, or with the object.
    pub(super) fn grants_to(
        &self,
        caller: Option<&AccountId>,
        ignore_public: bool,
        on_object: bool,
    ) -> impl Iterator<Item = &'static [&'static str]> {
        let id = owner_id(caller);
        let signed = caller.is_some();
        let fitting = self.grants.iter().filter(move |grant| match &grant.grantee {
            Grantee::Account(to) => *to == id,
            Grantee::AllUsers => !ignore_public,
            Grantee::AuthenticatedUsers => signed && !ignore_public,
            Grantee::LogDelivery => false,
        });
        fitting.map(move |grant| if on_object { grant.permission.on_object() } else { grant.permission.on_bucket() })
    }
}
