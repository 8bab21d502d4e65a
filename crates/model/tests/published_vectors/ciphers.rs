//! CTR, GCM object, GCM part and CRC-64.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::cipher::{AES_256, EncryptingKey, EncryptionContext, UnboundCipherKey};
use aws_lc_rs::iv::FixedLength;
use data_encoding::{BASE64, HEXLOWER};
use partproof_model::cipher::{ctr, gcm_object, gcm_part};
use partproof_model::{
    ByteOffset, Cipher, ContentKey, Layout, PartNumber, PartSize, Start, crc64, rules,
};

/// Bytes from hexadecimal digits; blanks are skipped.
fn hex(digits: &str) -> Vec<u8> {
    HEXLOWER
        .decode(digits.replace(char::is_whitespace, "").as_bytes())
        .expect("hexadecimal digits")
}

fn key(digits: &str) -> ContentKey {
    ContentKey(hex(digits).try_into().expect("32 bytes"))
}

fn start(digits: &str) -> Start {
    Start(hex(digits).try_into().expect("16 bytes"))
}

/// Bytes that look random and are always the same.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    };
    std::iter::repeat_with(next).take(length).collect()
}

/// AES-256-CTR by the second library.
fn second_ctr(key: ContentKey, counter: [u8; 16], bytes: &[u8]) -> Vec<u8> {
    let key = UnboundCipherKey::new(&AES_256, &key.0).expect("32 bytes");
    let key = EncryptingKey::ctr(key).expect("counter mode");
    let mut bytes = bytes.to_vec();
    key.less_safe_encrypt(
        &mut bytes,
        EncryptionContext::Iv128(FixedLength::from(counter)),
    )
    .expect("any length");
    bytes
}

/// AES-256-GCM by the second library: ciphertext, then tag.
fn second_gcm(key: ContentKey, nonce: &[u8], aad: &[u8], plaintext: &[u8]) -> Vec<u8> {
    let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &key.0).expect("32 bytes"));
    let nonce = Nonce::try_assume_unique_for_key(nonce).expect("12 bytes");
    let mut bytes = plaintext.to_vec();
    key.seal_in_place_append_tag(nonce, Aad::from(aad), &mut bytes)
        .expect("any length");
    bytes
}

/// NIST SP 800-38A, F.5.5 and F.5.6.
#[test]
fn sp_800_38a_f_5_5_and_f_5_6_ctr_aes256() {
    let key = key("603deb1015ca71be2b73aef0857d7781 1f352c073b6108d72d9810a30914dff4");
    let start = start("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff");
    let plaintext = hex(
        "6bc1bee22e409f96e93d7e117393172a ae2d8a571e03ac9c9eb76fac45af8e51
        30c81c46a35ce411e5fbc1191a0a52ef f69f2445df4f9b17ad2b417be66c3710",
    );
    let ciphertext = hex(
        "601ec313775789a5b7a7f504bbf3d228 f443e3ca4d62b59aca84e990cacaf5c5
        2b0930daa23de94ce87017ba2d84988d dfc9c58db67aada613c2dd08457941a6",
    );
    let zero = ByteOffset::new(0);
    assert_eq!(ctr::apply(key, start, zero, &plaintext), ciphertext);
    assert_eq!(ctr::apply(key, start, zero, &ciphertext), plaintext);
    assert_eq!(second_ctr(key, start.0, &plaintext), ciphertext);
    // The counter blocks that the publication prints.
    for (index, block) in (0..).zip([
        "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff",
        "f0f1f2f3f4f5f6f7f8f9fafbfcfdff00",
        "f0f1f2f3f4f5f6f7f8f9fafbfcfdff01",
        "f0f1f2f3f4f5f6f7f8f9fafbfcfdff02",
    ]) {
        assert_eq!(ctr::counter_block(start, index).to_vec(), hex(block));
    }
}

/// The known answer of the C++ SDK's own test.
#[test]
fn the_known_answer_of_the_cpp_sdk() {
    let key = ContentKey(*b"12345678901234561234567890123456");
    let start = Start(*b"1234567890123456");
    for bytes in [
        ctr::apply(key, start, ByteOffset::new(0), b"1234567890123456"),
        second_ctr(key, start.0, b"1234567890123456"),
    ] {
        assert_eq!(BASE64.encode(&bytes), "wrnuWSenVochXx3m0QzCBQ==");
    }
}

