//! What was sent, accepted or not: under one content key and start each place of the object is sent with the same bytes every time.

use std::collections::{BTreeMap, HashMap, HashSet};

use partproof_model::{Cipher, Layout, PartNumber, PartSize, rules};

use super::reason::{Part, Secrets};
use super::stored::{self, Opened, Source};
use crate::stage::exchange::Exchange;
use crate::stage::unable;
use partproof_evidence::Cause;
use partproof_suite::law::Consequence::{DataLost, PlaintextExposed, UploadRejected};
use partproof_suite::law::{Held, Unheld, violated};

/// A content key and a start, the envelope that they are of, and what was sent under them.
type Attempts<'e> = HashMap<Secrets, (Opened, BTreeMap<u64, Vec<&'e Exchange>>)>;

/// Why a part was sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Again {
    /// An attempt failed.
    Failed,
    /// The upload was interrupted and asked for again in parts of another size.
    OtherPartSize,
    /// The upload was interrupted and asked for again after the source had changed, its time kept.
    ChangedSource,
}

impl Again {
    /// What is observed where the bytes are others.
    fn symptom(self) -> &'static str {
        match self {
            Self::Failed => "a part is sent again with other bytes under the same key and start",
            Self::OtherPartSize => {
                "a part is sent again in another size under the same key and start"
            }
            Self::ChangedSource => {
                "a part of a changed source is sent again under the same key and start"
            }
        }
    }

    /// What the run did to bring it about.
    fn brought_about(self) -> &'static str {
        match self {
            Self::Failed => {
                "the run made an attempt fail and changed nothing else: a retry goes on from a state that the attempt left"
            }
            Self::OtherPartSize => {
                "the run asked for the interrupted upload again with a part size 16 bytes larger"
            }
            Self::ChangedSource => {
                "the run changed the file after the upload was interrupted, kept its time of modification, and asked for the upload again"
            }
        }
    }
}

