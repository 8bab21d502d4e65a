//! The master key of whoever asks for a diagnosis: a real one, as likely as not. So it is not the model that unwraps with it, whose
//! library has a known timing leak (RUSTSEC-2023-0071), but AWS-LC, which takes keys of 2,048 bits and more. Shorter ones are refused,
//! except test keys that their vendors have published and that protect nothing: with those the model may unwrap.

use std::fmt;

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::error::{KeyRejected, Unspecified};
use aws_lc_rs::rsa::{
    KeyPair, OAEP_SHA1_MGF1SHA1, OaepPrivateDecryptingKey, Pkcs1PrivateDecryptingKey,
    PrivateDecryptingKey,
};
use data_encoding::HEXLOWER;
use partproof_model::key_wrap::{self, WrapAlg};
use sha2::{Digest, Sha256};

/// SHA-256 of the moduli of published test keys below 2,048 bits.
const PUBLISHED: [&str; 1] = [
    // The RSA-1024 key of the vendor's SDKs in C++, Go and Python (oss2), with which their tests read one another's objects.
    "2c66aad13c0fc1ed2ba2b22ff1979ad6c30b505995e8af88a3a518f7a1ad4994",
];

/// Why a master key cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MasterKeyError {
    /// Something else.
    #[error(
        "{given}, expected an RSA private key of 2,048 to 8,192 bits in PEM: PKCS#1 (`RSA PRIVATE KEY`) or PKCS#8 (`PRIVATE KEY`)"
    )]
    NotAKey {
        /// What it is instead.
        given: String,
    },
    /// The public half.
    #[error("this is a public key: unwrapping takes the private one")]
    PublicOnly,
    /// A private key under a passphrase.
    #[error(
        "this key is encrypted: `openssl pkey -in FILE -out PLAIN` writes it without its passphrase"
    )]
    Encrypted,
    /// A short key that is not known to be public.
    #[error(
        "an RSA key of fewer than 2,048 bits, expected 2,048 to 8,192: what unwraps with shorter ones here leaks through timing (RUSTSEC-2023-0071), and would only do so with published test keys. Without --master-key all but the ciphertext is judged; upload again under a longer key to have that judged too"
    )]
    TooSmall,
}

/// An RSA private key.
pub struct MasterKey(Unwrapping);

enum Unwrapping {
    AwsLc(PrivateDecryptingKey),
    /// Of a published key.
    Model(Box<key_wrap::MasterKey>),
}

impl MasterKey {
    /// Reads a key from PEM text.
    ///
    /// # Errors
    /// Text that is no RSA private key, or a key that is too short or too long.
    pub fn from_pem(text: &str) -> Result<Self, MasterKeyError> {
        let not = |given: String| MasterKeyError::NotAKey { given };
        let block = pem::parse(text).map_err(|_| not("no PEM block".to_owned()))?;
        let label = block.tag();
        if label == "ENCRYPTED PRIVATE KEY" || block.headers().get("DEK-Info").is_some() {
            return Err(MasterKeyError::Encrypted);
        }
        let private = match label {
            "PRIVATE KEY" => PrivateDecryptingKey::from_pkcs8(block.contents()),
            "RSA PRIVATE KEY" => from_pkcs1(block.contents()),
            "PUBLIC KEY" | "RSA PUBLIC KEY" => return Err(MasterKeyError::PublicOnly),
            _ => return Err(not(format!("a PEM block {label:?}"))),
        };
        match private {
            Ok(private) => Ok(Self(Unwrapping::AwsLc(private))),
            Err(rejected) if rejected.to_string() == "TooSmall" => Self::published(text),
            Err(rejected) => Err(not(format!("not such a key ({rejected})"))),
        }
    }

    fn published(text: &str) -> Result<Self, MasterKeyError> {
        key_wrap::MasterKey::from_pem(text)
            .ok()
            .filter(|key| {
                let fingerprint = HEXLOWER.encode(&Sha256::digest(key.modulus()));
                PUBLISHED.contains(&fingerprint.as_str())
            })
            .map(|key| Self(Unwrapping::Model(Box::new(key))))
            .ok_or(MasterKeyError::TooSmall)
    }

    /// Unwraps what any client wrapped, of any length; or says that it is not this key's, as far as padding can tell.
    pub(super) fn unwrap(&self, algorithm: WrapAlg, wrapped: &[u8]) -> Result<Vec<u8>, String> {
        let not = || {
            format!(
                "{} wrapped bytes do not unwrap under this key with {}",
                wrapped.len(),
                algorithm.name()
            )
        };
        match &self.0 {
            Unwrapping::AwsLc(key) => decrypt(key, algorithm, wrapped).map_err(|_| not()),
            Unwrapping::Model(key) => key.unwrap(algorithm, wrapped).map_err(|_| not()),
        }
    }
}

