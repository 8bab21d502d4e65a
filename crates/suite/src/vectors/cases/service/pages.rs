//! ListParts in pages.

use super::steps::*;
use crate::vectors::service::{ServiceTest, Step};

pub(super) fn tests() -> Vec<ServiceTest> {
    let of_case = ServiceTest::of;
    let mut five = vec![initiate(Fields::new())];
    five.extend([9, 1, 4, 2, 7].map(|number| part(number, 5 + number)));
    let listed = |mut steps: Vec<Step>, max, marker| {
        steps.push(list_parts(max, marker));
        steps
    };
    vec![
        of_case(
            "all parts, ascending",
            &["ListPages"],
            listed(five.clone(), None, None),
        ),
        of_case(
            "the first two",
            &["ListPages"],
            listed(five.clone(), Some(2), None),
        ),
        of_case(
            "the next two",
            &["ListPages"],
            listed(five.clone(), Some(2), Some(2)),
        ),
        of_case(
            "the last",
            &["ListPages"],
            listed(five.clone(), Some(2), Some(7)),
        ),
        of_case(
            "a marker between two parts",
            &["ListPages"],
            listed(five.clone(), Some(10), Some(5)),
        ),
        of_case(
            "a marker past the end",
            &["ListPages"],
            listed(five.clone(), None, Some(9)),
        ),
        of_case(
            "exactly as many as there are",
            &["ListPages"],
            listed(five.clone(), Some(5), None),
        ),
        of_case(
            "max-parts 1,000",
            &["ListPages"],
            listed(five.clone(), Some(1_000), None),
        ),
        of_case(
            "max-parts 0",
            &["ListPages"],
            listed(five.clone(), Some(0), None),
        ),
        of_case(
            "max-parts 1,001",
            &["ListPages"],
            listed(five, Some(1_001), None),
        ),
        of_case(
            "no part yet",
            &["ListPages"],
            vec![initiate(small()), list_parts(None, None)],
        ),
        of_case(
            "a replaced part is listed once, as it is now",
            &["ListPages", "PartReplaced"],
            vec![
                initiate(Fields::new()),
                part(1, 5),
                part(1, 6),
                list_parts(None, None),
            ],
        ),
        of_case(
            "a refused part is not listed",
            &["ListPages", "LastPartLength"],
            vec![
                initiate(small()),
                part_with(1, 6, small()),
                list_parts(None, None),
            ],
        ),
    ]
}
