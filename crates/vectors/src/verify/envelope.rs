//! Envelope codecs held to envelopes: what they read, what they must not read, and what they write.

use partproof_model::envelope::{DATA_SIZE, PART_SIZE};
use partproof_model::key_wrap::WrapAlg;
use partproof_model::{integer, rules};

use super::Can;
use crate::envelope::{CarrierValue, EnvelopeTest, Published, open};
use crate::file::Outcome;
use partproof_suite::law::Consequence::{DataLost, OtherClientCannotRead};
use partproof_suite::law::{Held, Unheld, refused_needlessly, violated};
use partproof_suite::subject::{EnvelopeCodec, PlainEnvelope, Subject};

/// The codec opens the envelope as the case has it, or refuses it; and what it writes, the model opens.
pub(super) fn opened(
    published: &Published,
    test: &EnvelopeTest,
    subject: &Subject<'_>,
    can: &mut Can,
) -> Held {
    let codec: &dyn EnvelopeCodec = subject.envelope_codec.ok_or(Unheld::NotDeclared)?;
    let plain = plain(test);
    if let Some(plain) = &plain {
        let has =
            codec.ciphers().contains(&plain.cipher) && codec.wrap_algs().contains(&plain.wrap_alg);
        if !has {
            return Err(Unheld::NotDeclared);
        }
    }
    let answer = codec.open(&published.pem, &test.headers);
    match (test.result, answer, plain) {
        (Outcome::Invalid, Err(refusal), _) => match can.opened_envelope {
            true => Ok(()),
            false => Err(Unheld::Refused(refusal)),
        },
        (Outcome::Invalid, Ok(opened), _) => misread(published, test, &opened),
        // The case may be one that only this reader takes: there is nothing to compare.
        (Outcome::Acceptable, Err(_), _) | (_, Ok(_), None) => Ok(()),
        (Outcome::Acceptable, Ok(opened), Some(plain)) => same(&plain, &opened),
        (Outcome::Valid, Err(refusal), _) => Err(refused_needlessly(
            rules::ENVELOPE_TOLERANT,
            "an open envelope",
        )(refusal)),
        (Outcome::Valid, Ok(opened), Some(plain)) => {
            same(&plain, &opened)?;
            can.opened_envelope = true;
            written(published, test.carrier, codec, &plain)
        }
    }
}

/// What the case says in the subject's terms; `None` if it says nothing.
fn plain(test: &EnvelopeTest) -> Option<PlainEnvelope> {
    Some(PlainEnvelope {
        cipher: test.cipher?.0,
        wrap_alg: WrapAlg::from_name(test.wrap_alg.as_ref()?.as_bytes())?,
        key: test.key.as_ref()?.array()?,
        start: test.start.as_ref()?.array()?,
        sizes: test.data_size.zip(test.part_size),
        description: test
            .description
            .clone()
            .unwrap_or_default()
            .into_iter()
            .collect(),
    })
}

/// A reader has no need of the sizes: where they are all that is wrong, it may open without them, or with the numbers that
/// stand there, but not with others.
fn misread(published: &Published, test: &EnvelopeTest, opened: &PlainEnvelope) -> Held {
    let sizes = [DATA_SIZE, PART_SIZE];
    let is_size = |name: &str| sizes.iter().any(|size| size.eq_ignore_ascii_case(name));
    let others: Vec<_> = test
        .headers
        .iter()
        .filter(|(name, _)| !is_size(name))
        .cloned()
        .collect();
    let literal = |wanted: &str| {
        let mut values = test
            .headers
            .iter()
            .filter(|(name, _)| name.eq_ignore_ascii_case(wanted));
        match (values.next(), values.next()) {
            (Some((_, value)), None) => integer::read(value.trim().as_bytes()).size(),
            _ => None,
        }
    };
    let literally = literal(DATA_SIZE).zip(literal(PART_SIZE));
    let sizes_only = open(&published.key, &others, CarrierValue::Put).is_ok();
    if sizes_only && (opened.sizes.is_none() || opened.sizes == literally) {
        return Ok(());
    }
    Err(violated(
        rules::ENVELOPE_STRICT,
        "opened although it is broken",
        DataLost,
        "a refusal",
        format!("{opened:?}"),
    ))
}

fn same(expected: &PlainEnvelope, opened: &PlainEnvelope) -> Held {
    let bare = |envelope: &PlainEnvelope| {
        (
            envelope.cipher,
            envelope.wrap_alg,
            envelope.key,
            envelope.start,
            envelope.sizes,
        )
    };
    // A size that no number here can hold is the reader's own affair.
    let same = match expected.sizes {
        Some(_) => bare(expected) == bare(opened),
        None => {
            bare(expected)
                == bare(&PlainEnvelope {
                    sizes: None,
                    ..opened.clone()
                })
        }
    };
    // Not every reader hands out the description.
    let mut described = opened.description.clone();
    described.sort();
    if same && (described.is_empty() || described == expected.description) {
        return Ok(());
    }
    Err(violated(
        rules::ENVELOPE_TOLERANT,
        "read as something else",
        DataLost,
        format!("{expected:?}"),
        format!("{opened:?}"),
    ))
}

/// What the codec writes for the same envelope, opened by the model.
fn written(
    published: &Published,
    carrier: CarrierValue,
    codec: &dyn EnvelopeCodec,
    plain: &PlainEnvelope,
) -> Held {
    let Ok(headers) = codec.seal(&published.pem, plain) else {
        // It reads what it does not write.
        return Ok(());
    };
    let wrong = |actual: String| {
        Err(violated(
            rules::ENVELOPE_COMPLETE,
            "another envelope is written",
            OtherClientCannotRead,
            format!("{plain:?}"),
            actual,
        ))
    };
    match open(&published.key, &headers, carrier) {
        Err(problem) => wrong(format!("headers that do not open: {problem}")),
        Ok((opened, _)) => {
            let opened = PlainEnvelope {
                cipher: opened.cipher,
                wrap_alg: opened.wrap_alg,
                key: opened.key,
                start: opened.start,
                sizes: opened.data_size.zip(opened.part_size),
                description: opened.description.unwrap_or_default().into_iter().collect(),
            };
            match opened == *plain {
                true => Ok(()),
                false => wrong(format!("{opened:?}")),
            }
        }
    }
}
