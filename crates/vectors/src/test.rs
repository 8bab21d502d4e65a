//! One test, of whatever kind. Each kind says of each of its fields whether it is given, by who writes the case, or derived from what is given.

use partproof_model::Question;
use serde::Serialize;
use serde_json::{Map, Value};

use super::file::Outcome;

/// What every test has.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs, reason = "each field is the test's of that name")]
pub struct Head<'a> {
    pub tc_id: u64,
    pub comment: &'a str,
    pub flags: &'a [String],
    pub result: Outcome,
}

/// One test, of whatever kind.
pub trait Test: Sized {
    /// What every test has.
    fn head(&self) -> Head<'_>;

    /// The fields that are always there and derived, empty: what who writes a case leaves out.
    fn blank() -> Map<String, Value>;
}

/// A test that the model makes from what is given in it.
pub(super) trait Derive: Test + PartialEq + Serialize {
    /// What the tests of a group share.
    type Shared;

    /// The same with every derived field as the model makes it, whatever stands there.
    ///
    /// # Errors
    /// What is given makes no case.
    fn derive(&self, shared: &Self::Shared) -> Result<Self, Wrong>;
}

/// What stands in a case, and what should.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{given}, expected {expected}")]
pub(super) struct Wrong {
    pub(super) given: String,
    pub(super) expected: String,
}

impl Wrong {
    pub(super) fn new(given: impl ToString, expected: impl Into<String>) -> Self {
        Self {
            given: given.to_string(),
            expected: expected.into(),
        }
    }
}

/// Flags with those of open questions that are not among them.
pub(super) fn with_questions(
    flags: &[String],
    questions: impl IntoIterator<Item = Question>,
) -> Vec<String> {
    let mut flags = flags.to_vec();
    for question in questions {
        let flag = question.to_string();
        if !flags.contains(&flag) {
            flags.push(flag);
        }
    }
    flags
}

/// Declares a kind of test: the four fields that every test has, then its own, each `given` or `derived`.
macro_rules! test {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $from:ident $field:ident: $type:ty,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[serde(deny_unknown_fields, rename_all = "camelCase")]
        pub struct $name {
            /// Counts from 1 through the whole file.
            pub tc_id: u64,
            /// What is particular about it.
            pub comment: String,
            /// Why it exists: keys of the file's notes.
            pub flags: Vec<String>,
            /// What is right.
            pub result: $crate::file::Outcome,
            $($(#[$field_doc])* pub $field: $type,)+
        }

        impl $crate::test::Test for $name {
            fn head(&self) -> $crate::test::Head<'_> {
                $crate::test::Head {
                    tc_id: self.tc_id,
                    comment: &self.comment,
                    flags: &self.flags,
                    result: self.result,
                }
            }

            fn blank() -> serde_json::Map<String, serde_json::Value> {
                let outcome = $crate::file::Outcome::default();
                let fields = [
                    $crate::test::empty("result", &outcome),
                    $($crate::test::blank!($from $field: $type),)+
                ];
                fields.into_iter().flatten().collect()
            }
        }
    };
}

/// A derived field, empty; nothing of one that is given.
macro_rules! blank {
    (given $field:ident: $type:ty) => {
        None
    };
    (derived $field:ident: $type:ty) => {
        $crate::test::empty(stringify!($field), &<$type>::default())
    };
}
pub(super) use blank;

/// A field of this name in Rust as JSON has it; `None` if it is absent when it is empty.
pub(super) fn empty(field: &str, value: &impl Serialize) -> Option<(String, Value)> {
    let mut words = field.split('_');
    let mut name = words.next().unwrap_or_default().to_owned();
    for word in words {
        let (first, rest) = word.split_at(word.len().min(1));
        name.push_str(&first.to_ascii_uppercase());
        name.push_str(rest);
    }
    let value = serde_json::to_value(value).unwrap_or_default();
    (!value.is_null()).then_some((name, value))
}
pub(super) use test;

/// Does the same with the tests of a group, whatever their kind, and with what they share.
macro_rules! with_tests {
    ($group:expr, ($shared:ident, $tests:ident) => $then:expr) => {{
        use $crate::file::Group;
        match $group {
            Group::Plan { $tests } => {
                let $shared = &();
                $then
            }
            Group::DeclaredSizes { cipher, $tests } => {
                let $shared = &*cipher;
                $then
            }
            Group::CounterBlock { $tests } => {
                let $shared = &();
                $then
            }
            Group::CtrPart { $tests } => {
                let $shared = &();
                $then
            }
            Group::CtrRange { $tests } => {
                let $shared = &();
                $then
            }
            Group::GcmObject { $tests } => {
                let $shared = &();
                $then
            }
            Group::GcmPart { $tests } => {
                let $shared = &();
                $then
            }
            Group::Envelope { master_key, $tests } => {
                let $shared = &*master_key;
                $then
            }
            Group::PartList {
                data_size,
                part_size,
                stored,
                $tests,
            } => {
                let $shared = &$crate::part_list::ListedUpload {
                    data_size: *data_size,
                    part_size: *part_size,
                    stored: stored.clone(),
                };
                $then
            }
            Group::Service { $tests } => {
                let $shared = &();
                $then
            }
            Group::Object {
                master_key, $tests, ..
            } => {
                let $shared = &*master_key;
                $then
            }
        }
    }};
}
pub(super) use with_tests;

/// Does the same with the type of the tests in groups of this name; the other thing if there is none.
macro_rules! with_kind {
    ($name:expr, $test:ident => $then:expr, $other:expr) => {{
        macro_rules! then {
            ($of:ty) => {{
                type $test = $of;
                $then
            }};
        }
        match $name {
            "PlanTest" => then!($crate::plan::PlanTest),
            "DeclaredSizesTest" => then!($crate::declared_sizes::DeclaredSizesTest),
            "CounterBlockTest" => then!($crate::aes_ctr::CounterBlockTest),
            "CtrPartTest" => then!($crate::aes_ctr::CtrPartTest),
            "CtrRangeTest" => then!($crate::aes_ctr::CtrRangeTest),
            "GcmObjectTest" => then!($crate::gcm_object::GcmObjectTest),
            "GcmPartTest" => then!($crate::gcm_part::GcmPartTest),
            "EnvelopeTest" => then!($crate::envelope::EnvelopeTest),
            "PartListTest" => then!($crate::part_list::PartListTest),
            "ServiceTest" => then!($crate::service::ServiceTest),
            "ObjectTest" => then!($crate::object::ObjectTest),
            _ => $other,
        }
    }};
}
pub(super) use with_kind;
