//! Envelopes: the spellings that clients send, and everything that must not be taken for an envelope, nor for plaintext.

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
            group(master, valid(&master.key)),
            group(other, of_other_key(&other.key)),
            group(master, tolerated(&master.key)),
            group(master, incomplete(&master.key)),
            group(master, broken(&master.key, &other.key)),
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

fn valid(master: &MasterKey) -> Vec<EnvelopeTest> {
    let of = |comment: &str, own: &[&str], carrier, fields| {
        EnvelopeTest::of(comment, own, master, carrier, fields, None)
    };
    let normal = pkcs1(master, 1).fields(Cipher::Ctr, SIZES);
    let upper = |fields: &Fields| -> Fields {
        let upper = |(name, value): &(String, String)| (name.to_uppercase(), value.clone());
        fields.iter().map(upper).collect()
    };
    let title = |fields: &Fields| -> Fields {
        fields
            .iter()
            .map(|(name, value)| (title_case(name), value.clone()))
            .collect()
    };
    let reversed: Fields = normal.iter().rev().cloned().collect();
    let blanks: Fields = normal
        .iter()
        .map(|(name, value)| (name.clone(), format!(" {value}\t")))
        .collect();
    let mut others = vec![("ETag".to_owned(), "\"AB\"".to_owned())];
    others.extend(normal.clone());
    others.push(("x-oss-meta-author".to_owned(), "Li".to_owned()));
    others.push((
        "x-oss-meta-client-side-encryption-other".to_owned(),
        "1".to_owned(),
    ));
    let put = pkcs1(master, 2).fields(Cipher::Ctr, None);
    let lengths = with(
        with(put.clone(), UNENCRYPTED_CONTENT_LENGTH, "12"),
        UNENCRYPTED_CONTENT_MD5,
        "1B2M2Y8AsgTpgAmY7PhCfg==",
    );
    let mut tests = vec![
        of(
            "of a multipart upload",
            &["Normal"],
            Initiate,
            normal.clone(),
        ),
        of("of a single put", &["Put"], Put, put.clone()),
        of("of a single put, with sizes", &["Put"], Put, normal.clone()),
        of(
            "with the length and the MD5 of the plaintext",
            &["Put", "OtherHeaders"],
            Put,
            lengths,
        ),
        of(
            "OAEP",
            &["Oaep"],
            Initiate,
            oaep(master, 3).fields(Cipher::Ctr, SIZES),
        ),
        of(
            "OAEP, of a single put",
            &["Oaep", "Put"],
            Put,
            oaep(master, 4).fields(Cipher::Ctr, None),
        ),
        of(
            "a GCM object",
            &["AuthenticatedProfile"],
            Initiate,
            pkcs1(master, 5).fields(Cipher::GcmObject, Some((250_016, 102_400))),
        ),
        of(
            "a GCM-part object",
            &["AuthenticatedProfile"],
            Initiate,
            pkcs1(master, 6).fields(Cipher::GcmPart, Some((250_048, 102_400))),
        ),
        of(
            "names in upper case",
            &["HeaderNames"],
            Initiate,
            upper(&normal),
        ),
        of(
            "names in title case, as Go sends them",
            &["HeaderNames"],
            Initiate,
            title(&normal),
        ),
        of("in reverse order", &["HeaderNames"], Initiate, reversed),
        of(
            "blanks around the values",
            &["HeaderBlanks"],
            Initiate,
            blanks,
        ),
        of("among other headers", &["OtherHeaders"], Initiate, others),
        of(
            "sizes beyond 32 bits",
            &["Normal"],
            Initiate,
            pkcs1(master, 7).fields(Cipher::Ctr, Some((53_687_091_200_000, 5_368_709_120))),
        ),
        of(
            "a data size that is no multiple of 16",
            &["Normal"],
            Initiate,
            pkcs1(master, 8).fields(Cipher::Ctr, Some((3, 16))),
        ),
        of(
            "a key of zeros, a start of zeros",
            &["Normal"],
            Initiate,
            pkcs1(master, 9).fields_of(&[0; 32], &[0; 16], "AES/CTR/NoPadding", SIZES),
        ),
        of(
            "a key and a start of all ones",
            &["Normal"],
            Initiate,
            pkcs1(master, 10).fields_of(&[0xff; 32], &[0xff; 16], "AES/CTR/NoPadding", SIZES),
        ),
    ];
    for (json, what) in [
        (
            "{\"key\":\"seed\"}",
            "a description as Go and Java write it",
        ),
        (
            "{\"key\": \"seed\"}",
            "a description with a blank, as oss2 writes it",
        ),
        (
            "{ \"key\" : \"seed\" }",
            "a description with blanks everywhere",
        ),
        (
            "{\"path\":\"a\\/b\"}",
            "a description with an escaped slash, as PHP writes it",
        ),
        ("{\"path\":\"a/b\"}", "a description with a slash"),
        (
            "{\"key\":\"a\\u003cb\\u0026c\"}",
            "a description with < and & escaped, as Go writes it",
        ),
        ("{\"key\":\"a<b&c\"}", "a description with < and &"),
        ("{\"b\":\"2\",\"a\":\"1\"}", "a description of two names"),
        ("{\"a\":\"1\",\"b\":\"2\"}", "the same in another order"),
        ("{\"quote\":\"a\\\"b\"}", "a description with a quote"),
        ("{\"key\":\"\"}", "an empty text in a description"),
        ("{}", "an empty description, as C++ v2 writes it"),
    ] {
        tests.push(of(
            what,
            &["Description"],
            Initiate,
            with(normal.clone(), MATDESC, json),
        ));
    }
    for (json, what) in [
        ("{\"name\":\"K\\u00f6\\u00df\"}", "escaped letters"),
        (
            "{\"name\":\"K\\u00F6\\u00DF\"}",
            "letters escaped in upper case",
        ),
        ("{\"\\u952e\":\"\\u503c\"}", "name and value escaped"),
        ("{\"name\":\"\\ud83d\\udd11\"}", "a surrogate pair"),
        ("{\"name\":\"\\u007f\"}", "a control character"),
    ] {
        tests.push(of(
            what,
            &["Description", "DescriptionNotAscii"],
            Initiate,
            with(normal.clone(), MATDESC, json),
        ));
    }
    tests
}

