#![no_main]

partproof_fuzz::target!(EMULATOR_SCRIPT of EMULATOR);
