#![no_main]

partproof_fuzz::target!(EMULATOR_JOURNAL of EMULATOR);
