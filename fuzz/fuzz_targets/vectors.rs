#![no_main]

partproof_fuzz::target!(VECTORS of READER);
