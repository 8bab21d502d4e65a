//! Laws of envelopes. The model wraps and unwraps with a library of its own under published test keys.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use data_encoding::BASE64;
use partproof_model::envelope::{self, Carrier};
use partproof_model::key_wrap::{MasterKey, WrapAlg};
use partproof_model::{Envelope, Headers, Question, rules};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use crate::case::envelope::{Breakage, BrokenEnvelopeCase, EnvelopeCase};
use crate::class::Class as C;
use crate::hex;
use crate::law::Consequence::{DataLost, OtherClientCannotRead, UploadRejected};
use crate::law::{Held, Law, On, Unheld, refused_needlessly, violated};
use crate::shown;
use crate::subject::{EnvelopeCodec, MasterKeyPem, PlainEnvelope};

/// The published test keys: see `keys/README.md`.
pub const MASTER: MasterKeyPem = MasterKeyPem {
    public: include_str!("../../keys/master.pub.pem"),
    private: include_str!("../../keys/master.pem"),
};
/// Another one, for envelopes that must not open.
pub const OTHER: MasterKeyPem = MasterKeyPem {
    public: include_str!("../../keys/other.pub.pem"),
    private: include_str!("../../keys/other.pem"),
};

static MODEL_MASTER: LazyLock<MasterKey> =
    LazyLock::new(|| MasterKey::from_pem(MASTER.private).expect("a published test key"));

/// An envelope that was written says what it should to any other reader.
pub static ENVELOPE_WRITTEN: Law = Law {
    id: "envelope-written",
    sentence: "An envelope that was written says what it should to any other reader.",
    rules: &[rules::ENVELOPE_COMPLETE, rules::WRAPPED_LENGTH],
    classes: &[
        C::Ctr,
        C::WrapPkcs1,
        C::WrapOaep,
        C::WithDescription,
        C::NonAsciiDescription,
    ],
    quick_cases: 250,
    on: &On::<dyn EnvelopeCodec, EnvelopeCase>(written),
};

fn written(codec: &dyn EnvelopeCodec, case: &EnvelopeCase) -> Held {
    declares(codec, case)?;
    let headers: Headers = codec
        .seal(&MASTER, &case.plain())
        .map_err(Unheld::Refused)?
        .into_iter()
        .collect();
    let written = Envelope::parse(&headers);
    let carrier = if case.sizes.is_some() {
        Carrier::Initiate
    } else {
        Carrier::Put
    };
    // The service's own integer rules have open sides; a writer has no reason to come near them.
    let objections = written.objections(carrier);
    if let Some(objection) = objections
        .into_iter()
        .find(|objection| objection.question != Some(Question::A9))
    {
        return Err(violated(
            objection.rule,
            "the service refuses the envelope",
            UploadRejected,
            objection.rule.sentence,
            objection.detail,
        ));
    }
    let broken = |symptom, expected: String, actual: String| {
        Err(violated(
            rules::ENVELOPE_COMPLETE,
            symptom,
            OtherClientCannotRead,
            expected,
            actual,
        ))
    };
    let names = [
        (envelope::CEK_ALG, &written.cek_alg, case.cipher.cek_alg()),
        (
            envelope::WRAP_ALG,
            &written.wrap_alg,
            case.wrap_alg().name(),
        ),
    ];
    for (name, value, expected) in names {
        if value
            .as_ref()
            .is_none_or(|value| value.bytes() != expected.as_bytes())
        {
            return broken(
                "another algorithm is named",
                format!("{name}: {expected}"),
                shown(&value.as_ref().map(ToString::to_string)),
            );
        }
    }
    let sizes = written
        .sizes()
        .map(|sizes| (sizes.data.bytes(), sizes.part.bytes()));
    if sizes != case.sizes {
        return broken(
            "other sizes are declared",
            shown(&case.sizes),
            shown(&sizes),
        );
    }
    for (name, value, expected) in [
        (envelope::KEY, &written.key, case.key.as_slice()),
        (envelope::START, &written.start, case.start.as_slice()),
    ] {
        let Some(value) = value else { continue };
        let Ok(wrapped) = BASE64.decode(value.bytes()) else {
            return broken(
                "a wrapped value is not Base64",
                format!("{name} in Base64"),
                // What is wrapped is another every time.
                format!("{} characters that are not", value.bytes().len()),
            );
        };
        match MODEL_MASTER.unwrap(case.wrap_alg(), &wrapped) {
            Ok(unwrapped) if unwrapped == expected => {}
            Ok(unwrapped) => {
                let (expected, actual) = (hex::text(expected), hex::text(&unwrapped));
                return Err(violated(
                    rules::WRAPPED_LENGTH,
                    "another value is wrapped",
                    DataLost,
                    format!("{name}: {expected}"),
                    actual,
                ));
            }
            Err(error) => {
                return broken(
                    "a wrapped value does not unwrap",
                    name.to_owned(),
                    error.to_string(),
                );
            }
        }
    }
    let description: BTreeMap<_, _> = case.plain().description.into_iter().collect();
    let expected = (!description.is_empty()).then(|| serde_json::json!(description));
    let actual = written
        .matdesc
        .as_ref()
        .map(|value| serde_json::from_slice::<serde_json::Value>(value.bytes()));
    match (expected, actual) {
        (None, None) => Ok(()),
        // Some clients write an empty object where others write nothing.
        (None, Some(Ok(value))) if value == serde_json::json!({}) => Ok(()),
        (Some(expected), Some(Ok(actual))) if expected == actual => Ok(()),
        (expected, actual) => broken(
            "another material description",
            shown(&expected),
            match actual {
                Some(Err(error)) => format!("no JSON: {error}"),
                Some(Ok(value)) => shown(&value),
                None => shown(&()),
            },
        ),
    }
}

