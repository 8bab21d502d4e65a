//! The wrap algorithms: how the master key encrypts the content key, by the name that the `wrap-alg` header gives it.

use std::fmt;

use crate::error::Error;

/// A wrap algorithm with RSA. `KMS/ALICLOUD` needs the key service and is not here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum WrapAlg {
    /// `RSA/NONE/PKCS1Padding`: PKCS #1 v1.5, what every client writes.
    RsaPkcs1,
    /// `RSA/NONE/OAEPWithSHA-1AndMGF1Padding`: oss2's older local provider.
    RsaOaepSha1,
}

impl WrapAlg {
    /// All of them.
    pub const ALL: [WrapAlg; 2] = [WrapAlg::RsaPkcs1, WrapAlg::RsaOaepSha1];

    /// The value of the `wrap-alg` header.
    pub fn name(self) -> &'static str {
        match self {
            WrapAlg::RsaPkcs1 => "RSA/NONE/PKCS1Padding",
            WrapAlg::RsaOaepSha1 => "RSA/NONE/OAEPWithSHA-1AndMGF1Padding",
        }
    }

    /// Reads the value of a `wrap-alg` header, exactly as it is written.
    ///
    /// # Errors
    /// [`Error::UnknownWrapAlg`] for any other name.
    pub fn from_name(name: &str) -> Result<WrapAlg, Error> {
        WrapAlg::ALL
            .into_iter()
            .find(|wrap| wrap.name() == name)
            .ok_or_else(|| Error::UnknownWrapAlg {
                name: name.to_owned(),
            })
    }
}

impl fmt::Display for WrapAlg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
