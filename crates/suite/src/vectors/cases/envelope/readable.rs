//! Envelopes that must be read, or may be: the spellings of shipped clients.

use super::*;

pub(super) fn valid(master: &MasterKey) -> Vec<EnvelopeTest> {
    let of = |comment: &str, own: &[&str], carrier, fields| {
        EnvelopeTest::of(comment, own, master, carrier, fields, None)
    };
    let normal = pkcs1(master, 1).fields(Cipher::Ctr, SIZES);
    let upper = |fields: &Fields| -> Fields {
        let upper = |(name, value): &(String, String)| (name.to_uppercase(), value.clone());
        fields.iter().map(upper).collect()
    };
    let title = |fields: &Fields| -> Fields {
        fields
            .iter()
            .map(|(name, value)| (title_case(name), value.clone()))
            .collect()
    };
    let reversed: Fields = normal.iter().rev().cloned().collect();
    let blanks: Fields = normal
        .iter()
        .map(|(name, value)| (name.clone(), format!(" {value}\t")))
        .collect();
    let mut others = vec![("ETag".to_owned(), "\"AB\"".to_owned())];
    others.extend(normal.clone());
    others.push(("x-oss-meta-author".to_owned(), "Li".to_owned()));
    others.push((
        "x-oss-meta-client-side-encryption-other".to_owned(),
        "1".to_owned(),
    ));
    let put = pkcs1(master, 2).fields(Cipher::Ctr, None);
    let lengths = with(
        with(put.clone(), UNENCRYPTED_CONTENT_LENGTH, "12"),
        UNENCRYPTED_CONTENT_MD5,
        "1B2M2Y8AsgTpgAmY7PhCfg==",
    );
    let mut tests = vec![
        of(
            "of a multipart upload",
            &["Normal"],
            Initiate,
            normal.clone(),
        ),
        of("of a single put", &["Put"], Put, put.clone()),
        of("of a single put, with sizes", &["Put"], Put, normal.clone()),
        of(
            "with the length and the MD5 of the plaintext",
            &["Put", "OtherHeaders"],
            Put,
            lengths,
        ),
        of(
            "OAEP",
            &["Oaep"],
            Initiate,
            oaep(master, 3).fields(Cipher::Ctr, SIZES),
        ),
        of(
            "OAEP, of a single put",
            &["Oaep", "Put"],
            Put,
            oaep(master, 4).fields(Cipher::Ctr, None),
        ),
        of(
            "a GCM object",
            &["AuthenticatedProfile"],
            Initiate,
            pkcs1(master, 5).fields(Cipher::GcmObject, Some((250_016, 102_400))),
        ),
        of(
            "a GCM-part object",
            &["AuthenticatedProfile"],
            Initiate,
            pkcs1(master, 6).fields(Cipher::GcmPart, Some((250_048, 102_400))),
        ),
        of(
            "names in upper case",
            &["HeaderNames"],
            Initiate,
            upper(&normal),
        ),
        of(
            "names in title case, as Go sends them",
            &["HeaderNames"],
            Initiate,
            title(&normal),
        ),
        of("in reverse order", &["HeaderNames"], Initiate, reversed),
        of(
            "blanks around the values",
            &["HeaderBlanks"],
            Initiate,
            blanks,
        ),
        of("among other headers", &["OtherHeaders"], Initiate, others),
        of(
            "sizes beyond 32 bits",
            &["Normal"],
            Initiate,
            pkcs1(master, 7).fields(Cipher::Ctr, Some((53_687_091_200_000, 5_368_709_120))),
        ),
        of(
            "a data size that is no multiple of 16",
            &["Normal"],
            Initiate,
            pkcs1(master, 8).fields(Cipher::Ctr, Some((3, 16))),
        ),
        of(
            "a key of zeros, a start of zeros",
            &["Normal"],
            Initiate,
            pkcs1(master, 9).fields_of(&[0; 32], &[0; 16], "AES/CTR/NoPadding", SIZES),
        ),
        of(
            "a key and a start of all ones",
            &["Normal"],
            Initiate,
            pkcs1(master, 10).fields_of(&[0xff; 32], &[0xff; 16], "AES/CTR/NoPadding", SIZES),
        ),
    ];
    for (json, what) in [
        (
            "{\"key\":\"seed\"}",
            "a description as Go and Java write it",
        ),
        (
            "{\"key\": \"seed\"}",
            "a description with a blank, as oss2 writes it",
        ),
        (
            "{ \"key\" : \"seed\" }",
            "a description with blanks everywhere",
        ),
        (
            "{\"path\":\"a\\/b\"}",
            "a description with an escaped slash, as PHP writes it",
        ),
        ("{\"path\":\"a/b\"}", "a description with a slash"),
        (
            "{\"key\":\"a\\u003cb\\u0026c\"}",
            "a description with < and & escaped, as Go writes it",
        ),
        ("{\"key\":\"a<b&c\"}", "a description with < and &"),
        ("{\"b\":\"2\",\"a\":\"1\"}", "a description of two names"),
        ("{\"a\":\"1\",\"b\":\"2\"}", "the same in another order"),
        ("{\"quote\":\"a\\\"b\"}", "a description with a quote"),
        ("{\"key\":\"\"}", "an empty text in a description"),
        ("{}", "an empty description, as C++ v2 writes it"),
    ] {
        tests.push(of(
            what,
            &["Description"],
            Initiate,
            with(normal.clone(), MATDESC, json),
        ));
    }
    for (json, what) in [
        ("{\"name\":\"K\\u00f6\\u00df\"}", "escaped letters"),
        (
            "{\"name\":\"K\\u00F6\\u00DF\"}",
            "letters escaped in upper case",
        ),
        ("{\"\\u952e\":\"\\u503c\"}", "name and value escaped"),
        ("{\"name\":\"\\ud83d\\udd11\"}", "a surrogate pair"),
        ("{\"name\":\"\\u007f\"}", "a control character"),
    ] {
        tests.push(of(
            what,
            &["Description", "DescriptionNotAscii"],
            Initiate,
            with(normal.clone(), MATDESC, json),
        ));
    }
    tests
}

