//! Whole objects, one for each way in which a plaintext can lie in parts.

use data_encoding::BASE64;
use partproof_model::Cipher;
use partproof_model::envelope::{
    CEK_ALG, DATA_SIZE, KEY as KEY_HEADER, MATDESC, PART_SIZE, START as START_HEADER, WRAP_ALG,
};
use partproof_model::key_wrap::WrapAlg;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use super::{KEY, NONCE, PREFIX, START};
use crate::vectors::draft::{self, NoteText, note};
use crate::vectors::envelope::PUBLISHED;
use crate::vectors::file::{Group, MasterKeyValue, VectorFile};
use crate::vectors::object::ObjectTest;
use crate::vectors::value::PlaintextValue;

const LOST: &str =
    "Data lost: the upload succeeds, its checksum matches, and the object decrypts to wrong bytes.";
const REFUSED: &str = "The upload is refused after all of it was sent.";

pub(in crate::vectors) const NOTES: &[NoteText] = &[
    note(
        "Normal",
        "An ordinary upload: several parts, the last of them short.",
        LOST,
    ),
    note(
        "ExactMultiple",
        "The size is a multiple of the part size (faults A05, A06, A07).",
        REFUSED,
    ),
    note("SinglePart", "An object of one part (fault A02).", LOST),
    note("OneByteOver", "A last part of one byte.", LOST),
    note(
        "CarryAt64",
        "The counter carries out of its low 64 bits between two parts (faults B03, B06).",
        LOST,
    ),
    note(
        "WrapAt128",
        "The counter wraps at 2^128 within the object (fault B05).",
        LOST,
    ),
    note(
        "TagInLastPart",
        "A GCM object whose tag fits behind its last byte (fault E03).",
        REFUSED,
    ),
    note(
        "TagInOwnPart",
        "A GCM object whose tag is one part more (fault E04).",
        REFUSED,
    ),
    note(
        "TagSplit",
        "A GCM object whose tag is split (fault E04).",
        REFUSED,
    ),
    note(
        "TagPerPart",
        "A GCM-part object: a tag in every part.",
        REFUSED,
    ),
    note(
        "EmptyObject",
        "An authenticated object of no plaintext (fault C09).",
        REFUSED,
    ),
    note("Oaep", "Wrapped with OAEP.", "The object cannot be read."),
    note(
        "Description",
        "With a material description (faults E09, E12).",
        "The right master key is not found.",
    ),
];

pub(in crate::vectors) fn file() -> VectorFile {
    let [master, _] = &*PUBLISHED;
    draft::file(
        "client-side-encrypted multipart upload",
        &[
            "Whole uploads: from a plaintext and a content key to every part, the part list, and the ETag and CRC-64 of the object.",
            "Any order and any retry of the parts gives the same bytes.",
        ],
        NOTES,
        vec![Group::Object {
            writer: None,
            master_key: MasterKeyValue::of(master),
            tests: tests(),
        }],
    )
}

