//! The machinery of an object's cipher, set up once from its content key and shared by encryption and decryption.

use crate::cipher::Cipher;
use crate::content_key::ContentKey;
use crate::ctr::Ctr;
use crate::error::Error;
use crate::gcm_object::GcmObject;
use crate::gcm_part::GcmPart;
use crate::layout::Layout;

/// One of the three ciphers with its expanded keys.
pub(crate) enum ContentCipher {
    Ctr(Ctr),
    GcmObject(GcmObject),
    GcmPart(GcmPart),
}

impl ContentCipher {
    pub(crate) fn new(key: &ContentKey, layout: &Layout) -> Result<Self, Error> {
        Ok(match layout.cipher() {
            Cipher::Ctr => ContentCipher::Ctr(Ctr::of_object(key)),
            Cipher::GcmObject => ContentCipher::GcmObject(GcmObject::new(key)?),
            Cipher::GcmPart => ContentCipher::GcmPart(GcmPart::new(key, layout)?),
        })
    }

    /// Whether the cipher can use the key's start.
    pub(crate) fn check_start(key: &ContentKey, cipher: Cipher) -> Result<(), Error> {
        match cipher {
            Cipher::Ctr => Ok(()),
            Cipher::GcmObject => key.start_prefix::<12>(cipher).map(|_| ()),
            Cipher::GcmPart => key.start_prefix::<8>(cipher).map(|_| ()),
        }
    }
}
