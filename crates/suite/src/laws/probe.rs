//! What an encryptor's wrong bytes come from. Where they are fewer than a block, or several mistakes make them, the encryptor is asked for more.

use partproof_evidence::part::{chunks_begun_anew, of_object_tag, of_sealed};
use partproof_evidence::{Cause, Crypted, Drawing, Evidence, at_a_block};
use partproof_model::{Cipher, ContentKey, Start};

use super::encrypt::{model_part, model_parts, plaintext_of};
use crate::case::encrypt::EncryptCase;
use crate::plaintext::Plaintext;
use crate::subject::{Encryptor, Upload};

/// What the encryptor makes of bytes at an offset of an upload, as the first that it is asked for.
type Ask<'e> = &'e dyn Fn(&Upload, u64, &[u8]) -> Option<Vec<u8>>;

/// Why the first of these parts that is not the model's is not, as they came of encrypting in the case's order.
pub(super) fn of_first_wrong(
    encryptor: &dyn Encryptor,
    case: &EncryptCase,
    parts: &[Vec<u8>],
) -> Evidence {
    if case.cipher == Cipher::GcmObject {
        let right = model_parts(case).unwrap_or_default().concat();
        return of_object_tag(&right, &parts.concat());
    }
    let (numbers, mut evidence) = (case.numbers(), Evidence::default());
    let mut all = numbers.clone();
    all.sort_unstable();
    all.dedup();
    for (number, part) in all.into_iter().zip(parts) {
        let last = numbers.iter().rposition(|one| *one == number);
        let before = numbers.iter().take(last.unwrap_or(0));
        let before: usize = before.map(|number| plaintext_of(case, *number).len()).sum();
        let before = u64::try_from(before.div_ceil(16)).unwrap_or(u64::MAX);
        evidence = of_wrong(encryptor, case, (number, part), before);
        if evidence != Evidence::default() {
            break;
        }
    }
    evidence
}

/// Why a part is not the model's; nothing if it is.
pub(super) fn of_wrong(
    encryptor: &dyn Encryptor,
    case: &EncryptCase,
    (number, part): (u64, &[u8]),
    before: u64,
) -> Evidence {
    let plaintext = plaintext_of(case, number);
    match (case.cipher, model_part(case, number)) {
        (Cipher::Ctr, Ok(right)) if right != part => {
            let (key, start) = (ContentKey(case.key), Start(case.start));
            let offset = (number - 1) * case.part_size;
            if part == chunks_begun_anew(key, start, offset, &case.cut(&plaintext)) {
                return Cause::ChunkBegunAnew.into();
            }
            of_part(encryptor, &case.upload(), number, &plaintext, part, before)
        }
        (Cipher::GcmPart, Ok(right)) if right != part => {
            let (key, start) = (ContentKey(case.key), Start(case.start));
            of_sealed(key, start, number, &plaintext, &right, part)
        }
        _ => Evidence::default(),
    }
}

/// Why part `number` was encrypted to these bytes, which are not the model's, after so many blocks before it.
pub(super) fn of_part(
    encryptor: &dyn Encryptor,
    upload: &Upload,
    number: u64,
    plaintext: &[u8],
    actual: &[u8],
    before: u64,
) -> Evidence {
    if upload.cipher != Cipher::Ctr || plaintext.len() != actual.len() {
        return Evidence::default();
    }
    let part = Crypted {
        before: Some(before),
        ..crypted(upload, (number - 1) * upload.part_size, plaintext, actual)
    };
    let ask = |upload: &Upload, offset: u64, bytes: &[u8]| {
        let mut session = encryptor.begin(upload).ok()?;
        let number = offset / upload.part_size + 1;
        session.encrypt(number, &[bytes]).ok()
    };
    let (mut causes, drawing) = settle(&part, upload, &ask);
    if causes.len() > 1 && causes.contains(&Cause::StreamGoesOn) {
        // Two parts of four blocks, the first and the third.
        let upload = Upload {
            plaintext_size: 192,
            part_size: 64,
            start: [0; 16],
            ..*upload
        };
        let bytes = [0; 64];
        let third = encryptor.begin(&upload).ok().and_then(|mut session| {
            session.encrypt(1, &[&bytes]).ok()?;
            session.encrypt(3, &[&bytes]).ok()
        });
        if let Some(third) = third {
            let third = Crypted {
                before: Some(4),
                ..crypted(&upload, 128, &bytes, &third)
            };
            causes.retain(|cause| third.is_explained_by(*cause));
        }
    }
    // One that is right when it is asked for alone speaks against what would be wrong with all.
    let alone = ask(upload, part.offset, plaintext).unwrap_or_default();
    let alone = Crypted {
        before: Some(0),
        ciphertext: &alone,
        ..part
    };
    let is_so = |cause: &Cause| !cause.is_of_every_part() || alone.is_explained_by(*cause);
    if !causes.iter().all(is_so) {
        causes.retain(is_so);
        if causes.is_empty() && part.made_for().is_some() {
            causes.push(Cause::OtherPlace);
        }
    }
    narrowed(&part, causes, upload, &ask).or_drawn(drawing)
}

