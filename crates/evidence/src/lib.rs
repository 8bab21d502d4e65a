//! What wrong bytes show: which known mistake makes them, and where in the object they would be right. A cause is named on proof only: it explains every
//! byte there is, and nothing else that is known does.

mod cause;
mod counter;
mod drawing;
mod exchanged;
mod list;
pub mod part;
pub mod shape;

pub use cause::{Cause, Evidence};
pub use counter::{Crypted, at_a_block};
pub use drawing::Drawing;
pub use exchanged::{Answered, Exchanged, MOST_EXCHANGES};
pub use list::{ListDrawing, ListEntry};
