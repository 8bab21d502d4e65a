//! Envelopes that must not be taken for one, nor for plaintext.

use super::*;

pub(super) fn incomplete(master: &MasterKey) -> Vec<EnvelopeTest> {
    let normal = pkcs1(master, 40).fields(Cipher::Ctr, SIZES);
    let put = pkcs1(master, 41).fields(Cipher::Ctr, None);
    let of = |comment: &str, own: &[&str], carrier, fields| {
        EnvelopeTest::of(comment, own, master, carrier, fields, None)
    };
    let mut tests = Vec::new();
    for (name, flag) in [
        (KEY_HEADER, "KeyMissing"),
        (START_HEADER, "StartMissing"),
        (CEK_ALG, "CekAlgMissing"),
        (WRAP_ALG, "WrapAlgMissing"),
    ] {
        tests.push(of(
            &format!("{name} is absent"),
            &[flag],
            Initiate,
            without(normal.clone(), name),
        ));
        tests.push(of(
            &format!("{name} is absent, of a single put"),
            &[flag],
            Put,
            without(put.clone(), name),
        ));
        tests.push(of(
            &format!("{name} is empty"),
            &[flag],
            Initiate,
            with(normal.clone(), name, ""),
        ));
    }
    tests.push(of(
        "data-size is absent",
        &["DataSizeMissing", "SizeOnly"],
        Initiate,
        without(normal.clone(), DATA_SIZE),
    ));
    tests.push(of(
        "part-size is absent",
        &["PartSizeMissing", "SizeOnly"],
        Initiate,
        without(normal.clone(), PART_SIZE),
    ));
    tests.push(of(
        "both sizes are absent",
        &["DataSizeMissing", "PartSizeMissing", "SizeOnly"],
        Initiate,
        put,
    ));
    let mut renamed = normal.clone();
    for (name, _) in &mut renamed {
        *name = name.replace("x-oss-meta-client-side-encryption-", "x-oss-meta-");
    }
    tests.push(of(
        "no header of an envelope",
        &["PlainHeaders"],
        Initiate,
        renamed,
    ));
    let mut fields = normal.clone();
    fields.truncate(0);
    tests.push(of("no header at all", &["PlainHeaders"], Initiate, fields));
    for text in [
        "9x5.2",
        "1e6",
        "1.0",
        "0x3e8",
        "1 000",
        "1,000",
        "twelve",
        "250000 bytes",
        "18446744073709551616",
        "\u{ff11}\u{ff10}\u{ff10}",
        "--5",
    ] {
        tests.push(of(
            &format!("data size {text:?}"),
            &["DataSizeNotInteger", "SizeOnly"],
            Initiate,
            with(normal.clone(), DATA_SIZE, text),
        ));
    }
    for text in ["9x5.2", "1e6", "102400.0", "102400x"] {
        tests.push(of(
            &format!("part size {text:?}"),
            &["PartSizeNotInteger", "SizeOnly"],
            Initiate,
            with(normal.clone(), PART_SIZE, text),
        ));
    }
    tests.push(of(
        "10,001 parts",
        &["TooManyParts", "SizeOnly"],
        Initiate,
        with(with(normal, DATA_SIZE, "160001"), PART_SIZE, "16"),
    ));
    tests
}

