#![no_main]

partproof_fuzz::target!(DIAGNOSE: own_reader);
