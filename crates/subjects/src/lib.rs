//! Who is judged: programs in any language behind the line protocol, the built-in client, and every client against every other.
//! And Partproof itself: what it reads from outside, its emulator, and the fuzz targets of all of these.

pub mod builtin;
mod documents;
pub mod fuzz;
pub mod known;
pub mod matrix;
mod near;
pub mod own;
pub mod program;
pub mod smoke;

use partproof_suite::Law;

pub use near::near;

/// Every law of clients: those of pieces, then those of whole clients.
pub fn laws() -> impl Iterator<Item = &'static Law> {
    let whole = partproof_whole_client::LAWS;
    partproof_suite::LAWS.iter().chain(whole).copied()
}

/// The law of that id, or the property of Partproof itself.
pub fn find(id: &str) -> Option<&'static Law> {
    let properties = own::PROPERTIES.iter().copied();
    laws().chain(properties).find(|law| law.id == id)
}
