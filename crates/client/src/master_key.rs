//! The master key: the RSA key that wraps content keys. A writer needs only its public half; a reader needs the private one. Its
//! description, a small JSON object, tells a reader who holds several keys which one an object was written with.

use std::collections::BTreeMap;
use std::fmt;

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::error::{KeyRejected, Unspecified};
use aws_lc_rs::rsa::{
    KeyPair, OAEP_SHA1_MGF1SHA1, OaepPrivateDecryptingKey, OaepPublicEncryptingKey,
    Pkcs1PrivateDecryptingKey, Pkcs1PublicEncryptingKey, PrivateDecryptingKey, PublicEncryptingKey,
    PublicKey,
};
use zeroize::Zeroizing;

use crate::error::Error;
use crate::wrap_alg::WrapAlg;

/// An RSA key of 2048 to 8192 bits. Never printed.
#[derive(Clone)]
pub struct MasterKey {
    public: PublicEncryptingKey,
    private: Option<PrivateDecryptingKey>,
    description: BTreeMap<String, String>,
}

impl MasterKey {
    /// Reads a PEM block: `PRIVATE KEY` (PKCS #8), `RSA PRIVATE KEY` (PKCS #1), `PUBLIC KEY` (SubjectPublicKeyInfo) or
    /// `RSA PUBLIC KEY` (PKCS #1).
    ///
    /// # Errors
    /// [`Error::MasterKey`] if it is no such block, no RSA key, encrypted, or outside 2048 to 8192 bits.
    pub fn from_pem(pem: &str) -> Result<Self, Error> {
        let refuse = |reason: String| Error::MasterKey { reason };
        let block = pem::parse(pem).map_err(|error| refuse(format!("not a PEM block: {error}")))?;
        let label = block.tag().to_owned();
        let der = Zeroizing::new(block.into_contents());
        let rejected = |error: KeyRejected| match error.to_string().as_str() {
            "TooSmall" => refuse(format!(
                "{label} has fewer than 2048 bits, expected 2048 to 8192"
            )),
            "TooLarge" => refuse(format!(
                "{label} has more than 8192 bits, expected 2048 to 8192"
            )),
            _ => refuse(format!("{label} does not hold a valid RSA key")),
        };
        let unencodable = |_: Unspecified| refuse(format!("{label} cannot be encoded again"));
        let (public, private) = match label.as_str() {
            "PRIVATE KEY" => Self::private_pair(&der).map_err(rejected)?,
            "RSA PRIVATE KEY" => {
                let pkcs8 = KeyPair::from_der(&der)
                    .map_err(rejected)?
                    .as_der()
                    .map_err(unencodable)?;
                Self::private_pair(pkcs8.as_ref()).map_err(rejected)?
            }
            "PUBLIC KEY" => (PublicEncryptingKey::from_der(&der).map_err(rejected)?, None),
            "RSA PUBLIC KEY" => {
                let spki = PublicKey::from_der(&der)
                    .map_err(rejected)?
                    .as_der()
                    .map_err(unencodable)?;
                (
                    PublicEncryptingKey::from_der(spki.as_ref()).map_err(rejected)?,
                    None,
                )
            }
            other => {
                let expected = "PRIVATE KEY, RSA PRIVATE KEY, PUBLIC KEY or RSA PUBLIC KEY";
                return Err(refuse(format!(
                    "PEM block is {other:?}, expected {expected}"
                )));
            }
        };
        Ok(MasterKey {
            public,
            private,
            description: BTreeMap::new(),
        })
    }

    /// The same key with a description, written to the `matdesc` header unless it is empty.
    #[must_use]
    pub fn with_description(self, description: BTreeMap<String, String>) -> Self {
        MasterKey {
            description,
            ..self
        }
    }

    /// The description.
    pub fn description(&self) -> &BTreeMap<String, String> {
        &self.description
    }

    /// Whether the private half is here, so that envelopes can be opened.
    pub fn can_open(&self) -> bool {
        self.private.is_some()
    }

    pub(crate) fn wrap(&self, wrap: WrapAlg, secret: &[u8]) -> Result<Vec<u8>, Error> {
        let public = self.public.clone();
        let mut wrapped = vec![0; public.key_size_bytes()];
        match wrap {
            WrapAlg::RsaPkcs1 => Pkcs1PublicEncryptingKey::new(public).and_then(|key| {
                key.encrypt(secret, &mut wrapped)
                    .map(|written| written.len())
            }),
            WrapAlg::RsaOaepSha1 => OaepPublicEncryptingKey::new(public).and_then(|key| {
                key.encrypt(&OAEP_SHA1_MGF1SHA1, secret, &mut wrapped, None)
                    .map(|written| written.len())
            }),
        }
        .map(|length| wrapped.truncate(length))
        .map_err(|_| Error::Wrap)?;
        Ok(wrapped)
    }

