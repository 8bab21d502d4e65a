//! The readers as they are.

use partproof_client as client;

use super::subject;
use super::{Own, OwnReader};
use crate::builtin::Builtin;
use crate::find;
use partproof_diagnose::capture;
use partproof_diagnose::{Evidence, diagnose};
use partproof_suite::replay::Token;
use partproof_suite::subject::{Refusal, Subject};
use partproof_vectors as vectors;

/// The readers as they are.
pub static READER: Own = Own {
    reader: Some(&Builtin),
    emulator: None,
};

/// The emulator as it is.
pub static EMULATOR: Own = Own {
    reader: None,
    emulator: Some(&Builtin),
};

/// Both.
pub static OWN: Own = Own {
    reader: READER.reader,
    emulator: EMULATOR.emulator,
};

impl OwnReader for Builtin {
    fn capture(&self, bytes: &[u8]) -> Result<(), Refusal> {
        let messages = capture::read("capture", bytes).map_err(Refusal::from_error)?;
        let diagnosis = diagnose(&messages, &Evidence::default());
        serde_json::to_string(&diagnosis)
            .map(drop)
            .map_err(Refusal::from_error)
    }

    fn case_file(&self, bytes: &[u8]) -> Result<(), Refusal> {
        let text = std::str::from_utf8(bytes).map_err(Refusal::from_error)?;
        let tokens = Token::read(text, find).map_err(Refusal)?;
        tokens
            .into_iter()
            .try_for_each(|token| token?.check(&subject()))
            .map_err(Refusal)
    }

    fn vectors(&self, bytes: &[u8]) -> Result<(), Refusal> {
        let file = vectors::read(bytes).map_err(Refusal::from_error)?;
        drop(vectors::verify(&file, &Subject::new("nothing")));
        Ok(())
    }

    fn checkpoint(&self, bytes: &[u8]) -> Result<Vec<u8>, Refusal> {
        let checkpoint = client::Checkpoint::read(bytes).map_err(Refusal::from_error)?;
        serde_json::to_vec(&checkpoint).map_err(Refusal::from_error)
    }

    fn answer_line(&self, bytes: &[u8]) -> Result<Vec<u8>, Refusal> {
        partproof_protocol::reread(bytes).map_err(Refusal)
    }
}
