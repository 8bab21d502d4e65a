//! The messages as JSON Schema, for authors of adapters and their editors.

use std::borrow::Cow;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Value, json};

use crate::answer::{
    Benched, Ciphertext, Description, Downloaded, Line, PartListBody, Plaintext, Uploaded,
};
use crate::bytes::Base64;
use crate::plan::Planned;
use crate::request::Numbered;

/// The schema, indented, ending in a line feed: `$defs` has a request, an answer, and the `ok` of each operation.
pub fn json_schema() -> String {
    let mut generator = SchemaGenerator::new(SchemaSettings::draft2020_12());
    let request = generator.subschema_for::<Numbered<'_>>();
    let answer = generator.subschema_for::<Line>();
    let mut oks = serde_json::Map::new();
    let mut ok = |op: &str, schema: Schema| oks.insert(op.to_owned(), schema.to_value());
    ok("describe", of::<Description>(&mut generator));
    ok("plan", of::<Planned>(&mut generator));
    ok("part_list", of::<PartListBody>(&mut generator));
    ok("encrypt_part", of::<Ciphertext>(&mut generator));
    ok("decrypt_range", of::<Plaintext>(&mut generator));
    ok("upload", of::<Uploaded>(&mut generator));
    ok("download", of::<Downloaded>(&mut generator));
    ok("bench", of::<Benched>(&mut generator));
    let mut definitions = generator.take_definitions(true);
    definitions.insert(
        "Ok".to_owned(),
        json!({
            "description": "What stands behind `ok`, by the operation that was asked for.",
            "properties": Value::Object(oks),
        }),
    );
    let schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Partproof line protocol, version 1",
        "description": "One message a line: a request to the subject, or its answer. docs/PROTOCOL.md describes them.",
        "anyOf": [request.to_value(), answer.to_value()],
        "$defs": definitions,
    });
    let mut text = serde_json::to_string_pretty(&schema).expect("a schema serialises");
    text.push('\n');
    text
}

fn of<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}

impl JsonSchema for Base64 {
    fn schema_name() -> Cow<'static, str> {
        "Base64".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        schemars::json_schema!({
            "type": "string",
            "contentEncoding": "base64",
            "pattern": "^[A-Za-z0-9+/]*={0,2}$",
        })
    }
}