/// No attempt at a part, in any upload, sends other bytes under the same key and start. `sources` are the plaintexts that there were, and `again` is why it
/// was sent again.
pub(super) fn attempts_agree(exchanges: &[Exchange], sources: &[Source<'_>], again: Again) -> Held {
    let others = secrets(exchanges)?;
    for (opened, parts) in attempts(exchanges)?.values() {
        for (number, attempts) in parts {
            let mut longest = Vec::new();
            for attempt in attempts {
                let body = attempt.body().map_err(|error| unable(&error))?;
                let (short, long) = match body.len() <= longest.len() {
                    true => (&body, &longest),
                    false => (&longest, &body),
                };
                if long.starts_with(short) {
                    // The most frequent case by far, and the fastest way to see it.
                } else if let Some(at) =
                    short.iter().zip(long).position(|(one, other)| one != other)
                {
                    let differs = Differing {
                        number: *number,
                        attempts: attempts.len(),
                        at,
                        bodies: [&longest, &body],
                        again,
                    };
                    return Err(differs.violated(opened, sources, &others));
                }
                if body.len() > longest.len() {
                    longest = body;
                }
            }
        }
    }
    Ok(())
}

/// Two attempts at a part that differ.
struct Differing<'d> {
    number: u64,
    attempts: usize,
    at: usize,
    bodies: [&'d [u8]; 2],
    again: Again,
}

impl Differing<'_> {
    /// What that means: keystream is shared only if both are under one key.
    fn violated(&self, opened: &Opened, sources: &[Source<'_>], others: &[Secrets]) -> Unheld {
        let number = self.number;
        let expected = format!(
            "the same bytes in all {} attempts at part {number}",
            self.attempts
        );
        // Of a block, for single bytes are alike by chance.
        let block = self.at - self.at % 16;
        let actual = format!(
            "the block of byte {block} differs; {}",
            self.again.brought_about()
        );
        // One of them is right, as a rule.
        let siblings = || {
            let bodies = self.bodies.iter();
            bodies.map(|body| (number, body.to_vec())).collect()
        };
        let parts: Vec<Part<'_>> = sources
            .iter()
            .filter_map(|source| {
                let part_size = match opened.sizes {
                    Some(sizes) => sizes.part,
                    // It was put at once.
                    None => PartSize::new(source.length().next_multiple_of(16).max(32))?,
                };
                let layout = stored::of_part_size(opened, source.length(), part_size).ok()?;
                Some(Part {
                    opened,
                    layout,
                    number,
                    source,
                    others,
                    siblings: &siblings,
                })
            })
            .collect();
        // What is sealed is under the key that its envelope names, as far as can be seen.
        let both_are_its_own = opened.cipher != Cipher::Ctr
            || self.bodies.iter().all(|body| {
                let mut parts = parts.iter();
                parts.any(|part| part.is_under_its_key(body))
            });
        let [first, second] = self.bodies;
        let reason = parts.first().and_then(|part| {
            part.reason_of_one(second)
                .or_else(|| part.reason_of_one(first))
        });
        let evidence = reason.map(|reason| reason.evidence).unwrap_or_default();
        let symptom = match (both_are_its_own, evidence.cause) {
            (true, _) => self.again.symptom(),
            (false, Some(Cause::OtherKey)) => {
                "a part is sent again under the key of another upload"
            }
            (false, Some(Cause::NotEncrypted)) => "a part is sent again as plaintext",
            (false, _) => {
                "a part is sent again with bytes that its key does not make of the source"
            }
        };
        let consequence = match both_are_its_own {
            true => PlaintextExposed,
            false => DataLost,
        };
        let rule = rules::ENCRYPT_DETERMINISTIC;
        violated(rule, symptom, consequence, expected, actual).on(evidence)
    }
}

/// Every part that was sent, accepted or not, as far as it came, is the one that its upload declares: of this plaintext under this envelope, in parts of
/// this size.
///
/// # Errors
/// It is another, or the declared sizes cannot be.
pub(super) fn as_declared<'e>(
    exchanges: &'e [Exchange],
    plaintext: Source<'_>,
    is_judged: impl Fn(&'e Exchange) -> bool,
) -> Held {
    let others = Others {
        exchanges,
        secrets: secrets(exchanges)?,
    };
    for (id, opened) in uploads(exchanges)? {
        let Some(sizes) = opened.sizes else {
            // Without them, too, the service refuses.
            continue;
        };
        let layout = stored::of_part_size(&opened, plaintext.length(), sizes.part)?;
        stored::declared(sizes, layout)?;
        if let Some(objection) = layout.wire().objections().into_iter().next() {
            return Err(violated(
                objection.rule,
                "an upload is begun that the service cannot finish",
                UploadRejected,
                objection.rule.sentence,
                objection.detail,
            ));
        }
        let of_this = |exchange: &&Exchange| {
            exchange.is("UploadPart") && exchange.upload_id.as_ref() == Some(&id)
        };
        for exchange in exchanges
            .iter()
            .filter(of_this)
            .filter(|one| is_judged(one))
        {
            as_laid_out(exchange, &opened, layout, &plaintext, &others)?;
        }
    }
    Ok(())
}

/// Whether an Initiate that was refused declares what is to be sent.
pub(super) fn declares(exchange: &Exchange, plaintext: Source<'_>) -> Held {
    if !exchange.is("InitiateMultipartUpload") {
        return Ok(());
    }
    let opened = Opened::of(&exchange.headers)?;
    let Some(sizes) = opened.sizes else {
        return Ok(());
    };
    let layout = stored::of_part_size(&opened, plaintext.length(), sizes.part)?;
    stored::declared(sizes, layout).map(drop)
}

/// Whether a part that was sent is the one of its number.
fn as_laid_out(
    exchange: &Exchange,
    opened: &Opened,
    layout: Layout,
    plaintext: &Source<'_>,
    others: &Others<'_>,
) -> Held {
    let wire = layout.wire();
    let Some(number) = exchange.part_number.and_then(PartNumber::new) else {
        return Ok(());
    };
    let wrong = |expected: String, actual: String| {
        violated(
            rules::DECLARED_SIZES,
            "a part is sent in another size than was declared",
            DataLost,
            expected,
            actual,
        )
    };
    let Some(slice) = wire.slice(number) else {
        return Err(wrong(
            format!("{} parts of {}, as declared", wire.count(), wire.part),
            format!("a part {number}"),
        ));
    };
    let announced = exchange.headers.value("content-length");
    let announced = announced.and_then(|length| length.text()?.parse::<u64>().ok());
    if let Some(announced) = announced.filter(|announced| *announced != slice.length) {
        return Err(wrong(
            format!(
                "part {number} of {} bytes: {} bytes in parts of {} are declared",
                slice.length, wire.data, wire.part
            ),
            format!("{announced} bytes"),
        ));
    }
    let body = exchange.body().map_err(|error| unable(&error))?;
    let length = u64::try_from(body.len()).unwrap_or(u64::MAX);
    if length > slice.length {
        return Err(wrong(
            format!("part {number} of {} bytes", slice.length),
            format!("{length} bytes and more"),
        ));
    }
    let mut expected = opened.beginning(layout, plaintext, number.get(), length)?;
    expected.truncate(body.len());
    let part = Part {
        opened,
        layout,
        number: number.get(),
        source: plaintext,
        others: &others.secrets,
        siblings: &|| others.siblings(exchange),
    };
    stored::same_bytes(&part, &expected, &body, "a part is sent with other bytes")
}

/// What else was sent.
struct Others<'o> {
    exchanges: &'o [Exchange],
    secrets: Vec<Secrets>,
}

