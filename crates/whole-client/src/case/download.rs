//! Cases for clients that read: an object that the model wrote, in any form that clients write, and what is read of it.

mod place;
pub mod reader;

use std::ops::Range;

use arbitrary::{Arbitrary, Result, Unstructured};
use partproof_emulator::{Fault, Operation, PlannedFault};
use partproof_model::limits::MIN_PART_SIZE;
use partproof_model::{Cipher, Layout, PartSize, envelope};
use serde::{Deserialize, Serialize};

use self::reader::Reader;
use super::failing::FOR_GOOD;
use partproof_suite::case::encrypt::{of_cipher, of_counter};
use partproof_suite::case::envelope::{Breakage, EnvelopeCase, HeaderSpelling};
use partproof_suite::case::{Case, draw, is_default};
use partproof_suite::class::{Class, Classes};
use partproof_suite::plaintext::Plaintext;
use partproof_suite::subject::client::ByteRange;

/// An object, and a read of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DownloadCase {
    /// Its envelope; that of an object in parts has their sizes.
    pub envelope: EnvelopeCase,
    /// What is in it.
    pub plaintext: Plaintext,
    /// Bytes of a part, if it was not put at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part_size: Option<u64>,
    /// Which bytes are read; all if there is no range.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub range: Option<ByteRange>,
    /// What makes it unreadable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub damage: Option<Damage>,
    /// What goes wrong with requests.
    #[serde(default, skip_serializing_if = "is_default")]
    pub faults: Vec<PlannedFault>,
    /// What its caller gives the reader.
    #[serde(default, skip_serializing_if = "is_default")]
    pub reader: Reader,
}

/// What makes an object unreadable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Damage {
    /// Its envelope has this wrong.
    Envelope(Breakage),
    /// A bit of this stored byte is another; only where a tag shows it.
    Byte(u64),
    /// There is none: the object was put as it is. Whoever reads it as that is right, and whoever refuses it too.
    Plain,
}

impl DownloadCase {
    /// How it lies in parts; in one if it was put at once.
    pub(crate) fn layout(&self) -> Option<Layout> {
        let whole = self
            .plaintext
            .length
            .saturating_add(16)
            .next_multiple_of(16);
        let part_size = self.part_size.unwrap_or(whole + 16);
        Layout::new(
            self.envelope.cipher,
            self.plaintext.length,
            PartSize::new(part_size)?,
        )
        .ok()
    }

    /// The bytes that are asked for, as a standard service has it; none if the range holds none.
    pub fn asked(&self) -> Option<Range<u64>> {
        let length = self.plaintext.length;
        match self.range {
            None => Some(0..length),
            Some(ByteRange::Closed { first, last }) if first < length => {
                Some(first..last.saturating_add(1).min(length))
            }
            Some(ByteRange::From { first }) if first < length => Some(first..length),
            Some(ByteRange::Suffix { length: wanted }) if wanted > 0 => {
                Some(length.saturating_sub(wanted)..length)
            }
            Some(_) => None,
        }
    }

    /// Whether a reader may answer with everything, as the service does with a range that it cannot serve as it stands.
    pub(crate) fn may_be_whole(&self) -> bool {
        let length = self.plaintext.length;
        self.asked().is_none()
            || match self.range {
                Some(ByteRange::Closed { last, .. }) => last >= length,
                Some(ByteRange::Suffix { length: wanted }) => wanted > length,
                _ => false,
            }
    }

    /// Whether the range begins in the object and ends past it.
    pub(crate) fn is_beyond(&self) -> bool {
        let length = self.plaintext.length;
        matches!(self.range, Some(ByteRange::Closed { first, last }) if first < length && last >= length)
    }

    /// Whether the range begins past the object's end.
    pub(crate) fn is_outside(&self) -> bool {
        self.first() > 0 && self.first() >= self.plaintext.length
    }

    /// The first byte that is asked for, by its place.
    pub(crate) fn first(&self) -> u64 {
        match self.range {
            Some(ByteRange::Closed { first, .. } | ByteRange::From { first }) => first,
            _ => 0,
        }
    }

    /// Whether the service answers with the whole object whatever range is asked for.
    pub(crate) fn is_answered_whole(&self) -> bool {
        let mut faults = self.faults.iter();
        faults.any(|planned| {
            let is_first = planned.operation == Some(Operation::GetObject) && planned.nth == 1;
            is_first && planned.fault == Fault::IgnoreRange
        })
    }

