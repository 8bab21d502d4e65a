//! The envelope: the headers that carry an object's content key, wrapped by the master key, and say how the object is encrypted. A
//! reader takes nothing for granted: an incomplete or unknown envelope is refused, never read as plaintext (faults E13, E14).

use serde_json::Value;

use crate::cipher::Cipher;
use crate::content_cipher::ContentCipher;
use crate::content_key::ContentKey;
use crate::error::Error;
use crate::layout::Layout;
use crate::master_key::MasterKey;
use crate::wrap_alg::WrapAlg;
use crate::wrapped_envelope::WrappedEnvelope;

/// An envelope that was opened.
#[derive(Clone, Debug)]
pub struct Envelope {
    /// The content cipher.
    pub cipher: Cipher,
    /// How the content key was wrapped.
    pub wrap: WrapAlg,
    /// The content key.
    pub content_key: ContentKey,
    /// The declared bytes of the object on the wire; a single put declares none.
    pub data_size: Option<u64>,
    /// The declared bytes of a part on the wire; a single put declares none.
    pub part_size: Option<u64>,
    /// The master key's description, JSON as it was written.
    pub description: Option<String>,
}

impl Envelope {
    /// Seals a content key: the headers to send with Initiate, or, without a layout, with a single put. Names are lower case.
    ///
    /// # Errors
    /// [`Error::WrongCipher`] if the layout is for another cipher, [`Error::StartShape`] if the cipher cannot use the key's start,
    /// [`Error::Wrap`].
    pub fn seal(
        master: &MasterKey,
        wrap: WrapAlg,
        key: &ContentKey,
        layout: Option<&Layout>,
        cipher: Cipher,
    ) -> Result<Vec<(String, String)>, Error> {
        if let Some(given) = layout.map(Layout::cipher).filter(|given| *given != cipher) {
            return Err(Error::WrongCipher {
                operation: "seal",
                given,
                expected: cipher,
            });
        }
        ContentCipher::check_start(key, cipher)?;
        let description = (!master.description().is_empty()).then(|| {
            let json =
                serde_json::to_string(master.description()).expect("a map of strings is JSON");
            ascii_json(&json)
        });
        let wrapped = WrappedEnvelope {
            cipher,
            wrap,
            key: master.wrap(wrap, key.expose_key())?,
            start: master.wrap(wrap, key.expose_start())?,
            data_size: layout.map(Layout::data_size),
            part_size: layout.map(Layout::part_size),
            description,
        };
        Ok(wrapped.headers())
    }

    /// Opens the envelope among an object's headers: reads it, as [`WrappedEnvelope::read`] does, and unwraps the content key.
    ///
    /// # Errors
    /// Those of [`WrappedEnvelope::read`] and [`WrappedEnvelope::open`]. All of the envelope is read before any of it is used.
    pub fn open<'a>(
        master: &MasterKey,
        headers: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Envelope, Error> {
        WrappedEnvelope::read(headers)?.open(master)
    }

    /// Whether the description is the one of `master`. JSON is compared, not its spelling, which each client chooses (fault E09);
    /// no description is an empty one.
    pub fn is_described_by(&self, master: &MasterKey) -> bool {
        let written = serde_json::from_str::<Value>(self.description.as_deref().unwrap_or("{}"));
        let expected = master
            .description()
            .iter()
            .map(|(name, value)| (name.clone(), Value::from(value.as_str())));
        written.is_ok_and(|written| written == Value::Object(expected.collect()))
    }
}

