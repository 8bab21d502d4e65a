//! Envelopes: the spellings that clients send, and everything that must not be taken for an envelope, nor for plaintext.

mod broken;
mod readable;

use data_encoding::{BASE64, BASE64_NOPAD, BASE64URL};
use partproof_model::Cipher;
use partproof_model::envelope::{
    CEK_ALG, DATA_SIZE, KEY as KEY_HEADER, MATDESC, PART_SIZE, START as START_HEADER,
    UNENCRYPTED_CONTENT_LENGTH, UNENCRYPTED_CONTENT_MD5, WRAP_ALG,
};
use partproof_model::key_wrap::{MasterKey, WrapAlg};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use super::{KEY, NONCE, PREFIX, START};
use crate::vectors::draft::{self, NoteText, note, note_ec};
use crate::vectors::envelope::{CarrierValue, EnvelopeTest, PUBLISHED};
use crate::vectors::file::{Group, MasterKeyValue, Outcome, VectorFile};

const UNREADABLE: &str = "Objects of other clients cannot be read.";
const GARBAGE: &str = "Ciphertext is returned as data, or data is decrypted with the wrong key into garbage, without an error.";

const NOTES: &[NoteText] = &[
    note(
        "Normal",
        "An envelope as most clients write it.",
        UNREADABLE,
    ),
    note("Put", "Of a single put: no sizes.", UNREADABLE),
    note(
        "Oaep",
        "Wrapped with OAEP, as oss2's older local provider does.",
        UNREADABLE,
    ),
    note(
        "AuthenticatedProfile",
        "Of one of the two authenticated profiles.",
        UNREADABLE,
    ),
    note(
        "OtherMasterKey",
        "A second master key, private in PKCS#8.",
        UNREADABLE,
    ),
    note(
        "HeaderNames",
        "Header names in another case or order: HTTP does not distinguish them.",
        UNREADABLE,
    ),
    note(
        "HeaderBlanks",
        "Blanks around a value: they belong to the header.",
        UNREADABLE,
    ),
    note(
        "OtherHeaders",
        "Headers that are not of the envelope, or of it but of no use to a reader.",
        UNREADABLE,
    ),
    note(
        "Description",
        "A material description in the spelling of some client. Catches a description compared as bytes (fault E09).",
        "The right master key is not found.",
    ),
    note(
        "DescriptionNotAscii",
        "A material description with characters beyond ASCII, escaped as JSON lets it (fault E12).",
        "The right master key is not found.",
    ),
    note(
        "DescriptionNotJson",
        "A material description that is no JSON object of strings. A reader that does not use it may pass over it.",
        "None: either is right.",
    ),
    note(
        "RepeatedHeader",
        "The same header with the same value twice. A reader may take it or refuse it.",
        "None: either is right.",
    ),
    note(
        "Base64Variant",
        "Base64 without its padding, or in the alphabet for addresses. Some decoders take it, some do not.",
        "None: either is right.",
    ),
    note(
        "AlgorithmCase",
        "The name of an algorithm in another case. A reader may take it or refuse it.",
        "None: either is right.",
    ),
    note(
        "SizeOnly",
        "Only a size is missing or broken. The service refuses such an upload; a reader needs no size, and may open the envelope without it.",
        "The upload is refused.",
    ),
    note_ec(
        "KeyMissing",
        "No wrapped key. Catches an incomplete envelope taken for no envelope (fault E13).",
        GARBAGE,
        &["0005-00000401"],
    ),
    note_ec(
        "StartMissing",
        "No wrapped start (fault E13).",
        GARBAGE,
        &["0005-00000402"],
    ),
    note_ec(
        "CekAlgMissing",
        "No content cipher (fault E13).",
        GARBAGE,
        &["0005-00000403"],
    ),
    note_ec(
        "WrapAlgMissing",
        "No wrap algorithm (fault E13).",
        GARBAGE,
        &["0005-00000404"],
    ),
    note_ec(
        "DataSizeMissing",
        "No data size on Initiate: several clients leave it out when it is 0 (fault A18).",
        "The upload is refused.",
        &["0005-00000406"],
    ),
    note_ec(
        "PartSizeMissing",
        "No part size on Initiate.",
        "The upload is refused.",
        &["0005-00000407"],
    ),
    note_ec(
        "DataSizeNotInteger",
        "A data size that is no integer.",
        "The upload is refused.",
        &["0005-00000408"],
    ),
    note_ec(
        "PartSizeNotInteger",
        "A part size that is no integer. Catches parsers that read as far as they can.",
        "The upload is refused, or parts are read from wrong places.",
        &["0005-00000409"],
    ),
    note_ec(
        "TooManyParts",
        "Sizes that make more than 10,000 parts.",
        "The upload is refused.",
        &["0005-00000410"],
    ),
    note(
        "PlainHeaders",
        "No envelope at all, under headers that look like one.",
        GARBAGE,
    ),
    note(
        "UnknownCipher",
        "An unknown content cipher. Catches cek-alg that is not checked (fault E13).",
        GARBAGE,
    ),
    note(
        "UnknownWrap",
        "A wrap algorithm that is unknown, or that needs another service than a local key (fault E13).",
        GARBAGE,
    ),
    note("BrokenBase64", "A value that is not Base64.", GARBAGE),
    note("DoubleBase64", "Base64 of Base64 (fault E08).", GARBAGE),
    note(
        "NotWrapped",
        "Key or start in Base64, but not wrapped.",
        "The content key is stored beside the data.",
    ),
    note(
        "KeyLength",
        "The wrapped key has not 32 bytes. Catches unchecked lengths, AES-128 under the same name, and keys padded with zeros (faults B11, E14).",
        GARBAGE,
    ),
    note(
        "StartLength",
        "The wrapped start has not 16 bytes (fault E14).",
        GARBAGE,
    ),
    note(
        "KeyAndStartSwapped",
        "The wrapped start stands in the key's header, and the key in the start's.",
        GARBAGE,
    ),
    note(
        "WrongMasterKey",
        "Wrapped under another master key. With PKCS#1 v1.5 libraries that reject implicitly return random bytes: these have the wrong length, so a reader that checks lengths refuses (fault E14).",
        GARBAGE,
    ),
    note(
        "WrongPadding",
        "Wrapped with one padding, named as the other.",
        GARBAGE,
    ),
    note(
        "WrappedLength",
        "More or fewer wrapped bytes than the master key's modulus has.",
        GARBAGE,
    ),
    note(
        "ContradictoryHeaders",
        "The same header twice, with different values.",
        "Two readers read two things.",
    ),
];

