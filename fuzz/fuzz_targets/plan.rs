#![no_main]

partproof_fuzz::target!(PLAN: planner);
