//! One captured part, held against everything the capture says of it.

use data_encoding::BASE64;
use partproof_model::cipher::{ctr, gcm_part};
use partproof_model::envelope::DeclaredSizes;
use partproof_model::{Cipher, PartNumber, Plan, Rule, crc64, etag, rules};

use super::super::exchange::Exchange;
use super::super::masked::is_masked;
use super::super::{Grouped, Problem};
use super::read::Read;
use super::{Checked, Opened, layout};
use crate::capture::Message;

/// The most reads of a part that are named; of more, how many there are.
const MOST_NAMED: u64 = 8;

/// One part being verified.
pub(super) struct PartCheck<'a> {
    pub(super) number: u64,
    pub(super) body: &'a [u8],
    exchange: &'a Exchange<'a>,
    /// What agrees with its bytes.
    witnesses: Vec<String>,
    /// What does not.
    wrong: Vec<(&'static Rule, String)>,
    /// How often it was read back, right and wrong.
    reads: [u64; 2],
}

impl<'a> PartCheck<'a> {
    pub(super) fn new(number: u64, exchange: &'a Exchange<'a>, body: &'a [u8]) -> Self {
        Self {
            number,
            body,
            exchange,
            witnesses: Vec::new(),
            wrong: Vec::new(),
            reads: [0; 2],
        }
    }

    /// The digests that the request, the response and the part list give.
    pub(super) fn digests(&mut self, listed: Option<&str>) {
        let md5 = etag::md5(self.body);
        let (actual, crc) = (etag::of_part(&md5), crc64::checksum(self.body).to_string());
        let text = |message: Option<&Message>, name: &str| {
            let value = message?.header(name)?;
            Some(String::from_utf8_lossy(value.trim_ascii()).into_owned())
                .filter(|value| !is_masked(value))
        };
        let (request, response) = (Some(self.exchange.request), self.exchange.response);
        let in_list = listed.filter(|etag| !is_masked(etag)).map(str::to_owned);
        let base64 = BASE64.encode(&md5);
        for (what, rule, given, expected) in [
            (
                "its Content-MD5",
                rules::CONTENT_MD5,
                text(request, "content-md5"),
                base64.as_str(),
            ),
            (
                "the CRC-64 it declares",
                rules::CRC64_DECLARED,
                text(request, "x-oss-hash-crc64ecma"),
                &crc,
            ),
            (
                "the ETag in the response",
                rules::PART_ETAG,
                text(response, "etag"),
                &actual,
            ),
            (
                "the CRC-64 in the response",
                rules::STORED_BYTES,
                text(response, "x-oss-hash-crc64ecma"),
                &crc,
            ),
            (
                "its ETag in the part list",
                rules::PART_LIST_PART,
                in_list,
                &actual,
            ),
        ] {
            // Whether the letters of a listed ETag count is an open question, and told as one.
            let is_same = |given: &str| match rule == rules::PART_LIST_PART {
                true => etag::unquoted(given).eq_ignore_ascii_case(expected),
                false => etag::unquoted(given) == expected,
            };
            match given {
                None => {}
                Some(given) if is_same(&given) => self.witnesses.push(what.to_owned()),
                Some(given) => self.wrong.push((
                    rule,
                    format!("{what} is {given}, that of the body is {expected}"),
                )),
            }
        }
    }

    /// The object as it was read back, whole or in a range.
    pub(super) fn read_back(&mut self, read: &Read<'a>, plan: Plan) {
        let Some(slice) = PartNumber::new(self.number).and_then(|number| plan.slice(number)) else {
            return;
        };
        let first = slice.offset.bytes();
        let from = first.max(read.first);
        let to = first.saturating_add(slice.length).min(read.end());
        let within = |bytes: &'a [u8], origin: u64| -> Option<&'a [u8]> {
            let start = usize::try_from(from.checked_sub(origin)?).ok()?;
            let end = usize::try_from(to.checked_sub(origin)?).ok()?;
            bytes.get(start..end).filter(|bytes| !bytes.is_empty())
        };
        let (Some(sent), Some(served)) = (within(self.body, first), within(read.bytes, read.first))
        else {
            return;
        };
        let differs = sent
            .iter()
            .zip(served)
            .position(|(sent, served)| sent != served);
        let [right, wrong] = &mut self.reads;
        let count = if differs.is_none() { right } else { wrong };
        *count = count.saturating_add(1);
        if *count > MOST_NAMED {
            return;
        }
        match differs {
            None => self.witnesses.push(format!(
                "bytes {} to {} of the object as read back ({})",
                Grouped(from),
                Grouped(to - 1),
                read.source
            )),
            Some(at) => {
                let at = u64::try_from(at).unwrap_or_default() + from;
                let detail = format!(
                    "byte {} of the part (byte {} of the object) is not what was read back ({})",
                    Grouped(at - first),
                    Grouped(at),
                    read.source
                );
                self.wrong.push((rules::STORED_BYTES, detail));
            }
        }
    }

