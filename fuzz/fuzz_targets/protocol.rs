#![no_main]

partproof_fuzz::target!(PROTOCOL: own = &partproof_fuzz::partproof_suite::own::READER);
