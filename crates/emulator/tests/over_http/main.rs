//! The emulator over its socket, by raw HTTP.

mod access;
mod bounds;
mod crash;
mod exchange;
mod faults;
mod objects;
mod record;
mod restart;
mod uploads;
