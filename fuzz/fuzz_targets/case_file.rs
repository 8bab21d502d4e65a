#![no_main]

partproof_fuzz::target!(CASE_FILE: own = &partproof_fuzz::partproof_suite::own::READER);
