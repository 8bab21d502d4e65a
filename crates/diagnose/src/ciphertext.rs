//! Whether the captured bytes are the right ones. Each part is held against everything the capture says of it: the digests
//! on its own request, what the service returned for it, its ETag in the part list, the object as it was read back, and,
//! with the master key, what it decrypts to.

mod part;
mod read;

use std::collections::{BTreeMap, HashMap};

use data_encoding::BASE64;
use partproof_model::cipher::{self, gcm_object};
use partproof_model::envelope::DeclaredSizes;
use partproof_model::key_wrap::WrapAlg;
use partproof_model::part_list::ListedPart;
use partproof_model::{Cipher, ContentKey, Envelope, Layout, Plan, Rejection, Start, rules};

use self::part::PartCheck;
use self::read::Read;
use super::exchange::whole_body;
use super::masked::is_masked;
use super::upload::CapturedUpload;
use super::{Evidence, MasterKey, Parts, Problem};
use crate::capture::Source;

/// What came of it.
#[derive(Debug, Default)]
pub(super) struct Checked {
    pub(super) problems: Vec<Problem>,
    /// A line a part that was verified.
    pub(super) verified: Vec<String>,
    pub(super) notes: Vec<String>,
    pub(super) all_parts: bool,
    /// Parts for whose bytes nothing vouches.
    unvouched: Vec<u64>,
    /// What the master key opened.
    opened: Option<String>,
}

/// The unwrapped content key and what it takes to use it.
struct Opened {
    cipher: Cipher,
    key: ContentKey,
    start: Start,
}

/// Verifies every captured part.
pub(super) fn verify(
    captured: &CapturedUpload<'_>,
    envelope: &Envelope,
    place: Option<&Source>,
    listed: &[ListedPart],
    evidence: &Evidence,
) -> Checked {
    let mut checked = Checked::default();
    let opened = match (&evidence.master_key, place) {
        (Some(master), Some(place)) => open(
            master,
            envelope,
            place,
            evidence.plaintext.as_deref(),
            &mut checked,
        ),
        (Some(_), None) => {
            checked.notes.push(
                "no message shows an envelope: there is nothing the master key could open"
                    .to_owned(),
            );
            None
        }
        (None, _) => None,
    };
    let verified_key = checked.opened.take();
    let Some(sizes) = envelope.sizes() else {
        checked.verified.extend(verified_key);
        return checked;
    };
    if let (Some(plaintext), Some(opened), Some(place)) = (&evidence.plaintext, &opened, place) {
        let declared = layout(opened.cipher, sizes).map(|layout| layout.plaintext());
        let given = u64::try_from(plaintext.len()).ok();
        if declared.is_some() && declared != given {
            let detail = format!(
                "the plaintext given has {} bytes, the declared sizes are for {}",
                plaintext.len(),
                declared.unwrap_or_default()
            );
            checked.problems.push(Problem::new(
                rules::DECLARED_SIZES,
                place,
                detail,
                Vec::new(),
            ));
        }
    }
    let plan = Plan {
        data: sizes.data,
        part: sizes.part,
    };
    // Of a number that is listed twice, the first counts.
    let listed: HashMap<u64, &str> = listed
        .iter()
        .rev()
        .map(|part| (part.number, part.etag.as_str()))
        .collect();
    let parts = captured.last_of_each();
    let mut parts: BTreeMap<u64, PartCheck<'_>> = parts
        .iter()
        .filter_map(|(number, exchange)| {
            let body = whole_body(exchange.request)?;
            Some((*number, PartCheck::new(*number, exchange, body)))
        })
        .collect();
    for part in parts.values_mut() {
        part.digests(listed.get(&part.number).copied());
    }
    for read in captured
        .reads
        .iter()
        .filter_map(|read| Read::of(read, plan))
    {
        for part in parts.range_mut(read.parts(plan)).map(|(_, part)| part) {
            part.read_back(&read, plan);
        }
    }
    let bodies: BTreeMap<u64, &[u8]> = parts
        .values()
        .map(|part| (part.number, part.body))
        .collect();
    for mut part in parts.into_values() {
        if let Some(opened) = &opened {
            part.decrypt(opened, sizes, evidence.plaintext.as_deref());
        }
        part.conclude(&mut checked);
    }
    if !checked.unvouched.is_empty() {
        checked.notes.push(format!(
            "nothing in the capture vouches for the bytes of {}; `--plaintext FILE` would",
            Parts(&checked.unvouched)
        ));
    }
    if let Some(opened) = opened.filter(|opened| opened.cipher == Cipher::GcmObject) {
        open_gcm_object(&opened, sizes, &bodies, place, &mut checked);
    }
    let whole = u64::try_from(bodies.len()).is_ok_and(|bodies| bodies == plan.count());
    let locked = evidence.master_key.is_some() && verified_key.is_none();
    checked.all_parts =
        whole && checked.verified.len() == bodies.len() && !bodies.is_empty() && !locked;
    checked.verified.splice(0..0, verified_key);
    if evidence.master_key.is_some() && !whole {
        checked.notes.push(format!(
            "{} of {} part bodies were captured whole",
            bodies.len(),
            plan.count()
        ));
    }
    checked
}

