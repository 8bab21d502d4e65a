#![no_main]

partproof_fuzz::target!(PROTOCOL of READER);