/// JSON for a header: what is not printable ASCII is inside strings, where JSON lets it be escaped (fault E12).
fn ascii_json(json: &str) -> String {
    let mut ascii = String::with_capacity(json.len());
    for character in json.chars() {
        if matches!(character, ' '..='~') {
            ascii.push(character);
        } else {
            for unit in character.encode_utf16(&mut [0; 2]) {
                ascii.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    ascii
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::LazyLock;

    use super::*;
    use crate::master_key::tests::generate_pem;
    use crate::wrapped_envelope::{CEK_ALG, DATA_SIZE, KEY, PART_SIZE, START, WRAP_ALG};

    static MASTER: LazyLock<MasterKey> =
        LazyLock::new(|| MasterKey::from_pem(&generate_pem()).unwrap());

    fn described(text: &str) -> MasterKey {
        MASTER
            .clone()
            .with_description(BTreeMap::from([("name".to_owned(), text.to_owned())]))
    }

    fn open(master: &MasterKey, headers: &[(String, String)]) -> Result<Envelope, Error> {
        Envelope::open(
            master,
            headers
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str())),
        )
    }

    #[test]
    fn what_is_sealed_opens() {
        for (wrap, cipher) in WrapAlg::ALL
            .into_iter()
            .flat_map(|wrap| Cipher::ALL.map(|cipher| (wrap, cipher)))
        {
            let key = ContentKey::generate(cipher).unwrap();
            let layout = Layout::new(cipher, 250_000, 102_400).unwrap();
            let mut headers = Envelope::seal(&MASTER, wrap, &key, Some(&layout), cipher).unwrap();
            for (name, value) in &mut headers {
                *name = name.to_uppercase();
                *value = format!(" {value}\t");
            }
            headers.push(("ETag".to_owned(), "x".to_owned()));
            headers.push(headers[0].clone());
            let envelope = open(&MASTER, &headers).unwrap();
            assert_eq!(envelope.content_key.expose_key(), key.expose_key());
            assert_eq!(envelope.content_key.expose_start(), key.expose_start());
            assert_eq!((envelope.cipher, envelope.wrap), (cipher, wrap));
            assert_eq!(
                Layout::from_declared(
                    cipher,
                    envelope.data_size.unwrap(),
                    envelope.part_size.unwrap()
                ),
                Ok(layout)
            );
            assert_eq!(envelope.description, None);
        }
    }

    #[test]
    fn each_defect_is_named() {
        let key = ContentKey::generate(Cipher::Ctr).unwrap();
        let layout = Layout::new(Cipher::Ctr, 100, 16).unwrap();
        let sealed =
            Envelope::seal(&MASTER, WrapAlg::RsaPkcs1, &key, Some(&layout), Cipher::Ctr).unwrap();
        for name in [KEY, START, CEK_ALG, WRAP_ALG] {
            let rest: Vec<_> = sealed
                .iter()
                .filter(|(given, _)| given != name)
                .cloned()
                .collect();
            assert_eq!(
                open(&MASTER, &rest).unwrap_err(),
                Error::HeaderMissing { name }
            );
        }
        assert_eq!(
            open(&MASTER, &[]).unwrap_err(),
            Error::HeaderMissing { name: KEY }
        );

        let with = |name: &str, value: &str| {
            let mut headers = sealed.clone();
            headers
                .iter_mut()
                .find(|(given, _)| given == name)
                .unwrap()
                .1 = value.to_owned();
            open(&MASTER, &headers).unwrap_err()
        };
        let start = &sealed[1].1;
        assert_eq!(
            with(KEY, "not base64"),
            Error::HeaderNotBase64 { name: KEY }
        );
        assert_eq!(with(KEY, "AAAA"), Error::Unwrap { name: KEY });
        assert_eq!(
            with(KEY, start),
            Error::UnwrappedLength {
                name: KEY,
                given: 16,
                expected: 32
            }
        );
        assert_eq!(
            with(CEK_ALG, "AES/CBC"),
            Error::UnknownCipher {
                name: "AES/CBC".to_owned()
            }
        );
        assert_eq!(
            with(WRAP_ALG, "KMS/ALICLOUD"),
            Error::UnknownWrapAlg {
                name: "KMS/ALICLOUD".to_owned()
            }
        );
        for value in ["", "+1", "9x5.2", "18446744073709551616"] {
            assert_eq!(
                with(DATA_SIZE, value),
                Error::HeaderNotInteger {
                    name: DATA_SIZE,
                    value: value.to_owned()
                }
            );
        }
        let mut twice = sealed.clone();
        twice.push((PART_SIZE.to_uppercase(), "32".to_owned()));
        assert_eq!(
            open(&MASTER, &twice).unwrap_err(),
            Error::HeaderTwice { name: PART_SIZE }
        );

        let other = MasterKey::from_pem(&generate_pem()).unwrap();
        assert!(matches!(
            open(&other, &sealed),
            Err(Error::Unwrap { .. } | Error::UnwrappedLength { .. })
        ));
    }

    #[test]
    fn nothing_unusable_is_sealed() {
        let key = ContentKey::new([1; 32], [1; 16]);
        let layout = Layout::new(Cipher::Ctr, 100, 16).unwrap();
        for cipher in [Cipher::GcmObject, Cipher::GcmPart] {
            assert!(matches!(
                Envelope::seal(&MASTER, WrapAlg::RsaPkcs1, &key, None, cipher),
                Err(Error::StartShape { .. })
            ));
            assert!(matches!(
                Envelope::seal(&MASTER, WrapAlg::RsaPkcs1, &key, Some(&layout), cipher),
                Err(Error::WrongCipher { .. })
            ));
        }
    }

    #[test]
    fn descriptions_are_ascii_and_compared_as_json() {
        let master = described("K\u{F6}\u{1F511}\u{7F}/<");
        let key = ContentKey::generate(Cipher::Ctr).unwrap();
        let mut headers =
            Envelope::seal(&master, WrapAlg::RsaPkcs1, &key, None, Cipher::Ctr).unwrap();
        assert_eq!(headers.len(), 5);
        assert_eq!(headers[4].1, r#"{"name":"K\u00f6\ud83d\udd11\u007f/<"}"#);
        assert!(open(&master, &headers).unwrap().is_described_by(&master));

        headers[4].1 = r#"{ "name": "K\u00F6\uD83D\uDD11\u007F\/\u003c" }"#.to_owned();
        let envelope = open(&master, &headers).unwrap();
        assert!(envelope.is_described_by(&master));
        assert!(!envelope.is_described_by(&described("another")));
        assert!(
            open(&described("another"), &headers).is_ok(),
            "the unwrapping decides"
        );
    }
}
