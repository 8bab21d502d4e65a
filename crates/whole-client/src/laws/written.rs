//! Objects as the model writes them, whole or damaged, to be read by a client.

use partproof_emulator::Content;
use partproof_model::{Cipher, ContentKey, Headers, Start, envelope};
use partproof_suite::case::envelope::Breakage;
use partproof_suite::law::{Held, Unheld};
use partproof_suite::laws::envelope::wrap;

use super::stored::{Opened, Source, size};
use crate::case::download::{Damage, DownloadCase};
use crate::stage::{Stage, unable};

/// One pair of a description.
pub(super) fn pair(key: &str, value: &str) -> Vec<(String, String)> {
    vec![(key.to_owned(), value.to_owned())]
}

/// Puts the object on a stage as the model writes it.
pub fn store(stage: &Stage, object: &str, case: &DownloadCase) -> Held {
    let parts = written(case)?;
    let (headers, whole) = (headers(case), parts.concat());
    let content = match case.part_size {
        Some(_) => Content::Parts(&parts),
        None => Content::Put(&whole),
    };
    let stored = stage.emulator.store(object, &headers, content);
    stored.map_err(|error| unable(&error))
}

/// How the reader's caller describes the key that fits.
pub(super) fn description(case: &DownloadCase) -> Vec<(String, String)> {
    match case.reader.keys {
        None => case.envelope.description.clone().into_iter().collect(),
        Some(keys) => {
            let mut description = pair("key", "a / b");
            description.extend(
                keys.reordered
                    .then(|| pair("owner", "somebody"))
                    .into_iter()
                    .flatten(),
            );
            description
        }
    }
}

/// The object's parts as the model writes them, and damages them.
pub(super) fn written(case: &DownloadCase) -> Result<Vec<Vec<u8>>, Unheld> {
    let envelope = &case.envelope;
    let layout = case.layout().expect("check() refuses impossible sizes");
    let opened = Opened {
        cipher: envelope.cipher,
        key: ContentKey(envelope.key),
        start: Start(envelope.start),
        sizes: None,
    };
    let count = layout.wire().count();
    if case.damage == Some(Damage::Plain) {
        return Ok(vec![case.plaintext.bytes()]);
    }
    let parts =
        (1..=count).map(|number| opened.part(layout, &Source::Drawn(case.plaintext), number));
    let mut parts: Vec<_> = parts.collect::<Result<_, _>>()?;
    if let Some(Damage::Byte(at)) = case.damage {
        let part_size = layout.wire().part.bytes();
        let part = parts.get_mut(size(at / part_size));
        if let Some(byte) = part.and_then(|part| part.get_mut(size(at % part_size))) {
            *byte ^= 1;
        }
    }
    Ok(parts)
}

/// The object's headers, as the case spells and breaks them.
fn headers(case: &DownloadCase) -> Headers {
    let envelope = &case.envelope;
    if case.damage == Some(Damage::Plain) {
        return Headers::default();
    }
    let (mut key, mut start) = (envelope.key.to_vec(), envelope.start.to_vec());
    match case.damage {
        Some(Damage::Envelope(Breakage::KeyLength(length))) => key.resize(length.into(), 1),
        Some(Damage::Envelope(Breakage::StartLength(length))) => start.resize(length.into(), 1),
        _ => {}
    }
    let mut headers = envelope.headers(&wrap(envelope, &key), &wrap(envelope, &start));
    headers.retain(|(name, _)| name.to_ascii_lowercase().starts_with("x-oss-meta-"));
    if let Some(Damage::Envelope(Breakage::Value(name, value))) = &case.damage {
        headers.retain(|(given, _)| !given.eq_ignore_ascii_case(name));
        headers.push((name.clone(), value.clone()));
    }
    let reader = &case.reader;
    if reader.empty_description {
        headers.push((envelope::MATDESC.to_owned(), "{}".to_owned()));
    }
    if let Some(keys) = reader.keys {
        let json = members(case, keys.reordered);
        headers.push((envelope::MATDESC.to_owned(), json));
    }
    if reader.old_names {
        headers = old(case);
    }
    headers.into_iter().collect()
}

/// The description as the object has it: JSON, its members in the other order, spelt as the case has it.
fn members(case: &DownloadCase, reordered: bool) -> String {
    let spelling = case.envelope.spelling;
    let blank = if spelling.json_blanks { " " } else { "" };
    let member = |(name, value): &(String, String)| format!("\"{name}\":{blank}\"{value}\"");
    let mut members: Vec<_> = description(case).iter().map(member).collect();
    if reordered {
        members.reverse();
    }
    let json = format!("{{{}}}", members.join(&format!(",{blank}")));
    match spelling.json_escapes {
        true => json.replace('/', "\\/"),
        false => json,
    }
}

/// The envelope as `oss2` wrote it before: other names, the start as a number in decimal digits, and a cipher's name that is not the
/// cipher.
fn old(case: &DownloadCase) -> Vec<(String, String)> {
    let envelope = &case.envelope;
    let start = u128::from_be_bytes(envelope.start).to_string();
    let (key, start) = (
        wrap(envelope, &envelope.key),
        wrap(envelope, start.as_bytes()),
    );
    let headers = [
        (envelope::OLD_KEY, key.as_str()),
        (envelope::OLD_START, &start),
        (envelope::OLD_CEK_ALG, Cipher::GcmObject.cek_alg()),
        (envelope::OLD_WRAP_ALG, "rsa"),
    ];
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned()));
    headers.to_vec()
}
