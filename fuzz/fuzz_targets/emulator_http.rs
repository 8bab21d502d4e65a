#![no_main]

partproof_fuzz::target!(EMULATOR_HTTP: own = &partproof_fuzz::partproof_suite::own::EMULATOR);
