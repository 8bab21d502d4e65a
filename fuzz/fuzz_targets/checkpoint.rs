#![no_main]

partproof_fuzz::target!(CHECKPOINT: own = &partproof_fuzz::partproof_suite::own::READER);