pub(super) fn broken(master: &MasterKey, other: &MasterKey) -> Vec<EnvelopeTest> {
    let of = |comment: &str, own: &[&str], fields| {
        EnvelopeTest::of(comment, own, master, Initiate, fields, None)
    };
    let normal = pkcs1(master, 50).fields(Cipher::Ctr, SIZES);
    let (key, start) = (value(&normal, KEY_HEADER), value(&normal, START_HEADER));
    let mut tests = Vec::new();
    for name in [
        "AES/CBC/PKCS5Padding",
        "AES/CTR/NoPadding2",
        "AES/CTR",
        "AES",
        "none",
        "KMS/ALICLOUD",
    ] {
        tests.push(of(
            &format!("content cipher {name}"),
            &["UnknownCipher"],
            with(normal.clone(), CEK_ALG, name),
        ));
    }
    for name in [
        "KMS/ALICLOUD",
        "RSA/NONE/OAEPWithSHA-256AndMGF1Padding",
        "RSA/NONE/NoPadding",
        "rsa",
        "none",
    ] {
        tests.push(of(
            &format!("wrap algorithm {name}"),
            &["UnknownWrap"],
            with(normal.clone(), WRAP_ALG, name),
        ));
    }
    for header in [KEY_HEADER, START_HEADER] {
        for text in ["!!!!", "AAAA", "AAA", "****", "not base64", "{}"] {
            tests.push(of(
                &format!("{header} is {text:?}"),
                &["BrokenBase64"],
                with(normal.clone(), header, text),
            ));
        }
        let right = value(&normal, header);
        tests.push(of(
            &format!("{header} lacks its first character"),
            &["BrokenBase64"],
            with(normal.clone(), header, &right[1..]),
        ));
        tests.push(of(
            &format!("{header} in Base64 twice"),
            &["DoubleBase64"],
            with(normal.clone(), header, &BASE64.encode(right.as_bytes())),
        ));
    }
    tests.push(of(
        "the key is not wrapped",
        &["NotWrapped"],
        with(normal.clone(), KEY_HEADER, &BASE64.encode(&KEY)),
    ));
    tests.push(of(
        "the start is not wrapped",
        &["NotWrapped"],
        with(normal.clone(), START_HEADER, &BASE64.encode(&START)),
    ));
    tests.push(of(
        "key and start are swapped",
        &["KeyAndStartSwapped"],
        with(with(normal.clone(), KEY_HEADER, start), START_HEADER, key),
    ));
    for length in [0, 1, 16, 24, 31, 33, 48] {
        let wrapped = pkcs1(master, 51).base64(&vec![7; length]);
        tests.push(of(
            &format!("a wrapped key of {length} bytes"),
            &["KeyLength"],
            with(normal.clone(), KEY_HEADER, &wrapped),
        ));
    }
    for length in [0, 8, 12, 15, 17, 32] {
        let wrapped = pkcs1(master, 52).base64(&vec![7; length]);
        tests.push(of(
            &format!("a wrapped start of {length} bytes"),
            &["StartLength"],
            with(normal.clone(), START_HEADER, &wrapped),
        ));
    }
    let wrapped = oaep(master, 53).base64(&[7; 16]);
    tests.push(of(
        "a key of 16 bytes, OAEP",
        &["KeyLength", "Oaep"],
        with(
            oaep(master, 53).fields(Cipher::Ctr, SIZES),
            KEY_HEADER,
            &wrapped,
        ),
    ));
    let bytes = pkcs1(master, 50).bytes(&KEY);
    for (bytes, what) in [
        (bytes[..255].to_vec(), "255 wrapped bytes"),
        ([bytes.as_slice(), &[0]].concat(), "257 wrapped bytes"),
        (
            [&[0], bytes.as_slice()].concat(),
            "257 wrapped bytes, the first of them zero",
        ),
        (vec![0xff; 256], "a wrapped key above the modulus"),
        (bytes[..128].to_vec(), "half of the wrapped bytes"),
    ] {
        tests.push(of(
            what,
            &["WrappedLength"],
            with(normal.clone(), KEY_HEADER, &BASE64.encode(&bytes)),
        ));
    }
    let refused = |wrapping: &dyn Fn(u64) -> Fields, algorithm: WrapAlg, first: u64| {
        certainly_refused(master, wrapping, algorithm, first)
    };
    tests.push(of(
        "wrapped under another master key",
        &["WrongMasterKey"],
        refused(
            &|seed| pkcs1(other, seed).fields(Cipher::Ctr, SIZES),
            WrapAlg::Pkcs1,
            60,
        ),
    ));
    tests.push(of(
        "wrapped under another master key, another time",
        &["WrongMasterKey"],
        refused(
            &|seed| pkcs1(other, seed).fields(Cipher::Ctr, SIZES),
            WrapAlg::Pkcs1,
            70,
        ),
    ));
    tests.push(of(
        "wrapped under another master key, of a put",
        &["WrongMasterKey"],
        refused(
            &|seed| pkcs1(other, seed).fields(Cipher::Ctr, None),
            WrapAlg::Pkcs1,
            80,
        )
        .into_iter()
        .chain([
            (DATA_SIZE.to_owned(), "3".to_owned()),
            (PART_SIZE.to_owned(), "16".to_owned()),
        ])
        .collect(),
    ));
    tests.push(of(
        "wrapped under another master key, OAEP",
        &["WrongMasterKey", "Oaep"],
        oaep(other, 90).fields(Cipher::Ctr, SIZES),
    ));
    tests.push(of(
        "wrapped with PKCS#1 v1.5, named OAEP",
        &["WrongPadding"],
        with(normal.clone(), WRAP_ALG, WrapAlg::OaepSha1.name()),
    ));
    tests.push(of(
        "wrapped with OAEP, named PKCS#1 v1.5",
        &["WrongPadding"],
        refused(
            &|seed| {
                with(
                    oaep(master, seed).fields(Cipher::Ctr, SIZES),
                    WRAP_ALG,
                    WrapAlg::Pkcs1.name(),
                )
            },
            WrapAlg::Pkcs1,
            100,
        ),
    ));
    let mut flipped = oaep(master, 110).bytes(&KEY);
    flipped[100] ^= 4;
    tests.push(of(
        "a flipped bit in the wrapped key, OAEP",
        &["WrongMasterKey", "Oaep"],
        with(
            oaep(master, 110).fields(Cipher::Ctr, SIZES),
            KEY_HEADER,
            &BASE64.encode(&flipped),
        ),
    ));
    for (name, text) in [
        (CEK_ALG, "AES/GCM/NoPadding"),
        (WRAP_ALG, "RSA/NONE/OAEPWithSHA-1AndMGF1Padding"),
        (PART_SIZE, "204800"),
        (KEY_HEADER, "AAAA"),
    ] {
        let mut fields = normal.clone();
        fields.push((name.to_owned(), text.to_owned()));
        let own: &[&str] = match name {
            PART_SIZE => &["ContradictoryHeaders", "SizeOnly"],
            _ => &["ContradictoryHeaders"],
        };
        tests.push(of(&format!("{name} twice, with two values"), own, fields));
    }
    tests
}

/// The first of these envelopes of which the unwrapped lengths are wrong: which bytes an implicit rejection returns is
/// fixed by key and ciphertext, so once right is always right.
fn certainly_refused(
    master: &MasterKey,
    wrapping: &dyn Fn(u64) -> Fields,
    algorithm: WrapAlg,
    first: u64,
) -> Fields {
    let length = |fields: &Fields, name: &str| {
        let wrapped = BASE64.decode(value(fields, name).as_bytes()).ok()?;
        Some(master.unwrap(algorithm, &wrapped).ok()?.len())
    };
    (first..)
        .map(wrapping)
        .find(|fields| {
            length(fields, KEY_HEADER) != Some(32) && length(fields, START_HEADER) != Some(16)
        })
        .expect("nearly every envelope is one")
}
