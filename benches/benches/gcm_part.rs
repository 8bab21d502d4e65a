//! GCM part: parts sealed in place, each with its own nonce and 32 bytes of associated data, the tag appended, by the built-in
//! encryptor and by RustCrypto's `aes-gcm`, ring, aws-lc-rs and OpenSSL's EVP. All make nonce and associated data anew for each part.

use std::sync::Arc;

use partproof_benches::contest::{Bout, Contest};
use partproof_benches::parts::{PART_SIZES, PartFn, PartSize, Parts};
use partproof_benches::seal::{self, RIVALS};
use partproof_benches::table::Amount;
use partproof_client::{Cipher, ContentKey, Encryptor, Layout};
use partproof_model as model;

const KEY: [u8; 32] = *b"an AES-256 key that guards none.";
const START: [u8; 16] = *b"upload-1\0\0\0\0\0\0\0\0";

fn main() {
    let mut contest = Contest::new("gcm part");
    for size in PART_SIZES {
        for (cores, count) in [("one core", 1), ("all cores", size.many())] {
            contest.row(
                &format!("{cores} {size}"),
                Amount::Bytes((size.0 - 16) * count),
                &RIVALS,
                || bout(size, count),
            );
        }
    }
    contest.finish();
}

fn bout(size: PartSize, count: u32) -> Bout<'static, Parts> {
    let plaintext_size = u64::from(size.0 - 16) * u64::from(count);
    let layout = Layout::new(Cipher::GcmPart, plaintext_size, size.0.into()).expect("some parts");
    let key = ContentKey::new(KEY, START);
    let encryptor = Arc::new(Encryptor::new(&key, layout).expect("a start of the right shape"));
    let built_in = || -> PartFn<'static> {
        let encryptor = Arc::clone(&encryptor);
        Box::new(move |number, part| {
            encryptor
                .encrypt_in_place(number, part)
                .expect("a part of the layout");
        })
    };
    let rival = |index: usize| {
        Parts::contender(count, || {
            let mut seal = seal::rivals(&KEY).into_iter().nth(index).expect("a rival");
            Box::new(move |number, part| {
                let tag = seal(nonce(number), &associated_data(&layout, number), part);
                part.extend_from_slice(&tag);
            })
        })
    };
    let mut contenders = vec![Parts::contender(count, built_in)];
    contenders.extend((0..RIVALS.len()).map(rival));
    Bout {
        work: Parts::new(count, size.length() - 16, |number, plaintext| {
            sealed_by_the_model(plaintext_size, size, number, plaintext)
        }),
        contenders,
    }
}

fn nonce(number: u32) -> seal::Nonce {
    let mut nonce = [0; 12];
    let (prefix, part) = nonce.split_at_mut(8);
    prefix.copy_from_slice(START.split_at(8).0);
    part.copy_from_slice(&number.to_be_bytes());
    nonce
}

fn associated_data(layout: &Layout, number: u32) -> [u8; 32] {
    let mut data = [0; 32];
    let bound = [
        layout.data_size(),
        layout.part_size(),
        number.into(),
        layout.part_count().into(),
    ];
    for (field, value) in data.chunks_exact_mut(8).zip(bound) {
        field.copy_from_slice(&value.to_be_bytes());
    }
    data
}

fn sealed_by_the_model(
    plaintext_size: u64,
    size: PartSize,
    number: u32,
    plaintext: &[u8],
) -> Vec<u8> {
    let size = model::PartSize::new(size.0.into()).expect("not zero");
    let layout = model::Layout::new(model::Cipher::GcmPart, plaintext_size, size);
    model::cipher::gcm_part::seal(
        model::ContentKey(KEY),
        model::Start(START),
        layout.expect("some parts"),
        model::PartNumber::new(number.into()).expect("at most 10,000"),
        plaintext,
    )
    .expect("a part of the layout")
}
