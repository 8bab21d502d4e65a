//! What an object may be called: 1 to 1,023 bytes of UTF-8, counted in bytes (question A31), not beginning with a slash
//! of either kind. Nothing else is forbidden, control characters included.

use crate::limits::MAX_OBJECT_NAME;
use crate::rules;
use crate::verdict::Objection;

/// The rules an object name breaks.
pub fn objections(name: &str) -> Vec<Objection> {
    let mut objections = Vec::new();
    if name.is_empty() {
        objections.push(Objection::certain(
            rules::OBJECT_NAME_EMPTY,
            "the object name is empty",
        ));
    }
    if name.len() > MAX_OBJECT_NAME {
        objections.push(Objection::certain(
            rules::OBJECT_NAME_LENGTH,
            format!(
                "the object name has {} bytes, expected at most {MAX_OBJECT_NAME}",
                name.len()
            ),
        ));
    }
    if name.starts_with(['/', '\\']) {
        objections.push(Objection::certain(
            rules::OBJECT_NAME_SLASH,
            "the object name begins with a slash",
        ));
    }
    objections
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_counted_not_characters() {
        assert_eq!(objections("multipart.data"), []);
        assert_eq!(objections(&"a".repeat(1_023)), []);
        assert_eq!(
            objections(&"é".repeat(512))[0].rule,
            rules::OBJECT_NAME_LENGTH
        );
        assert_eq!(objections("")[0].rule, rules::OBJECT_NAME_EMPTY);
        assert_eq!(objections("\\a")[0].rule, rules::OBJECT_NAME_SLASH);
    }
}