#[test]
fn a_counter_that_carries_or_wraps_is_that_of_the_second_library() {
    let (key, plaintext) = (ContentKey([0x5a; 32]), noise(300));
    for counter in [
        u128::from(u32::MAX) - 1,
        u128::from(u64::MAX) - 1,
        (1 << 96) - 2,
        u128::MAX - 1,
        (0x1234_5678_u128 << 96) | u128::from(u64::MAX),
        0x8877_6655_4433_2211_0000_0000_ffff_fffe,
        0,
    ] {
        let start = Start(counter.to_be_bytes());
        let whole = second_ctr(key, start.0, &plaintext);
        for first in [0, 1, 15, 16, 17, 31, 32, 33, 160, 299] {
            let offset = ByteOffset::new(u64::try_from(first).expect("small"));
            let slice = ctr::apply(key, start, offset, &plaintext[first..]);
            assert_eq!(
                slice,
                whole[first..],
                "start {counter:032x}, from byte {first}"
            );
        }
    }
}

#[test]
fn offsets_up_to_the_last_byte_of_a_64_bit_object() {
    let (key, plaintext) = (ContentKey([0x33; 32]), noise(48));
    for block in [
        1 << 27,
        (1 << 28) - 1,
        1 << 28,
        (1 << 32) - 1,
        1 << 32,
        (1 << 60) - 3_u64,
    ] {
        for counter in [0, u128::from(u64::MAX), u128::MAX - 5] {
            let from = counter.wrapping_add(u128::from(block)).to_be_bytes();
            assert_eq!(
                ctr::apply(
                    key,
                    Start(counter.to_be_bytes()),
                    ByteOffset::new(block * 16),
                    &plaintext
                ),
                second_ctr(key, from, &plaintext),
                "block {block}, start {counter:032x}"
            );
        }
    }
    // The very last byte: 2^64 - 1 is the 15th byte of its block.
    let whole = second_ctr(key, u128::from((1_u64 << 60) - 1).to_be_bytes(), &[0; 16]);
    let last = ctr::apply(key, Start([0; 16]), ByteOffset::new(u64::MAX), &[0]);
    assert_eq!(last, whole[15..]);
}

/// One of the AES-256 test cases of McGrew and Viega, "The Galois/Counter Mode of Operation", appendix B.
struct GcmCase {
    key: &'static str,
    nonce: &'static str,
    plaintext: &'static str,
    ciphertext: &'static str,
    tag: &'static str,
}

const GCM_CASES: [GcmCase; 3] = [
    GcmCase {
        key: "0000000000000000000000000000000000000000000000000000000000000000",
        nonce: "000000000000000000000000",
        plaintext: "",
        ciphertext: "",
        tag: "530f8afbc74536b9a963b4f1c4cb738b",
    },
    GcmCase {
        key: "0000000000000000000000000000000000000000000000000000000000000000",
        nonce: "000000000000000000000000",
        plaintext: "00000000000000000000000000000000",
        ciphertext: "cea7403d4d606b6e074ec5d3baf39d18",
        tag: "d0d1c8a799996bf0265b98b5d48ab919",
    },
    GcmCase {
        key: "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
        nonce: "cafebabefacedbaddecaf888",
        plaintext: "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72
            1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255",
        ciphertext: "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa
            8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad",
        tag: "b094dac5d93471bdec1a502270e3cc6c",
    },
];

#[test]
fn gcm_test_cases_13_14_and_15() {
    for case in &GCM_CASES {
        let (key, plaintext) = (key(case.key), hex(case.plaintext));
        let start = start(&format!("{}00000000", case.nonce));
        let stored = [hex(case.ciphertext), hex(case.tag)].concat();
        assert_eq!(gcm_object::seal(key, start, &plaintext), Ok(stored.clone()));
        assert_eq!(gcm_object::open(key, start, &stored), Ok(plaintext.clone()));
        assert_eq!(second_gcm(key, &hex(case.nonce), &[], &plaintext), stored);
    }
}

/// Test case 16 has associated data, which only GCM part uses: it proves the second library and the first alike.
#[test]
fn gcm_test_case_16_in_both_libraries() {
    use aes_gcm::aead::{AeadInOut, KeyInit};
    let case = &GCM_CASES[2];
    let plaintext = &hex(case.plaintext)[..60];
    let aad = hex("feedfacedeadbeeffeedfacedeadbeefabaddad2");
    let stored = [
        &hex(case.ciphertext)[..60],
        &hex("76fc6ece0f4e1768cddf8853bb2d551b"),
    ]
    .concat();
    assert_eq!(
        second_gcm(key(case.key), &hex(case.nonce), &aad, plaintext),
        stored
    );
    let nonce: [u8; 12] = hex(case.nonce).try_into().expect("12 bytes");
    let mut bytes = plaintext.to_vec();
    let tag = aes_gcm::Aes256Gcm::new(&key(case.key).0.into())
        .encrypt_inout_detached(&nonce.into(), &aad, bytes.as_mut_slice().into())
        .expect("short");
    assert_eq!([&bytes[..], &tag].concat(), stored);
}

