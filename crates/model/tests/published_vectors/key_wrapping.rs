//! RSA key wrapping: every kind of key, both algorithms, against the second library where it takes the key (it wants
//! 2,048 bits at least). The keys are made here, from a fixed seed: nobody's.

use std::sync::LazyLock;

use aws_lc_rs::rsa::{
    OAEP_SHA1_MGF1SHA1, OaepPrivateDecryptingKey, OaepPublicEncryptingKey,
    Pkcs1PrivateDecryptingKey, Pkcs1PublicEncryptingKey, PrivateDecryptingKey,
};
use partproof_model::cipher;
use partproof_model::key_wrap::{KeyError, MasterKey, WrapAlg};
use partproof_model::rules;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;
use rsa::PrivateKey;
use rsa::pkcs1::{EncodeRsaPrivateKey, EncodeRsaPublicKey};
use rsa::pkcs8::{EncodePrivateKey, EncodePublicKey, LineEnding};

static SMALL: LazyLock<PrivateKey> = LazyLock::new(|| test_key(1_024, 1));
static OTHER_SMALL: LazyLock<PrivateKey> = LazyLock::new(|| test_key(1_024, 2));
static LARGE: LazyLock<PrivateKey> = LazyLock::new(|| test_key(2_048, 3));

fn rng(seed: u64) -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(seed)
}

fn test_key(bits: usize, seed: u64) -> PrivateKey {
    PrivateKey::new(&mut rng(seed), bits).expect("a size of key that the crate makes")
}

/// A key in every PEM form the model reads: private first, then public.
fn private_pems(key: &PrivateKey) -> [String; 2] {
    [
        key.to_pkcs1_pem(LineEnding::LF)
            .expect("encodes")
            .to_string(),
        key.to_pkcs8_pem(LineEnding::CRLF)
            .expect("encodes")
            .to_string(),
    ]
}

fn public_pems(key: &PrivateKey) -> [String; 2] {
    let public = key.to_public_key();
    [
        public.to_pkcs1_pem(LineEnding::LF).expect("encodes"),
        public.to_public_key_pem(LineEnding::LF).expect("encodes"),
    ]
}

fn read(pem: &str) -> MasterKey {
    MasterKey::from_pem(pem).expect("a key")
}

#[test]
fn every_form_of_a_key_wraps_for_every_other() {
    for key in [&*SMALL, &*LARGE] {
        let private = private_pems(key);
        let public = public_pems(key);
        for algorithm in WrapAlg::ALL {
            for wrapper in private.iter().chain(&public) {
                for bytes in [&[7; 32][..], &[0; 16], b""] {
                    let wrapped = read(wrapper)
                        .wrap(algorithm, &mut rng(9), bytes)
                        .expect("short");
                    for reader in &private {
                        assert_eq!(
                            read(reader).unwrap(algorithm, &wrapped),
                            Ok(bytes.to_vec()),
                            "{algorithm:?}, {} bytes",
                            bytes.len()
                        );
                    }
                    let reader = read(&public[0]);
                    assert_eq!(
                        reader.unwrap(algorithm, &wrapped),
                        Err(KeyError::PublicOnly)
                    );
                }
            }
        }
    }
}

#[test]
fn what_the_second_library_wraps_unwraps_and_the_other_way_round() {
    let key = read(&private_pems(&LARGE)[0]);
    let der = LARGE.to_pkcs8_der().expect("encodes");
    let second = || PrivateDecryptingKey::from_pkcs8(der.as_bytes()).expect("a key of 2,048 bits");
    let pkcs1 = Pkcs1PrivateDecryptingKey::new(second()).expect("a key");
    let pkcs1_public = Pkcs1PublicEncryptingKey::new(second().public_key()).expect("a key");
    let oaep = OaepPrivateDecryptingKey::new(second()).expect("a key");
    let oaep_public = OaepPublicEncryptingKey::new(second().public_key()).expect("a key");
    for bytes in [&[1; 32][..], &[2; 16], &[0; 32], b"\0"] {
        let mut buffer = [0; 256];
        let wrapped = key.wrap(WrapAlg::Pkcs1, &mut rng(4), bytes).expect("short");
        assert_eq!(wrapped.len(), 256);
        assert_eq!(
            *pkcs1.decrypt(&wrapped, &mut buffer).expect("unwraps"),
            *bytes
        );
        let wrapped = pkcs1_public.encrypt(bytes, &mut buffer).expect("wraps");
        assert_eq!(key.unwrap(WrapAlg::Pkcs1, wrapped), Ok(bytes.to_vec()));

        let wrapped = key
            .wrap(WrapAlg::OaepSha1, &mut rng(4), bytes)
            .expect("short");
        let mut buffer = [0; 256];
        let unwrapped = oaep
            .decrypt(&OAEP_SHA1_MGF1SHA1, &wrapped, &mut buffer, None)
            .expect("unwraps");
        assert_eq!(*unwrapped, *bytes);
        let mut buffer = [0; 256];
        let wrapped = oaep_public
            .encrypt(&OAEP_SHA1_MGF1SHA1, bytes, &mut buffer, None)
            .expect("wraps");
        assert_eq!(key.unwrap(WrapAlg::OaepSha1, wrapped), Ok(bytes.to_vec()));
    }
}

