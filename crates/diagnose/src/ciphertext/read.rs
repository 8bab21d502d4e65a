//! One GET of the finished object: the stored bytes, which the parts must have been.

use std::ops::RangeInclusive;

use partproof_model::Plan;
use partproof_model::range::{self, RangeAnswer};

use super::super::exchange::{Exchange, headers, whole_body};
use crate::capture::{Source, StartLine};

/// What one GET served.
pub(super) struct Read<'a> {
    /// Where in the object its bytes begin.
    pub(super) first: u64,
    pub(super) bytes: &'a [u8],
    pub(super) source: &'a Source,
}

impl<'a> Read<'a> {
    /// `None` where nothing was served, or it does not show which bytes.
    pub(super) fn of(exchange: &Exchange<'a>, plan: Plan) -> Option<Self> {
        let response = exchange.response?;
        let StartLine::Response { status } = response.start else {
            return None;
        };
        let bytes = whole_body(response).filter(|bytes| !bytes.is_empty())?;
        let at = |first| Self {
            first,
            bytes,
            source: &response.source,
        };
        let length = plan.data.bytes();
        if status == 200 {
            return (u64::try_from(bytes.len()) == Ok(length)).then(|| at(0));
        }
        let sent = headers(exchange.request);
        let asked = sent
            .value("range")
            .and_then(|value| value.text())
            .filter(|_| status == 206)?;
        let standard = sent
            .value(range::BEHAVIOR)
            .is_some_and(|value| value.bytes() == b"standard");
        range::answers(asked, length, standard)
            .into_iter()
            .find_map(|answer| match answer {
                RangeAnswer::Slice { first, .. } => Some(at(first)),
                RangeAnswer::Whole | RangeAnswer::Unsatisfiable => None,
            })
    }

    /// Where its bytes end.
    pub(super) fn end(&self) -> u64 {
        self.first
            .saturating_add(u64::try_from(self.bytes.len()).unwrap_or(u64::MAX))
    }

    /// The numbers of the parts it has bytes of.
    pub(super) fn parts(&self, plan: Plan) -> RangeInclusive<u64> {
        let of = |byte: u64| (byte / plan.part.bytes()).saturating_add(1);
        of(self.first)..=of(self.end().saturating_sub(1).max(self.first))
    }
}
