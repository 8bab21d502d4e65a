//! Declared sizes: what an upload must declare for each content cipher, tags included, and how a plaintext lies in its
//! parts.

use partproof_model::limits::MAX_PART_COUNT;
use partproof_model::{Layout, PartNumber, PartSize};
use serde::{Deserialize, Serialize};

use super::file::{CipherName, Outcome};
use super::test::{Derive, Wrong, test};

test! {
    /// A plaintext of a size in parts of a size.
    DeclaredSizesTest {
        /// Bytes to upload.
        given plaintext_size: u64,
        /// Bytes of every part but the last, as sent.
        given part_size: u64,
        /// What must be declared.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        derived data_size: Option<u64>,
        /// The count that it makes.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        derived part_count: Option<u64>,
        /// The first, the one before the last and the last part, each once.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        derived parts: Option<Vec<PartOfPlaintext>>,
    }
}

/// What one part holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct PartOfPlaintext {
    /// Its number.
    pub number: u64,
    /// Its first byte of the plaintext.
    pub plaintext_offset: u64,
    /// How many bytes of the plaintext it holds.
    pub plaintext_length: u64,
    /// How many bytes of a tag it ends with.
    pub tag_length: u64,
}

impl Derive for DeclaredSizesTest {
    type Shared = CipherName;

    /// What has an empty plaintext in counter mode has no part: a client may refuse it.
    fn derive(&self, cipher: &CipherName) -> Result<Self, Wrong> {
        let layout = PartSize::new(self.part_size)
            .and_then(|part| Layout::new(cipher.0, self.plaintext_size, part).ok())
            .filter(|layout| layout.wire().count() <= MAX_PART_COUNT);
        Ok(Self {
            result: match layout {
                None => Outcome::Invalid,
                Some(layout) if layout.wire().count() == 0 => Outcome::Acceptable,
                Some(_) => Outcome::Valid,
            },
            data_size: layout.map(|layout| layout.wire().data.bytes()),
            part_count: layout.map(|layout| layout.wire().count()),
            parts: layout.map(parts),
            ..self.clone()
        })
    }
}

fn parts(layout: Layout) -> Vec<PartOfPlaintext> {
    let count = layout.wire().count();
    let mut numbers = vec![1, count.saturating_sub(1), count];
    numbers.retain(|number| (1..=count).contains(number));
    numbers.dedup();
    numbers
        .into_iter()
        .filter_map(PartNumber::new)
        .filter_map(|number| {
            let plaintext = layout.plaintext_of(number)?;
            let length = plaintext.end.saturating_sub(plaintext.start);
            Some(PartOfPlaintext {
                number: number.get(),
                plaintext_offset: plaintext.start,
                plaintext_length: length,
                tag_length: layout.wire().slice(number)?.length.saturating_sub(length),
            })
        })
        .collect()
}