impl Others<'_> {
    /// The other parts of an upload, as they were sent.
    fn siblings(&self, of: &Exchange) -> Vec<(u64, Vec<u8>)> {
        let parts = self.exchanges.iter().filter(|one| {
            let is_part = one.is("UploadPart") && one.upload_id == of.upload_id;
            is_part && !std::ptr::eq(*one, of)
        });
        let bodies = parts.filter_map(|one| Some((one.part_number?, one.body().ok()?)));
        bodies.take(16).collect()
    }
}

/// The keys and starts of all that was begun or put, whether it was answered or not.
pub(super) fn secrets(exchanges: &[Exchange]) -> Result<Vec<Secrets>, Unheld> {
    let begun = exchanges
        .iter()
        .filter(|one| one.is("InitiateMultipartUpload") || one.is("PutObject"));
    let opened = begun.map(|exchange| Opened::of(&exchange.headers));
    opened
        .map(|opened| opened.map(|opened| (opened.key, opened.start)))
        .collect()
}

/// The uploads that were begun, by the id that was answered, and what their envelopes hold.
fn uploads(exchanges: &[Exchange]) -> Result<BTreeMap<String, Opened>, Unheld> {
    let begun = exchanges
        .iter()
        .filter(|exchange| exchange.is("InitiateMultipartUpload"));
    let begun = begun.filter_map(|exchange| {
        let id = exchange.answer.as_ref()?.element("UploadId")?;
        Some(Opened::of(&exchange.headers).map(|opened| (id, opened)))
    });
    begun.collect()
}

/// The parts by the key and start of their upload, and by their number; a put is part 1.
fn attempts(exchanges: &[Exchange]) -> Result<Attempts<'_>, Unheld> {
    let uploads = uploads(exchanges)?;
    let mut attempts = Attempts::new();
    for exchange in exchanges {
        let (opened, number) = match exchange.operation.as_str() {
            "UploadPart" => {
                let id = exchange.upload_id.as_deref().unwrap_or_default();
                let (Some(opened), Some(number)) = (uploads.get(id), exchange.part_number) else {
                    continue;
                };
                (*opened, number)
            }
            "PutObject" => {
                let opened = Opened::of(&exchange.headers)?;
                (opened, 1)
            }
            _ => continue,
        };
        let secrets = (opened.key, opened.start);
        let (_, parts) = attempts.entry(secrets).or_insert((opened, BTreeMap::new()));
        parts.entry(number).or_default().push(exchange);
    }
    Ok(attempts)
}

/// Counter mode over zeros is bare keystream: no block of it may stand in two places, and no key is needed to see that.
pub(super) fn no_block_twice(parts: &[Vec<u8>]) -> Held {
    let mut seen = HashSet::new();
    let mut offset = 0_u64;
    for part in parts {
        for block in part.chunks_exact(16) {
            if !seen.insert(block) {
                return Err(violated(
                    rules::KEYSTREAM_ONCE,
                    "two places of the object share keystream",
                    PlaintextExposed,
                    "no block twice in an object of zeros",
                    format!("the block of byte {offset} stands before it too"),
                ));
            }
            offset += 16;
        }
        offset = offset.next_multiple_of(16);
    }
    Ok(())
}
