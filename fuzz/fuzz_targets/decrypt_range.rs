#![no_main]

partproof_fuzz::target!(DECRYPT_RANGE: encryptor);