fn title_case(name: &str) -> String {
    let words = name.split('-').map(|word| {
        let (first, rest) = word.split_at(word.len().min(1));
        first.to_uppercase() + rest
    });
    words.collect::<Vec<_>>().join("-")
}

fn of_other_key(other: &MasterKey) -> Vec<EnvelopeTest> {
    let of = |comment: &str, wrapping: Wrapping<'_>| {
        let fields = wrapping.fields(Cipher::Ctr, SIZES);
        EnvelopeTest::of(comment, &["OtherMasterKey"], other, Initiate, fields, None)
    };
    vec![
        of("PKCS#1 v1.5", pkcs1(other, 20)),
        of("OAEP", oaep(other, 21)),
    ]
}

/// What a reader may take or refuse.
fn tolerated(master: &MasterKey) -> Vec<EnvelopeTest> {
    let normal = pkcs1(master, 30).fields(Cipher::Ctr, SIZES);
    let either = |comment: &str, own: &[&str], fields: Fields| {
        EnvelopeTest::of(
            comment,
            own,
            master,
            Initiate,
            fields,
            Some(Outcome::Acceptable),
        )
    };
    let judged = |comment: &str, own: &[&str], fields: Fields| {
        EnvelopeTest::of(comment, own, master, Initiate, fields, None)
    };
    let key = value(&normal, KEY_HEADER).to_owned();
    let raw = pkcs1(master, 30).bytes(&KEY);
    let mut twice = normal.clone();
    twice.push((KEY_HEADER.to_owned(), key));
    twice.push((CEK_ALG.to_uppercase(), "AES/CTR/NoPadding".to_owned()));
    vec![
        either("the same headers twice", &["RepeatedHeader"], twice),
        either(
            "a description that is no JSON",
            &["DescriptionNotJson"],
            with(normal.clone(), MATDESC, "seed"),
        ),
        either(
            "a description with a number",
            &["DescriptionNotJson"],
            with(normal.clone(), MATDESC, "{\"key\":1}"),
        ),
        either(
            "a description that is a list",
            &["DescriptionNotJson"],
            with(normal.clone(), MATDESC, "[\"key\"]"),
        ),
        either(
            "the key in Base64 without padding",
            &["Base64Variant"],
            with(normal.clone(), KEY_HEADER, &BASE64_NOPAD.encode(&raw)),
        ),
        either(
            "the key in the alphabet for addresses",
            &["Base64Variant"],
            with(normal.clone(), KEY_HEADER, &BASE64URL.encode(&raw)),
        ),
        either(
            "the content cipher in lower case",
            &["AlgorithmCase"],
            with(normal.clone(), CEK_ALG, "aes/ctr/nopadding"),
        ),
        either(
            "the wrap algorithm in lower case",
            &["AlgorithmCase"],
            with(normal.clone(), WRAP_ALG, "rsa/none/pkcs1padding"),
        ),
        judged(
            "leading zeros in the data size",
            &[],
            with(normal.clone(), DATA_SIZE, "000250000"),
        ),
        judged(
            "leading zeros in the part size",
            &[],
            with(normal.clone(), PART_SIZE, "0102400"),
        ),
        judged(
            "a plus sign",
            &[],
            with(normal.clone(), DATA_SIZE, "+250000"),
        ),
        judged(
            "a data size of 2^63",
            &[],
            with(
                with(normal.clone(), DATA_SIZE, "9223372036854775808"),
                PART_SIZE,
                "922337203685477600",
            ),
        ),
        judged(
            "a data size of zero",
            &[],
            with(normal.clone(), DATA_SIZE, "0"),
        ),
        judged(
            "a part size that is no multiple of 16",
            &[],
            with(normal, PART_SIZE, "102401"),
        ),
    ]
}