/// An envelope that another client wrote is read, whatever the spelling of its headers.
pub static ENVELOPE_READ: Law = Law {
    id: "envelope-read",
    sentence: "An envelope that another client wrote is read, whatever the spelling of its headers.",
    rules: &[rules::ENVELOPE_TOLERANT],
    classes: &[
        C::Ctr,
        C::WrapPkcs1,
        C::WrapOaep,
        C::WithDescription,
        C::NonAsciiDescription,
        C::LiberalSpelling,
    ],
    quick_cases: 400,
    on: &On::<dyn EnvelopeCodec, EnvelopeCase>(read),
};

fn read(codec: &dyn EnvelopeCodec, case: &EnvelopeCase) -> Held {
    declares(codec, case)?;
    let headers = case.headers(&wrap(case, &case.key), &wrap(case, &case.start));
    let expected = case.plain();
    let sent = case.sent.as_ref();
    let master = match sent {
        Some(sent) if sent.other_key => OTHER,
        _ => MASTER,
    };
    let mut opened = match codec.open(&master, &headers) {
        Err(refusal) if sent.is_some_and(|sent| sent.may_be_refused) => {
            return Err(Unheld::Refused(refusal));
        }
        opened => opened.map_err(refused_needlessly(
            rules::ENVELOPE_TOLERANT,
            "an open envelope",
        ))?,
    };
    opened.description.sort();
    let same_description =
        opened.description.is_empty() || opened.description == expected.description;
    // No reader needs the sizes: who passes over them reads the rest.
    opened.sizes = opened.sizes.or(expected.sizes);
    let bare = |envelope: &PlainEnvelope| {
        (
            envelope.cipher,
            envelope.wrap_alg,
            envelope.key,
            envelope.start,
            envelope.sizes,
        )
    };
    if bare(&opened) == bare(&expected) && same_description {
        return Ok(());
    }
    Err(violated(
        rules::ENVELOPE_TOLERANT,
        "read as something else",
        DataLost,
        said(&expected),
        said(&opened),
    ))
}

/// What an envelope says, as a reader is shown it.
fn said(envelope: &PlainEnvelope) -> String {
    let PlainEnvelope {
        cipher,
        wrap_alg,
        key,
        start,
        sizes,
        description,
    } = envelope;
    format!(
        "{} under {}, key {}, start {}, sizes {}, description {}",
        cipher.cek_alg(),
        wrap_alg.name(),
        hex::text(key),
        hex::text(start),
        shown(sizes),
        shown(description)
    )
}

/// An envelope that is incomplete, unknown or unwraps to wrong lengths is refused.
pub static ENVELOPE_REFUSAL: Law = Law {
    id: "envelope-refusal",
    sentence: "An envelope that is incomplete, unknown or unwraps to wrong lengths is refused.",
    rules: &[rules::ENVELOPE_STRICT, rules::WRAPPED_LENGTH],
    classes: &[
        C::MissingHeader,
        C::WrongMasterKey,
        C::WrongWrappedLength,
        C::UnknownAlgorithm,
        C::BadValue,
    ],
    quick_cases: 1_000,
    on: &On::<dyn EnvelopeCodec, BrokenEnvelopeCase>(refusal),
};