#[test]
fn a_gcm_object_of_any_length_is_that_of_the_second_library() {
    let (key, start) = (
        ContentKey([0xc3; 32]),
        start("a1a2a3a4a5a6a7a8a9aaabac00000000"),
    );
    let lengths = (0..=130).chain([255, 256, 257, 1_023, 4_096, 65_537, 102_400, 250_001]);
    for length in lengths {
        let plaintext = noise(length);
        let stored = gcm_object::seal(key, start, &plaintext).expect("a legal start");
        assert_eq!(
            stored,
            second_gcm(key, &start.0[..12], &[], &plaintext),
            "{length} bytes"
        );
        assert_eq!(
            gcm_object::open(key, start, &stored),
            Ok(plaintext),
            "{length} bytes"
        );
    }
    for bad in [
        "a1a2a3a4a5a6a7a8a9aaabac00000001",
        "a1a2a3a4a5a6a7a8a9aaabac80000000",
    ] {
        let refusal = gcm_object::seal(key, self::start(bad), b"").expect_err("it counts already");
        assert_eq!(refusal.rule, rules::GCM_OBJECT_BYTES);
    }
}

/// The nonce is the first 8 bytes of the start and the number in 4; the associated data are data size, part size, number
/// and count, each in 8 bytes, all big-endian.
fn gcm_part_by_definition(
    key: ContentKey,
    start: Start,
    sizes: [u64; 4],
    plaintext: &[u8],
) -> Vec<u8> {
    let [data, part, number, count] = sizes;
    let hex_number = format!("{number:08x}");
    let nonce = [&start.0[..8], &hex(&hex_number)].concat();
    let aad = hex(&format!("{data:016x}{part:016x}{number:016x}{count:016x}"));
    second_gcm(key, &nonce, &aad, plaintext)
}

#[test]
fn gcm_parts_of_any_length_are_those_of_the_second_library() {
    let (key, start) = (
        ContentKey([0x77; 32]),
        start("b1b2b3b4b5b6b7b80000000000000000"),
    );
    for (part, plaintexts) in [(32, 0..=100), (64, 0..=200), (102_400, 204_760..=204_780)] {
        for length in plaintexts {
            let plaintext = noise(length);
            let room = part - 16;
            let chunks: Vec<_> = match length {
                0 => vec![&plaintext[..]],
                _ => plaintext.chunks(room).collect(),
            };
            let size = |bytes: usize| u64::try_from(bytes).expect("small");
            let (data, count) = (size(length + 16 * chunks.len()), size(chunks.len()));
            let layout = Layout::new(
                Cipher::GcmPart,
                size(length),
                PartSize::new(size(part)).expect("not zero"),
            )
            .expect("a legal size");
            for (number, chunk) in (1..).zip(chunks) {
                let case = format!("part {number} of {length} / {part}");
                let sizes = [data, size(part), number, count];
                let expected = gcm_part_by_definition(key, start, sizes, chunk);
                let number = PartNumber::new(number).expect("few parts");
                let stored = gcm_part::seal(key, start, layout, number, chunk);
                assert_eq!(stored, Ok(expected.clone()), "{case}");
                let opened = gcm_part::open(key, start, layout, number, &expected);
                assert_eq!(opened, Ok(chunk.to_vec()), "{case}");
            }
        }
    }
    // The number reaches the nonce whole.
    let layout = Layout::new(
        Cipher::GcmPart,
        160_000,
        PartSize::new(32).expect("not zero"),
    )
    .expect("10,000 parts");
    for number in [255, 256, 257, 9_999, 10_000] {
        let sizes = [320_000, 32, number, 10_000];
        let expected = gcm_part_by_definition(key, start, sizes, &[9; 16]);
        let number = PartNumber::new(number).expect("at most 10,000");
        assert_eq!(
            gcm_part::seal(key, start, layout, number, &[9; 16]),
            Ok(expected)
        );
    }
}

