#![no_main]

partproof_fuzz::target!(ENVELOPE: envelope_codec);