    /// Whether the service spells names of headers `Like-This`: where nothing else is unusual, for who does not know them misreads everything.
    pub(crate) fn is_title_case(&self) -> bool {
        self.envelope.spelling.title_case && self.must_be_read()
    }

    /// What goes wrong, the header included that is missing: the service would not store half an envelope, but a proxy may drop the other half.
    pub(crate) fn all_faults(&self) -> Vec<PlannedFault> {
        let mut faults = self.faults.clone();
        if let Some(Damage::Envelope(Breakage::Missing(name))) = &self.damage {
            faults.push(PlannedFault {
                operation: None,
                part_number: None,
                nth: 1,
                times: FOR_GOOD,
                fault: Fault::Header {
                    name: name.clone(),
                    value: None,
                },
            });
        }
        faults
    }

    /// Whether there is nothing about it that a reader may refuse.
    pub(crate) fn must_be_read(&self) -> bool {
        self.range.is_none()
            && self.damage.is_none()
            && self.faults.is_empty()
            && !self.reader.replaced
    }
}

impl<'a> Arbitrary<'a> for DownloadCase {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let mut envelope = EnvelopeCase::arbitrary(u)?;
        let is_put = u.int_in_range(0..=2_u8)? == 0 && envelope.cipher != Cipher::GcmPart;
        let part_size = MIN_PART_SIZE + 16 * u.int_in_range(0..=2)?;
        let length = match u.int_in_range(0..=7_u8)? {
            0 if is_put => 0,
            1 => 1,
            2 | 3 => 16 * u.int_in_range(1..=20)?,
            4 => u.int_in_range(1..=400)?,
            5 => part_size + 1,
            _ => u.int_in_range(1..=3 * part_size)?,
        };
        if u.int_in_range(0..=1_u8)? == 0 {
            // A carry within the first blocks.
            envelope.start = draw::start(u, envelope.cipher)?;
        }
        let with_sizes = u.arbitrary()?;
        let seed = u.int_in_range(1..=9)?;
        let mut case = Self {
            plaintext: Plaintext { seed, length },
            part_size: (!is_put).then_some(part_size),
            range: place::draw_range(u, length)?,
            damage: None,
            faults: Vec::new(),
            reader: Reader::default(),
            envelope,
        };
        match u.int_in_range(0..=9_u8)? {
            0 => case.damage = Some(Damage::Envelope(draw_breakage(u)?)),
            1 if case.envelope.cipher != Cipher::Ctr => {
                let stored = case.layout().map_or(1, |layout| layout.wire().data.bytes());
                case.damage = Some(Damage::Byte(u.int_in_range(0..=stored - 1)?));
                case.range = None;
            }
            4 if is_put && case.envelope.cipher == Cipher::Ctr => {
                case.damage = Some(Damage::Plain);
            }
            2 | 3 => case.faults.push(draw_fault(u, case.plaintext.length)?),
            _ => {}
        }
        case.reader = Reader::draw(u, case.plaintext.length)?;
        case.settle();
        case.set_sizes(with_sizes);
        Ok(case)
    }
}

impl DownloadCase {
    /// Leaves out of an unusual reader's case what would explain a refusal.
    fn settle(&mut self) {
        let reader = &self.reader;
        if *reader == Reader::default() {
            return;
        }
        self.damage = None;
        self.faults.clear();
        if reader.pieces.is_none() {
            // A range may be refused, the whole may not.
            self.range = None;
        }
        if reader.replaced {
            // What comes back as neither version shall have no other reason.
            self.envelope.start[8..].fill(0);
            self.envelope.spelling = HeaderSpelling::default();
            self.envelope.description = None;
        }
        if reader.keys.is_some() || reader.empty_description || reader.old_names {
            self.envelope.description = None;
        }
        if reader.old_names {
            self.envelope.cipher = Cipher::Ctr;
            self.envelope.oaep = true;
        }
    }

    /// Declares the sizes that the object has.
    fn set_sizes(&mut self, of_a_put: bool) {
        let layout = self.layout();
        self.envelope.sizes = match (self.part_size, of_a_put, layout) {
            (Some(part_size), _, Some(layout)) => Some((layout.wire().data.bytes(), part_size)),
            (None, true, Some(layout)) if self.plaintext.length > 0 => {
                Some((layout.wire().data.bytes(), layout.wire().part.bytes()))
            }
            _ => None,
        };
    }
}

