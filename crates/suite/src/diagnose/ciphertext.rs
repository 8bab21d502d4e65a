//! Whether the captured bytes are the right ones. Each part is held against everything the capture says of it: the digests
//! on its own request, what the service returned for it, its ETag in the part list, the object as it was read back, and,
//! with the master key, what it decrypts to.

use std::collections::BTreeMap;

use data_encoding::BASE64;
use partproof_model::cipher::{self, ctr, gcm_object, gcm_part};
use partproof_model::envelope::DeclaredSizes;
use partproof_model::key_wrap::{MasterKey, WrapAlg};
use partproof_model::part_list::ListedPart;
use partproof_model::range::{self, RangeAnswer};
use partproof_model::{
    Cipher, ContentKey, Envelope, Layout, PartNumber, Plan, Rejection, Rule, Start, crc64, etag,
    rules,
};

use super::exchange::{Exchange, headers, is_masked, whole_body};
use super::upload::CapturedUpload;
use super::{Evidence, Grouped, Problem};
use crate::capture::{Message, Source, StartLine};

/// What came of it.
#[derive(Debug, Default)]
pub(super) struct Checked {
    pub(super) problems: Vec<Problem>,
    /// A line a part that was verified.
    pub(super) verified: Vec<String>,
    pub(super) notes: Vec<String>,
    pub(super) all_parts: bool,
    /// What the master key opened.
    opened: Option<String>,
}

/// The unwrapped content key and what it takes to use it.
struct Opened {
    cipher: Cipher,
    key: ContentKey,
    start: Start,
}

/// Verifies every captured part.
pub(super) fn verify(
    captured: &CapturedUpload<'_>,
    envelope: &Envelope,
    listed: &[ListedPart],
    evidence: &Evidence,
) -> Checked {
    let mut checked = Checked::default();
    let place = captured
        .envelope()
        .map(|(_, message)| message.source.clone());
    let opened = match (&evidence.master_key, &place) {
        (Some(master), Some(place)) => open(
            master,
            envelope,
            place,
            evidence.plaintext.as_deref(),
            &mut checked,
        ),
        (Some(_), None) => {
            checked.notes.push(
                "no message shows an envelope: there is nothing the master key could open"
                    .to_owned(),
            );
            None
        }
        (None, _) => None,
    };
    let verified_key = checked.opened.take();
    let Some(sizes) = envelope.sizes() else {
        checked.verified.extend(verified_key);
        return checked;
    };
    let plan = Plan {
        data: sizes.data,
        part: sizes.part,
    };
    let parts = captured.last_of_each();
    let mut bodies = BTreeMap::new();
    for (number, exchange) in &parts {
        let Some(body) = whole_body(exchange.request) else {
            continue;
        };
        bodies.insert(*number, body);
        let mut part = PartCheck {
            number: *number,
            exchange,
            body,
            witnesses: Vec::new(),
            wrong: Vec::new(),
        };
        part.digests(listed);
        part.read_back(captured, plan);
        if let Some(opened) = &opened {
            part.decrypt(opened, sizes, evidence.plaintext.as_deref());
        }
        part.conclude(&mut checked);
    }
    if let Some(opened) = opened.filter(|opened| opened.cipher == Cipher::GcmObject) {
        open_gcm_object(&opened, sizes, &bodies, place.as_ref(), &mut checked);
    }
    let whole = u64::try_from(bodies.len()).is_ok_and(|bodies| bodies == plan.count());
    let locked = evidence.master_key.is_some() && verified_key.is_none();
    checked.all_parts =
        whole && checked.verified.len() == bodies.len() && !bodies.is_empty() && !locked;
    checked.verified.splice(0..0, verified_key);
    if evidence.master_key.is_some() && !whole {
        checked.notes.push(format!(
            "{} of {} part bodies were captured whole",
            bodies.len(),
            plan.count()
        ));
    }
    checked
}

