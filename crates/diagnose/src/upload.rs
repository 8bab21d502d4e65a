//! Rebuilding uploads: which Initiate, parts, lists and Complete belong together, although the upload id may be on some of
//! them only, masked, or nowhere.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::exchange::{Captured, Exchange, Operation, headers, masked, whole_body};
use super::masked::is_masked;
use crate::capture::Message;
use partproof_model::Envelope;

/// One upload as captured.
#[derive(Clone, Debug, Default)]
pub(super) struct CapturedUpload<'a> {
    pub(super) object: String,
    pub(super) id: Option<String>,
    pub(super) initiate: Option<Exchange<'a>>,
    /// UploadPart requests in their order, retries included.
    pub(super) parts: Vec<(Option<String>, Exchange<'a>)>,
    pub(super) completes: Vec<Exchange<'a>>,
    /// What else was asked of it: lists of its parts, and its end.
    pub(super) further: Vec<Exchange<'a>>,
    /// GETs of the finished object.
    pub(super) reads: Vec<Exchange<'a>>,
}

/// Everything a capture holds.
#[derive(Debug, Default)]
pub(super) struct Rebuilt<'a> {
    pub(super) uploads: Vec<CapturedUpload<'a>>,
    pub(super) others: Vec<Captured<'a>>,
    pub(super) notes: Vec<String>,
}

impl<'a> CapturedUpload<'a> {
    /// The envelope of the upload: of its Initiate or, where that was not captured, of the first message that repeats it.
    pub(super) fn envelope(&self) -> Option<(Envelope, &'a Message)> {
        let initiate = self.initiate.iter().map(|exchange| exchange.request);
        let parts = self.parts.iter().map(|(_, exchange)| exchange.request);
        let completes = self.completes.iter().map(|exchange| exchange.request);
        let reads = self.reads.iter().filter_map(|exchange| exchange.response);
        initiate
            .chain(parts)
            .chain(completes)
            .chain(reads)
            .map(|message| (Envelope::parse(&headers(message)), message))
            .find(|(envelope, message)| envelope.is_present() || !masked(message).is_empty())
    }

    fn exchanges(&self) -> impl Iterator<Item = &Exchange<'a>> {
        let parts = self.parts.iter().map(|(_, exchange)| exchange);
        self.initiate.iter().chain(parts).chain(&self.completes)
    }

    /// Every request of it.
    pub(super) fn messages(&self) -> impl Iterator<Item = &'a Message> {
        self.exchanges().map(|exchange| exchange.request)
    }

    /// Every request of it that the service accepted.
    pub(super) fn accepted(&self) -> impl Iterator<Item = &'a Message> {
        let accepted = self.exchanges();
        let accepted = accepted.filter(|exchange| exchange.succeeded() == Some(true));
        accepted.map(|exchange| exchange.request)
    }

    /// How many part numbers were sent, whatever came of them.
    pub(super) fn distinct_parts(&self) -> u64 {
        let numbers: BTreeSet<_> = self.parts.iter().map(|(number, _)| number).collect();
        u64::try_from(numbers.len()).unwrap_or(u64::MAX)
    }

    /// The last exchange of each part number that the service did not refuse.
    pub(super) fn last_of_each(&self) -> BTreeMap<u64, &Exchange<'a>> {
        self.parts
            .iter()
            .filter(|(_, exchange)| exchange.succeeded() != Some(false))
            .filter(|(_, exchange)| matches!(exchange.operation, Operation::UploadPart { .. }))
            .filter_map(|(number, exchange)| Some((number.as_ref()?.parse().ok()?, exchange)))
            .collect()
    }
}

/// Sorts exchanges into uploads.
pub(super) fn rebuild<'a>(captured: &[Captured<'a>]) -> Rebuilt<'a> {
    let mut rebuilt = Rebuilt::default();
    let mut objects: HashMap<String, UploadsOfObject> = HashMap::new();
    for item in captured {
        let Captured::Exchange(exchange) = item else {
            rebuilt.others.push(item.clone());
            continue;
        };
        let object = exchange.object();
        match &exchange.operation {
            Operation::Initiate => {
                let id = exchange.response.and_then(whole_body).and_then(upload_id);
                let known = objects.entry(object.clone()).or_default();
                known.add(rebuilt.uploads.len(), id.as_deref());
                rebuilt.uploads.push(CapturedUpload {
                    object,
                    id,
                    initiate: Some(exchange.clone()),
                    ..CapturedUpload::default()
                });
            }
            Operation::UploadPart { id, .. }
            | Operation::UploadPartCopy { id, .. }
            | Operation::Complete { id }
            | Operation::ListParts { id }
            | Operation::Abort { id } => {
                let known = objects.entry(object.clone()).or_default();
                let at = known.find(id).unwrap_or_else(|| {
                    let at = rebuilt.uploads.len();
                    known.add(at, None);
                    rebuilt.uploads.push(CapturedUpload {
                        object,
                        ..CapturedUpload::default()
                    });
                    at
                });
                let upload = &mut rebuilt.uploads[at];
                if upload.id.as_deref().is_none_or(is_masked) {
                    known.rename(at, upload.id.as_deref(), id);
                    upload.id = Some(id.clone());
                }
                match &exchange.operation {
                    Operation::UploadPart { number, .. }
                    | Operation::UploadPartCopy { number, .. } => {
                        upload.parts.push((number.clone(), exchange.clone()));
                    }
                    Operation::Complete { .. } => {
                        upload.completes.push(exchange.clone());
                        known.last_completed = known.last_completed.max(Some(at));
                    }
                    _ => upload.further.push(exchange.clone()),
                }
            }
            Operation::Get => match objects.get(&object).and_then(|known| known.last_completed) {
                Some(at) => rebuilt.uploads[at].reads.push(exchange.clone()),
                None => rebuilt.others.push(item.clone()),
            },
            Operation::Put | Operation::Copy | Operation::Other => {
                rebuilt.others.push(item.clone())
            }
        }
    }
    join(&mut rebuilt);
    rebuilt
}