/// What the service stores without looking.
fn draw_breakage(u: &mut Unstructured<'_>) -> Result<Breakage> {
    Ok(match u.int_in_range(0..=4_u8)? {
        4 => Breakage::Missing((*u.choose(&[envelope::KEY, envelope::START])?).to_owned()),
        // 16 and 24 bytes are keys of AES as well: whoever takes them reads what another writer may have meant.
        0 => Breakage::KeyLength(*u.choose(&[15, 31, 33])?),
        1 => Breakage::StartLength(*u.choose(&[8, 12, 15, 17])?),
        2 => Breakage::WrongMasterKey,
        _ => Breakage::Value(
            (*u.choose(&[envelope::CEK_ALG, envelope::WRAP_ALG])?).to_owned(),
            "AES/CBC/PKCS5Padding".to_owned(),
        ),
    })
}

fn draw_fault(u: &mut Unstructured<'_>, length: u64) -> Result<PlannedFault> {
    let fault = match u.int_in_range(0..=4_u8)? {
        4 => Fault::IgnoreRange,
        0 => Fault::Answer {
            status: 503,
            code: Some("ServiceUnavailable".to_owned()),
        },
        1 => Fault::CutBeforeBody,
        _ => Fault::CutAnswer {
            // Soon, between two blocks, and just before the end.
            after: match u.int_in_range(0..=3_u8)? {
                0 => u.int_in_range(0..=100)?,
                1 => length / 32 * 16,
                2 => length.saturating_sub(1),
                _ => u.int_in_range(0..=length)? / 16 * 16,
            },
        },
    };
    Ok(PlannedFault {
        operation: Some(*u.choose(&[
            Operation::GetObject,
            Operation::GetObject,
            Operation::HeadObject,
        ])?),
        part_number: None,
        nth: u.int_in_range(1..=2)?,
        times: *u.choose(&[1, 2, FOR_GOOD])?,
        fault,
    })
}

impl Case for DownloadCase {
    const BYTES: usize = 256;
    const MOST_STEPS: u32 = 200;

    fn classes(&self) -> Classes {
        let length = self.plaintext.length;
        let start = self.envelope.start;
        let range = self.range;
        self.envelope
            .classes()
            .union(of_cipher(self.envelope.cipher))
            .union(of_counter(self.envelope.cipher, start, 0, length))
            .with(Class::EmptyObject, length == 0)
            .with(Class::SinglePut, self.part_size.is_none())
            .with(
                Class::MultipartObject,
                self.part_size.is_some_and(|part_size| length > part_size),
            )
            .with(Class::WithoutSizes, self.envelope.sizes.is_none())
            .with(Class::WholeRead, range.is_none() && self.damage.is_none())
            .with(Class::UnalignedOffset, !self.first().is_multiple_of(16))
            .union(place::of_range(self))
            .union(place::of_faults(self))
            .union(place::of_damage(self))
            .with(Class::TitleCase, self.is_title_case())
            .union(self.reader.classes(range.is_none()))
    }

    fn smaller(&self) -> Vec<Self> {
        let mut smaller = vec![
            Self {
                faults: Vec::new(),
                ..self.clone()
            },
            Self {
                range: None,
                ..self.clone()
            },
            Self {
                part_size: None,
                ..self.clone()
            },
            Self {
                part_size: self.part_size.map(|_| MIN_PART_SIZE),
                ..self.clone()
            },
        ];
        if let [only] = self.faults.as_slice()
            && matches!(only.fault, Fault::CutAnswer { after } if after != 16)
        {
            let fault = Fault::CutAnswer { after: 16 };
            let faults = vec![PlannedFault {
                fault,
                ..only.clone()
            }];
            smaller.push(Self {
                faults,
                ..self.clone()
            });
        }
        let lengths = [1, 16, 17, 32, 33, MIN_PART_SIZE + 1].into_iter();
        smaller.extend(
            lengths
                .filter(|length| *length < self.plaintext.length)
                .map(|length| Self {
                    plaintext: Plaintext { seed: 1, length },
                    ..self.clone()
                }),
        );
        smaller.extend(simpler_ranges(self.range).into_iter().map(|range| Self {
            range: Some(range),
            ..self.clone()
        }));
        smaller.extend(self.reader.smaller().into_iter().map(|reader| Self {
            reader,
            ..self.clone()
        }));
        let envelopes = self.envelope.smaller().into_iter();
        smaller.extend(envelopes.map(|envelope| Self {
            envelope,
            ..self.clone()
        }));
        for case in &mut smaller {
            case.set_sizes(self.part_size.is_none() && case.envelope.sizes.is_some());
        }
        smaller.retain(|case| case != self && case.check().is_ok());
        smaller
    }

