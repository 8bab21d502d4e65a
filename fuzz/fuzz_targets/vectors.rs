#![no_main]

partproof_fuzz::target!(VECTORS: own_reader);
