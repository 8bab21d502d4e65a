#![no_main]

partproof_fuzz::target!(CASE_FILE of READER);
