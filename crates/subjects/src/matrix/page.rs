//! The matrix as one page that needs nothing beside it: no script, no font, no network. A cell opens to its findings.

use maud::{Markup, html};

use partproof_visible::visible_json;

use super::{Cell, CellFinding, CellStanding, Matrix};

/// The page.
pub fn page(matrix: &Matrix) -> String {
    let cell_of =
        |writer: usize, reader: usize| matrix.cells.get(writer * matrix.subjects.len() + reader);
    let content = html! {
        h1 { "Who reads whom" }
        p {
            "Rows write encrypted objects in parts, columns read them back, whole and by range. The model is one more of each. "
            "A cell opens to what was read and what was not."
        }
        (partproof_page::wide("Who reads whom", &html! {
            table.cells {
                thead {
                    tr {
                        th scope="col" { "writer \\ reader" }
                        @for reader in &matrix.subjects { th scope="col" { (reader) } }
                    }
                }
                tbody {
                    @for (row, writer) in matrix.subjects.iter().enumerate() {
                        tr {
                            th scope="row" { (writer) }
                            @for column in 0..matrix.subjects.len() {
                                @if let Some(cell) = cell_of(row, column) {
                                    td class=(class(cell)) {
                                        button popovertarget=(format!("cell-{row}-{column}")) aria-label=(label(cell)) {
                                            (short(cell))
                                        }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }))
        p.legend {
            span.good { "reads" } " all that was written and declared. "
            span.bad { "misreads" } " so many cases: other bytes, or a refusal. "
            span.other { "unwritten" } " had nothing to read. "
            span.other { "not declared" } " cannot be asked."
        }
        @for (row, _) in matrix.subjects.iter().enumerate() {
            @for column in 0..matrix.subjects.len() {
                @if let Some(cell) = cell_of(row, column) {
                    (details(cell, &format!("cell-{row}-{column}")))
                }
            }
        }
    };
    partproof_page::page("Who reads whom: Partproof", &content, None)
}

fn details(cell: &Cell, id: &str) -> Markup {
    html! {
        section id=(id) popover {
            h2 { (cell.reader) " reads " (cell.writer) }
            p { (label(cell)) "." }
            @for finding in &cell.findings { (of(finding)) }
            button popovertarget=(id) popovertargetaction="hide" { "close" }
        }
    }
}

fn of(finding: &CellFinding) -> Markup {
    let case = visible_json(&serde_json::to_string(&finding.case).unwrap_or_default());
    html! {
        h3 { (finding.rule) ": " (finding.symptom) }
        dl {
            dt { "case" } dd { code { (case) } }
            dt { "expected" } dd { code { (finding.expected) } }
            dt { "actual" } dd { code { (finding.actual) } }
            dt { "whose" } dd { (finding.blame.to_string()) }
            dt { "means" } dd { (finding.consequence) }
            dt { "replay" } dd { code { (finding.replay) } }
        }
    }
}

fn class(cell: &Cell) -> &'static str {
    match cell.standing {
        CellStanding::Reads => "good",
        CellStanding::Misreads => "bad",
        CellStanding::Unwritten | CellStanding::NotDeclared => "other",
    }
}

fn short(cell: &Cell) -> String {
    match cell.standing {
        CellStanding::Reads => format!("reads {}", cell.read),
        CellStanding::Misreads => format!("misreads {}", cell.findings.len()),
        CellStanding::Unwritten => "unwritten".to_owned(),
        CellStanding::NotDeclared => "not declared".to_owned(),
    }
}

fn label(cell: &Cell) -> String {
    format!(
        "{} cases read as they were written, {} not, {} left out",
        cell.read,
        cell.findings.len(),
        cell.left_out
    )
}