    /// What the body decrypts to.
    pub(super) fn decrypt(
        &mut self,
        opened: &Opened,
        sizes: DeclaredSizes,
        plaintext: Option<&[u8]>,
    ) {
        let Some(number) = PartNumber::new(self.number) else {
            return;
        };
        let Some(slice) = (Plan {
            data: sizes.data,
            part: sizes.part,
        })
        .slice(number) else {
            return;
        };
        let decrypted = match opened.cipher {
            Cipher::Ctr => ctr::apply(opened.key, opened.start, slice.offset, self.body),
            Cipher::GcmPart => match layout(opened.cipher, sizes)
                .map(|layout| gcm_part::open(opened.key, opened.start, layout, number, self.body))
            {
                Some(Ok(plaintext)) => {
                    self.witnesses.push("its authentication tag".to_owned());
                    plaintext
                }
                Some(Err(rejection)) => return self.wrong.push((rejection.rule, rejection.detail)),
                None => return,
            },
            // Its tag is the whole object's.
            Cipher::GcmObject => return,
        };
        let range = layout(opened.cipher, sizes).and_then(|layout| layout.plaintext_of(number));
        let (Some(plaintext), Some(range)) = (plaintext, range) else {
            return;
        };
        let expected = usize::try_from(range.start)
            .ok()
            .zip(usize::try_from(range.end).ok())
            .and_then(|(start, end)| plaintext.get(start..end));
        match expected {
            Some(expected) if expected == decrypted => self
                .witnesses
                .push("the plaintext, byte for byte".to_owned()),
            Some(expected) => {
                let at = expected
                    .iter()
                    .zip(&decrypted)
                    .take_while(|(expected, actual)| expected == actual)
                    .count();
                let at = u64::try_from(at).unwrap_or_default();
                let detail = format!(
                    "it decrypts to other bytes than the plaintext has from byte {} of the part (byte {} of the plaintext)",
                    Grouped(at),
                    Grouped(range.start + at)
                );
                self.wrong.push((rules::CTR_POSITION, detail));
            }
            None => self.wrong.push((
                rules::DECLARED_SIZES,
                format!(
                    "the plaintext given has {} bytes and ends before this part",
                    plaintext.len()
                ),
            )),
        }
    }

    pub(super) fn conclude(mut self, checked: &mut Checked) {
        let source = self.exchange.source();
        let [right, wrong] = self.reads.map(|reads| reads.saturating_sub(MOST_NAMED));
        if right > 0 {
            self.witnesses
                .push(format!("{} more reads", Grouped(right)));
        }
        if wrong > 0 {
            let detail = format!("nor what {} more reads gave", Grouped(wrong));
            self.wrong.push((rules::STORED_BYTES, detail));
        }
        if self.wrong.is_empty() && !self.witnesses.is_empty() {
            let length = u64::try_from(self.body.len()).unwrap_or(u64::MAX);
            checked.verified.push(format!(
                "part {} ({} bytes): agrees with {}",
                self.number,
                Grouped(length),
                self.witnesses.join(", ")
            ));
            return;
        }
        if self.wrong.is_empty() {
            checked.unvouched.push(self.number);
        }
        let agrees = if self.witnesses.is_empty() {
            String::new()
        } else {
            format!("; it agrees with {}", self.witnesses.join(", "))
        };
        let mut wrong = self.wrong.into_iter();
        let Some((rule, first)) = wrong.next() else {
            return;
        };
        let rest: String = wrong.map(|(_, detail)| format!("; {detail}")).collect();
        let fixes = vec![format!(
            "Upload part {} again with its right ciphertext, and list the ETag that is then returned.",
            self.number
        )];
        checked.problems.push(Problem::new(
            rule,
            source,
            format!("part {}: {first}{rest}{agrees}", self.number),
            fixes,
        ));
    }
}
