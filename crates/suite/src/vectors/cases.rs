//! The cases of every file: what is asked, and why. What is right is the model's to say.

pub(super) mod aes_ctr;
pub(super) mod declared_sizes;
pub(super) mod envelope;
pub(super) mod gcm_object;
pub(super) mod gcm_part;
pub(super) mod object;
pub(super) mod part_list;
pub(super) mod plan;
pub(super) mod service;

/// The content key of a case whose key does not matter: 00 01 02 and so on.
const KEY: [u8; 32] = {
    let mut key = [0; 32];
    let mut at = 0;
    let mut byte = 0;
    while at < 32 {
        key[at] = byte;
        at += 1;
        byte += 1;
    }
    key
};

/// A start of the shape that most clients draw: 8 random bytes, 4 zero, 4 random.
const START: [u8; 16] = [
    0x3a, 0x91, 0xc2, 0x07, 0x5e, 0xd4, 0x18, 0xb6, 0, 0, 0, 0, 0x6f, 0x2d, 0x80, 0x1b,
];

/// The start of a GCM object: a nonce of 12 bytes, then 4 that are zero.
const NONCE: [u8; 16] = [
    0x3a, 0x91, 0xc2, 0x07, 0x5e, 0xd4, 0x18, 0xb6, 0x6f, 0x2d, 0x80, 0x1b, 0, 0, 0, 0,
];

/// The start of a GCM-part object: a prefix of 8 bytes, then 8 that are zero.
const PREFIX: [u8; 16] = [
    0x3a, 0x91, 0xc2, 0x07, 0x5e, 0xd4, 0x18, 0xb6, 0, 0, 0, 0, 0, 0, 0, 0,
];
