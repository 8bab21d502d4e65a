//! The AEAD libraries behind one signature: AES-256-GCM in place, the tag apart. Keys are expanded beforehand, as the built-in's are,
//! and each library is called in the way its documentation shows for speed.

use aes_gcm::aead::AeadInOut;
use aes_gcm::{Aes256Gcm, KeyInit};
use openssl::cipher::Cipher;
use openssl::cipher_ctx::CipherCtx;

/// A 12-byte nonce.
pub type Nonce = [u8; 12];
/// An AES-256 key.
pub type Key = [u8; 32];
/// A tag of 16 bytes.
pub type Tag = [u8; 16];

/// Encrypts bytes in place under a nonce and additional data, and returns the tag.
pub type Seal = Box<dyn FnMut(Nonce, &[u8], &mut [u8]) -> Tag + Send>;

/// The names of the rivals.
pub const RIVALS: [&str; 4] = ["RustCrypto", "ring", "aws-lc-rs", "OpenSSL"];

/// One sealer a rival, in the order of [`RIVALS`].
pub fn rivals(key: &Key) -> [Seal; 4] {
    [rust_crypto(key), ring(key), aws_lc_rs(key), open_ssl(key)]
}

fn rust_crypto(key: &Key) -> Seal {
    let cipher = Aes256Gcm::new(key.into());
    Box::new(move |nonce, additional, bytes| {
        cipher
            .encrypt_inout_detached(&nonce.into(), additional, bytes.into())
            .expect("below GCM's limit")
            .into()
    })
}

fn ring(key: &Key) -> Seal {
    use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
    let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key).expect("32 bytes"));
    Box::new(move |nonce, additional, bytes| {
        let nonce = Nonce::assume_unique_for_key(nonce);
        let tag = key
            .seal_in_place_separate_tag(nonce, Aad::from(additional), bytes)
            .expect("below GCM's limit");
        tag.as_ref().try_into().expect("16 bytes")
    })
}

fn aws_lc_rs(key: &Key) -> Seal {
    use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
    let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key).expect("32 bytes"));
    Box::new(move |nonce, additional, bytes| {
        let nonce = Nonce::assume_unique_for_key(nonce);
        let tag = key
            .seal_in_place_separate_tag(nonce, Aad::from(additional), bytes)
            .expect("below GCM's limit");
        tag.as_ref().try_into().expect("16 bytes")
    })
}

fn open_ssl(key: &Key) -> Seal {
    let mut context = CipherCtx::new().expect("memory");
    context
        .encrypt_init(Some(Cipher::aes_256_gcm()), Some(key), None)
        .expect("32 bytes");
    Box::new(move |nonce, additional, bytes| {
        let mut tag = [0; 16];
        context
            .encrypt_init(None, None, Some(&nonce))
            .and_then(|()| context.cipher_update(additional, None))
            .and_then(|_| context.cipher_update_inplace(bytes, bytes.len()))
            .and_then(|_| context.cipher_final(&mut []))
            .and_then(|_| context.tag(&mut tag))
            .expect("below GCM's limit");
        tag
    })
}