    /// Unwraps the value of header `name`.
    pub(crate) fn unwrap(
        &self,
        wrap: WrapAlg,
        name: &'static str,
        wrapped: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, Error> {
        let private = self.private.clone().ok_or(Error::MasterKeyIsPublic)?;
        let mut secret = Zeroizing::new(vec![0; private.key_size_bytes()]);
        let length = match wrap {
            WrapAlg::RsaPkcs1 => Pkcs1PrivateDecryptingKey::new(private).and_then(|key| {
                key.decrypt(wrapped, &mut secret)
                    .map(|written| written.len())
            }),
            WrapAlg::RsaOaepSha1 => OaepPrivateDecryptingKey::new(private).and_then(|key| {
                key.decrypt(&OAEP_SHA1_MGF1SHA1, wrapped, &mut secret, None)
                    .map(|written| written.len())
            }),
        }
        .map_err(|_| Error::Unwrap { name })?;
        secret.truncate(length);
        Ok(secret)
    }

    fn private_pair(
        pkcs8: &[u8],
    ) -> Result<(PublicEncryptingKey, Option<PrivateDecryptingKey>), KeyRejected> {
        let private = PrivateDecryptingKey::from_pkcs8(pkcs8)?;
        Ok((private.public_key(), Some(private)))
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MasterKey")
            .field("bits", &self.public.key_size_bits())
            .field("can_open", &self.can_open())
            .field("description", &self.description)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use aws_lc_rs::rsa::KeySize;
    use pem::Pem;

    use super::*;

    /// A fresh master key, PKCS #8.
    pub(crate) fn generate_pem() -> String {
        let pkcs8 = PrivateDecryptingKey::generate(KeySize::Rsa2048)
            .unwrap()
            .as_der()
            .unwrap();
        pem::encode(&Pem::new("PRIVATE KEY", pkcs8.as_ref()))
    }

    /// The content of the last element of a DER sequence of the given tag.
    fn last_element(der: &[u8], tag: u8) -> &[u8] {
        let long_form = |at: usize| der[at] == tag && der[at + 1] == 0x82;
        let at = (4..40).find(|at| long_form(*at)).unwrap();
        &der[at + 4..]
    }

    #[test]
    fn all_four_pem_kinds_are_one_key() {
        let pkcs8 = pem::parse(generate_pem()).unwrap().into_contents();
        let private = PrivateDecryptingKey::from_pkcs8(&pkcs8).unwrap();
        let spki = private.public_key().as_der().unwrap().as_ref().to_vec();
        let kinds = [
            ("PRIVATE KEY", pkcs8.as_slice()),
            ("RSA PRIVATE KEY", last_element(&pkcs8, 0x04)),
            ("PUBLIC KEY", spki.as_slice()),
            ("RSA PUBLIC KEY", &last_element(&spki, 0x03)[1..]),
        ];
        let keys = kinds
            .map(|(label, der)| MasterKey::from_pem(&pem::encode(&Pem::new(label, der))).unwrap());
        assert_eq!(
            keys.each_ref().map(MasterKey::can_open),
            [true, true, false, false]
        );
        for (writer, wrap) in keys
            .iter()
            .flat_map(|key| WrapAlg::ALL.map(|wrap| (key, wrap)))
        {
            let wrapped = writer.wrap(wrap, b"secret").unwrap();
            assert_eq!(
                **keys[0].unwrap(wrap, "name", &wrapped).unwrap(),
                *b"secret"
            );
            assert_eq!(
                **keys[1].unwrap(wrap, "name", &wrapped).unwrap(),
                *b"secret"
            );
            assert_eq!(
                keys[2].unwrap(wrap, "name", &wrapped),
                Err(Error::MasterKeyIsPublic)
            );
        }
        assert_eq!(
            format!("{:?}", keys[0]),
            "MasterKey { bits: 2048, can_open: true, description: {}, .. }"
        );
    }

    #[test]
    fn other_keys_are_refused_with_a_reason() {
        let reason = |pem: &str| match MasterKey::from_pem(pem) {
            Err(Error::MasterKey { reason }) => reason,
            other => panic!("{other:?}"),
        };
        assert!(reason("").contains("not a PEM block"));
        assert!(
            reason(&pem::encode(&Pem::new("CERTIFICATE", [0; 9])))
                .contains("\"CERTIFICATE\", expected")
        );
        assert!(reason(&pem::encode(&Pem::new("PUBLIC KEY", [0; 9]))).contains("valid RSA key"));
        assert!(reason(RSA_1024).contains("fewer than 2048 bits"));
    }

    /// A public key of 1024 bits with a modulus of no worth.
    const RSA_1024: &str = "-----BEGIN PUBLIC KEY-----
MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDDw8PDw8PDw8PDw8PDw8PDw8PD
w8PDw8PDw8PDw8PDw8PDw8PDw8PDw8PDw8PDw8PDw8PDw8PDw8PDw8PDw8PDw8PD
w8PDw8PDw8PDw8PDw8PDw8PDw8PDw8PDw8PDw8PDw8PDw8PDw8PDw8PDw8PDw8PD
w8PDw8PDw8PDw8PDAQIDAQAB
-----END PUBLIC KEY-----
";
}