#[test]
fn oaep_refuses_the_wrong_key_and_changed_bytes() {
    let key = read(&private_pems(&SMALL)[0]);
    let other = read(&private_pems(&OTHER_SMALL)[0]);
    let mut wrapped = key
        .wrap(WrapAlg::OaepSha1, &mut rng(5), &[7; 32])
        .expect("short");
    let refused = Err(KeyError::NotUnwrapped {
        given: 128,
        algorithm: "RSA/NONE/OAEPWithSHA-1AndMGF1Padding",
    });
    assert_eq!(other.unwrap(WrapAlg::OaepSha1, &wrapped), refused);
    let pkcs1 = key
        .wrap(WrapAlg::Pkcs1, &mut rng(5), &[7; 32])
        .expect("short");
    assert_eq!(key.unwrap(WrapAlg::OaepSha1, &pkcs1), refused);
    wrapped[127] ^= 1;
    assert_eq!(key.unwrap(WrapAlg::OaepSha1, &wrapped), refused);
}

/// PKCS#1 v1.5 is unwrapped with implicit rejection: what comes out is wrong, and mostly of a wrong length.
#[test]
fn the_wrong_key_never_unwraps_what_was_wrapped_with_pkcs1() {
    let key = read(&private_pems(&SMALL)[0]);
    let other = read(&private_pems(&OTHER_SMALL)[0]);
    let mut of_the_right_length = 0;
    for seed in 0..200 {
        let wrapped = key
            .wrap(WrapAlg::Pkcs1, &mut rng(seed), &[7; 32])
            .expect("short");
        if let Ok(unwrapped) = other.unwrap(WrapAlg::Pkcs1, &wrapped) {
            assert_ne!(unwrapped, [7; 32]);
            of_the_right_length += u32::from(cipher::content_key(&unwrapped).is_ok());
            assert_eq!(other.unwrap(WrapAlg::Pkcs1, &wrapped), Ok(unwrapped));
        }
        let mut changed = wrapped;
        changed[127] ^= 1;
        assert_ne!(key.unwrap(WrapAlg::Pkcs1, &changed), Ok(vec![7; 32]));
    }
    assert!(of_the_right_length < 20, "{of_the_right_length} of 200");
}

#[test]
fn the_wrong_number_of_bytes_is_refused() {
    let (key, large) = (
        read(&private_pems(&SMALL)[0]),
        read(&private_pems(&LARGE)[0]),
    );
    for algorithm in WrapAlg::ALL {
        let wrapped = key.wrap(algorithm, &mut rng(5), &[7; 32]).expect("short");
        let refused = |given: usize| {
            Err(KeyError::NotUnwrapped {
                given,
                algorithm: algorithm.name(),
            })
        };
        assert_eq!(large.unwrap(algorithm, &wrapped), refused(128));
        for length in [0, 1, 127] {
            assert_eq!(
                key.unwrap(algorithm, &wrapped[..length]),
                refused(length),
                "{length}"
            );
        }
        let long = [&wrapped[..], &[0]].concat();
        assert_eq!(key.unwrap(algorithm, &long), refused(129));
    }
    // 1,024 bits hold 117 bytes beside PKCS#1 padding, 86 beside OAEP with SHA-1.
    for (algorithm, most) in [(WrapAlg::Pkcs1, 117), (WrapAlg::OaepSha1, 86)] {
        assert!(key.wrap(algorithm, &mut rng(6), &vec![1; most]).is_ok());
        let refusal = key.wrap(algorithm, &mut rng(6), &vec![1; most + 1]);
        assert_eq!(refusal, Err(KeyError::NotWrapped { given: most + 1 }));
    }
}

#[test]
fn what_unwraps_to_another_length_is_neither_key_nor_start() {
    for length in (0..=48).filter(|length| *length != 32) {
        let refusal = cipher::content_key(&vec![1; length]).expect_err("32 bytes");
        assert_eq!(refusal.rule, rules::WRAPPED_LENGTH);
    }
    for length in (0..=48).filter(|length| *length != 16) {
        let refusal = cipher::start(&vec![1; length]).expect_err("16 bytes");
        assert_eq!(refusal.rule, rules::WRAPPED_LENGTH);
    }
    assert_eq!(cipher::content_key(&[1; 32]).expect("32 bytes").0, [1; 32]);
    assert_eq!(cipher::start(&[1; 16]).expect("16 bytes").0, [1; 16]);
}

#[test]
fn a_key_below_1024_bits_is_refused() {
    for (bits, pems) in [
        (
            512,
            [
                include_str!("../keys/rsa512-pkcs1.pem"),
                include_str!("../keys/rsa512-pkcs8.pem"),
                include_str!("../keys/rsa512-pkcs1-public.pem"),
                include_str!("../keys/rsa512-spki.pem"),
            ],
        ),
        (
            1_008,
            [
                include_str!("../keys/rsa1008-pkcs1.pem"),
                include_str!("../keys/rsa1008-pkcs8.pem"),
                include_str!("../keys/rsa1008-pkcs1-public.pem"),
                include_str!("../keys/rsa1008-spki.pem"),
            ],
        ),
    ] {
        for pem in pems {
            let refusal = MasterKey::from_pem(pem).expect_err("too small");
            // The library itself refuses a small public key, and does not say why.
            let expected = match pem.contains("PRIVATE") {
                true => KeyError::TooSmall { bits },
                false => KeyError::NotAKey,
            };
            assert_eq!(refusal, expected, "{pem}");
            assert!(refusal.to_string().contains("at least 1024"), "{refusal}");
        }
    }
}

#[test]
fn what_is_no_key_is_refused() {
    let pem = &private_pems(&SMALL)[0];
    let cut = pem.replacen("MII", "", 1);
    let ec = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----\n";
    for text in ["", "key", &cut, &pem[..pem.len() / 2], ec] {
        let refusal = MasterKey::from_pem(text).expect_err("no RSA key");
        assert_eq!(refusal, KeyError::NotAKey, "{text}");
    }
}
