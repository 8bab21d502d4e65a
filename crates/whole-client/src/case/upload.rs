//! Cases for whole clients: one upload over HTTP, as a value.

use arbitrary::{Arbitrary, Result, Unstructured};
use partproof_model::limits::MIN_PART_SIZE;
use partproof_model::{Cipher, Layout, PartSize, layout::TagPlace};
use serde::{Deserialize, Serialize};

use super::caller::{Caller, Reuse};
use super::manner::Manner;
use partproof_suite::case::encrypt::{cipher_name, of_cipher};
use partproof_suite::case::{Case, is_default, plan, smaller_number};
use partproof_suite::class::{Class, Classes};
use partproof_suite::plaintext::Plaintext;
use partproof_suite::shown;
use partproof_suite::subject::client::{Abilities, Signature};

/// One upload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UploadCase {
    /// The content cipher.
    #[serde(with = "cipher_name")]
    pub cipher: Cipher,
    /// What is uploaded.
    pub plaintext: Plaintext,
    /// Bytes of a part on the wire; chosen by the client if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part_size: Option<u64>,
    /// Parts at a time beyond the first.
    #[serde(default, skip_serializing_if = "is_default")]
    pub parallel: u8,
    /// Whether requests are signed with version 1 rather than 4.
    #[serde(default, skip_serializing_if = "is_default")]
    pub v1: bool,
    /// The object's key.
    pub object: String,
    /// Whether the second upload has the first one's name.
    #[serde(default, skip_serializing_if = "is_default")]
    pub same_name: bool,
    /// How the service is.
    #[serde(default, skip_serializing_if = "is_default")]
    pub service: Manner,
    /// What the caller passes.
    #[serde(default, skip_serializing_if = "is_default")]
    pub caller: Caller,
}

/// Objects' keys: a plain one, and those that a URL, a path or XML must encode.
const NAMES: [&str; 6] = [
    "multipart.data",
    "folder/a b+c",
    "100%25.data",
    "é/中 😀",
    "a&b=c?d#e<f>",
    "~-_.!*'()",
];

/// Parts.
const HUNDRED: u64 = 100;

impl UploadCase {
    /// A small one.
    pub fn plain() -> Self {
        Self {
            cipher: Cipher::Ctr,
            plaintext: Plaintext {
                seed: 1,
                length: 2 * MIN_PART_SIZE + 1,
            },
            part_size: Some(MIN_PART_SIZE),
            parallel: 0,
            v1: false,
            object: "multipart.data".to_owned(),
            same_name: false,
            service: Manner::default(),
            caller: Caller::default(),
        }
    }

    /// How it is signed.
    pub fn signature(&self) -> Signature {
        match self.v1 {
            true => Signature::V1,
            false => Signature::V4,
        }
    }

    /// Whether a client with these abilities can be asked for it.
    pub(crate) fn is_within(&self, abilities: &Abilities) -> bool {
        abilities.ciphers.contains(&self.cipher)
            && abilities.signatures.contains(&self.signature())
            && (abilities.plans || self.part_size.is_some())
            && self.caller.is_within(abilities)
    }

    /// How the model lays it out in parts of the size that is asked for.
    pub(crate) fn layout(&self) -> Option<Layout> {
        let part_size = PartSize::new(self.part_size?)?;
        Layout::new(self.cipher, self.plaintext.length, part_size).ok()
    }

