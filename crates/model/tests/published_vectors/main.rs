//! Published vectors, and generated ones where nothing is published, each computed by the model and by a second library
//! (`aws-lc-rs`) that shares no code with it.

mod ciphers;
mod key_wrapping;