/// Why a read from this offset gave these bytes and not the plaintext.
pub(super) fn of_read(
    encryptor: &dyn Encryptor,
    upload: &Upload,
    offset: u64,
    plaintext: &[u8],
    stored: &[u8],
    actual: &[u8],
) -> Evidence {
    if let Some(cause) = at_a_block(
        ContentKey(upload.key),
        Start(upload.start),
        offset,
        plaintext,
        stored,
        actual,
    ) {
        return cause.into();
    }
    if stored.len() != actual.len() {
        return Evidence::default();
    }
    let read = Crypted {
        is_read: true,
        ..crypted(upload, offset, actual, stored)
    };
    let ask = |upload: &Upload, offset: u64, bytes: &[u8]| {
        encryptor.decrypt_range(upload, offset, bytes).ok()
    };
    let (causes, drawing) = settle(&read, upload, &ask);
    narrowed(&read, causes, upload, &ask).or_drawn(drawing)
}

/// Why an object was opened as other bytes than its parts hold.
pub(super) fn of_opening(
    upload: &Upload,
    parts: &[Vec<u8>],
    expected: &[u8],
    opened: &[u8],
) -> Evidence {
    if opened.len() < expected.len() && expected.starts_with(opened) {
        return Cause::EndLost.into();
    }
    if upload.cipher != Cipher::Ctr || opened.len() != expected.len() {
        return Evidence::default();
    }
    let mut from = 0;
    for part in parts {
        let range = from..from + part.len();
        let (Some(read), Some(right)) = (opened.get(range.clone()), expected.get(range.clone()))
        else {
            break;
        };
        if read != right {
            let offset = u64::try_from(from).unwrap_or(u64::MAX);
            let read = Crypted {
                is_read: true,
                ..crypted(upload, offset, read, part)
            };
            // All is read: what begins at 0 is right.
            let mut causes = read.causes();
            causes.retain(|cause| *cause != Cause::ReadFromZero);
            return match causes.as_slice() {
                [cause] => read.evidence(Some(*cause), false),
                _ => read.evidence(None, false),
            };
        }
        from = range.end;
    }
    Evidence::default()
}

/// Some bytes of an upload.
pub(super) fn crypted<'a>(
    upload: &Upload,
    offset: u64,
    plaintext: &'a [u8],
    ciphertext: &'a [u8],
) -> Crypted<'a> {
    Crypted {
        key: ContentKey(upload.key),
        start: Start(upload.start),
        part_size: upload.part_size,
        length: upload.plaintext_size,
        offset,
        before: None,
        is_read: false,
        plaintext,
        ciphertext,
    }
}

/// Others, from the same offset on, encrypted or decrypted by the same client before any others.
fn longer<'a>(of: &Crypted<'_>, upload: &Upload, given: &'a [u8], made: &'a [u8]) -> Crypted<'a> {
    let (plaintext, ciphertext) = match of.is_read {
        true => (made, given),
        false => (given, made),
    };
    Crypted {
        is_read: of.is_read,
        before: of.before.map(|_| 0),
        ..crypted(upload, of.offset, plaintext, ciphertext)
    }
}

/// The causes that explain some bytes, if need be more of them from the same place on, and a drawing of those.
fn settle(of: &Crypted<'_>, upload: &Upload, ask: Ask<'_>) -> (Vec<Cause>, Option<Drawing>) {
    let causes = of.causes();
    if !causes.is_empty() || of.is_wrong_in_a_block() {
        return (causes, None);
    }
    let room = upload.part_size - of.offset % upload.part_size;
    let length = u64::try_from(of.plaintext.len()).unwrap_or(u64::MAX);
    let length = length.saturating_add(64).min(room);
    let bytes = Plaintext { seed: 1, length }.bytes();
    let upload = Upload {
        plaintext_size: of.offset + length,
        ..*upload
    };
    let made = ask(&upload, of.offset, &bytes).unwrap_or_default();
    let more = longer(of, &upload, &bytes, &made);
    let mut causes = more.causes();
    causes.retain(|cause| of.is_explained_by(*cause));
    let drawing = more
        .evidence(causes.first().copied(), is_shared(&causes))
        .drawing;
    (causes, drawing)
}

/// Whether the first part, which is right, has the same keystream.
fn is_shared(causes: &[Cause]) -> bool {
    matches!(causes, [Cause::PartFromZero | Cause::NumberForBlock])
}

/// What some bytes show, after the encryptor was asked elsewhere where several causes explain them.
fn narrowed(of: &Crypted<'_>, mut causes: Vec<Cause>, upload: &Upload, ask: Ask<'_>) -> Evidence {
    let low = |bits: u32| u128::MAX >> (128 - bits);
    // Above 2^36 bytes, where no number that is cut is another's; and just below each carry.
    let elsewhere = [
        ((1 << 32) + (1 << 20), 18, 0),
        (64, 2, low(32)),
        (64, 2, low(64)),
        (64, 2, low(128)),
    ];
    for (part_size, number, start) in elsewhere {
        if causes.len() < 2 {
            break;
        }
        if start == u128::MAX && !causes.contains(&Cause::CarryGoesAround) {
            continue;
        }
        let bytes = [0; 64];
        let offset = (number - 1) * part_size;
        let upload = Upload {
            start: start.to_be_bytes(),
            part_size,
            plaintext_size: offset + 64,
            ..*upload
        };
        if let Some(made) = ask(&upload, offset, &bytes).filter(|made| made.len() == 64) {
            let made = Crypted {
                offset,
                ..longer(of, &upload, &bytes, &made)
            };
            causes.retain(|cause| made.is_explained_by(*cause));
        }
    }
    match causes.as_slice() {
        [cause] => of.evidence(Some(*cause), is_shared(&[*cause])),
        _ => of.evidence(None, false),
    }
}
