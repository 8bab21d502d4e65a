#![no_main]

partproof_fuzz::target!(EMULATOR_SCRIPT: own = &partproof_fuzz::partproof_suite::own::EMULATOR);