pub(in crate::vectors) fn file() -> VectorFile {
    let [master, other] = &*PUBLISHED;
    let group = |published, tests| Group::Envelope {
        master_key: MasterKeyValue::of(published),
        tests,
    };
    draft::file(
        "envelope",
        &[
            "The headers that carry an object's content key and start, wrapped under an RSA master key, and say how it is encrypted.",
            "The keys are published and protect nothing. Wrapping is randomised: a writer is checked by opening what it wrote.",
        ],
        NOTES,
        vec![
            group(master, readable::valid(&master.key)),
            group(other, readable::of_other_key(&other.key)),
            group(master, readable::tolerated(&master.key)),
            group(master, broken::incomplete(&master.key)),
            group(master, broken::broken(&master.key, &other.key)),
        ],
    )
}

type Fields = Vec<(String, String)>;

/// What is wrapped, and under which seed: a case is the same each time it is made.
struct Wrapping<'a> {
    master: &'a MasterKey,
    algorithm: WrapAlg,
    seed: u64,
}

impl Wrapping<'_> {
    fn bytes(&self, secret: &[u8]) -> Vec<u8> {
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed ^ u64::from(secret.len() == 16) << 32);
        self.master
            .wrap(self.algorithm, &mut rng, secret)
            .expect("at most 48 bytes under a key of 2,048 bits")
    }

    fn base64(&self, secret: &[u8]) -> String {
        BASE64.encode(&self.bytes(secret))
    }

    fn fields(&self, cipher: Cipher, sizes: Option<(u64, u64)>) -> Fields {
        let start = match cipher {
            Cipher::Ctr => START,
            Cipher::GcmObject => NONCE,
            Cipher::GcmPart => PREFIX,
        };
        self.fields_of(&KEY, &start, cipher.cek_alg(), sizes)
    }

    fn fields_of(&self, key: &[u8], start: &[u8], cek: &str, sizes: Option<(u64, u64)>) -> Fields {
        let mut fields: Fields = [
            (KEY_HEADER, self.base64(key)),
            (START_HEADER, self.base64(start)),
            (CEK_ALG, cek.to_owned()),
            (WRAP_ALG, self.algorithm.name().to_owned()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .to_vec();
        if let Some((data, part)) = sizes {
            fields.push((DATA_SIZE.to_owned(), data.to_string()));
            fields.push((PART_SIZE.to_owned(), part.to_string()));
        }
        fields
    }
}

const SIZES: Option<(u64, u64)> = Some((250_000, 102_400));

fn pkcs1(master: &MasterKey, seed: u64) -> Wrapping<'_> {
    Wrapping {
        master,
        algorithm: WrapAlg::Pkcs1,
        seed,
    }
}

fn oaep(master: &MasterKey, seed: u64) -> Wrapping<'_> {
    Wrapping {
        algorithm: WrapAlg::OaepSha1,
        ..pkcs1(master, seed)
    }
}

fn with(mut fields: Fields, name: &str, value: &str) -> Fields {
    match fields.iter_mut().find(|(known, _)| known == name) {
        Some((_, known)) => *known = value.to_owned(),
        None => fields.push((name.to_owned(), value.to_owned())),
    }
    fields
}

fn without(mut fields: Fields, name: &str) -> Fields {
    fields.retain(|(known, _)| known != name);
    fields
}

fn value<'a>(fields: &'a Fields, name: &str) -> &'a str {
    fields
        .iter()
        .find(|(known, _)| known == name)
        .map_or("", |(_, value)| value)
}

use CarrierValue::{Initiate, Put};
