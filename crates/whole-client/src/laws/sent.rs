//! What was sent, accepted or not: under one content key and start each place of the object is sent with the same bytes every time.

use std::collections::{BTreeMap, HashMap, HashSet};

use partproof_model::{ContentKey, Layout, PartNumber, Start, rules};

use super::stored::{self, Opened, Source};
use crate::stage::exchange::Exchange;
use crate::stage::unable;
use partproof_suite::law::Consequence::{DataLost, PlaintextExposed, UploadRejected};
use partproof_suite::law::{Held, Unheld, violated};

/// A content key, a start, and what was sent under them.
type Attempts<'e> = HashMap<(ContentKey, Start), BTreeMap<u64, Vec<&'e Exchange>>>;

/// No attempt at a part, in any upload, sends other bytes under the same key and start.
pub(super) fn attempts_agree(exchanges: &[Exchange]) -> Held {
    for parts in attempts(exchanges)?.values() {
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
                    return Err(violated(
                        rules::ENCRYPT_DETERMINISTIC,
                        "a part is sent again with other bytes under the same key and start",
                        PlaintextExposed,
                        format!(
                            "the same bytes in all {} attempts at part {number}",
                            attempts.len()
                        ),
                        // Of a block, for single bytes are alike by chance.
                        format!("the block of byte {} differs", at - at % 16),
                    ));
                }
                if body.len() > longest.len() {
                    longest = body;
                }
            }
        }
    }
    Ok(())
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
            as_laid_out(exchange, &opened, layout, &plaintext)?;
        }
    }
    Ok(())
}

/// Whether a part that was sent is the one of its number.
fn as_laid_out(
    exchange: &Exchange,
    opened: &Opened,
    layout: Layout,
    plaintext: &Source<'_>,
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
    stored::same_bytes(
        opened,
        layout,
        number.get(),
        &expected,
        &body,
        "a part is sent with other bytes",
    )
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
        let (secrets, number) = match exchange.operation.as_str() {
            "UploadPart" => {
                let id = exchange.upload_id.as_deref().unwrap_or_default();
                let (Some(opened), Some(number)) = (uploads.get(id), exchange.part_number) else {
                    continue;
                };
                ((opened.key, opened.start), number)
            }
            "PutObject" => {
                let opened = Opened::of(&exchange.headers)?;
                ((opened.key, opened.start), 1)
            }
            _ => continue,
        };
        let parts = attempts.entry(secrets).or_default();
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
