#![no_main]

partproof_fuzz::target!(ENCRYPT_GCM_PART: encryptor);