/// A list of parts by itself is that of the only upload there is.
fn join(rebuilt: &mut Rebuilt<'_>) {
    let [one, other] = rebuilt.uploads.as_slice() else {
        return;
    };
    let is_bare = |upload: &CapturedUpload<'_>| {
        upload.object.is_empty() && upload.initiate.is_none() && upload.parts.is_empty()
    };
    let waits =
        |upload: &CapturedUpload<'_>| upload.initiate.is_some() && upload.completes.is_empty();
    let (from, to) = match (is_bare(one), is_bare(other)) {
        (true, false) if waits(other) => (0, 1),
        (false, true) if waits(one) => (1, 0),
        _ => return,
    };
    let completes = std::mem::take(&mut rebuilt.uploads[from].completes);
    let places: Vec<_> = completes
        .iter()
        .map(|list| list.source().to_string())
        .collect();
    rebuilt.notes.push(format!(
        "{}: taken for the list of {}, the only upload of the capture",
        places.join(", "),
        rebuilt.uploads[to].object
    ));
    rebuilt.uploads[to].completes = completes;
    rebuilt.uploads.remove(from);
}

/// The uploads of one object by their places among all, so that a message finds its own without a look at every other.
#[derive(Debug, Default)]
struct UploadsOfObject {
    /// By id, masked ones too; the latest is last.
    by_id: HashMap<String, Vec<usize>>,
    /// Those without an id, or with a masked one: any id may be theirs.
    open: Vec<usize>,
    last: Option<usize>,
    last_completed: Option<usize>,
}

impl UploadsOfObject {
    fn add(&mut self, at: usize, id: Option<&str>) {
        if let Some(id) = id {
            self.by_id.entry(id.to_owned()).or_default().push(at);
        }
        if id.is_none_or(is_masked) {
            self.open.push(at);
        }
        self.last = Some(at);
    }

    /// The upload of this id: the last that has it, else the last that may have it.
    fn find(&self, id: &str) -> Option<usize> {
        let exact = self.by_id.get(id).and_then(|uploads| uploads.last());
        let possible = match is_masked(id) {
            true => self.last,
            false => self.open.last().copied(),
        };
        exact.copied().or(possible)
    }

    /// The open upload at this place, which [`Self::find`] gave, has this id from now on. As the last of the open ones it is the last of
    /// those with its former id.
    fn rename(&mut self, at: usize, from: Option<&str>, to: &str) {
        if from == Some(to) {
            return;
        }
        if let Some(uploads) = from.and_then(|from| self.by_id.get_mut(from)) {
            debug_assert_eq!(uploads.last(), Some(&at), "a masked id is open");
            uploads.pop();
        }
        self.by_id.entry(to.to_owned()).or_default().push(at);
        if !is_masked(to) {
            debug_assert_eq!(self.open.last(), Some(&at), "the last open one was found");
            self.open.pop();
        }
    }
}

/// The upload id of an Initiate's answer.
fn upload_id(body: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(body).ok()?;
    let (_, rest) = text.split_once("<UploadId>")?;
    let (id, _) = rest.split_once("</UploadId>")?;
    Some(id.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Ids of which some are masked, one is so in another way, and most are met more than once.
    const IDS: [&str; 6] = ["A1", "A2", "B1", "A***", "***2", "****"];

    #[derive(Clone, Debug)]
    enum Step {
        Initiate(Option<&'static str>),
        Message(&'static str),
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let id = || prop::sample::select(&IDS[..]);
        let step = prop_oneof![
            prop::option::of(id()).prop_map(Step::Initiate),
            id().prop_map(Step::Message),
        ];
        prop::collection::vec(step, 0..30)
    }

    proptest! {
        #[test]
        fn a_message_finds_the_upload_that_a_look_at_every_one_finds(steps in steps()) {
            let (mut known, mut ids) = (UploadsOfObject::default(), Vec::<Option<&str>>::new());
            for step in steps {
                let id = match step {
                    Step::Initiate(id) => {
                        known.add(ids.len(), id);
                        ids.push(id);
                        continue;
                    }
                    Step::Message(id) => id,
                };
                let same = |held: &str| held == id || is_masked(held) || is_masked(id);
                let expected = ids
                    .iter()
                    .rposition(|held| *held == Some(id))
                    .or_else(|| ids.iter().rposition(|held| held.is_none_or(same)));
                let found = known.find(id);
                prop_assert_eq!(found, expected, "{} among {:?}", id, ids);
                let at = found.unwrap_or_else(|| {
                    known.add(ids.len(), None);
                    ids.push(None);
                    ids.len() - 1
                });
                if ids[at].is_none_or(is_masked) {
                    known.rename(at, ids[at], id);
                    ids[at] = Some(id);
                }
            }
        }
    }
}
