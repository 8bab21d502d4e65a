//! Values in texts that people read: as JSON, as cases and reports have them, never as Rust writes them for debugging.

use serde::Serialize;
use serde_json::Value;

/// A value as a reader is shown it: as JSON, or that there is nothing.
pub fn shown(value: &(impl Serialize + ?Sized)) -> String {
    match serde_json::to_value(value) {
        Ok(Value::Null) | Err(_) => "nothing".to_owned(),
        Ok(value) => value.to_string(),
    }
}
