//! The cases of the matrix: a few objects, and reads of them.

use partproof_model::Cipher;
use partproof_model::limits::MIN_PART_SIZE;
use serde::{Deserialize, Serialize};

use partproof_suite::case::envelope::EnvelopeCase;
use partproof_suite::plaintext::Plaintext;
use partproof_suite::subject::client::ByteRange;
use partproof_whole_client::case::download::DownloadCase;
use partproof_whole_client::case::download::reader::Reader;

/// One object, and one read of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct MatrixCase {
    /// Bytes of plaintext.
    pub length: u64,
    /// Whether the master key has a description, `{"key": "seed"}`, that writer and reader are both given.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub described: bool,
    /// Which bytes are read; all if there is no range.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<serde_json::Value>"))]
    pub range: Option<ByteRange>,
}

impl MatrixCase {
    /// Every case: objects of one byte, of one whole part, of one byte more, and of three parts, the last one short and of no whole
    /// block.
    pub fn all() -> Vec<Self> {
        let whole = |length| Self {
            length,
            described: false,
            range: None,
        };
        let three = whole(2 * MIN_PART_SIZE + 45_203);
        let of_three = |range| Self {
            range: Some(range),
            ..three
        };
        vec![
            whole(1),
            whole(MIN_PART_SIZE),
            whole(MIN_PART_SIZE + 1),
            three,
            Self {
                described: true,
                ..three
            },
            // Within a part and a block; over the border of two parts; to the end; the last bytes.
            of_three(ByteRange::Closed {
                first: 17,
                last: 40,
            }),
            of_three(ByteRange::Closed {
                first: MIN_PART_SIZE - 3,
                last: MIN_PART_SIZE + 20,
            }),
            of_three(ByteRange::From {
                first: 2 * MIN_PART_SIZE,
            }),
            of_three(ByteRange::Suffix { length: 5 }),
        ]
    }

    /// Reads one from JSON.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(json: &str) -> Result<Self, String> {
        let case: Self = serde_json::from_str(json).map_err(|error| {
            format!("not a case, expected `length`, `described` and `range`: {error}")
        })?;
        const MOST_BYTES: u64 = 64 << 20;
        match case.length {
            1..=MOST_BYTES => Ok(case),
            length => Err(format!("length {length}, expected 1 to {MOST_BYTES} bytes")),
        }
    }

    pub(crate) fn plaintext(&self) -> Plaintext {
        Plaintext {
            seed: 1,
            length: self.length,
        }
    }

    pub(crate) fn object(&self) -> String {
        let described = if self.described { "-described" } else { "" };
        format!("{}{described}.data", self.length)
    }

    /// What the model has to do with it.
    pub(super) fn of_the_model(&self) -> DownloadCase {
        let sizes = Some((self.length, MIN_PART_SIZE));
        DownloadCase {
            envelope: EnvelopeCase {
                cipher: Cipher::Ctr,
                oaep: false,
                key: [0x4b; 32],
                start: [1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 0, 9, 10, 11, 12],
                sizes,
                description: self.described.then(description),
                spelling: Default::default(),
                sent: None,
            },
            plaintext: self.plaintext(),
            part_size: Some(MIN_PART_SIZE),
            range: self.range,
            damage: None,
            faults: Vec::new(),
            reader: Reader::default(),
        }
    }
}

pub(super) fn description() -> (String, String) {
    ("key".to_owned(), "seed".to_owned())
}