    /// One in at most so many parts, of a given size.
    pub(super) fn draw(u: &mut Unstructured<'_>, most_parts: u64) -> Result<Self> {
        let cipher = *u.choose(&[Cipher::Ctr, Cipher::Ctr, Cipher::GcmObject, Cipher::GcmPart])?;
        let part_size = MIN_PART_SIZE + 16 * u.int_in_range(0..=3)?;
        let room = match cipher {
            Cipher::GcmPart => part_size - 16,
            Cipher::Ctr | Cipher::GcmObject => part_size,
        };
        let last = match u.int_in_range(0..=4_u8)? {
            0 => room,
            1 => 1,
            2 => room - u.int_in_range(1..=15)?,
            _ => u.int_in_range(1..=room)?,
        };
        Ok(Self {
            cipher,
            plaintext: Plaintext {
                // Zeros are worth more than any other plaintext.
                seed: u.int_in_range(0..=3)?,
                length: u.int_in_range(0..=most_parts - 1)? * room + last,
            },
            part_size: Some(part_size),
            parallel: u.int_in_range(0..=3)?,
            v1: u.arbitrary()?,
            object: match u.int_in_range(0..=2_u8)? {
                0 => (*u.choose(&NAMES)?).to_owned(),
                _ => "multipart.data".to_owned(),
            },
            same_name: false,
            service: Manner::arbitrary(u)?,
            caller: Caller::default(),
        })
    }
}

impl<'a> Arbitrary<'a> for UploadCase {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        // Enough, at times, that the order of numbers is not that of their text.
        let most_parts = if u.ratio(1, 10)? { 12 } else { 5 };
        let mut case = Self::draw(u, most_parts)?;
        match u.int_in_range(0..=11_u8)? {
            0 => case.plaintext.length = 0,
            1 | 2 => case.part_size = None,
            _ => {}
        }
        case.same_name = u.int_in_range(0..=3_u8)? == 1;
        case.caller = Caller::arbitrary(u)?;
        if case.caller.reuse == Reuse::AtOnce {
            // Which of them is there in the end would be chance.
            case.same_name = false;
        }
        if u.int_in_range(0..=79_u8)? == 1 {
            // A hundred parts, and as many at a time.
            case.part_size = Some(MIN_PART_SIZE);
            case.cipher = Cipher::Ctr;
            case.plaintext.length = HUNDRED * MIN_PART_SIZE - u.int_in_range(0..=20)?;
            case.parallel = 99;
        }
        Ok(case)
    }
}

impl UploadCase {
    /// Lengths of less, the least first: about one part and two, and fewer parts than there are.
    fn smaller_lengths(&self) -> Vec<u64> {
        let length = self.plaintext.length;
        let Some(part_size) = self.part_size else {
            return smaller_number(length, 0).into_iter().take(4).collect();
        };
        let sizes = [MIN_PART_SIZE, part_size].into_iter();
        let about = sizes.flat_map(|part| [1, part, part + 1, part + 16, 2 * part, 2 * part + 1]);
        let counts = smaller_number(length.div_ceil(part_size.max(1)), 1);
        let of_counts = counts.into_iter().map(|count| (count - 1) * part_size + 1);
        let mut lengths: Vec<u64> = about.chain(of_counts).collect();
        lengths.retain(|smaller| *smaller < length);
        lengths.sort_unstable();
        lengths.dedup();
        lengths
    }
}

impl Case for UploadCase {
    const BYTES: usize = 64;
    const MOST_STEPS: u32 = 120;

    fn classes(&self) -> Classes {
        let layout = self.layout();
        let tag = layout.and_then(|layout| layout.tag_place());
        let count = layout.map_or(0, |layout| layout.wire().count());
        let plan = match self.plaintext.length {
            0 => Classes::default(),
            _ => layout
                .map(|layout| plan::of_plan(layout.wire()))
                .unwrap_or_default(),
        };
        plan.union(of_cipher(self.cipher))
            .with(Class::TagInLastPart, tag == Some(TagPlace::LastPart))
            .with(Class::TagInOwnPart, tag == Some(TagPlace::OwnPart))
            .with(Class::TagSplit, tag == Some(TagPlace::Split))
            .with(Class::EmptyObject, self.plaintext.length == 0)
            .with(Class::AutomaticPlan, self.part_size.is_none())
            .with(Class::ExplicitPlan, self.part_size.is_some())
            .with(Class::ZeroPlaintext, self.plaintext.seed == 0)
            .with(Class::Parallel, self.parallel > 0)
            .with(Class::SignedV1, self.v1)
            .with(Class::SignedV4, !self.v1)
            .with(Class::EncodedName, self.object != NAMES[0])
            .with(Class::SameName, self.same_name)
            .with(Class::TenParts, count >= 10)
            .with(
                Class::HundredParts,
                count >= HUNDRED && u64::from(self.parallel) + 1 >= HUNDRED,
            )
            .union(self.service.classes())
            .union(self.caller.classes(self.plaintext.length))
    }

