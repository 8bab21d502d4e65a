//! Cases a second of each law, judged on the built-in client as a quick check does: drawing the case, the client's answer, the model's
//! answer and their comparison. It tells how many cases a minute of CI buys, and which law or model grew slow. It has no rival. A law
//! that does not hold, or misses a class of input, is not timed.

use partproof_benches::contest::{Bout, Contest, Work};
use partproof_benches::table::Amount;
use partproof_subjects::builtin;
use partproof_suite::{LAWS, Report, Verdict, check};

fn main() {
    let mut contest = Contest::new("laws");
    let subject = builtin::subject();
    for law in LAWS {
        contest.row(law.id, Amount::Elements(law.quick_cases), &[], || Bout {
            work: Judged(None),
            contenders: vec![Box::new(|Judged(report)| {
                *report = Some(check(&subject, |other| other.id == law.id));
            })],
        });
    }
    contest.finish();
}

struct Judged(Option<Report>);

impl Work for Judged {
    fn reset(&mut self) {
        self.0 = None;
    }

    fn check(&self) -> Result<(), String> {
        match &self.0 {
            Some(report) if report.verdict == Verdict::Conforms => Ok(()),
            other => Err(format!("expected a report that conforms, got {other:?}")),
        }
    }
}