    fn check(&self) -> std::result::Result<(), String> {
        /// What a stage holds without effort.
        const MOST_BYTES: u64 = 16 << 20;
        self.envelope.check()?;
        self.reader.check()?;
        let mut settled = self.clone();
        settled.settle();
        if settled != *self {
            return Err("an unusual reader, expected nothing else that is unusual".to_owned());
        }
        if self.plaintext.length > MOST_BYTES || self.faults.len() > 8 {
            return Err(format!(
                "{} bytes and {} faults, expected at most {MOST_BYTES} and 8",
                self.plaintext.length,
                self.faults.len()
            ));
        }
        let mut declared = self.clone();
        declared.set_sizes(self.envelope.sizes.is_some());
        let Some(layout) = self
            .layout()
            .filter(|_| declared.envelope.sizes == self.envelope.sizes)
        else {
            return Err("the envelope's sizes are not those of the object".to_owned());
        };
        if self.part_size.is_none() && self.envelope.cipher == Cipher::GcmPart
            || self
                .part_size
                .is_some_and(|part_size| part_size < MIN_PART_SIZE)
            || self.part_size.is_some() && layout.wire().data.bytes() == 0
        {
            return Err("no such object can be uploaded in parts".to_owned());
        }
        if let Some(ByteRange::Closed { first, last }) = self.range
            && first > last
        {
            return Err(format!(
                "range {first}-{last}, expected the first not behind the last"
            ));
        }
        for planned in &self.faults {
            planned.check()?;
        }
        match &self.damage {
            Some(Damage::Byte(at))
                if self.envelope.cipher == Cipher::Ctr
                    || self.range.is_some()
                    || *at >= layout.wire().data.bytes() =>
            {
                Err("no tag shows that byte".to_owned())
            }
            Some(Damage::Envelope(Breakage::Missing(name)))
                if ![envelope::KEY, envelope::START].contains(&name.as_str())
                    || !self.faults.is_empty() =>
            {
                Err(format!(
                    "{name}, expected the key or the start, and no faults"
                ))
            }
            Some(Damage::Plain)
                if self.part_size.is_some() || self.envelope.cipher != Cipher::Ctr =>
            {
                Err("a plain object is put at once, in counter mode".to_owned())
            }
            Some(Damage::Envelope(Breakage::Sent { .. })) => {
                Err("the service does not store an envelope without that header".to_owned())
            }
            Some(Damage::Envelope(Breakage::KeyLength(32) | Breakage::StartLength(16))) => {
                Err("this length is right: nothing is broken".to_owned())
            }
            Some(Damage::Envelope(Breakage::KeyLength(length) | Breakage::StartLength(length)))
                if *length > 48 =>
            {
                Err(format!("{length} bytes to wrap, expected at most 48"))
            }
            Some(Damage::Envelope(Breakage::Value(name, _))) if !name.ends_with("-alg") => {
                Err(format!("{name}, expected one of the algorithms"))
            }
            _ => Ok(()),
        }
    }
}

fn simpler_ranges(range: Option<ByteRange>) -> Vec<ByteRange> {
    match range {
        Some(ByteRange::Closed { first, last }) => [
            (0, 0),
            (1, 1),
            (16, 16),
            (17, 17),
            (first, first),
            (first, last / 2),
        ]
        .into_iter()
        .filter(|simpler| *simpler < (first, last))
        .map(|(first, last)| ByteRange::Closed { first, last })
        .collect(),
        Some(ByteRange::From { first }) => [1, 16, 17]
            .into_iter()
            .filter(|simpler| *simpler < first)
            .map(|first| ByteRange::From { first })
            .collect(),
        Some(ByteRange::Suffix { length }) => [1, 16, 17]
            .into_iter()
            .filter(|simpler| *simpler < length)
            .map(|length| ByteRange::Suffix { length })
            .collect(),
        None => Vec::new(),
    }
}
