//! Laws of whole clients. Each sets a stage, lets the client act on it, and then looks at what is stored, at what went over the wire, and
//! at what the client said, with the master key in hand.

pub mod count;
pub mod download;
pub mod failing;
pub(crate) mod outcome;
pub mod resume;
mod sent;
pub mod source;
pub(crate) mod stored;
pub mod upload;

use std::path::Path;

use crate::case::upload::UploadCase;
use crate::law::{Held, Unheld};
use crate::subject::client::{Client, UploadJob};

/// Whether the client can be asked for this upload at all.
fn declares(client: &dyn Client, case: &UploadCase) -> Held {
    match case.is_within(&client.abilities()) {
        true => Ok(()),
        false => Err(Unheld::NotDeclared),
    }
}

/// What the client is asked for.
fn job<'j>(case: &'j UploadCase, file: &'j Path) -> UploadJob<'j> {
    UploadJob {
        object: &case.object,
        file,
        cipher: case.cipher,
        part_size: case.part_size,
        concurrency: case.parallel.saturating_add(1),
        checkpoint: None,
        announced: None,
        position: 0,
    }
}
