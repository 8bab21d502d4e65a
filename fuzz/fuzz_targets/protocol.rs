#![no_main]

partproof_fuzz::target!(PROTOCOL: own_reader);
