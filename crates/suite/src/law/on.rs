//! What a law is about: a piece of the subject, and the cases that its function takes. Runner, replay, fuzzing and seeding know laws through
//! [`Judge`] alone, so that each of them is compiled once, not once a kind of case.

use arbitrary::Unstructured;
use partproof_model::Cipher;
use serde_json::Value;

use super::{Held, Unheld};
use crate::case::{AnyCase, BoxedCase, Case};
use crate::class::Class;
use crate::declared::{can_meet, client_can_meet};
use crate::subject::client::Client;
use crate::subject::{
    AnswerReader, Encryptor, EnvelopeCodec, PartListBuilder, PartListReader, Planner, Subject,
};

/// A piece of a subject, as a law's function takes it.
pub trait Piece {
    /// What the function is given.
    type Of<'a>;

    /// The subject's, if it has it.
    fn of<'a>(subject: &'a Subject<'_>) -> Option<Self::Of<'a>>;

    /// Whether a subject that declares what it declares can meet a class of input at all.
    fn can_meet(subject: &Subject<'_>, class: Class) -> bool {
        let ciphers = subject.encryptor.map(|encryptor| encryptor.ciphers());
        can_meet(subject, ciphers, class)
    }

    /// What it is called.
    const NAME: &'static str;
}

/// The function of a law, by the piece it judges and the cases it takes.
pub struct On<P: Piece + ?Sized, C>(pub for<'a, 'c> fn(P::Of<'a>, &'c C) -> Held);

/// Why a value is not read as a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReadError {
    /// It is none of this law's.
    NoCase(String),
    /// It says what cannot be.
    CannotRun(String),
}

/// What runner, replay, fuzzing and seeding need of a law.
pub trait Judge: Sync {
    /// Whether the subject has the piece that is judged.
    fn has_piece(&self, subject: &Subject<'_>) -> bool;

    /// Whether a subject that declares what it declares can meet a class of input at all.
    fn can_meet(&self, subject: &Subject<'_>, class: Class) -> bool;

    /// What the piece is called.
    fn piece(&self) -> &'static str;

    /// Which piece and cases it is about: laws that say the same here can judge the same case.
    fn cases(&self) -> &'static str;

    /// How many random bytes drawing a case takes at most.
    fn bytes(&self) -> usize;

    /// How many simpler cases are tried at most when one fails.
    fn most_steps(&self) -> u32;

    /// Draws a case from random bytes.
    fn draw(&self, bytes: &[u8]) -> BoxedCase;

    /// The case that a fuzzer's input stands for.
    ///
    /// # Errors
    /// Why it stands for none.
    fn draw_fuzz(&self, bytes: &[u8], about: Option<Cipher>) -> Result<BoxedCase, String>;

    /// Reads a case, if it is one that can be run.
    ///
    /// # Errors
    /// What it is not.
    fn read(&self, case: &Value) -> Result<BoxedCase, ReadError>;

    /// Inputs for a fuzzer to begin with, where its inputs are documents.
    fn documents(&self) -> Option<Vec<Vec<u8>>>;

    /// Judges the subject by a case of this law.
    ///
    /// # Errors
    /// As the law says.
    fn judge(&self, subject: &Subject<'_>, case: &dyn AnyCase) -> Held;
}

impl<P: Piece + ?Sized, C: Case> Judge for On<P, C> {
    fn has_piece(&self, subject: &Subject<'_>) -> bool {
        P::of(subject).is_some()
    }

    fn can_meet(&self, subject: &Subject<'_>, class: Class) -> bool {
        P::can_meet(subject, class)
    }

    fn piece(&self) -> &'static str {
        P::NAME
    }

    fn cases(&self) -> &'static str {
        std::any::type_name::<Self>()
    }

    fn bytes(&self) -> usize {
        C::BYTES
    }

    fn most_steps(&self) -> u32 {
        C::MOST_STEPS
    }

    fn draw(&self, bytes: &[u8]) -> BoxedCase {
        let case = C::arbitrary(&mut Unstructured::new(bytes));
        Box::new(case.expect("drawing goes on with zeros when bytes run out"))
    }

    fn draw_fuzz(&self, bytes: &[u8], about: Option<Cipher>) -> Result<BoxedCase, String> {
        let case = C::from_fuzz(&mut Unstructured::new(bytes), about)
            .map_err(|error| error.to_string())?;
        case.check()?;
        Ok(Box::new(case))
    }

    fn read(&self, case: &Value) -> Result<BoxedCase, ReadError> {
        let case = serde_json::from_value::<C>(case.clone());
        let case = case.map_err(|error| ReadError::NoCase(error.to_string()))?;
        case.check().map_err(ReadError::CannotRun)?;
        Ok(Box::new(case))
    }

    fn documents(&self) -> Option<Vec<Vec<u8>>> {
        C::documents()
    }

    fn judge(&self, subject: &Subject<'_>, case: &dyn AnyCase) -> Held {
        let piece = P::of(subject).ok_or(Unheld::NotDeclared)?;
        let case = case.downcast().expect("a case of this law");
        (self.0)(piece, case)
    }
}

macro_rules! pieces {
    ($($piece:ident: $field:ident, $name:literal;)+) => {
        $(
            impl Piece for dyn $piece {
                type Of<'a> = &'a dyn $piece;

                fn of<'a>(subject: &'a Subject<'_>) -> Option<Self::Of<'a>> {
                    subject.$field
                }

                const NAME: &'static str = $name;
            }
        )+
    };
}

pieces! {
    Planner: planner, "planner";
    PartListBuilder: part_list_builder, "part-list builder";
    PartListReader: part_list_reader, "part-list reader";
    Encryptor: encryptor, "encryptor";
    AnswerReader: answer_reader, "answer reader";
}

impl Piece for dyn EnvelopeCodec {
    type Of<'a> = &'a dyn EnvelopeCodec;

    fn of<'a>(subject: &'a Subject<'_>) -> Option<Self::Of<'a>> {
        subject.envelope_codec
    }

    fn can_meet(subject: &Subject<'_>, class: Class) -> bool {
        let ciphers = subject.envelope_codec.map(|codec| codec.ciphers());
        can_meet(subject, ciphers, class)
    }

    const NAME: &'static str = "envelope codec";
}

impl Piece for dyn Client {
    type Of<'a> = &'a dyn Client;

    fn of<'a>(subject: &'a Subject<'_>) -> Option<Self::Of<'a>> {
        subject.client
    }

    fn can_meet(subject: &Subject<'_>, class: Class) -> bool {
        let abilities = subject.client.map(|client| client.abilities());
        abilities.is_none_or(|abilities| client_can_meet(&abilities, class))
    }

    const NAME: &'static str = "whole client";
}

/// Whatever reads XML: a reader of answers, one of part lists, or both.
pub struct XmlReaders;

impl Piece for XmlReaders {
    type Of<'a> = &'a Subject<'a>;

    fn of<'a>(subject: &'a Subject<'_>) -> Option<Self::Of<'a>> {
        let reads = subject.answer_reader.is_some() || subject.part_list_reader.is_some();
        reads.then_some(subject)
    }

    const NAME: &'static str = "XML readers";
}

/// What a whole session takes: who writes part lists and who reads answers.
pub struct SessionPieces;

impl Piece for SessionPieces {
    type Of<'a> = (&'a dyn PartListBuilder, &'a dyn AnswerReader);

    fn of<'a>(subject: &'a Subject<'_>) -> Option<Self::Of<'a>> {
        Some((subject.part_list_builder?, subject.answer_reader?))
    }

    const NAME: &'static str = "session";
}
