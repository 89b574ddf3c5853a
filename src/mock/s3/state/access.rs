//! Who may use a bucket and what is in it: its policy, its list, who owns its objects, and what blocks public access.

use std::sync::Arc;

use super::super::fault::S3Fault;
use super::acl::{Acl, AclWish, Canned};
use super::bucket::Bucket;
use super::object::Object;
use super::{Act, ObjectAt, S3State};
use crate::event::AccountId;
use crate::iam::{Policy, PolicyDocument};

/// Who owns the objects of a bucket, and whether lists count.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html>
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ownership {
    /// The owner of the bucket, and no list counts.
    BucketOwnerEnforced,
    /// Whoever writes them, unless he grants the bucket's owner full control.
    BucketOwnerPreferred,
    /// Whoever writes them.
    ObjectWriter,
}

impl Ownership {
    const ALL: [Self; 3] = [Self::BucketOwnerEnforced, Self::BucketOwnerPreferred, Self::ObjectWriter];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::BucketOwnerEnforced => "BucketOwnerEnforced",
            Self::BucketOwnerPreferred => "BucketOwnerPreferred",
            Self::ObjectWriter => "ObjectWriter",
        }
    }

    pub(crate) fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|ownership| ownership.name() == name)
    }
}

/// What blocks public access.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html>
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct PublicBlock {
    pub block_acls: bool,
    pub ignore_acls: bool,
    pub block_policy: bool,
    pub restrict_buckets: bool,
}

impl PublicBlock {
    const ALL: Self = Self { block_acls: true, ignore_acls: true, block_policy: true, restrict_buckets: true };
}

/// A bucket's policy, as it was sent and as it is read.
#[derive(Debug, Clone)]
pub(crate) struct BucketPolicy {
    pub text: String,
    pub document: Arc<PolicyDocument>,
}

/// What the requests for a new bucket may say.
#[derive(Debug, Clone, Default)]
pub(crate) struct NewBucket {
    pub acl: AclWish,
    pub ownership: Option<Ownership>,
    /// Whether it is made with Object Lock, and so with versioning.
    pub locked: bool,
}

/// All that says who may use a bucket.
#[derive(Debug, Clone)]
pub(super) struct BucketAccess {
    pub acl: Acl,
    /// None as for buckets that were made before there was such a setting: the writer owns, and lists count.
    pub ownership: Option<Ownership>,
    pub block: Option<PublicBlock>,
    pub policy: Option<BucketPolicy>,
}

/// The actions on an object that its owner lets others do, and not the bucket's.
const OF_OBJECTS_OWNER: [&str; 10] = [
    "s3:GetObject",
    "s3:GetObjectVersion",
    "s3:GetObjectAcl",
    "s3:GetObjectVersionAcl",
    "s3:PutObjectAcl",
    "s3:PutObjectVersionAcl",
    "s3:GetObjectAttributes",
    "s3:GetObjectVersionAttributes",
    "s3:GetObjectTorrent",
    "s3:RestoreObject",
];

/// The actions on an object that both owners may do: of tags "the bucket owner has this permission by default and can grant
/// this permission to others".
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectTagging.html>
const OF_BOTH: [&str; 4] =
    ["s3:GetObjectTagging", "s3:GetObjectVersionTagging", "s3:PutObjectTagging", "s3:PutObjectVersionTagging"];

/// What whoever started an upload may do with it, whoever owns the bucket.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html#mpuAndPermissions>
const OF_INITIATOR: [&str; 2] = ["s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"];

/// The lists of a bucket do not count.
fn not_supported() -> S3Fault {
    S3Fault::new(400, "AccessControlListNotSupported", "The bucket does not allow ACLs")
}

impl BucketAccess {
    /// Those of a new bucket: since April 2023 lists are disabled and public access is blocked, unless it says otherwise.
    ///
    /// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/create-bucket-faq.html>
    pub fn new(owner: &AccountId, new: &NewBucket, as_before_2020: bool) -> Result<Self, S3Fault> {
        let default = (!as_before_2020).then_some(Ownership::BucketOwnerEnforced);
        let ownership = new.ownership.or(default);
        let acl = Acl::new(Some(owner), owner, &new.acl)?;
        if ownership == Some(Ownership::BucketOwnerEnforced) && !acl.is_for(owner) {
            return Err(no_acl_with_ownership());
        }
        let block = (!as_before_2020).then_some(PublicBlock::ALL);
        if acl.is_public() && block.is_some() {
            // https://github.com/emgarten/Sleet/issues/180
            let message = "Bucket cannot have public ACLs set with BlockPublicAccess enabled";
            return Err(S3Fault::new(400, "InvalidBucketAclWithBlockPublicAccessError", message));
        }
        Ok(Self { acl, ownership, block, policy: None })
    }

    fn is_enforced(&self) -> bool {
        self.ownership == Some(Ownership::BucketOwnerEnforced)
    }

    fn block(&self) -> PublicBlock {
        self.block.unwrap_or_default()
    }
}

