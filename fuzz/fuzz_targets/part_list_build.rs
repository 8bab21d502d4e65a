#![no_main]

partproof_fuzz::target!(PART_LIST_BUILD: part_list_builder);
