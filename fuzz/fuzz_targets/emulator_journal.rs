#![no_main]

partproof_fuzz::target!(EMULATOR_JOURNAL: own_emulator);
