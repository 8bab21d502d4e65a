#![no_main]

partproof_fuzz::target!(VECTORS: own = &partproof_fuzz::partproof_suite::own::READER);