/// Unwraps the content key and the start.
fn open(
    master: &MasterKey,
    envelope: &Envelope,
    place: &Source,
    plaintext: Option<&[u8]>,
    checked: &mut Checked,
) -> Option<Opened> {
    let (Some(key), Some(start)) = (&envelope.key, &envelope.start) else {
        checked.notes.push(format!(
            "{place}: no wrapped key and start: there is nothing the master key could open"
        ));
        return None;
    };
    if is_masked(&key.to_string()) || is_masked(&start.to_string()) {
        checked.notes.push(format!(
            "{place}: the wrapped key or start is masked: the master key cannot open it"
        ));
        return None;
    }
    let name = |value: &Option<partproof_model::headers::HeaderValue>| {
        value
            .as_ref()
            .map(|value| value.to_string())
            .unwrap_or_default()
    };
    let (cek_alg, wrap_alg) = (name(&envelope.cek_alg), name(&envelope.wrap_alg));
    let (Some(cipher), Some(wrap)) = (
        Cipher::from_cek_alg(cek_alg.as_bytes()),
        WrapAlg::from_name(wrap_alg.as_bytes()),
    ) else {
        checked.notes.push(format!(
            "{place}: {cek_alg:?} wrapped with {wrap_alg:?} is nothing this model can open"
        ));
        return None;
    };
    let unwrap = |what: &str, value: &[u8]| -> Result<Vec<u8>, String> {
        let wrapped = BASE64
            .decode(value)
            .map_err(|error| format!("the wrapped {what} is not Base64: {error}"))?;
        master
            .unwrap(wrap, &wrapped)
            .map_err(|error| format!("the wrapped {what}: {error}"))
    };
    let opened = (|| {
        let key = unwrap("key", key.bytes())?;
        let start = unwrap("start", start.bytes())?;
        let rejected = |rejection: Rejection| rejection.detail;
        Ok(Opened {
            cipher,
            key: cipher::content_key(&key).map_err(rejected)?,
            start: cipher::start(&start).map_err(rejected)?,
        })
    })();
    match opened {
        Ok(opened) => {
            let wrap = wrap.name();
            checked.opened = Some(format!(
                "content key of 32 bytes and start of 16 bytes, unwrapped with {wrap} ({place})"
            ));
            if cipher == Cipher::Ctr && plaintext.is_none() {
                checked.notes.push("counter mode has no tag: that the bytes decrypt to the right plaintext only `--plaintext FILE` can show".to_owned());
            }
            Some(opened)
        }
        Err(problem) => {
            let problem: String = problem;
            let fixes =
                vec!["Check that this is the master key the upload was made with.".to_owned()];
            checked
                .problems
                .push(Problem::new(rules::WRAPPED_LENGTH, place, problem, fixes));
            None
        }
    }
}

/// One part being verified.
struct PartCheck<'a> {
    number: u64,
    exchange: &'a Exchange<'a>,
    body: &'a [u8],
    /// What agrees with its bytes.
    witnesses: Vec<String>,
    /// What does not.
    wrong: Vec<(&'static Rule, String)>,
}