/// Unwraps the content key and the start.
fn open(
    master: &MasterKey,
    envelope: &Envelope,
    place: &Source,
    plaintext: Option<&[u8]>,
    checked: &mut Checked,
) -> Option<Opened> {
    let (Some(key), Some(start)) = (&envelope.key, &envelope.start) else {
        checked.notes.push(format!(
            "{place}: no wrapped key and start: there is nothing the master key could open"
        ));
        return None;
    };
    if [key, start]
        .iter()
        .any(|value| is_masked(&String::from_utf8_lossy(value.bytes())))
    {
        checked.notes.push(format!(
            "{place}: the wrapped key or start is masked: the master key cannot open it"
        ));
        return None;
    }
    let name = |value: &Option<partproof_model::headers::HeaderValue>| {
        value
            .as_ref()
            .map(|value| value.to_string())
            .unwrap_or_default()
    };
    let (cek_alg, wrap_alg) = (name(&envelope.cek_alg), name(&envelope.wrap_alg));
    let (Some(cipher), Some(wrap)) = (
        Cipher::from_cek_alg(cek_alg.as_bytes()),
        WrapAlg::from_name(wrap_alg.as_bytes()),
    ) else {
        checked.notes.push(format!(
            "{place}: {cek_alg:?} wrapped with {wrap_alg:?} is nothing this model can open"
        ));
        return None;
    };
    let unwrap = |what: &str, value: &[u8]| -> Result<Vec<u8>, String> {
        let wrapped = BASE64
            .decode(value)
            .map_err(|error| format!("the wrapped {what} is not Base64: {error}"))?;
        master
            .unwrap(wrap, &wrapped)
            .map_err(|error| format!("the wrapped {what}: {error}"))
    };
    let opened = (|| {
        let key = unwrap("key", key.bytes())?;
        let start = unwrap("start", start.bytes())?;
        let rejected = |rejection: Rejection| rejection.detail;
        Ok(Opened {
            cipher,
            key: cipher::content_key(&key).map_err(rejected)?,
            start: cipher::start(&start).map_err(rejected)?,
        })
    })();
    match opened {
        Ok(opened) => {
            let wrap = wrap.name();
            checked.opened = Some(format!(
                "content key of 32 bytes and start of 16 bytes, unwrapped with {wrap} ({place})"
            ));
            if cipher == Cipher::Ctr && plaintext.is_none() {
                checked.notes.push("counter mode has no tag: that the bytes decrypt to the right plaintext only `--plaintext FILE` can show".to_owned());
            }
            Some(opened)
        }
        Err(problem) => {
            let problem: String = problem;
            let fixes =
                vec!["Check that this is the master key the upload was made with.".to_owned()];
            checked
                .problems
                .push(Problem::new(rules::WRAPPED_LENGTH, place, problem, fixes));
            None
        }
    }
}

/// The layout that declares these sizes.
fn layout(cipher: Cipher, sizes: DeclaredSizes) -> Option<Layout> {
    let (data, count) = (sizes.data.bytes(), sizes.count());
    let tags = match cipher {
        Cipher::Ctr => 0,
        Cipher::GcmObject => 16,
        Cipher::GcmPart => count.checked_mul(16)?,
    };
    Layout::new(cipher, data.checked_sub(tags)?, sizes.part)
        .ok()
        .filter(|layout| layout.wire().data == sizes.data)
}

/// The tag of a GCM object vouches for all parts at once.
fn open_gcm_object(
    opened: &Opened,
    sizes: DeclaredSizes,
    bodies: &BTreeMap<u64, &[u8]>,
    place: Option<&Source>,
    checked: &mut Checked,
) {
    let joined: Vec<u8> = bodies.values().copied().flatten().copied().collect();
    let (Some(place), true) = (place, u64::try_from(joined.len()) == Ok(sizes.data.bytes())) else {
        return;
    };
    match gcm_object::open(opened.key, opened.start, &joined) {
        Ok(_) => checked
            .notes
            .push("the authentication tag of the whole object is right".to_owned()),
        Err(rejection) => {
            let fixes = vec!["Upload again: some part is not what was sealed.".to_owned()];
            checked
                .problems
                .push(Problem::new(rejection.rule, place, rejection.detail, fixes));
        }
    }
}
