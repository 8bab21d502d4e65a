//! The model and the built-in client read each other. That faults are seen is shown at the top of the tree, where the fault bank is known.

use super::*;
use crate::builtin;
use partproof_suite::subject::Subject;
use partproof_suite::subject::client::ByteRange;

#[test]
fn the_model_and_the_built_in_client_read_each_other() {
    let matrix = run(&[builtin::subject()], &MatrixCase::all(), |_| {}).unwrap();
    assert_eq!(matrix.subjects, [MODEL, "built-in client"]);
    assert_eq!(matrix.cells.len(), 4);
    for cell in &matrix.cells {
        assert_eq!(cell.standing, CellStanding::Reads, "{cell:#?}");
        assert_eq!(cell.read, 9);
        assert_eq!(cell.left_out, 0);
    }
}

#[test]
fn who_cannot_upload_or_download_is_not_declared() {
    let neither = Subject::new("neither");
    let matrix = run(&[neither], &MatrixCase::all(), |_| {}).unwrap();
    assert_eq!(matrix.count(CellStanding::NotDeclared), 3);
    assert_eq!(matrix.count(CellStanding::Reads), 1);
}

#[test]
fn a_case_is_read_strictly() {
    let case = MatrixCase::read(r#"{"length":5,"range":{"suffix":{"length":2}}}"#).unwrap();
    assert_eq!(case.range, Some(ByteRange::Suffix { length: 2 }));
    assert!(
        MatrixCase::read(r#"{"length":0}"#)
            .unwrap_err()
            .contains("1 to")
    );
    assert!(
        MatrixCase::read(r#"{"size":5}"#)
            .unwrap_err()
            .contains("size")
    );
}