#[test]
fn a_gcm_part_of_the_wrong_length_start_or_upload_is_refused() {
    let (key, good) = (
        ContentKey([0x77; 32]),
        start("b1b2b3b4b5b6b7b80000000000000000"),
    );
    let layout = |plaintext, part| {
        Layout::new(
            Cipher::GcmPart,
            plaintext,
            PartSize::new(part).expect("not zero"),
        )
        .expect("a legal size")
    };
    let number = |number| PartNumber::new(number).expect("small");
    let two = layout(60, 64);
    for length in [0, 47, 49] {
        let refusal = gcm_part::seal(key, good, two, number(1), &noise(length));
        assert_eq!(refusal.expect_err("48 bytes").rule, rules::GCM_PART_SEAL);
    }
    for bad in [
        "b1b2b3b4b5b6b7b80000000000000001",
        "b1b2b3b4b5b6b7b80100000000000000",
    ] {
        let refusal = gcm_part::seal(key, start(bad), two, number(1), &noise(48));
        assert_eq!(
            refusal.expect_err("a start with more than a prefix").rule,
            rules::GCM_PART_SEAL
        );
    }
    let sealed = gcm_part::seal(key, good, two, number(1), &noise(48)).expect("right");
    for length in 0..64 {
        assert!(gcm_part::open(key, good, two, number(1), &sealed[..length]).is_err());
    }
    for bit in 0..sealed.len() * 8 {
        let mut changed = sealed.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        let refusal = gcm_part::open(key, good, two, number(1), &changed).expect_err("changed");
        assert_eq!(refusal.rule, rules::GCM_AUTHENTIC, "bit {bit}");
    }
    for other in [layout(61, 64), layout(96, 64), layout(110, 64)] {
        let refusal =
            gcm_part::open(key, good, other, number(1), &sealed).expect_err("other sizes");
        assert_eq!(refusal.rule, rules::GCM_AUTHENTIC);
    }
}

#[test]
fn bytes_of_a_gcm_object_without_its_tag_are_those_of_the_whole() {
    let (key, start) = (
        ContentKey([0xc3; 32]),
        start("ffffffffffffffffffffffff00000000"),
    );
    let plaintext = noise(1_000);
    let whole = second_gcm(key, &start.0[..12], &[], &plaintext);
    for first in [0, 1, 16, 500, 999] {
        let offset = ByteOffset::new(u64::try_from(first).expect("small"));
        let slice = gcm_object::apply_unauthenticated(key, start, offset, &plaintext[first..]);
        assert_eq!(
            slice.expect("a legal start"),
            whole[first..1_000],
            "from {first}"
        );
    }
}

/// The check value of CRC-64/XZ, and the CRC by its definition: bit by bit.
#[test]
fn crc_64_xz() {
    fn by_bits(bytes: &[u8]) -> u64 {
        let mut register = u64::MAX;
        for byte in bytes {
            register ^= u64::from(*byte);
            for _ in 0..8 {
                let low = register & 1;
                register >>= 1;
                if low == 1 {
                    register ^= 0xc96c_5795_d787_0f42;
                }
            }
        }
        !register
    }
    assert_eq!(crc64::checksum(b"123456789"), 0x995d_c9bb_df19_39fa);
    assert_eq!(by_bits(b"123456789"), 0x995d_c9bb_df19_39fa);
    for length in [0, 1, 7, 8, 9, 63, 64, 65, 1_000] {
        let bytes = noise(length);
        assert_eq!(crc64::checksum(&bytes), by_bits(&bytes), "{length} bytes");
        for cut in 0..=length {
            let (first, second) = bytes.split_at(cut);
            let joined = crc64::combine(
                by_bits(first),
                by_bits(second),
                u64::try_from(second.len()).expect("small"),
            );
            assert_eq!(joined, by_bits(&bytes), "{length} bytes cut at {cut}");
        }
    }
}

/// A CRC joined over lengths that cannot be held: zeros appended by doubling.
#[test]
fn crcs_of_terabytes_join_in_any_grouping() {
    let (a, b) = (crc64::checksum(b"first"), crc64::checksum(b"second"));
    for n in [1_u64 << 31, 1 << 32, (1 << 42) + 7, 53_687_091_200_000] {
        // `a` then n bytes, then `b`; and `a` then all of the rest at once.
        let middle = crc64::checksum(b"whatever");
        let left = crc64::combine(crc64::combine(a, middle, n), b, 6);
        let right = crc64::combine(a, crc64::combine(middle, b, 6), n + 6);
        assert_eq!(left, right, "{n}");
        assert_ne!(
            left,
            crc64::combine(a, crc64::combine(middle, b, 6), n + 7),
            "{n}"
        );
    }
}