fn from_pkcs1(der: &[u8]) -> Result<PrivateDecryptingKey, KeyRejected> {
    let pkcs8 = KeyPair::from_der(der)?.as_der()?;
    PrivateDecryptingKey::from_pkcs8(pkcs8.as_ref())
}

fn decrypt(
    key: &PrivateDecryptingKey,
    algorithm: WrapAlg,
    wrapped: &[u8],
) -> Result<Vec<u8>, Unspecified> {
    let mut room = vec![0; key.key_size_bytes()];
    let key = key.clone();
    let length = match algorithm {
        WrapAlg::Pkcs1 => {
            let key = Pkcs1PrivateDecryptingKey::new(key)?;
            key.decrypt(wrapped, &mut room)?.len()
        }
        WrapAlg::OaepSha1 => {
            let key = OaepPrivateDecryptingKey::new(key)?;
            key.decrypt(&OAEP_SHA1_MGF1SHA1, wrapped, &mut room, None)?
                .len()
        }
    };
    room.truncate(length);
    Ok(room)
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MasterKey").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use pem::Pem;
    use proptest::prelude::{any, prop, proptest};
    use rand_chacha::ChaCha8Rng;
    use rand_chacha::rand_core::SeedableRng;

    use super::*;

    const PKCS1: &str = include_str!("../tests/keys/master.pem");
    const PKCS8: &str = include_str!("../tests/keys/other.pem");
    const PUBLIC: &str = include_str!("../tests/keys/master.pub.pem");
    /// Made for the tests of the model; nobody has published it.
    const SHORT: [&str; 2] = [
        include_str!("../tests/keys/rsa1008-pkcs1.pem"),
        include_str!("../tests/keys/rsa512-pkcs8.pem"),
    ];

    #[test]
    fn it_unwraps_what_the_model_wraps_and_nothing_else() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        for (pem, other) in [(PKCS1, PKCS8), (PKCS8, PKCS1)] {
            let by_model = key_wrap::MasterKey::from_pem(pem).unwrap();
            let key = MasterKey::from_pem(pem).unwrap();
            assert!(matches!(key.0, Unwrapping::AwsLc(_)));
            for algorithm in WrapAlg::ALL {
                for length in [0, 16, 32, 200] {
                    let bytes = vec![7; length];
                    let wrapped = by_model.wrap(algorithm, &mut rng, &bytes).unwrap();
                    assert_eq!(key.unwrap(algorithm, &wrapped), Ok(bytes));
                    let problem = MasterKey::from_pem(other)
                        .unwrap()
                        .unwrap(algorithm, &wrapped);
                    let expected = format!(
                        "256 wrapped bytes do not unwrap under this key with {}",
                        algorithm.name()
                    );
                    assert_eq!(problem, Err(expected));
                    assert!(key.unwrap(algorithm, &wrapped[1..]).is_err());
                }
            }
        }
    }

    #[test]
    fn what_is_no_private_key_of_enough_bits_is_told_what_it_is() {
        let problem = |text: &str| MasterKey::from_pem(text).unwrap_err();
        for pem in SHORT {
            assert_eq!(problem(pem), MasterKeyError::TooSmall);
        }
        assert_eq!(problem(PUBLIC), MasterKeyError::PublicOnly);
        let block = |label: &str| pem::encode(&Pem::new(label, [0x30, 0]));
        assert_eq!(
            problem(&block("ENCRYPTED PRIVATE KEY")),
            MasterKeyError::Encrypted
        );
        let encrypted = PKCS1.replacen(
            "\n",
            "\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\n",
            1,
        );
        assert_eq!(problem(&encrypted), MasterKeyError::Encrypted);
        for (text, said) in [
            ("".to_owned(), "no PEM block, expected an RSA private key"),
            (block("PRIVATE KEY"), "not such a key ("),
            (block("RSA PRIVATE KEY"), "not such a key ("),
            (
                block("CERTIFICATE"),
                "a PEM block \"CERTIFICATE\", expected an RSA private key",
            ),
        ] {
            let problem = problem(&text).to_string();
            assert!(problem.starts_with(said), "{problem}");
        }
    }

    proptest! {
        #[test]
        fn any_key_file_is_answered(cut in any::<prop::sample::Index>(), byte in any::<u8>(), der in any::<bool>()) {
            let text = match der {
                true => {
                    let mut der = pem::parse(PKCS8).unwrap().into_contents();
                    let at = cut.index(der.len());
                    der[at] ^= byte;
                    pem::encode(&Pem::new("PRIVATE KEY", der))
                }
                false => PKCS1[..cut.index(PKCS1.len())].to_owned(),
            };
            let _answered = MasterKey::from_pem(&text);
        }
    }
}