fn no_acl_with_ownership() -> S3Fault {
    let message = "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting";
    S3Fault::new(400, "InvalidBucketAclWithObjectOwnership", message)
}

impl Bucket {
    /// The list of an object that is written now.
    pub(super) fn acl_of_new(&self, writer: Option<&AccountId>, wish: &AclWish) -> Result<Option<Arc<Acl>>, S3Fault> {
        let owner = &self.owner;
        let own = AclWish::Canned(Canned::BucketOwnerFullControl);
        if self.access.is_enforced() {
            return if *wish == AclWish::None || *wish == own { Ok(None) } else { Err(not_supported()) };
        }
        let prefers = self.access.ownership == Some(Ownership::BucketOwnerPreferred) && *wish == own;
        let acl = Acl::new(if prefers { Some(owner) } else { writer }, owner, wish)?;
        if acl.is_public() && self.access.block().block_acls {
            return Err(S3Fault::access_denied());
        }
        Ok(Some(Arc::new(acl)))
    }

    /// The list of an object, as it counts: without one, and where none counts, the bucket's owner has all.
    fn acl_of(&self, object: &Object) -> Arc<Acl> {
        let stored = object.content.acl.as_ref().filter(|_| !self.access.is_enforced());
        stored.cloned().unwrap_or_else(|| {
            let own = [super::acl::Grant {
                grantee: super::acl::Grantee::Account(super::acl::owner_id(Some(&self.owner))),
                permission: super::acl::Permission::FullControl,
            }];
            Arc::new(Acl { owner: Some(self.owner.clone()), grants: own.into() })
        })
    }
}

impl S3State {
    /// What decides whether `caller` may do `action` with a bucket, or with an object or an upload in it; none without the
    /// bucket.
    pub(crate) fn policies(
        &self,
        (caller, is_service): (Option<&AccountId>, bool),
        action: &str,
        at: &ObjectAt,
        upload: Option<&str>,
    ) -> Option<Vec<Policy>> {
        let bucket = self.buckets.get(&at.bucket)?;
        let access = &bucket.access;
        let block = access.block();
        // Where no lists count, all objects are the bucket owner's.
        let listed = !access.is_enforced() && !at.key.is_empty();
        let object = listed.then(|| bucket.find(at).ok()).flatten().map(|(_, object)| bucket.acl_of(object));
        let others = object.as_ref().filter(|acl| acl.owner.as_ref() != Some(&bucket.owner));
        let foreign = others.filter(|_| OF_OBJECTS_OWNER.contains(&action));
        let mut policies = match foreign {
            Some(acl) => acl.owner.iter().cloned().map(Policy::Owner).collect(),
            None => vec![Policy::Owner(bucket.owner.clone())],
        };
        if let Some(owner) = others.filter(|_| OF_BOTH.contains(&action)).and_then(|acl| acl.owner.as_ref()) {
            policies.push(Policy::Owner(owner.clone()));
        }
        let upload = upload.and_then(|id| bucket.uploads.get(id)).filter(|upload| upload.key == at.key);
        if caller.is_some() && upload.is_some_and(|upload| upload.initiator.as_ref() == caller) {
            policies.push(Policy::Granted(&OF_INITIATOR));
        }
        if let Some(policy) = &access.policy {
            let shut =
                block.restrict_buckets && !is_service && caller != Some(&bucket.owner) && policy.document.is_public();
            let document = Arc::clone(&policy.document);
            let counts = !shut && foreign.is_none();
            policies.push(if counts { Policy::OfResource(document) } else { Policy::Forbids(document) });
        }
        if !access.is_enforced() && !is_service {
            let grants = access.acl.grants_to(caller, block.ignore_acls, false);
            policies.extend(grants.map(Policy::Granted));
            let grants = object.iter().flat_map(|acl| acl.grants_to(caller, block.ignore_acls, true));
            policies.extend(grants.map(Policy::Granted));
        }
        Some(policies)
    }

    /// The list of a bucket; where none counts, its owner has all.
    pub(crate) fn bucket_acl(&self, bucket: &str) -> Result<Acl, S3Fault> {
        let bucket = self.bucket(bucket)?;
        if bucket.access.is_enforced() {
            return Acl::new(Some(&bucket.owner), &bucket.owner, &AclWish::None);
        }
        Ok(bucket.access.acl.clone())
    }

    pub(crate) fn set_bucket_acl(&mut self, bucket: &str, owner: Option<&str>, wish: &AclWish) -> Result<(), S3Fault> {
        let (bucket, _) = self.bucket_mut(bucket)?;
        if bucket.access.is_enforced() {
            return Err(not_supported());
        }
        check_owner(owner, Some(&bucket.owner))?;
        let acl = Acl::new(Some(&bucket.owner), &bucket.owner, wish)?;
        if acl.is_public() && bucket.access.block().block_acls {
            return Err(S3Fault::access_denied());
        }
        bucket.access.acl = acl;
        Ok(())
    }

