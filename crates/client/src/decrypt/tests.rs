//! Laws of decryption: what was encrypted comes back, and what was changed does not.

use proptest::prelude::*;

use super::*;
use crate::encrypt::Encryptor;

struct Object {
    key: ContentKey,
    layout: Layout,
    plaintext: Vec<u8>,
    bodies: Vec<Vec<u8>>,
}

fn object(cipher: Cipher, size: usize, part_size: u64) -> Object {
    let key = ContentKey::generate(cipher).unwrap();
    let layout = Layout::new(cipher, u64::try_from(size).unwrap(), part_size).unwrap();
    let plaintext: Vec<u8> = (0..size).map(|n| u8::try_from(n % 253).unwrap()).collect();
    let bodies = Encryptor::new(&key, layout)
        .unwrap()
        .encrypt_object(&plaintext)
        .unwrap();
    Object {
        key,
        layout,
        plaintext,
        bodies,
    }
}

proptest! {
    #[test]
    fn whole_objects_and_ranges_come_back(
        cipher in prop::sample::select(&Cipher::ALL),
        size in 1..400_usize,
        blocks in 2..9_u64,
        at in 0..400_usize,
        length in 0..400_usize,
    ) {
        let Object { key, layout, plaintext, bodies } = object(cipher, size, blocks * 16);
        let declared = Layout::from_declared(cipher, layout.data_size(), layout.part_size()).unwrap();
        let decryptor = Decryptor::new(&key, declared).unwrap();
        prop_assert_eq!(decryptor.open_object(&bodies), Ok(plaintext.clone()));

        let at = at.min(size);
        let range = at..size.min(at + length);
        let offset = u64::try_from(at).unwrap();
        let mut bytes = bodies.concat()[range.clone()].to_vec();
        match cipher {
            Cipher::Ctr => decryptor.decrypt_range(offset, &mut bytes).unwrap(),
            Cipher::GcmObject => {
                bytes = decryptor.decrypt_range_unauthenticated(offset, bytes).unwrap().into_unauthenticated_bytes();
            }
            Cipher::GcmPart => return Ok(()),
        }
        prop_assert_eq!(&bytes, &plaintext[range]);
    }

    #[test]
    fn no_flipped_bit_is_authentic(gcm_part: bool, size in 0..200_usize, at: prop::sample::Index, bit in 0..8_u32) {
        let cipher = if gcm_part { Cipher::GcmPart } else { Cipher::GcmObject };
        let Object { key, layout, mut bodies, .. } = object(cipher, size, 64);
        let part = at.index(bodies.len());
        let byte = at.index(bodies[part].len());
        bodies[part][byte] ^= 1 << bit;
        let refusal = match cipher {
            Cipher::GcmPart => Error::PartNotAuthentic { number: u32::try_from(part + 1).unwrap() },
            _ => Error::ObjectNotAuthentic,
        };
        prop_assert_eq!(Decryptor::new(&key, layout).unwrap().open_object(&bodies), Err(refusal));
    }
}

#[test]
fn swapped_lost_and_resized_parts_are_refused() {
    for cipher in [Cipher::GcmObject, Cipher::GcmPart] {
        let Object {
            key,
            layout,
            bodies,
            ..
        } = object(cipher, 150, 64);
        let decryptor = Decryptor::new(&key, layout).unwrap();
        let mut swapped = bodies.clone();
        swapped.swap(0, 1);
        assert!(decryptor.open_object(&swapped).is_err());
        let lost = Err(Error::PartCount {
            given: 1,
            expected: layout.part_count(),
        });
        assert_eq!(decryptor.open_object(&bodies[..1]), lost);
        let mut short = bodies.clone();
        short[0].pop();
        assert!(matches!(
            decryptor.open_object(&short),
            Err(Error::PartLength { number: 1, .. })
        ));
    }
    let Object {
        key,
        layout,
        bodies,
        ..
    } = object(Cipher::GcmPart, 150, 64);
    let fewer = Layout::from_declared(Cipher::GcmPart, 128, 64).unwrap();
    let cut = Decryptor::new(&key, fewer)
        .unwrap()
        .open_object(&bodies[..2]);
    assert_eq!(
        cut,
        Err(Error::PartNotAuthentic { number: 1 }),
        "a part is bound to the declared sizes"
    );

    let decryptor = Decryptor::new(&key, layout).unwrap();
    let mut wire = bodies[1].clone();
    decryptor.open_part(2, &mut wire).unwrap();
    assert_eq!(wire.len(), 48);
    let mut wire = bodies[1].clone();
    assert_eq!(
        decryptor.open_part(1, &mut wire),
        Err(Error::PartNotAuthentic { number: 1 })
    );
    assert!(wire.is_empty(), "nothing unauthentic is left");
}

#[test]
fn operations_of_other_ciphers_and_ranges_outside_are_refused() {
    for cipher in Cipher::ALL {
        let Object { key, layout, .. } = object(cipher, 100, 64);
        let decryptor = Decryptor::new(&key, layout).unwrap();
        let refused = [
            decryptor.decrypt_range(0, &mut [0; 16]).is_err(),
            decryptor
                .decrypt_range_unauthenticated(0, vec![0; 16])
                .is_err(),
            decryptor.open_part(1, &mut vec![0; 64]) == Err(Error::PartNotAuthentic { number: 1 }),
        ];
        assert_eq!(
            refused,
            [
                cipher != Cipher::Ctr,
                cipher != Cipher::GcmObject,
                cipher == Cipher::GcmPart
            ]
        );
        for offset in [99, 101, u64::MAX] {
            assert!(decryptor.decrypt_range(offset, &mut [0; 2]).is_err());
            assert!(
                decryptor
                    .decrypt_range_unauthenticated(offset, vec![0; 2])
                    .is_err()
            );
        }
    }
}