fn incomplete(master: &MasterKey) -> Vec<EnvelopeTest> {
    let normal = pkcs1(master, 40).fields(Cipher::Ctr, SIZES);
    let put = pkcs1(master, 41).fields(Cipher::Ctr, None);
    let of = |comment: &str, own: &[&str], carrier, fields| {
        EnvelopeTest::of(comment, own, master, carrier, fields, None)
    };
    let mut tests = Vec::new();
    for (name, flag) in [
        (KEY_HEADER, "KeyMissing"),
        (START_HEADER, "StartMissing"),
        (CEK_ALG, "CekAlgMissing"),
        (WRAP_ALG, "WrapAlgMissing"),
    ] {
        tests.push(of(
            &format!("{name} is absent"),
            &[flag],
            Initiate,
            without(normal.clone(), name),
        ));
        tests.push(of(
            &format!("{name} is absent, of a single put"),
            &[flag],
            Put,
            without(put.clone(), name),
        ));
        tests.push(of(
            &format!("{name} is empty"),
            &[flag],
            Initiate,
            with(normal.clone(), name, ""),
        ));
    }
    tests.push(of(
        "data-size is absent",
        &["DataSizeMissing", "SizeOnly"],
        Initiate,
        without(normal.clone(), DATA_SIZE),
    ));
    tests.push(of(
        "part-size is absent",
        &["PartSizeMissing", "SizeOnly"],
        Initiate,
        without(normal.clone(), PART_SIZE),
    ));
    tests.push(of(
        "both sizes are absent",
        &["DataSizeMissing", "PartSizeMissing", "SizeOnly"],
        Initiate,
        put,
    ));
    let mut renamed = normal.clone();
    for (name, _) in &mut renamed {
        *name = name.replace("x-oss-meta-client-side-encryption-", "x-oss-meta-");
    }
    tests.push(of(
        "no header of an envelope",
        &["PlainHeaders"],
        Initiate,
        renamed,
    ));
    let mut fields = normal.clone();
    fields.truncate(0);
    tests.push(of("no header at all", &["PlainHeaders"], Initiate, fields));
    for text in [
        "9x5.2",
        "1e6",
        "1.0",
        "0x3e8",
        "1 000",
        "1,000",
        "twelve",
        "250000 bytes",
        "18446744073709551616",
        "\u{ff11}\u{ff10}\u{ff10}",
        "--5",
    ] {
        tests.push(of(
            &format!("data size {text:?}"),
            &["DataSizeNotInteger", "SizeOnly"],
            Initiate,
            with(normal.clone(), DATA_SIZE, text),
        ));
    }
    for text in ["9x5.2", "1e6", "102400.0", "102400x"] {
        tests.push(of(
            &format!("part size {text:?}"),
            &["PartSizeNotInteger", "SizeOnly"],
            Initiate,
            with(normal.clone(), PART_SIZE, text),
        ));
    }
    tests.push(of(
        "10,001 parts",
        &["TooManyParts", "SizeOnly"],
        Initiate,
        with(with(normal, DATA_SIZE, "160001"), PART_SIZE, "16"),
    ));
    tests
}

