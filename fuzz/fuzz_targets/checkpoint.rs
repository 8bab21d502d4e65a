#![no_main]

partproof_fuzz::target!(CHECKPOINT: own_reader);
