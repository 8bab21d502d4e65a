#![no_main]

partproof_fuzz::target!(CHECKPOINT of READER);
