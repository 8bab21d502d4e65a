//! The emulator over its socket, by raw HTTP.

#![allow(clippy::unwrap_used, reason = "a test may panic: that is how it fails")]

mod access;
mod bounds;
mod crash;
mod exchange;
mod faults;
mod objects;
mod record;
mod restart;
mod uploads;
