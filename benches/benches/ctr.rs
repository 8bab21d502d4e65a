//! Counter mode: parts encrypted in place by the built-in encryptor, RustCrypto's `ctr` on `aes`, aws-lc-rs and OpenSSL's EVP. (ring
//! offers no counter mode.) All have their keys expanded beforehand and seek to their part themselves. The start is chosen so that the
//! low 32 bits of the counter overflow within the first part: who loses the carry is found out before anything is timed.

use std::sync::Arc;

use aes::Aes256;
use aes::cipher::{InnerIvInit, KeyInit, StreamCipher, StreamCipherCoreWrapper};
use aws_lc_rs::cipher::{AES_256, EncryptingKey, EncryptionContext, UnboundCipherKey};
use ctr::{CtrCore, flavors::Ctr128BE};
use openssl::cipher::Cipher as EvpCipher;
use openssl::cipher_ctx::CipherCtx;
use partproof_benches::contest::{Bout, Contest};
use partproof_benches::parts::{PART_SIZES, PartFn, PartSize, Parts};
use partproof_benches::table::Amount;
use partproof_client::{Cipher, ContentKey, Encryptor, Layout};
use partproof_model as model;

const KEY: [u8; 32] = *b"an AES-256 key that guards none.";
const START: u128 = 0x6A09_E667_BB67_AE85_0000_0000_FFFF_FC00;

fn main() {
    let mut contest = Contest::new("ctr");
    for size in PART_SIZES {
        for (cores, count) in [("one core", 1), ("all cores", size.many())] {
            contest.row(
                &format!("{cores} {size}"),
                Amount::Bytes(size.0 * count),
                &["RustCrypto", "aws-lc-rs", "OpenSSL"],
                || bout(size, count),
            );
        }
    }
    contest.finish();
}

fn bout(size: PartSize, count: u32) -> Bout<'static, Parts> {
    let offset = move |number: u32| u64::from(number - 1) * u64::from(size.0);
    let counter = move |number| {
        START
            .wrapping_add(u128::from(offset(number) / 16))
            .to_be_bytes()
    };
    let work = Parts::new(count, size.length(), |number, plaintext| {
        model::cipher::ctr::apply(
            model::ContentKey(KEY),
            model::Start(START.to_be_bytes()),
            model::ByteOffset::new(offset(number)),
            plaintext,
        )
    });
    let encryptor = Arc::new(encryptor(size, count));
    let built_in = || -> PartFn<'static> {
        let encryptor = Arc::clone(&encryptor);
        Box::new(move |number, part| {
            encryptor
                .encrypt_in_place(number, part)
                .expect("a part of the layout");
        })
    };
    let rust_crypto = || -> PartFn<'static> {
        let cipher = Aes256::new(&KEY.into());
        Box::new(move |number, part| {
            let core =
                CtrCore::<_, Ctr128BE>::inner_iv_init(cipher.clone(), &counter(number).into());
            StreamCipherCoreWrapper::from_core(core).apply_keystream(part);
        })
    };
    let aws_lc_rs = || -> PartFn<'static> {
        let key = UnboundCipherKey::new(&AES_256, &KEY).and_then(EncryptingKey::ctr);
        let key = key.expect("32 bytes");
        Box::new(move |number, part| {
            let context = EncryptionContext::Iv128(counter(number).into());
            key.less_safe_encrypt(part, context).expect("any length");
        })
    };
    let open_ssl = || -> PartFn<'static> {
        let mut context = CipherCtx::new().expect("memory");
        context
            .encrypt_init(Some(EvpCipher::aes_256_ctr()), Some(&KEY), None)
            .expect("32 bytes");
        Box::new(move |number, part| {
            let length = part.len();
            context
                .encrypt_init(None, None, Some(&counter(number)))
                .and_then(|()| context.cipher_update_inplace(part, length))
                .expect("any length");
        })
    };
    Bout {
        work,
        contenders: vec![
            Parts::contender(count, built_in),
            Parts::contender(count, rust_crypto),
            Parts::contender(count, aws_lc_rs),
            Parts::contender(count, open_ssl),
        ],
    }
}

fn encryptor(size: PartSize, count: u32) -> Encryptor {
    let layout = Layout::new(Cipher::Ctr, u64::from(size.0 * count), size.0.into());
    let key = ContentKey::new(KEY, START.to_be_bytes());
    Encryptor::new(&key, layout.expect("some parts")).expect("any start")
}
