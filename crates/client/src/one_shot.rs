//! Sealing one message that is there as a whole with AES-256-GCM, through the library that is faster on this processor: aws-lc-rs
//! where it has its AVX-512 code to run, ring elsewhere (docs/METHODOLOGY.md has the figures). Both give the same bytes.

use aws_lc_rs::aead as aws_lc;
use ring::aead as ring;

use crate::content_key::ContentKey;
use crate::gcm::TAG_LENGTH;

/// A key in the library that was chosen for it.
#[expect(
    clippy::large_enum_variant,
    reason = "there is one an upload, not many in a row"
)]
pub(crate) enum OneShot {
    AwsLc(aws_lc::LessSafeKey),
    Ring(ring::LessSafeKey),
}

impl OneShot {
    pub(crate) fn new(key: &ContentKey) -> Self {
        if has_wide_gcm() {
            Self::aws_lc(key)
        } else {
            Self::ring(key)
        }
    }

    fn aws_lc(key: &ContentKey) -> Self {
        let key = aws_lc::UnboundKey::new(&aws_lc::AES_256_GCM, key.expose_key());
        Self::AwsLc(aws_lc::LessSafeKey::new(key.expect(KEY_LENGTH)))
    }

    fn ring(key: &ContentKey) -> Self {
        let key = ring::UnboundKey::new(&ring::AES_256_GCM, key.expose_key());
        Self::Ring(ring::LessSafeKey::new(key.expect(KEY_LENGTH)))
    }

    /// Seals a message in place and appends its tag.
    pub(crate) fn seal(&self, nonce: [u8; 12], additional: &[u8], message: &mut Vec<u8>) {
        message.reserve_exact(TAG_LENGTH);
        match self {
            Self::AwsLc(key) => key
                .seal_in_place_append_tag(
                    aws_lc::Nonce::assume_unique_for_key(nonce),
                    aws_lc::Aad::from(additional),
                    message,
                )
                .expect(MESSAGE_LENGTH),
            Self::Ring(key) => key
                .seal_in_place_append_tag(
                    ring::Nonce::assume_unique_for_key(nonce),
                    ring::Aad::from(additional),
                    message,
                )
                .expect(MESSAGE_LENGTH),
        }
    }
}

const KEY_LENGTH: &str = "AES-256 takes any 32 bytes as its key";
const MESSAGE_LENGTH: &str = "the layout bounds a part by GCM's limit";

/// Whether aws-lc has its widest AES-GCM on this processor.
#[cfg(target_arch = "x86_64")]
fn has_wide_gcm() -> bool {
    std::arch::is_x86_feature_detected!("avx512f")
        && std::arch::is_x86_feature_detected!("avx512bw")
        && std::arch::is_x86_feature_detected!("vaes")
        && std::arch::is_x86_feature_detected!("vpclmulqdq")
}

#[cfg(not(target_arch = "x86_64"))]
fn has_wide_gcm() -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_libraries_seal_the_same() {
        let key = ContentKey::new([7; 32], [0; 16]);
        for length in [0, 1, 15, 16, 17, 1_000] {
            let message: Vec<u8> = (0..=255).cycle().take(length).collect();
            let sealed = [OneShot::aws_lc(&key), OneShot::ring(&key)].map(|library| {
                let mut sealed = message.clone();
                library.seal([9; 12], b"bound", &mut sealed);
                sealed
            });
            assert_eq!(sealed[0], sealed[1], "{length} bytes");
            assert_eq!(sealed[0].len(), length + TAG_LENGTH);
        }
    }
}
