//! GCM object: one message in several parts. The built-in encrypts the parts by themselves, one after another or on all cores, and
//! combines their hashes into the tag. The rivals, RustCrypto's `aes-gcm`, ring, aws-lc-rs and OpenSSL's EVP, cannot begin inside a
//! message: they encrypt the same message in one shot, on one core in both rows, since that is all a user of them can do.

use partproof_benches::contest::{Bout, Contender, Contest, Work};
use partproof_benches::parts::{self, PART_SIZES, PartSize};
use partproof_benches::seal::{self, RIVALS, Seal};
use partproof_benches::table::Amount;
use partproof_client::{Cipher, ContentKey, EncryptedPart, Encryptor, Error, Layout};
use partproof_model as model;
use rayon::prelude::*;

const KEY: [u8; 32] = *b"an AES-256 key that guards none.";
const NONCE: seal::Nonce = *b"one message.";
const START: [u8; 16] = *b"one message.\0\0\0\0";

fn main() {
    let mut contest = Contest::new("gcm object");
    for size in PART_SIZES {
        let count = size.many();
        for (cores, parallel) in [("one core", false), ("all cores", true)] {
            contest.row(
                &format!("{cores} {count} x {size}"),
                Amount::Bytes(size.0 * count - 16),
                &RIVALS,
                || bout(size, count, parallel),
            );
        }
    }
    contest.finish();
}

fn bout(size: PartSize, count: u32, parallel: bool) -> Bout<'static, Object> {
    let mut contenders = vec![built_in(size, count, parallel)];
    contenders.extend(seal::rivals(&KEY).map(one_shot));
    Bout {
        work: Object::new(size, count),
        contenders,
    }
}

fn built_in(size: PartSize, count: u32, parallel: bool) -> Contender<'static, Object> {
    let plaintext_size = u64::from(size.0) * u64::from(count) - 16;
    let layout = Layout::new(Cipher::GcmObject, plaintext_size, size.0.into()).expect("some parts");
    let key = ContentKey::new(KEY, START);
    let encryptor = Encryptor::new(&key, layout).expect("a start of the right shape");
    let numbers: Vec<u32> = (1..=count).collect();
    Box::new(move |object| {
        let last = object.parts.last_mut().expect("some parts");
        // The tag of the turn before.
        last.truncate(size.length() - 16);
        let encrypt =
            |(number, part): (&u32, &mut Vec<u8>)| encryptor.encrypt_in_place(*number, part);
        let encrypted: Result<Vec<EncryptedPart>, Error> = if parallel {
            numbers
                .par_iter()
                .zip(&mut object.parts)
                .map(encrypt)
                .collect()
        } else {
            numbers.iter().zip(&mut object.parts).map(encrypt).collect()
        };
        let tags = encrypted.and_then(|encrypted| encryptor.finish(&encrypted));
        let last = object.parts.last_mut().expect("some parts");
        for tag in tags.expect("the parts of the layout") {
            last.extend_from_slice(&tag.bytes);
        }
        object.in_parts = true;
    })
}

fn one_shot(mut seal: Seal) -> Contender<'static, Object> {
    Box::new(move |object| {
        let message = object.expected.len() - 16;
        object.whole.truncate(message);
        let tag = seal(NONCE, &[], &mut object.whole);
        object.whole.extend_from_slice(&tag);
        object.in_parts = false;
    })
}

/// The message twice: in parts as the built-in takes it, and in one piece for the rivals.
struct Object {
    parts: Vec<Vec<u8>>,
    whole: Vec<u8>,
    /// Where the contender that ran last has its output.
    in_parts: bool,
    plaintext: Vec<u8>,
    expected: Vec<u8>,
}

impl Object {
    /// The tag fills the last part.
    fn new(size: PartSize, count: u32) -> Self {
        let parts: Vec<_> = (0..count)
            .map(|_| Vec::with_capacity(size.length()))
            .collect();
        let plaintext = parts::plaintext(size.length() * parts.len() - 16);
        let expected = model::cipher::gcm_object::seal(
            model::ContentKey(KEY),
            model::Start(START),
            &plaintext,
        );
        let expected = expected.expect("a start of the right shape");
        Object {
            parts,
            whole: Vec::with_capacity(expected.len()),
            in_parts: false,
            plaintext,
            expected,
        }
    }
}

impl Work for Object {
    fn reset(&mut self) {
        self.whole.clear();
        self.whole.extend_from_slice(&self.plaintext);
        let size = self.expected.len() / self.parts.len();
        for (part, plaintext) in self.parts.iter_mut().zip(self.plaintext.chunks(size)) {
            part.clear();
            part.extend_from_slice(plaintext);
        }
    }

    fn check(&self) -> Result<(), String> {
        if self.in_parts {
            parts::check_bytes("the object", &self.parts.concat(), &self.expected)
        } else {
            parts::check_bytes("the message", &self.whole, &self.expected)
        }
    }
}
