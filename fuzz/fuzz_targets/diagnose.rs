#![no_main]

partproof_fuzz::target!(DIAGNOSE: own = &partproof_fuzz::partproof_suite::own::READER);
