#![no_main]

partproof_fuzz::target!(SERVICE: part_list_builder, answer_reader);
