//! A client that loses track: each request and answer may be right by itself, what it makes of them is not.

use partproof_subjects::builtin::{self, Builtin};
use partproof_suite::subject::{AnswerReader, PartListBuilder, PartPage, Subject};

use crate::Fault;
use crate::answer::{self, Answering};
use crate::part_list::Building;

const LAW: &str = "session";

pub(crate) const MARKER_SKIPS_ONE: Fault = Fault {
    id: "session-marker-skips-one",
    sentence: "The marker of ListParts is taken for the first number of the next page, and one is added where it is asked for: a part is never seen.",
    seen_in: "F06",
    law: LAW,
    cause: None,
    subject: || Subject {
        answer_reader: Some(
            const {
                &Answering {
                    part_page: |body| {
                        let page = Builtin.part_page(body)?;
                        let next = page.next_part_number_marker.map(|marker| marker + 1);
                        Ok(PartPage {
                            next_part_number_marker: next,
                            ..page
                        })
                    },
                    ..answer::RIGHT
                }
            },
        ),
        ..builtin::subject()
    },
};

pub(crate) const FIRST_FIVE_LISTED: Fault = Fault {
    id: "session-first-five-listed",
    sentence: "A buffer holds five parts: an upload of more is completed without the others.",
    seen_in: "F05",
    law: LAW,
    cause: None,
    subject: || Subject {
        part_list_builder: Some(
            const { &Building(|parts| Builtin.part_list(&parts[..parts.len().min(5)])) },
        ),
        ..builtin::subject()
    },
};
