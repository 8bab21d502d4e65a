//! Files of vectors: what `partproof vectors verify` is given.

use std::sync::LazyLock;

use arbitrary::{Result, Unstructured};
use partproof_model::rules;

use crate::own::OwnReader;
use partproof_suite::case::outside::{Kind, OutsideCase};
use partproof_suite::class::Class as C;
use partproof_suite::law::{Held, Law, On};
use partproof_vectors as vectors;

use crate::documents::small;

/// A file of vectors.
#[derive(Debug)]
pub enum VectorsKind {}

impl Kind for VectorsKind {
    const WORDS: &'static [&'static str] = &[
        "\"tcId\":",
        "\"flags\":",
        "\"result\":",
        "\"valid\"",
        "\"invalid\"",
        "\"acceptable\"",
        "\"testGroups\":",
        "\"numberOfTests\":",
        "\"type\":",
        "\"seed\":",
        "\"length\":",
        "\"hex\":",
        "9007199254740991",
        "null",
        "{",
        "}",
        "[",
        "]",
        "\"",
        "-1",
        "0",
    ];

    /// A file cut down to its first cases: a whole one is a hundred times as long.
    fn document(u: &mut Unstructured<'_>) -> Result<Vec<u8>> {
        static SMALL: LazyLock<Vec<Vec<u8>>> = LazyLock::new(small);
        Ok(u.choose(&SMALL)?.clone())
    }

    fn is_document(bytes: &[u8]) -> bool {
        vectors::read(bytes).is_ok()
    }
}

/// Any bytes given as a file of vectors are checked or refused, never a crash.
pub static ANY_VECTORS: Law = Law {
    id: "any-vectors",
    sentence: "Any bytes given as a file of vectors are checked or refused, never a crash.",
    rules: &[rules::REFUSAL_CLEAN],
    classes: &[C::WholeDocument, C::BrokenDocument, C::WrongEncoding],
    quick_cases: 500,
    on: &On::<dyn OwnReader, OutsideCase<VectorsKind>>(any_vectors),
};

/// Any bytes given as a file of vectors are checked or refused.
fn any_vectors(own: &dyn OwnReader, case: &OutsideCase<VectorsKind>) -> Held {
    drop(own.vectors(&case.bytes));
    Ok(())
}
