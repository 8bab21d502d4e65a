#![no_main]

partproof_fuzz::target!(DIAGNOSE of READER);
