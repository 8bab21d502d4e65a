//! Cases of whole clients: a scenario each, of what is uploaded or read, what fails on the way, and what happens to the file meanwhile.

pub mod caller;
pub mod count;
pub mod download;
pub mod failing;
pub mod limit;
pub mod manner;
pub mod resume;
pub mod upload;
