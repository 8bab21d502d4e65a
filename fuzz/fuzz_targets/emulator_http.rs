#![no_main]

partproof_fuzz::target!(EMULATOR_HTTP: own_emulator);
