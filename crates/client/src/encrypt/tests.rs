//! Laws of encryption: neither order nor chunks nor retries nor the way it is computed change a body.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use proptest::prelude::*;
use proptest::sample::Index;

use super::*;
use crate::cipher::Cipher;

/// A cipher, and a plaintext and part size small enough for all the ways a tag can fall.
fn object() -> impl Strategy<Value = (ContentKey, Layout, Vec<u8>)> {
    (
        prop::sample::select(&Cipher::ALL),
        0..400_usize,
        2..9_u64,
        any::<u8>(),
    )
        .prop_map(|(cipher, size, blocks, seed)| {
            let size = if cipher == Cipher::Ctr {
                size.max(1)
            } else {
                size
            };
            let plaintext = (0..size)
                .map(|n| u8::try_from(n % 251).unwrap() ^ seed)
                .collect();
            let layout = Layout::new(cipher, u64::try_from(size).unwrap(), blocks * 16).unwrap();
            (ContentKey::generate(cipher).unwrap(), layout, plaintext)
        })
}

fn plaintext_of(layout: &Layout, number: u32, plaintext: &[u8]) -> Vec<u8> {
    let range = layout.plaintext_of(number).unwrap();
    plaintext[usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap()].to_vec()
}

/// The wire bytes of an object by a library that knows only whole messages.
fn one_shot(key: &ContentKey, plaintext: &[u8]) -> Vec<u8> {
    let cipher = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key.expose_key()).unwrap());
    let nonce = Nonce::try_assume_unique_for_key(&key.expose_start()[..12]).unwrap();
    let mut wire = plaintext.to_vec();
    cipher
        .seal_in_place_append_tag(nonce, Aad::empty(), &mut wire)
        .unwrap();
    wire
}

#[test]
fn gcm_object_is_one_shot_gcm() {
    let runs = 40_000..40_100;
    for size in (0..200).chain(runs) {
        let plaintext: Vec<u8> = (0..size).map(|n| u8::try_from(n % 251).unwrap()).collect();
        let key = ContentKey::generate(Cipher::GcmObject).unwrap();
        for part_size in [32, 64, 17_008, 40_016] {
            let layout = Layout::new(Cipher::GcmObject, size, part_size).unwrap();
            let bodies = Encryptor::new(&key, layout)
                .unwrap()
                .encrypt_object(&plaintext)
                .unwrap();
            assert_eq!(bodies.concat(), one_shot(&key, &plaintext), "{layout:?}");
        }
    }
}

#[test]
fn a_large_part_is_the_same_whole_and_in_chunks() {
    for cipher in Cipher::ALL {
        let layout = Layout::new(cipher, 70_003, 102_400).unwrap();
        let encryptor = Encryptor::new(&ContentKey::generate(cipher).unwrap(), layout).unwrap();
        let mut whole = vec![5; 70_003];
        encryptor.encrypt_in_place(1, &mut whole).unwrap();
        for cut in [7, 4_096, 16_384, 16_391, 65_536] {
            let mut body = vec![5; 70_003];
            let mut stream = encryptor.stream(1).unwrap();
            body.chunks_mut(cut)
                .for_each(|chunk| stream.update(chunk).unwrap());
            body.extend(stream.finish().unwrap().1);
            assert!(body == whole, "{cipher} in chunks of {cut}");
        }
    }
}

proptest! {
    #[test]
    fn any_order_any_chunks_and_any_retry_make_the_same_bodies(
        (key, layout, plaintext) in object(),
        picks: Vec<Index>,
        cut in 1..50_usize,
    ) {
        let encryptor = Encryptor::new(&key, layout).unwrap();
        let expected = encryptor.encrypt_object(&plaintext).unwrap();
        let lengths: Vec<_> = (1..=layout.part_count()).map(|n| layout.length_of(n).unwrap()).collect();
        prop_assert_eq!(expected.iter().map(|body| u64::try_from(body.len()).unwrap()).collect::<Vec<_>>(), lengths);

        let mut order: Vec<u32> = (1..=layout.part_count()).collect();
        for pick in &picks {
            let last = order.len() - 1;
            order.swap(pick.index(last + 1), last);
        }
        let mut bodies = vec![Vec::new(); expected.len()];
        let mut encrypted = Vec::new();
        for &number in &order {
            let mut body = plaintext_of(&layout, number, &plaintext);
            let mut stream = encryptor.stream(number).unwrap();
            for chunk in body.chunks_mut(cut) {
                stream.update(chunk).unwrap();
            }
            let (part, trailer) = stream.finish().unwrap();
            body.extend(trailer);
            encrypted.push(part);

            let mut again = plaintext_of(&layout, number, &plaintext);
            encryptor.encrypt_in_place(number, &mut again).unwrap();
            prop_assert_eq!(&body, &again);
            bodies[usize::try_from(number - 1).unwrap()] = body;
        }
        for TagBytes { number, bytes } in encryptor.finish(&encrypted).unwrap() {
            bodies[usize::try_from(number - 1).unwrap()].extend(bytes);
        }
        prop_assert_eq!(bodies, expected);
    }
}

#[test]
fn wrong_lengths_and_counts_are_refused_untouched() {
    for cipher in Cipher::ALL {
        let layout = Layout::new(cipher, 100, 64).unwrap();
        let encryptor = Encryptor::new(&ContentKey::generate(cipher).unwrap(), layout).unwrap();
        let length = usize::try_from(layout.plaintext_of(1).unwrap().end).unwrap();
        for wrong in [0, length - 1, length + 1] {
            let mut part = vec![7; wrong];
            assert!(matches!(
                encryptor.encrypt_in_place(1, &mut part),
                Err(Error::PartLength { number: 1, .. })
            ));
            assert_eq!(part, vec![7; wrong]);
        }
        assert!(
            encryptor
                .stream(1)
                .unwrap()
                .update(&mut vec![0; length + 1])
                .is_err()
        );
        assert!(encryptor.stream(1).unwrap().finish().is_err());
        assert!(encryptor.encrypt_object(&[0; 99]).is_err());

        let part_count = layout.part_count();
        for number in [0, part_count + 1] {
            assert!(encryptor.stream(number).is_err());
        }
        let mut parts: Vec<_> = (1..=part_count)
            .map(|number| EncryptedPart {
                number,
                hash: Partial::zero(),
            })
            .collect();
        assert!(encryptor.finish(&parts).is_ok());
        let last = parts.pop().unwrap();
        let missing = Error::MissingPart {
            number: part_count,
            part_count,
        };
        assert_eq!(encryptor.finish(&parts), Err(missing));
        parts.extend([last.clone(), last]);
        assert_eq!(
            encryptor.finish(&parts),
            Err(Error::DuplicatePart { number: part_count })
        );
    }
}

#[test]
fn a_start_with_the_counters_bytes_set_is_refused() {
    let mut start = [1; 16];
    for (cipher, prefix) in [(Cipher::GcmObject, 12), (Cipher::GcmPart, 8)] {
        let layout = Layout::new(cipher, 5, 64).unwrap();
        start[prefix] = 1;
        start[prefix + 1..].fill(0);
        let refusal = Encryptor::new(&ContentKey::new([0; 32], start), layout).err();
        assert_eq!(refusal, Some(Error::StartShape { cipher, prefix }));
    }
}