    fn smaller(&self) -> Vec<Self> {
        let plain = Self::plain();
        // What takes the most away comes first: steps are few.
        let lengths = self.smaller_lengths().into_iter();
        let mut smaller: Vec<Self> = lengths
            .map(|length| Self {
                plaintext: Plaintext {
                    length,
                    ..self.plaintext
                },
                ..self.clone()
            })
            .collect();
        smaller.extend([
            Self {
                object: plain.object,
                ..self.clone()
            },
            Self {
                parallel: 0,
                ..self.clone()
            },
            Self {
                same_name: false,
                ..self.clone()
            },
            Self {
                v1: false,
                ..self.clone()
            },
            Self {
                plaintext: Plaintext {
                    seed: self.plaintext.seed.min(1),
                    ..self.plaintext
                },
                ..self.clone()
            },
            Self {
                cipher: Cipher::Ctr,
                ..self.clone()
            },
        ]);
        smaller.extend(self.service.smaller().into_iter().map(|service| Self {
            service,
            ..self.clone()
        }));
        smaller.extend(self.caller.smaller().into_iter().map(|caller| Self {
            caller,
            ..self.clone()
        }));
        smaller.extend(self.part_size.map(|part_size| Self {
            part_size: Some(part_size.min(MIN_PART_SIZE)),
            ..self.clone()
        }));
        smaller.retain(|case| case != self && case.check().is_ok());
        smaller
    }

    fn check(&self) -> std::result::Result<(), String> {
        /// What a stage holds without effort.
        const MOST_BYTES: u64 = 64 << 20;
        if self.plaintext.length > MOST_BYTES {
            return Err(format!(
                "{} bytes, expected at most {MOST_BYTES}",
                self.plaintext.length
            ));
        }
        if self.part_size.is_some() && self.layout().is_none() {
            return Err(format!(
                "part size {} is impossible for {}",
                shown(&self.part_size),
                self.cipher.cek_alg()
            ));
        }
        if self.same_name && self.caller.reuse == Reuse::AtOnce {
            return Err("two uploads to one name at a time, expected them in turn".to_owned());
        }
        match self.object.is_empty()
            || self.object.len() > 1_023
            || self.object.starts_with(['/', '\\'])
        {
            true => Err(format!("{} is no object's key", shown(&self.object))),
            false => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The smallest case that still fails, found as a run finds it, in as many steps as a run has.
    fn smallest(mut case: UploadCase, fails: impl Fn(&UploadCase) -> bool) -> UploadCase {
        let mut steps = UploadCase::MOST_STEPS;
        while steps > 0 {
            let tried = case.smaller();
            let found = tried.iter().position(&fails);
            let asked = found.map_or(tried.len(), |at| at + 1);
            steps = steps.saturating_sub(u32::try_from(asked).expect("few"));
            match found {
                Some(at) => case = tried[at].clone(),
                None => return case,
            }
        }
        case
    }

    /// 26 parts, in parallel, under an odd name.
    fn large() -> UploadCase {
        UploadCase {
            plaintext: Plaintext {
                seed: 7,
                length: 25 * MIN_PART_SIZE + 5,
            },
            parallel: 4,
            object: "a+b".to_owned(),
            ..UploadCase::plain()
        }
    }

    #[test]
    fn the_smallest_case_has_no_more_parts_than_it_takes() {
        let count = |case: &UploadCase| case.plaintext.length.div_ceil(MIN_PART_SIZE);
        for least in [1, 2, 3, 10, 17] {
            let found = smallest(large(), |case| count(case) >= least);
            assert_eq!(count(&found), least);
            assert_eq!(
                (found.parallel, found.object.as_str()),
                (0, "multipart.data")
            );
        }
    }
}
