//! What a run has found so far.

use std::collections::BTreeMap;

use partproof_evidence::Cause;

use crate::finding::Finding;

/// Findings in the order in which they were met.
#[derive(Default)]
pub(super) struct Findings {
    pub(super) in_order: Vec<Finding>,
    /// By id, whether it is hardening, and cause.
    pub(super) by_id: BTreeMap<(String, bool, Option<Cause>), usize>,
}

impl Findings {
    /// Where the one of a violation is. Without evidence of a cause it may be any of its id.
    pub(super) fn of(&self, id: &str, hardening: bool, cause: Option<Cause>) -> Option<usize> {
        let of_id = (id.to_owned(), hardening, None);
        let mut same = self.by_id.range(of_id..);
        let is_same = |(key, _): &(&(String, bool, Option<Cause>), &usize)| {
            key.0 == id && key.1 == hardening && (cause.is_none() || key.2 == cause)
        };
        let mut same = same.by_ref().take_while(|(key, _)| key.0 == id);
        same.find(is_same).map(|(_, at)| *at)
    }

    /// Adds one. One of its id that was met before, and without evidence, was the same.
    pub(super) fn add(&mut self, mut finding: Finding, cause: Option<Cause>) -> usize {
        let key = |cause| (finding.id.clone(), finding.hardening, cause);
        let (vague, key) = (key(None), key(cause));
        let at = match self.by_id.remove(&vague) {
            None => {
                self.in_order.push(finding);
                self.in_order.len() - 1
            }
            Some(at) => {
                let before = &mut self.in_order[at];
                let laws = [before.law.clone()].into_iter();
                let laws = laws.chain(before.also.iter().cloned());
                finding.also = laws.filter(|law| *law != finding.law).collect();
                if finding.law == before.law {
                    finding.cases = before.cases;
                }
                *before = finding;
                at
            }
        };
        self.by_id.insert(key, at);
        at
    }
}
