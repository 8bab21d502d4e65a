#![no_main]

partproof_fuzz::target!(EMULATOR_JOURNAL: own = &partproof_fuzz::partproof_suite::own::EMULATOR);
