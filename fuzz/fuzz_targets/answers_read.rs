#![no_main]

partproof_fuzz::target!(ANSWERS_READ: answer_reader);
