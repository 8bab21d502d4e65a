#![no_main]

partproof_fuzz::target!(EMULATOR_HTTP of EMULATOR);