    /// The list of an object, and the version that it is about.
    pub(crate) fn object_acl(&self, at: &ObjectAt) -> Result<(Arc<Acl>, Option<String>), S3Fault> {
        let bucket = self.bucket(&at.bucket)?;
        let (version, object) = bucket.find(at)?;
        Ok((bucket.acl_of(object), bucket.shown_id(version)))
    }

    pub(crate) fn set_object_acl(
        &mut self,
        act: &mut Act<'_>,
        at: &ObjectAt,
        owner: Option<&str>,
        wish: &AclWish,
    ) -> Result<Option<String>, S3Fault> {
        let (bucket, _) = self.bucket_mut(&at.bucket)?;
        let (version, object) = bucket.find(at)?;
        let (id, shown, e_tag) = (version.id.clone(), bucket.shown_id(version), object.e_tag.clone());
        let size = object.size();
        if bucket.access.is_enforced() {
            return Err(not_supported());
        }
        let current = bucket.acl_of(object);
        check_owner(owner, current.owner.as_ref())?;
        let acl = Acl::new(current.owner.as_ref(), &bucket.owner, wish)?;
        if acl.is_public() && bucket.access.block().block_acls {
            return Err(S3Fault::access_denied());
        }
        let mut changed = Object::clone(object);
        changed.content.acl = Some(Arc::new(acl));
        let changed = Arc::new(changed);
        let versions = bucket.keys.get_mut(&at.key).into_iter().flatten();
        for version in versions.filter(|version| version.id == id) {
            version.object = Some(Arc::clone(&changed));
        }
        let mut change = bucket.change(super::super::change::ChangeKind::AclPut, &at.key, act.now);
        (change.e_tag, change.size, change.version_id) = (Some(e_tag), Some(size), id);
        act.changes.push(change);
        Ok(shown)
    }

    /// The list of an object that this request writes, unless its bucket has none that count.
    pub(crate) fn acl_of_new(&self, act: &Act<'_>, bucket: &str, wish: &AclWish) -> Result<Option<Arc<Acl>>, S3Fault> {
        self.bucket(bucket)?.acl_of_new(act.account, wish)
    }

    pub(crate) fn policy(&self, bucket: &str) -> Result<&BucketPolicy, S3Fault> {
        self.bucket(bucket)?.access.policy.as_ref().ok_or_else(|| {
            S3Fault::new(404, "NoSuchBucketPolicy", "The bucket policy does not exist").with("BucketName", bucket)
        })
    }

    pub(crate) fn set_policy(&mut self, bucket: &str, policy: Option<BucketPolicy>) -> Result<(), S3Fault> {
        let (bucket, _) = self.bucket_mut(bucket)?;
        let blocks = bucket.access.block().block_policy;
        if blocks && policy.as_ref().is_some_and(|policy| policy.document.is_public()) {
            return Err(S3Fault::access_denied().note("the policy is public, and BlockPublicPolicy is on"));
        }
        bucket.access.policy = policy;
        Ok(())
    }

    /// Whether anybody at all may use a bucket, by its policy.
    pub(crate) fn has_public_policy(&self, bucket: &str) -> Result<bool, S3Fault> {
        Ok(self.policy(bucket)?.document.is_public())
    }

    pub(crate) fn ownership(&self, bucket: &str) -> Result<Ownership, S3Fault> {
        self.bucket(bucket)?.access.ownership.ok_or_else(|| {
            S3Fault::new(404, "OwnershipControlsNotFoundError", "The bucket ownership controls were not found")
                .with("BucketName", bucket)
        })
    }

    pub(crate) fn set_ownership(&mut self, bucket: &str, ownership: Option<Ownership>) -> Result<(), S3Fault> {
        let (bucket, _) = self.bucket_mut(bucket)?;
        if ownership == Some(Ownership::BucketOwnerEnforced) && !bucket.access.acl.is_for(&bucket.owner) {
            return Err(no_acl_with_ownership());
        }
        bucket.access.ownership = ownership;
        Ok(())
    }

    pub(crate) fn public_block(&self, bucket: &str) -> Result<PublicBlock, S3Fault> {
        self.bucket(bucket)?.access.block.ok_or_else(|| {
            let message = "The public access block configuration was not found";
            S3Fault::new(404, "NoSuchPublicAccessBlockConfiguration", message).with("BucketName", bucket)
        })
    }

    pub(crate) fn set_public_block(&mut self, bucket: &str, block: Option<PublicBlock>) -> Result<(), S3Fault> {
        self.bucket_mut(bucket)?.0.access.block = block;
        Ok(())
    }
}

/// An owner never changes: a list that names another one is refused.
fn check_owner(said: Option<&str>, owner: Option<&AccountId>) -> Result<(), S3Fault> {
    let is_other = said.is_some_and(|said| !said.is_empty() && said != super::acl::owner_id(owner));
    if is_other { Err(S3Fault::access_denied()) } else { Ok(()) }
}
