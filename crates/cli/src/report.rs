//! Reports in the forms that other tools read.

mod junit;
mod markdown;

pub(crate) use junit::junit;
pub(crate) use markdown::markdown;
