//! What the benches share: a [`contest`] that verifies before it times and compares in one run, the AEAD rivals behind one
//! signature ([`seal`]) and the parts they work on ([`parts`]). Why a comparison made here is fair is
//! told in `docs/METHODOLOGY.md`.

pub mod contest;
pub mod parts;
pub mod seal;
pub mod table;
