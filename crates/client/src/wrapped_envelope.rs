//! The envelope as it travels: header values, nothing unwrapped. A reader who holds several master keys reads this first and chooses
//! by the description; only opening it takes the private key.

use base64::prelude::{BASE64_STANDARD, Engine};

use crate::cipher::Cipher;
use crate::content_key::{ContentKey, KEY_SIZE, START_SIZE};
use crate::envelope::Envelope;
use crate::error::Error;
use crate::master_key::MasterKey;
use crate::wrap_alg::WrapAlg;

/// User metadata begins with this.
pub(crate) const USER_METADATA: &str = "x-oss-meta-";
/// The envelope's headers begin with this.
pub(crate) const PREFIX: &str = "x-oss-meta-client-side-encryption-";
pub(crate) const KEY: &str = "x-oss-meta-client-side-encryption-key";
pub(crate) const START: &str = "x-oss-meta-client-side-encryption-start";
pub(crate) const CEK_ALG: &str = "x-oss-meta-client-side-encryption-cek-alg";
pub(crate) const WRAP_ALG: &str = "x-oss-meta-client-side-encryption-wrap-alg";
pub(crate) const MATDESC: &str = "x-oss-meta-client-side-encryption-matdesc";
pub(crate) const DATA_SIZE: &str = "x-oss-meta-client-side-encryption-data-size";
pub(crate) const PART_SIZE: &str = "x-oss-meta-client-side-encryption-part-size";

/// An envelope whose content key is still wrapped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrappedEnvelope {
    /// The content cipher.
    pub cipher: Cipher,
    /// How the content key is wrapped.
    pub wrap: WrapAlg,
    /// The content key, wrapped.
    pub key: Vec<u8>,
    /// The counter start, wrapped.
    pub start: Vec<u8>,
    /// The declared bytes of the object on the wire; a single put declares none.
    pub data_size: Option<u64>,
    /// The declared bytes of a part on the wire; a single put declares none.
    pub part_size: Option<u64>,
    /// The master key's description, JSON as it is written.
    pub description: Option<String>,
}

impl WrappedEnvelope {
    /// Reads the envelope among an object's headers. Names are compared without case; other headers are ignored.
    ///
    /// # Errors
    /// Each names its header: missing, given twice with different values, not Base64, an unknown algorithm, not an integer.
    pub fn read<'a>(headers: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, Error> {
        let headers = Headers::collect(headers)?;
        let (key, start) = (headers.base64(KEY)?, headers.base64(START)?);
        Ok(Self {
            cipher: Cipher::from_cek_alg(headers.required(CEK_ALG)?)?,
            wrap: WrapAlg::from_name(headers.required(WRAP_ALG)?)?,
            key,
            start,
            data_size: headers.integer(DATA_SIZE)?,
            part_size: headers.integer(PART_SIZE)?,
            description: headers.optional(MATDESC).map(str::to_owned),
        })
    }

    /// The headers to send. Names are lower case.
    pub fn headers(&self) -> Vec<(String, String)> {
        let Self {
            cipher,
            wrap,
            key,
            start,
            data_size,
            part_size,
            description,
        } = self;
        let mut headers = vec![
            (KEY.to_owned(), BASE64_STANDARD.encode(key)),
            (START.to_owned(), BASE64_STANDARD.encode(start)),
            (CEK_ALG.to_owned(), cipher.cek_alg().to_owned()),
            (WRAP_ALG.to_owned(), wrap.name().to_owned()),
        ];
        let sizes = [(DATA_SIZE, data_size), (PART_SIZE, part_size)];
        let declared = sizes
            .into_iter()
            .filter_map(|(name, size)| Some((name, (*size)?)));
        headers.extend(declared.map(|(name, size)| (name.to_owned(), size.to_string())));
        headers.extend(
            description
                .iter()
                .map(|json| (MATDESC.to_owned(), json.clone())),
        );
        headers
    }

    /// Unwraps the content key.
    ///
    /// The description decides nothing: whether the master key fits shows when it unwraps. See [`Envelope::is_described_by`].
    ///
    /// # Errors
    /// Wrapped with another master key, or of the wrong length when unwrapped; both name the header.
    pub fn open(self, master: &MasterKey) -> Result<Envelope, Error> {
        let unwrap = |name, wrapped: &[u8], expected| {
            let secret = master.unwrap(self.wrap, name, wrapped)?;
            match secret.len() {
                given if given == expected => Ok(secret),
                given => Err(Error::UnwrappedLength {
                    name,
                    given,
                    expected,
                }),
            }
        };
        let content_key = ContentKey::from_slices(
            &unwrap(KEY, &self.key, KEY_SIZE)?,
            &unwrap(START, &self.start, START_SIZE)?,
        )?;
        Ok(Envelope {
            cipher: self.cipher,
            wrap: self.wrap,
            content_key,
            data_size: self.data_size,
            part_size: self.part_size,
            description: self.description,
        })
    }
}

/// The envelope's headers, each once.
struct Headers<'a>(Vec<(&'static str, &'a str)>);

impl<'a> Headers<'a> {
    fn collect(headers: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, Error> {
        let mut known = Headers(Vec::new());
        for (name, value) in headers {
            let ours = [KEY, START, CEK_ALG, WRAP_ALG, MATDESC, DATA_SIZE, PART_SIZE];
            let Some(name) = ours
                .into_iter()
                .find(|ours| ours.eq_ignore_ascii_case(name))
            else {
                continue;
            };
            let value = value.trim_matches([' ', '\t']);
            match known.optional(name) {
                None => known.0.push((name, value)),
                Some(same) if same == value => {}
                Some(_) => return Err(Error::HeaderTwice { name }),
            }
        }
        Ok(known)
    }

    fn optional(&self, name: &'static str) -> Option<&'a str> {
        self.0
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, value)| *value)
    }

    fn required(&self, name: &'static str) -> Result<&'a str, Error> {
        self.optional(name).ok_or(Error::HeaderMissing { name })
    }

    fn base64(&self, name: &'static str) -> Result<Vec<u8>, Error> {
        BASE64_STANDARD
            .decode(self.required(name)?)
            .map_err(|_| Error::HeaderNotBase64 { name })
    }

    fn integer(&self, name: &'static str) -> Result<Option<u64>, Error> {
        self.optional(name)
            .map(|value| {
                let digits = value.bytes().all(|byte| byte.is_ascii_digit());
                let integer = value.parse().ok().filter(|_| digits);
                integer.ok_or_else(|| Error::HeaderNotInteger {
                    name,
                    value: value.to_owned(),
                })
            })
            .transpose()
    }
}
