//! The verdict in a sentence: what the service said, why, and what to do first.

use super::{Diagnosis, Problem};

impl Diagnosis {
    /// What a tired person reads first.
    pub(super) fn headline(&self) -> String {
        if let Some(service) = self.foreign {
            return format!("This is {service}, not OSS: no rule of OSS is applied to it.");
        }
        let problems: Vec<&Problem> = self.all_problems().collect();
        let Some(first) = problems
            .iter()
            .find(|problem| problem.severity == "MUST")
            .or(problems.first())
        else {
            return self.without_problem();
        };
        let what = match first.ec {
            Some(ec) => format!("{ec}: {}", first.detail),
            None => first.detail.clone(),
        };
        let fix = first
            .fixes
            .first()
            .map(|fix| format!(" {fix}"))
            .unwrap_or_default();
        let end = if what.ends_with(['.', '!', '?']) {
            ""
        } else {
            "."
        };
        let more = match problems.len() {
            1 => String::new(),
            2 => " One more problem is below.".to_owned(),
            count => format!(" {} more problems are below.", count - 1),
        };
        format!("{what}{end}{fix}{more}")
    }

    fn without_problem(&self) -> String {
        let notes = || self.uploads.iter().flat_map(|upload| &upload.notes);
        if self.is_empty() {
            return "Nothing here is an upload to OSS, and nothing was refused.".to_owned();
        }
        if self.uploads.iter().any(|upload| upload.refused) {
            return "The service refused a request that went through when it was sent again; nothing else is wrong.".to_owned();
        }
        if self.is_undecided() {
            let masked = notes().any(|note| note.contains("masked"));
            return match masked {
                true => "Nothing wrong can be seen, but values are masked: counts and lengths were not judged.".to_owned(),
                false => "Nothing wrong can be seen, but not everything that it takes was captured: counts and lengths were not judged.".to_owned(),
            };
        }
        "Nothing wrong was found.".to_owned()
    }
}