fn broken(master: &MasterKey, other: &MasterKey) -> Vec<EnvelopeTest> {
    let of = |comment: &str, own: &[&str], fields| {
        EnvelopeTest::of(comment, own, master, Initiate, fields, None)
    };
    let normal = pkcs1(master, 50).fields(Cipher::Ctr, SIZES);
    let (key, start) = (value(&normal, KEY_HEADER), value(&normal, START_HEADER));
    let mut tests = Vec::new();
    for name in [
        "AES/CBC/PKCS5Padding",
        "AES/CTR/NoPadding2",
        "AES/CTR",
        "AES",
        "none",
        "KMS/ALICLOUD",
    ] {
        tests.push(of(
            &format!("content cipher {name}"),
            &["UnknownCipher"],
            with(normal.clone(), CEK_ALG, name),
        ));
    }
    for name in [
        "KMS/ALICLOUD",
        "RSA/NONE/OAEPWithSHA-256AndMGF1Padding",
        "RSA/NONE/NoPadding",
        "rsa",
        "none",
    ] {
        tests.push(of(
            &format!("wrap algorithm {name}"),
            &["UnknownWrap"],
            with(normal.clone(), WRAP_ALG, name),
        ));
    }
    for header in [KEY_HEADER, START_HEADER] {
        for text in ["!!!!", "AAAA", "AAA", "****", "not base64", "{}"] {
            tests.push(of(
                &format!("{header} is {text:?}"),
                &["BrokenBase64"],
                with(normal.clone(), header, text),
            ));
        }
        let right = value(&normal, header);
        tests.push(of(
            &format!("{header} lacks its first character"),
            &["BrokenBase64"],
            with(normal.clone(), header, &right[1..]),
        ));
        tests.push(of(
            &format!("{header} in Base64 twice"),
            &["DoubleBase64"],
            with(normal.clone(), header, &BASE64.encode(right.as_bytes())),
        ));
    }
    tests.push(of(
        "the key is not wrapped",
        &["NotWrapped"],
        with(normal.clone(), KEY_HEADER, &BASE64.encode(&KEY)),
    ));
    tests.push(of(
        "the start is not wrapped",
        &["NotWrapped"],
        with(normal.clone(), START_HEADER, &BASE64.encode(&START)),
    ));
    tests.push(of(
        "key and start are swapped",
        &["KeyAndStartSwapped"],
        with(with(normal.clone(), KEY_HEADER, start), START_HEADER, key),
    ));
    for length in [0, 1, 16, 24, 31, 33, 48] {
        let wrapped = pkcs1(master, 51).base64(&vec![7; length]);
        tests.push(of(
            &format!("a wrapped key of {length} bytes"),
            &["KeyLength"],
            with(normal.clone(), KEY_HEADER, &wrapped),
        ));
    }
    for length in [0, 8, 12, 15, 17, 32] {
        let wrapped = pkcs1(master, 52).base64(&vec![7; length]);
        tests.push(of(
            &format!("a wrapped start of {length} bytes"),
            &["StartLength"],
            with(normal.clone(), START_HEADER, &wrapped),
        ));
    }
    let wrapped = oaep(master, 53).base64(&[7; 16]);
    tests.push(of(
        "a key of 16 bytes, OAEP",
        &["KeyLength", "Oaep"],
        with(
            oaep(master, 53).fields(Cipher::Ctr, SIZES),
            KEY_HEADER,
            &wrapped,
        ),
    ));
    let bytes = pkcs1(master, 50).bytes(&KEY);
    for (bytes, what) in [
        (bytes[..255].to_vec(), "255 wrapped bytes"),
        ([bytes.as_slice(), &[0]].concat(), "257 wrapped bytes"),
        (
            [&[0], bytes.as_slice()].concat(),
            "257 wrapped bytes, the first of them zero",
        ),
        (vec![0xff; 256], "a wrapped key above the modulus"),
        (bytes[..128].to_vec(), "half of the wrapped bytes"),
    ] {
        tests.push(of(
            what,
            &["WrappedLength"],
            with(normal.clone(), KEY_HEADER, &BASE64.encode(&bytes)),
        ));
    }
    let refused = |wrapping: &dyn Fn(u64) -> Fields, algorithm: WrapAlg, first: u64| {
        certainly_refused(master, wrapping, algorithm, first)
    };
    tests.push(of(
        "wrapped under another master key",
        &["WrongMasterKey"],
        refused(
            &|seed| pkcs1(other, seed).fields(Cipher::Ctr, SIZES),
            WrapAlg::Pkcs1,
            60,
        ),
    ));
    tests.push(of(
        "wrapped under another master key, another time",
        &["WrongMasterKey"],
        refused(
            &|seed| pkcs1(other, seed).fields(Cipher::Ctr, SIZES),
            WrapAlg::Pkcs1,
            70,
        ),
    ));
    tests.push(of(
        "wrapped under another master key, of a put",
        &["WrongMasterKey"],
        refused(
            &|seed| pkcs1(other, seed).fields(Cipher::Ctr, None),
            WrapAlg::Pkcs1,
            80,
        )
        .into_iter()
        .chain([
            (DATA_SIZE.to_owned(), "3".to_owned()),
            (PART_SIZE.to_owned(), "16".to_owned()),
        ])
        .collect(),
    ));
    tests.push(of(
        "wrapped under another master key, OAEP",
        &["WrongMasterKey", "Oaep"],
        oaep(other, 90).fields(Cipher::Ctr, SIZES),
    ));
    tests.push(of(
        "wrapped with PKCS#1 v1.5, named OAEP",
        &["WrongPadding"],
        with(normal.clone(), WRAP_ALG, WrapAlg::OaepSha1.name()),
    ));
    tests.push(of(
        "wrapped with OAEP, named PKCS#1 v1.5",
        &["WrongPadding"],
        refused(
            &|seed| {
                with(
                    oaep(master, seed).fields(Cipher::Ctr, SIZES),
                    WRAP_ALG,
                    WrapAlg::Pkcs1.name(),
                )
            },
            WrapAlg::Pkcs1,
            100,
        ),
    ));
    let mut flipped = oaep(master, 110).bytes(&KEY);
    flipped[100] ^= 4;
    tests.push(of(
        "a flipped bit in the wrapped key, OAEP",
        &["WrongMasterKey", "Oaep"],
        with(
            oaep(master, 110).fields(Cipher::Ctr, SIZES),
            KEY_HEADER,
            &BASE64.encode(&flipped),
        ),
    ));
    for (name, text) in [
        (CEK_ALG, "AES/GCM/NoPadding"),
        (WRAP_ALG, "RSA/NONE/OAEPWithSHA-1AndMGF1Padding"),
        (PART_SIZE, "204800"),
        (KEY_HEADER, "AAAA"),
    ] {
        let mut fields = normal.clone();
        fields.push((name.to_owned(), text.to_owned()));
        let own: &[&str] = match name {
            PART_SIZE => &["ContradictoryHeaders", "SizeOnly"],
            _ => &["ContradictoryHeaders"],
        };
        tests.push(of(&format!("{name} twice, with two values"), own, fields));
    }
    tests
}

/// The first of these envelopes of which the unwrapped lengths are wrong: which bytes an implicit rejection returns is
/// fixed by key and ciphertext, so once right is always right.
fn certainly_refused(
    master: &MasterKey,
    wrapping: &dyn Fn(u64) -> Fields,
    algorithm: WrapAlg,
    first: u64,
) -> Fields {
    let length = |fields: &Fields, name: &str| {
        let wrapped = BASE64.decode(value(fields, name).as_bytes()).ok()?;
        Some(master.unwrap(algorithm, &wrapped).ok()?.len())
    };
    (first..)
        .map(wrapping)
        .find(|fields| {
            length(fields, KEY_HEADER) != Some(32) && length(fields, START_HEADER) != Some(16)
        })
        .expect("nearly every envelope is one")
}
