#![no_main]

partproof_fuzz::target!(PART_LIST_READ: part_list_reader);