fn refusal(codec: &dyn EnvelopeCodec, case: &BrokenEnvelopeCase) -> Held {
    let envelope = &case.envelope;
    declares(codec, envelope)?;
    let (mut key, mut start) = (envelope.key.to_vec(), envelope.start.to_vec());
    match case.breakage {
        Breakage::KeyLength(length) => key.resize(length.into(), 1),
        Breakage::StartLength(length) => start.resize(length.into(), 1),
        Breakage::Missing(_)
        | Breakage::Value(..)
        | Breakage::WrongMasterKey
        | Breakage::Sent { .. } => {}
    }
    let mut headers = envelope.headers(&wrap(envelope, &key), &wrap(envelope, &start));
    let mut master = MASTER;
    match &case.breakage {
        Breakage::Missing(missing) => {
            headers.retain(|(name, _)| !name.eq_ignore_ascii_case(missing))
        }
        Breakage::Value(broken, value) => {
            headers.retain(|(name, _)| !name.eq_ignore_ascii_case(broken));
            headers.push((broken.clone(), value.clone()));
        }
        Breakage::WrongMasterKey => master = OTHER,
        Breakage::Sent { .. } if envelope.sent.as_ref().is_some_and(|sent| sent.other_key) => {
            master = OTHER;
        }
        Breakage::KeyLength(_) | Breakage::StartLength(_) | Breakage::Sent { .. } => {}
    }
    let Ok(opened) = codec.open(&master, &headers) else {
        return Ok(());
    };
    // A reader has no need of the sizes: it may pass over one that it cannot read, but not make one up.
    let size_header = matches!(&case.breakage, Breakage::Value(name, _) if name.ends_with("-size"));
    let sizes_only = matches!(case.breakage, Breakage::Sent { sizes_only: true });
    let as_they_stand = sizes_only && opened.sizes == envelope.sizes;
    if (size_header || sizes_only) && opened.sizes.is_none() || as_they_stand {
        return Ok(());
    }
    let rule = match case.breakage {
        Breakage::KeyLength(_) | Breakage::StartLength(_) => rules::WRAPPED_LENGTH,
        Breakage::Missing(_)
        | Breakage::Value(..)
        | Breakage::WrongMasterKey
        | Breakage::Sent { .. } => rules::ENVELOPE_STRICT,
    };
    let symptom = match &case.breakage {
        Breakage::Missing(_) => "opened without a header it needs",
        Breakage::Value(name, _) if name.ends_with("-alg") => "opened with an unknown algorithm",
        Breakage::Value(..) => "opened with a broken value",
        Breakage::KeyLength(_) => "opened with a key of another length",
        Breakage::StartLength(_) => "opened with a start of another length",
        Breakage::WrongMasterKey => "opened under another master key",
        Breakage::Sent { .. } => "opened although it is broken",
    };
    Err(violated(
        rule,
        symptom,
        DataLost,
        "a refusal",
        match case.breakage {
            Breakage::Sent { .. } => said(&opened),
            _ => format!("opened after {}", shown(&case.breakage)),
        },
    ))
}

fn declares(codec: &dyn EnvelopeCodec, case: &EnvelopeCase) -> Held {
    match codec.ciphers().contains(&case.cipher) && codec.wrap_algs().contains(&case.wrap_alg()) {
        true => Ok(()),
        false => Err(Unheld::NotDeclared),
    }
}

/// Wraps under the test master key, in Base64. The padding is drawn from the case, so that a case is the same each time.
pub fn wrap(case: &EnvelopeCase, bytes: &[u8]) -> String {
    let mut rng = ChaCha8Rng::from_seed(case.key);
    let algorithm: WrapAlg = case.wrap_alg();
    let wrapped = MODEL_MASTER
        .wrap(algorithm, &mut rng, bytes)
        .expect("at most 48 bytes under a key of 2,048 bits");
    BASE64.encode(&wrapped)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_test_keys_are_keys() {
        for pem in [MASTER.public, MASTER.private, OTHER.public, OTHER.private] {
            MasterKey::from_pem(pem).unwrap();
        }
    }
}
