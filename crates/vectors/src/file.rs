//! A file of vectors: what it is about, why its cases exist, and the cases in groups.

use std::collections::BTreeMap;

use partproof_model::{Rejection, Rule};
use serde::{Deserialize, Serialize};

use super::aes_ctr::{CounterBlockTest, CtrPartTest, CtrRangeTest};
use super::declared_sizes::DeclaredSizesTest;
use super::envelope::EnvelopeTest;
use super::gcm_object::GcmObjectTest;
use super::gcm_part::GcmPartTest;
use super::object::ObjectTest;
use super::part_list::{PartListTest, StoredPartValue};
use super::plan::PlanTest;
use super::service::ServiceTest;
use super::test::{Head, Test, with_tests};

/// The name of the schema, as every file has it.
pub(super) const SCHEMA: &str = "schema-v1.json";
/// The version of the format.
pub(super) const VERSION: u64 = 1;

/// A file of test vectors for client-side-encrypted multipart uploads to Alibaba Cloud OSS.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct VectorFile {
    /// `schema-v1.json`.
    #[cfg_attr(feature = "schema", schemars(extend("const" = SCHEMA)))]
    pub schema: String,
    /// The version of the format: 1.
    #[cfg_attr(feature = "schema", schemars(extend("const" = VERSION)))]
    pub version: u64,
    /// What made the file.
    pub generator: String,
    /// What its cases are about.
    pub algorithm: String,
    /// The same in a line or several.
    pub header: Vec<String>,
    /// Why cases exist, by flag.
    pub notes: BTreeMap<String, Note>,
    /// How many cases there are.
    pub number_of_tests: u64,
    /// The cases.
    pub test_groups: Vec<Group>,
}

/// Why the cases with a flag exist.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Note {
    /// What such a case is, and which bug it catches.
    pub description: String,
    /// What the bug would mean for a user.
    pub effect: String,
    /// The service's error numbers, where it has some.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ec: Vec<String>,
}

/// What is right.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// A client must accept or produce this, exactly.
    #[default]
    Valid,
    /// A client, or the service, must refuse this.
    Invalid,
    /// Both are right; the flags have every reason.
    Acceptable,
}

impl Outcome {
    /// What was made of a case, unless it is given as acceptable: that may be a decision that no computation takes back.
    pub(super) fn or_acceptable(self, made: Self) -> Self {
        match self {
            Self::Acceptable => Self::Acceptable,
            Self::Valid | Self::Invalid => made,
        }
    }
}

/// Cases of one kind, with what they share.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "type", deny_unknown_fields)]
#[allow(
    missing_docs,
    reason = "each variant is the group of the tests of that name"
)]
pub enum Group {
    #[serde(rename = "PlanTest")]
    Plan { tests: Vec<PlanTest> },
    #[serde(rename = "DeclaredSizesTest")]
    DeclaredSizes {
        cipher: CipherName,
        tests: Vec<DeclaredSizesTest>,
    },
    #[serde(rename = "CounterBlockTest")]
    CounterBlock { tests: Vec<CounterBlockTest> },
    #[serde(rename = "CtrPartTest")]
    CtrPart { tests: Vec<CtrPartTest> },
    #[serde(rename = "CtrRangeTest")]
    CtrRange { tests: Vec<CtrRangeTest> },
    #[serde(rename = "GcmObjectTest")]
    GcmObject { tests: Vec<GcmObjectTest> },
    #[serde(rename = "GcmPartTest")]
    GcmPart { tests: Vec<GcmPartTest> },
    #[serde(rename = "EnvelopeTest", rename_all = "camelCase")]
    Envelope {
        master_key: MasterKeyValue,
        tests: Vec<EnvelopeTest>,
    },
    #[serde(rename = "PartListTest", rename_all = "camelCase")]
    PartList {
        data_size: u64,
        part_size: u64,
        stored: Vec<StoredPartValue>,
        tests: Vec<PartListTest>,
    },
    #[serde(rename = "ServiceTest")]
    Service { tests: Vec<ServiceTest> },
    #[serde(rename = "ObjectTest", rename_all = "camelCase")]
    Object {
        /// The client that wrote the objects, with its version; absent if the model made them.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        writer: Option<String>,
        master_key: MasterKeyValue,
        tests: Vec<ObjectTest>,
    },
}

impl Group {
    /// What every test has, in order.
    pub fn heads(&self) -> Vec<Head<'_>> {
        with_tests!(self, (_shared, tests) => tests.iter().map(Test::head).collect())
    }
}

/// A content cipher by its `cek-alg`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CipherName(pub partproof_model::Cipher);

impl Serialize for CipherName {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.cek_alg())
    }
}

impl<'de> Deserialize<'de> for CipherName {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        partproof_model::Cipher::from_cek_alg(name.as_bytes())
            .map(Self)
            .ok_or_else(|| {
                serde::de::Error::custom(format!(
                    "cipher {name:?}, expected {}",
                    partproof_model::Cipher::ALL
                        .map(partproof_model::Cipher::cek_alg)
                        .join(" or ")
                ))
            })
    }
}

/// An RSA key that is published with the project, PEM. It protects nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct MasterKeyValue {
    /// The private key, PKCS#1 or PKCS#8.
    pub private: String,
    /// The public key, SPKI.
    pub public: String,
}

/// A refusal: match on status and code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RejectionValue {
    /// The rule that is broken: `partproof explain` tells it.
    pub rule: String,
    /// HTTP status, where the service answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// `Code` of the error body, where a source states it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The error number, where there is one. Programs must not depend on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ec: Option<String>,
}

impl RejectionValue {
    /// Of a broken rule.
    pub fn of(rule: &Rule) -> Self {
        Self {
            rule: rule.id.to_owned(),
            status: rule.answer.map(|answer| answer.status),
            code: rule
                .answer
                .and_then(|answer| answer.code)
                .map(str::to_owned),
            ec: rule.ec.map(str::to_owned),
        }
    }

    /// Of several, each once, `None` for none.
    pub(super) fn all<'a>(
        rejections: impl IntoIterator<Item = &'a Rejection>,
    ) -> Option<Vec<Self>> {
        let mut all: Vec<Self> = Vec::new();
        for rejection in rejections {
            let value = Self::of(rejection.rule);
            if !all.contains(&value) {
                all.push(value);
            }
        }
        (!all.is_empty()).then_some(all)
    }
}
