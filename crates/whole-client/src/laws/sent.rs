//! What was sent, accepted or not: under one content key and start each place of the object is sent with the same bytes every time.

use std::collections::{BTreeMap, HashMap, HashSet};

use partproof_model::{ContentKey, Start, rules};

use super::stored::Opened;
use crate::stage::exchange::Exchange;
use crate::stage::unable;
use partproof_suite::law::Consequence::PlaintextExposed;
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
                if let Some(at) = short.iter().zip(long).position(|(one, other)| one != other) {
                    return Err(violated(
                        rules::ENCRYPT_DETERMINISTIC,
                        "a part is sent again with other bytes under the same key and start",
                        PlaintextExposed,
                        format!(
                            "the same bytes in all {} attempts at part {number}",
                            attempts.len()
                        ),
                        format!("byte {at} of the part differs"),
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

/// The parts by the key and start of their upload, and by their number; a put is part 1.
fn attempts(exchanges: &[Exchange]) -> Result<Attempts<'_>, Unheld> {
    let mut uploads = BTreeMap::new();
    for exchange in exchanges {
        let id = exchange
            .answer
            .as_ref()
            .and_then(|answer| answer.element("UploadId"));
        if let (true, Some(id)) = (exchange.is("InitiateMultipartUpload"), id) {
            let opened = Opened::of(&exchange.headers)?;
            uploads.insert(id, (opened.key, opened.start));
        }
    }
    let mut attempts = Attempts::new();
    for exchange in exchanges {
        let (secrets, number) = match exchange.operation.as_str() {
            "UploadPart" => {
                let id = exchange.upload_id.as_deref().unwrap_or_default();
                let (Some(secrets), Some(number)) = (uploads.get(id), exchange.part_number) else {
                    continue;
                };
                (*secrets, number)
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
