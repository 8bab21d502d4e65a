//! Cases of whole clients: a scenario each, of what is uploaded or read, what fails on the way, and what happens to the file meanwhile.

pub mod download;
pub mod limit;
pub mod resume;
pub mod upload;
