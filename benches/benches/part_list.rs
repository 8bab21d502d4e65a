//! The part list of 10,000 parts, written and read by the built-in and by quick-xml's own serde path, which is what a Rust client
//! would reach for. `write` begins with lists that are filled already, `add and write` with numbers and ETags. Both write into memory
//! reserved in full. `read` is of the same bytes, with the ETags' quotes escaped as the built-in writes them, or bare as serde does.
//! What was written is right if the model reads the same parts from it: spelling may differ.

use partproof_benches::contest::{Bout, Contender, Contest, Work};
use partproof_benches::table::Amount;
use partproof_client::PartList;
use partproof_model as model;
use serde::{Deserialize, Serialize};

const COUNT: u32 = 10_000;
const RIVALS: [&str; 1] = ["quick-xml serde"];

fn main() {
    let mut contest = Contest::new("part list");
    let parts = parts();
    let amount = Amount::Elements(COUNT);
    contest.row("write", amount, &RIVALS, || write(&parts));
    contest.row("add and write", amount, &RIVALS, || add_and_write(&parts));
    let escaped = String::from_utf8(built_in_list(&parts).to_xml().expect("full")).expect("ASCII");
    let bare = SerdeList::new(&parts).write();
    contest.row("read escaped quotes", amount, &RIVALS, || {
        read(&parts, &escaped)
    });
    contest.row("read bare quotes", amount, &RIVALS, || read(&parts, &bare));
    contest.finish();
}

type Part = (u32, String);

/// ETags as the service gives them: an MD5 in upper case, in quotes.
fn parts() -> Vec<Part> {
    let etag = |number: u32| {
        let md5 = u128::from(number).wrapping_mul(0xD131_DD02_C5E6_EEC4_693D_9A06_98AF_F95D);
        (number, format!("\"{md5:032X}\""))
    };
    (1..=COUNT).map(etag).collect()
}

fn built_in_list(parts: &[Part]) -> PartList {
    let mut list = PartList::new(COUNT).expect("at most 10,000");
    for (number, etag) in parts {
        list.add(*number, etag).expect("each part once");
    }
    list
}

#[derive(Serialize, Deserialize)]
#[serde(rename = "CompleteMultipartUpload")]
struct SerdeList {
    #[serde(rename = "Part")]
    parts: Vec<SerdePart>,
}

#[derive(Serialize, Deserialize)]
struct SerdePart {
    #[serde(rename = "PartNumber")]
    number: u32,
    #[serde(rename = "ETag")]
    etag: String,
}

impl SerdeList {
    fn new(parts: &[Part]) -> Self {
        let part = |(number, etag): &Part| SerdePart {
            number: *number,
            etag: etag.clone(),
        };
        SerdeList {
            parts: parts.iter().map(part).collect(),
        }
    }

    fn write(&self) -> String {
        let mut xml = String::with_capacity(100 * self.parts.len() + 64);
        quick_xml::se::to_writer(&mut xml, self).expect("strings and numbers");
        xml
    }
}

fn write(parts: &[Part]) -> Bout<'_, Written<'_>> {
    let (list, serde_list) = (built_in_list(parts), SerdeList::new(parts));
    let built_in: Contender<'_, Written<'_>> =
        Box::new(move |written| written.body = list.to_xml().expect("full"));
    let serde: Contender<'_, Written<'_>> =
        Box::new(move |written| written.body = serde_list.write().into_bytes());
    Written::bout(parts, vec![built_in, serde])
}

fn add_and_write(parts: &[Part]) -> Bout<'_, Written<'_>> {
    let built_in: Contender<'_, Written<'_>> =
        Box::new(|written| written.body = built_in_list(parts).to_xml().expect("full"));
    let serde: Contender<'_, Written<'_>> =
        Box::new(|written| written.body = SerdeList::new(parts).write().into_bytes());
    Written::bout(parts, vec![built_in, serde])
}

struct Written<'p> {
    parts: &'p [Part],
    body: Vec<u8>,
}

impl<'p> Written<'p> {
    fn bout(parts: &'p [Part], contenders: Vec<Contender<'p, Self>>) -> Bout<'p, Self> {
        let work = Written {
            parts,
            body: Vec::new(),
        };
        Bout { work, contenders }
    }
}

impl Work for Written<'_> {
    fn reset(&mut self) {
        self.body.clear();
    }

    fn check(&self) -> Result<(), String> {
        let listed = model::part_list::read(&self.body).map_err(|error| error.to_string())?;
        let listed: Vec<_> = listed
            .into_iter()
            .map(|part| (part.number, part.etag))
            .collect();
        check_parts(&listed, self.parts)
    }
}

fn read<'p>(parts: &'p [Part], body: &'p str) -> Bout<'p, Read<'p>> {
    let built_in: Contender<'_, Read<'_>> =
        Box::new(|read| read.built_in = PartList::read(body.as_bytes()).ok());
    let serde: Contender<'_, Read<'_>> =
        Box::new(|read| read.serde = quick_xml::de::from_str(body).ok());
    Bout {
        work: Read {
            parts,
            built_in: None,
            serde: None,
        },
        contenders: vec![built_in, serde],
    }
}

struct Read<'p> {
    parts: &'p [Part],
    built_in: Option<Vec<Part>>,
    serde: Option<SerdeList>,
}

impl Work for Read<'_> {
    fn reset(&mut self) {
        (self.built_in, self.serde) = (None, None);
    }

    fn check(&self) -> Result<(), String> {
        let read: Vec<_> = match (&self.built_in, &self.serde) {
            (Some(parts), None) => parts
                .iter()
                .map(|(n, etag)| ((*n).into(), etag.clone()))
                .collect(),
            (None, Some(list)) => {
                let part = |part: &SerdePart| (part.number.into(), part.etag.clone());
                list.parts.iter().map(part).collect()
            }
            _ => return Err("the part list was refused".to_owned()),
        };
        check_parts(&read, self.parts)
    }
}

fn check_parts(actual: &[(u64, String)], expected: &[Part]) -> Result<(), String> {
    let pairs = expected
        .iter()
        .map(|(number, etag)| (u64::from(*number), etag));
    if pairs.eq(actual.iter().map(|(number, etag)| (*number, etag))) {
        return Ok(());
    }
    let first = actual
        .iter()
        .zip(expected)
        .find(|(a, e)| a.0 != u64::from(e.0) || a.1 != e.1);
    Err(format!(
        "{} parts, expected {}; first difference {first:?}",
        actual.len(),
        expected.len()
    ))
}
