//! The matrix as one page that needs nothing beside it: no script, no font, no network. A cell opens to its findings.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use partproof_visible::{visible_json, visible_lines};

use super::{Cell, CellFinding, CellStanding, Matrix};

/// The page.
pub fn page(matrix: &Matrix) -> String {
    let cell_of =
        |writer: usize, reader: usize| matrix.cells.get(writer * matrix.subjects.len() + reader);
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { "Who reads whom: Partproof" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                h1 { "Who reads whom" }
                p {
                    "Rows write encrypted objects in parts, columns read them back, whole and by range. The model is one more of each. "
                    "A cell opens to what was read and what was not."
                }
                div.wide {
                    table {
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
                }
                p.legend {
                    span.reads { "reads" } " all that was written and declared. "
                    span.misreads { "misreads" } " so many cases: other bytes, or a refusal. "
                    span.open { "unwritten" } " had nothing to read. "
                    span.open { "not declared" } " cannot be asked."
                }
                @for (row, _) in matrix.subjects.iter().enumerate() {
                    @for column in 0..matrix.subjects.len() {
                        @if let Some(cell) = cell_of(row, column) {
                            (details(cell, &format!("cell-{row}-{column}")))
                        }
                    }
                }
            }
        }
    };
    visible_lines(&page.into_string()) + "\n"
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
        CellStanding::Reads => "reads",
        CellStanding::Misreads => "misreads",
        CellStanding::Unwritten | CellStanding::NotDeclared => "open",
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

const STYLE: &str = "
:root { color-scheme: light dark; --good: #1a7f37; --bad: #c1121f; --open: #6e6e6e; }
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 75rem; padding: 0 1rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; }
th, td { border: 1px solid #8886; padding: 0; text-align: left; font-weight: normal; }
th { padding: .4rem .6rem; }
td button { font: inherit; color: inherit; background: none; border: 0; width: 100%; padding: .6rem; cursor: pointer; }
td button:hover, td button:focus-visible { outline: 2px solid currentColor; outline-offset: -2px; }
.reads { color: var(--good); } .misreads { color: var(--bad); font-weight: bold; } .open { color: var(--open); }
@media (prefers-color-scheme: dark) { :root { --good: #56d364; --bad: #ff7b72; --open: #9e9e9e; } }
section[popover] { max-width: min(60rem, 90vw); max-height: 85vh; overflow: auto; border: 1px solid #8888; padding: 1rem 1.5rem; }
h3 { margin-bottom: .3rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; margin: 0; }
dd { margin: 0; }
code { overflow-wrap: anywhere; }
";
