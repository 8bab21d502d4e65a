#![no_main]

partproof_fuzz::target!(ENCRYPT_CTR: encryptor);
