#![no_main]

partproof_fuzz::target!(CASE_FILE: own_reader);
