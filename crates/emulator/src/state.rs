//! What is held: all buckets. A change makes the next state of this one, the same whether a request asks for it or a line of the journal.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::time::SystemTime;

use partproof_model::rules;
use partproof_model::service::Body;
use partproof_model::verdict::Rejection;

use crate::action::{Action, Outcome};
use crate::bucket::Bucket;
use crate::spool::Blob;

/// All buckets.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct State {
    buckets: BTreeMap<String, Bucket>,
}

impl State {
    /// Nothing but an empty bucket.
    pub(crate) fn new(bucket: &str, now: SystemTime) -> Self {
        let buckets = BTreeMap::from([(bucket.to_owned(), Bucket::new(now))]);
        Self { buckets }
    }

    pub(crate) fn bucket(&mut self, name: &str) -> Result<&mut Bucket, Rejection> {
        let unknown = || Rejection {
            rule: rules::BUCKET_KNOWN,
            detail: format!("no bucket `{name}`"),
        };
        self.buckets.get_mut(name).ok_or_else(unknown)
    }

    pub(crate) fn buckets(&self) -> &BTreeMap<String, Bucket> {
        &self.buckets
    }

    /// Makes a change, if the model accepts it.
    pub(crate) fn apply(
        &mut self,
        bucket: &str,
        action: &Action,
        body: Option<Body<Blob>>,
        time: SystemTime,
    ) -> Result<Outcome, Rejection> {
        if let Action::PutBucket = action {
            self.make_bucket(bucket, time);
        }
        let outcome = self.bucket(bucket)?.apply(action, body, time)?;
        if let Action::DeleteBucket = action {
            self.buckets.remove(bucket);
        }
        Ok(outcome)
    }

    /// The bucket of this name, made now if it is not there.
    pub(crate) fn make_bucket(&mut self, name: &str, time: SystemTime) -> &mut Bucket {
        self.buckets
            .entry(name.to_owned())
            .or_insert_with(|| Bucket::new(time))
    }

    /// From now on there is nothing, not even the bucket of the beginning.
    pub(crate) fn clear(&mut self) {
        self.buckets.clear();
    }

    /// Every body that is held, and for what.
    pub(crate) fn bodies(&self) -> impl Iterator<Item = (Held<'_>, &Body<Blob>)> {
        self.buckets.values().flat_map(|bucket| {
            let parts = bucket.service.uploads().flat_map(|(_, upload)| {
                let parts = upload.parts.iter();
                parts.map(|(number, body)| (Held::Part(number.get(), &upload.key), body))
            });
            let objects = bucket.service.objects().flat_map(|(key, object)| {
                let parts = object.parts.iter();
                parts.map(move |body| (Held::Object(key), body))
            });
            parts.chain(objects)
        })
    }

    /// The files of all bodies that are held.
    pub(crate) fn files(&self) -> BTreeSet<u64> {
        self.bodies()
            .map(|(_, body)| body.content.number())
            .collect()
    }
}

/// What a body is held for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Held<'a> {
    /// A part of an open upload of this object.
    Part(u64, &'a str),
    /// This object.
    Object(&'a str),
}

impl fmt::Display for Held<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // Quoted, for a key may hold anything.
            Self::Part(number, key) => write!(f, "part {number} of an upload of {key:?}"),
            Self::Object(key) => write!(f, "the object {key:?}"),
        }
    }
}