impl PartCheck<'_> {
    /// The digests that the request, the response and the part list give.
    fn digests(&mut self, listed: &[ListedPart]) {
        let md5 = etag::md5(self.body);
        let (actual, crc) = (etag::of_part(&md5), crc64::checksum(self.body).to_string());
        let text = |message: Option<&Message>, name: &str| {
            let value = message?.header(name)?;
            Some(String::from_utf8_lossy(value.trim_ascii()).into_owned())
                .filter(|value| !is_masked(value))
        };
        let (request, response) = (Some(self.exchange.request), self.exchange.response);
        let in_list = listed
            .iter()
            .find(|part| part.number == self.number)
            .map(|part| part.etag.clone())
            .filter(|etag| !is_masked(etag));
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
            match given {
                None => {}
                Some(given) if etag::unquoted(&given) == expected => {
                    self.witnesses.push(what.to_owned())
                }
                Some(given) => self.wrong.push((
                    rule,
                    format!("{what} is {given}, that of the body is {expected}"),
                )),
            }
        }
    }

    /// The object as it was read back, whole or in a range.
    fn read_back(&mut self, captured: &CapturedUpload<'_>, plan: Plan) {
        let Some(slice) = PartNumber::new(self.number).and_then(|number| plan.slice(number)) else {
            return;
        };
        let first = slice.offset.bytes();
        for read in &captured.reads {
            let Some((from, bytes)) = read
                .response
                .and_then(|response| served(read, response, plan.data.bytes()))
            else {
                continue;
            };
            let overlap_from = from.max(first);
            let overlap_to = first
                .saturating_add(slice.length)
                .min(from.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX)));
            let piece = |bytes: &[u8], origin: u64| -> Option<Vec<u8>> {
                let start = usize::try_from(overlap_from.checked_sub(origin)?).ok()?;
                let end = usize::try_from(overlap_to.checked_sub(origin)?).ok()?;
                bytes.get(start..end).map(<[u8]>::to_vec)
            };
            let (Some(sent), Some(served)) = (piece(self.body, first), piece(bytes, from)) else {
                continue;
            };
            let Some(response) = read.response else {
                continue;
            };
            match sent
                .iter()
                .zip(&served)
                .position(|(sent, served)| sent != served)
            {
                None if sent.is_empty() => {}
                None => self.witnesses.push(format!(
                    "bytes {} to {} of the object as read back ({})",
                    Grouped(overlap_from),
                    Grouped(overlap_to - 1),
                    response.source
                )),
                Some(at) => {
                    let at = u64::try_from(at).unwrap_or_default() + overlap_from;
                    let detail = format!(
                        "byte {} of the part (byte {} of the object) is not what was read back ({})",
                        Grouped(at - first),
                        Grouped(at),
                        response.source
                    );
                    self.wrong.push((rules::STORED_BYTES, detail));
                }
            }
        }
    }

    /// What the body decrypts to.
    fn decrypt(&mut self, opened: &Opened, sizes: DeclaredSizes, plaintext: Option<&[u8]>) {
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

    fn conclude(self, checked: &mut Checked) {
        let source = self.exchange.source();
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
            checked.notes.push(format!("{source}: nothing in the capture vouches for the bytes of part {}; `--plaintext FILE` would", self.number));
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

/// The bytes a GET served, and where in the object they begin.
fn served<'a>(read: &Exchange<'_>, response: &'a Message, length: u64) -> Option<(u64, &'a [u8])> {
    let StartLine::Response { status } = response.start else {
        return None;
    };
    let bytes = whole_body(response).filter(|bytes| !bytes.is_empty())?;
    if status == 200 {
        return (u64::try_from(bytes.len()) == Ok(length)).then_some((0, bytes));
    }
    let sent = headers(read.request);
    let asked = sent
        .value("range")
        .and_then(|value| value.text())
        .filter(|_| status == 206)?;
    let standard = sent
        .value(range::BEHAVIOR)
        .is_some_and(|value| value.bytes() == b"standard");
    range::answers(asked, length, standard)
        .into_iter()
        .find_map(|answer| match answer {
            RangeAnswer::Slice { first, .. } => Some((first, bytes)),
            RangeAnswer::Whole | RangeAnswer::Unsatisfiable => None,
        })
}

/// The layout that declares these sizes.
fn layout(cipher: Cipher, sizes: DeclaredSizes) -> Option<Layout> {
    let (data, count) = (sizes.data.bytes(), sizes.count());
    let tags = match cipher {
        Cipher::Ctr => 0,
        Cipher::GcmObject => 16,
        Cipher::GcmPart => count.checked_mul(16)?,
    };
    Layout::new(cipher, data.checked_sub(tags)?, sizes.part)
        .ok()
        .filter(|layout| layout.wire().data == sizes.data)
}

/// The tag of a GCM object vouches for all parts at once.
fn open_gcm_object(
    opened: &Opened,
    sizes: DeclaredSizes,
    bodies: &BTreeMap<u64, &[u8]>,
    place: Option<&Source>,
    checked: &mut Checked,
) {
    let joined: Vec<u8> = bodies.values().copied().flatten().copied().collect();
    let (Some(place), true) = (place, u64::try_from(joined.len()) == Ok(sizes.data.bytes())) else {
        return;
    };
    match gcm_object::open(opened.key, opened.start, &joined) {
        Ok(_) => checked
            .notes
            .push("the authentication tag of the whole object is right".to_owned()),
        Err(rejection) => {
            let fixes = vec!["Upload again: some part is not what was sealed.".to_owned()];
            checked
                .problems
                .push(Problem::new(rejection.rule, place, rejection.detail, fixes));
        }
    }
}
