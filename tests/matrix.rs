//! The matrix on clients with one planted fault: it is seen, and blamed on whom it is.

#![allow(clippy::unwrap_used, reason = "a test may panic: that is how it fails")]

use partproof_faults::FAULTS;
use partproof_subjects::builtin;
use partproof_subjects::matrix::{Blame, Cell, CellStanding, MODEL, Matrix, MatrixCase, page, run};

/// One client with this fault, and the built-in one.
fn matrix(id: &str) -> Matrix {
    let fault = FAULTS.iter().find(|fault| fault.id == id).unwrap();
    run(
        &[fault.subject(), builtin::subject()],
        &MatrixCase::all(),
        |_| {},
    )
    .unwrap()
}

/// Those cells in which something is misread.
fn misread(matrix: &Matrix) -> Vec<&Cell> {
    let is_misread = |cell: &&Cell| cell.standing == CellStanding::Misreads;
    matrix.cells.iter().filter(is_misread).collect()
}

#[test]
fn a_reader_that_is_wrong_is_wrong_with_every_writer_and_blamed_alone() {
    let id = "download-suffix-from-zero";
    let matrix = matrix(id);
    let misread = misread(&matrix);
    assert_eq!(misread.len(), matrix.subjects.len(), "{misread:#?}");
    for cell in misread {
        assert_eq!(cell.reader, id);
        assert!(
            cell.findings
                .iter()
                .all(|finding| finding.blame == Blame::Reader)
        );
    }
}

#[test]
fn a_writer_that_is_wrong_is_blamed_whoever_reads() {
    let id = "upload-counter-restarts";
    let matrix = matrix(id);
    let misread = misread(&matrix);
    assert!(matrix.cell(id, MODEL).unwrap().standing == CellStanding::Misreads);
    assert!(matrix.cell(id, "built-in client").unwrap().standing == CellStanding::Misreads);
    for cell in misread {
        assert_eq!(cell.writer, id);
        assert!(
            cell.findings
                .iter()
                .all(|finding| finding.blame == Blame::Writer),
            "{cell:#?}"
        );
    }
}

#[test]
fn a_writer_that_writes_nothing_leaves_its_readers_nothing_to_read() {
    let id = "upload-data-size-wrong";
    let matrix = matrix(id);
    let stands = |reader| matrix.cell(id, reader).unwrap().standing;
    assert_eq!(stands(MODEL), CellStanding::Misreads);
    assert_eq!(stands("built-in client"), CellStanding::Unwritten);
}

#[test]
fn the_page_shows_what_is_wrong_and_escapes_what_subjects_say() {
    let mut matrix = matrix("download-suffix-from-zero");
    let cell = matrix
        .cells
        .iter_mut()
        .find(|cell| !cell.findings.is_empty());
    let finding = &mut cell.unwrap().findings[0];
    finding.actual = "<script>alert(1)</script>".to_owned();
    let replay = finding.replay.replace('"', "&quot;");
    let page = page(&matrix);
    assert!(!page.contains("<script"), "{page}");
    assert!(page.contains("&lt;script&gt;alert(1)"));
    assert!(page.contains(&replay), "{replay}");
}