fn tests() -> Vec<ObjectTest> {
    const FLOOR: u64 = 102_400;
    use Cipher::{Ctr, GcmObject, GcmPart};
    let of = |comment: &str,
              own: &[&str],
              start: [u8; 16],
              cipher: Cipher,
              length: u64,
              part_size: u64| {
        let plaintext = PlaintextValue::Seeded { seed: 11, length };
        let oaep = own.contains(&"Oaep");
        let described = own.contains(&"Description");
        let data_size = data_size(cipher, length, part_size);
        let headers = headers(start, cipher, (data_size, part_size), oaep, described);
        ObjectTest::of(
            comment,
            own,
            (KEY, start),
            (cipher, part_size),
            plaintext,
            headers,
        )
        .expect("the generator's uploads are possible")
    };
    let mut low_64 = START;
    low_64[8..].fill(0xff);
    vec![
        of("three parts", &["Normal"], START, Ctr, 250_000, FLOOR),
        of(
            "two full parts",
            &["ExactMultiple"],
            START,
            Ctr,
            204_800,
            FLOOR,
        ),
        of(
            "two full parts and one byte",
            &["OneByteOver"],
            START,
            Ctr,
            204_801,
            FLOOR,
        ),
        of("5 bytes", &["SinglePart"], START, Ctr, 5, FLOOR),
        of(
            "one full part",
            &["SinglePart", "ExactMultiple"],
            START,
            Ctr,
            FLOOR,
            FLOOR,
        ),
        of(
            "a vendor's test: 512,000 in parts of 204,800",
            &["Normal", "Description"],
            START,
            Ctr,
            512_000,
            204_800,
        ),
        of(
            "a vendor's test: 1,048,676 in parts of 102,400",
            &["Normal"],
            START,
            Ctr,
            1_048_676,
            FLOOR,
        ),
        of(
            "the documented example",
            &["ExactMultiple"],
            START,
            Ctr,
            1_000_000,
            500_000,
        ),
        of(
            "a carry after the first block",
            &["CarryAt64"],
            low_64,
            Ctr,
            250_000,
            FLOOR,
        ),
        of(
            "2^128 after the first block",
            &["WrapAt128"],
            [0xff; 16],
            Ctr,
            250_000,
            FLOOR,
        ),
        of("OAEP", &["Oaep", "Description"], START, Ctr, 250_000, FLOOR),
        of(
            "a GCM object of three parts",
            &["TagInLastPart"],
            NONCE,
            GcmObject,
            250_000,
            FLOOR,
        ),
        of(
            "a GCM object of two full parts and a tag",
            &["TagInOwnPart", "ExactMultiple"],
            NONCE,
            GcmObject,
            204_800,
            FLOOR,
        ),
        of(
            "a GCM object with 5 bytes of its tag in part 2",
            &["TagSplit"],
            NONCE,
            GcmObject,
            204_795,
            FLOOR,
        ),
        of(
            "an empty GCM object",
            &["EmptyObject", "TagInLastPart"],
            NONCE,
            GcmObject,
            0,
            FLOOR,
        ),
        of(
            "a GCM-part object of three parts",
            &["TagPerPart"],
            PREFIX,
            GcmPart,
            250_000,
            FLOOR,
        ),
        of(
            "a GCM-part object as full as two parts can be",
            &["TagPerPart", "ExactMultiple"],
            PREFIX,
            GcmPart,
            204_768,
            FLOOR,
        ),
        of(
            "a GCM-part object of one byte more",
            &["TagPerPart", "OneByteOver"],
            PREFIX,
            GcmPart,
            204_769,
            FLOOR,
        ),
        of(
            "an empty GCM-part object",
            &["EmptyObject", "TagPerPart"],
            PREFIX,
            GcmPart,
            0,
            FLOOR,
        ),
    ]
}

fn data_size(cipher: Cipher, plaintext: u64, part_size: u64) -> u64 {
    partproof_model::PartSize::new(part_size)
        .and_then(|part| partproof_model::Layout::new(cipher, plaintext, part).ok())
        .map_or(0, |layout| layout.wire().data.bytes())
}

fn headers(
    start: [u8; 16],
    cipher: Cipher,
    (data_size, part_size): (u64, u64),
    oaep: bool,
    described: bool,
) -> Vec<(String, String)> {
    let [master, _] = &*PUBLISHED;
    let algorithm = if oaep {
        WrapAlg::OaepSha1
    } else {
        WrapAlg::Pkcs1
    };
    let wrap = |secret: &[u8], seed| {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let wrapped = master
            .key
            .wrap(algorithm, &mut rng, secret)
            .expect("at most 32 bytes under a key of 2,048 bits");
        BASE64.encode(&wrapped)
    };
    let mut headers = vec![
        (KEY_HEADER, wrap(&KEY, 1)),
        (START_HEADER, wrap(&start, 2)),
        (CEK_ALG, cipher.cek_alg().to_owned()),
        (WRAP_ALG, algorithm.name().to_owned()),
        (DATA_SIZE, data_size.to_string()),
        (PART_SIZE, part_size.to_string()),
    ];
    if described {
        headers.push((MATDESC, "{\"key\":\"seed\"}".to_owned()));
    }
    headers
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}
