//! The law of keystream: none of it is used twice.

use partproof_model::rules;

use super::encrypt::{declares, plaintext_of, stored};
use super::probe::of_first_wrong;
use crate::case::encrypt::EncryptCase;
use crate::class::Class as C;
use crate::hex::Hex;
use crate::law::Consequence::PlaintextExposed;
use crate::law::{Held, Law, On, violated};
use crate::plaintext::Plaintext;
use crate::subject::Encryptor;

/// No block of keystream encrypts two positions of an object.
pub static KEYSTREAM_ONCE: Law = Law {
    id: "keystream-once",
    sentence: "No block of keystream encrypts two positions of an object.",
    rules: &[rules::KEYSTREAM_ONCE],
    classes: &[C::Ctr, C::GcmObject, C::GcmPart, C::CountMany],
    quick_cases: 500,
    on: &On::<dyn Encryptor, EncryptCase>(keystream_once),
};

fn keystream_once(encryptor: &dyn Encryptor, case: &EncryptCase) -> Held {
    declares(encryptor, case.cipher)?;
    // Zeros encrypt to the keystream itself.
    let case = EncryptCase {
        plaintext: Plaintext {
            seed: 0,
            ..case.plaintext
        },
        given: Hex::default(),
        ..case.clone()
    };
    let mut blocks = Vec::new();
    let parts = stored(encryptor, &case)?;
    for (number, part) in (1..).zip(&parts) {
        let length = plaintext_of(&case, number).len();
        for (index, block) in part
            .get(..length)
            .unwrap_or(part)
            .chunks_exact(16)
            .enumerate()
        {
            let block = u128::from_be_bytes(block.try_into().expect("16 bytes"));
            if block == 0 {
                return Err(violated(
                    rules::KEYSTREAM_ONCE,
                    "plaintext is sent as it is",
                    PlaintextExposed,
                    "ciphertext",
                    format!("part {number}, block {index}"),
                )
                .on(of_first_wrong(encryptor, &case, &parts)));
            }
            blocks.push((block, number, index));
        }
    }
    blocks.sort_unstable();
    let same = |pair: &&[(u128, u64, usize)]| pair[0].0 == pair[1].0;
    let Some(&[(_, part, block), (_, other, again)]) = blocks.windows(2).find(same) else {
        return Ok(());
    };
    Err(violated(
        rules::KEYSTREAM_ONCE,
        "keystream used twice",
        PlaintextExposed,
        "a keystream block of its own for each block",
        format!("part {part}, block {block} and part {other}, block {again} have the same"),
    )
    .on(of_first_wrong(encryptor, &case, &parts)))
}
