//! The JSON Schema of the files, from the types that read them. What the types cannot say is added: a field that is
//! absent is not null, and a number has at most 53 bits.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::Value;

use super::file::{CipherName, VectorFile};
use super::read::LARGEST_NUMBER;

/// The JSON Schema of every file.
pub fn json_schema() -> String {
    let schema = schemars::schema_for!(VectorFile);
    let mut schema = serde_json::to_value(&schema).expect("a schema serialises");
    tighten(&mut schema);
    let mut json = serde_json::to_string_pretty(&schema).expect("a schema serialises");
    json.push('\n');
    json
}

fn tighten(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            if fields.get("default") == Some(&Value::Null) {
                fields.remove("default");
            }
            if let Some(Value::Array(types)) = fields.get_mut("type") {
                types.retain(|name| name != "null");
                if let [only] = types.as_slice() {
                    let only = only.clone();
                    fields.insert("type".to_owned(), only);
                }
            }
            if let Some(Value::Array(choices)) = fields.get_mut("anyOf") {
                choices.retain(|choice| choice.get("type").is_none_or(|name| name != "null"));
                if let [Value::Object(only)] = choices.as_slice() {
                    let only = only.clone();
                    fields.remove("anyOf");
                    fields.extend(only);
                }
            }
            if fields.get("format").is_some_and(|name| name == "uint64") {
                fields.remove("format");
                fields.insert("maximum".to_owned(), LARGEST_NUMBER.into());
            }
            fields.values_mut().for_each(tighten);
        }
        Value::Array(values) => values.iter_mut().for_each(tighten),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

impl JsonSchema for CipherName {
    fn schema_name() -> Cow<'static, str> {
        "Cipher".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        schemars::json_schema!({
            "description": "A content cipher, as the cek-alg header names it.",
            "enum": partproof_model::Cipher::ALL.map(partproof_model::Cipher::cek_alg),
        })
    }
}