fn title_case(name: &str) -> String {
    let words = name.split('-').map(|word| {
        let (first, rest) = word.split_at(word.len().min(1));
        first.to_uppercase() + rest
    });
    words.collect::<Vec<_>>().join("-")
}

pub(super) fn of_other_key(other: &MasterKey) -> Vec<EnvelopeTest> {
    let of = |comment: &str, wrapping: Wrapping<'_>| {
        let fields = wrapping.fields(Cipher::Ctr, SIZES);
        EnvelopeTest::of(comment, &["OtherMasterKey"], other, Initiate, fields, None)
    };
    vec![
        of("PKCS#1 v1.5", pkcs1(other, 20)),
        of("OAEP", oaep(other, 21)),
    ]
}

/// What a reader may take or refuse.
pub(super) fn tolerated(master: &MasterKey) -> Vec<EnvelopeTest> {
    let normal = pkcs1(master, 30).fields(Cipher::Ctr, SIZES);
    let either = |comment: &str, own: &[&str], fields: Fields| {
        EnvelopeTest::of(
            comment,
            own,
            master,
            Initiate,
            fields,
            Some(Outcome::Acceptable),
        )
    };
    let judged = |comment: &str, own: &[&str], fields: Fields| {
        EnvelopeTest::of(comment, own, master, Initiate, fields, None)
    };
    let key = value(&normal, KEY_HEADER).to_owned();
    let raw = pkcs1(master, 30).bytes(&KEY);
    let mut twice = normal.clone();
    twice.push((KEY_HEADER.to_owned(), key));
    twice.push((CEK_ALG.to_uppercase(), "AES/CTR/NoPadding".to_owned()));
    vec![
        either("the same headers twice", &["RepeatedHeader"], twice),
        either(
            "a description that is no JSON",
            &["DescriptionNotJson"],
            with(normal.clone(), MATDESC, "seed"),
        ),
        either(
            "a description with a number",
            &["DescriptionNotJson"],
            with(normal.clone(), MATDESC, "{\"key\":1}"),
        ),
        either(
            "a description that is a list",
            &["DescriptionNotJson"],
            with(normal.clone(), MATDESC, "[\"key\"]"),
        ),
        either(
            "the key in Base64 without padding",
            &["Base64Variant"],
            with(normal.clone(), KEY_HEADER, &BASE64_NOPAD.encode(&raw)),
        ),
        either(
            "the key in the alphabet for addresses",
            &["Base64Variant"],
            with(normal.clone(), KEY_HEADER, &BASE64URL.encode(&raw)),
        ),
        either(
            "the content cipher in lower case",
            &["AlgorithmCase"],
            with(normal.clone(), CEK_ALG, "aes/ctr/nopadding"),
        ),
        either(
            "the wrap algorithm in lower case",
            &["AlgorithmCase"],
            with(normal.clone(), WRAP_ALG, "rsa/none/pkcs1padding"),
        ),
        judged(
            "leading zeros in the data size",
            &[],
            with(normal.clone(), DATA_SIZE, "000250000"),
        ),
        judged(
            "leading zeros in the part size",
            &[],
            with(normal.clone(), PART_SIZE, "0102400"),
        ),
        judged(
            "a plus sign",
            &[],
            with(normal.clone(), DATA_SIZE, "+250000"),
        ),
        judged(
            "a data size of 2^63",
            &[],
            with(
                with(normal.clone(), DATA_SIZE, "9223372036854775808"),
                PART_SIZE,
                "922337203685477600",
            ),
        ),
        judged(
            "a data size of zero",
            &[],
            with(normal.clone(), DATA_SIZE, "0"),
        ),
        judged(
            "a part size that is no multiple of 16",
            &[],
            with(normal, PART_SIZE, "102401"),
        ),
    ]
}
