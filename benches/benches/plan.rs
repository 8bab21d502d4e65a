//! A plan of 10,000 parts, made and walked from the first part to the last. It has no rival: a plan is a few numbers, and what other
//! clients have is not a library to call. The figure is there to notice a regression.

use partproof_benches::contest::{Bout, Contest, Work};
use partproof_benches::table::Amount;
use partproof_client::{PREFERRED_PART_SIZE, Plan, PlannedPart};
use partproof_model as model;

const DATA_SIZE: u64 = PREFERRED_PART_SIZE * 10_000 - 1;

fn main() {
    let mut contest = Contest::new("plan");
    contest.row("10000 parts", Amount::Elements(10_000), &[], || Bout {
        work: Walked(Vec::with_capacity(10_000)),
        contenders: vec![Box::new(|Walked(parts)| {
            let plan = Plan::automatic(DATA_SIZE).expect("10,000 parts");
            parts.clear();
            parts.extend(plan.parts());
        })],
    });
    contest.finish();
}

struct Walked(Vec<PlannedPart>);

impl Work for Walked {
    fn reset(&mut self) {
        self.0.clear();
    }

    fn check(&self) -> Result<(), String> {
        let plan = model::Plan {
            data: model::DataSize::new(DATA_SIZE),
            part: model::PartSize::new(PREFERRED_PART_SIZE).expect("not zero"),
        };
        let expected = (1..=plan.count()).map(|number| {
            let slice = plan.slice(model::PartNumber::new(number)?)?;
            Some((number, slice.offset.bytes(), slice.length))
        });
        let given = |part: &PlannedPart| Some((part.number.into(), part.offset, part.length));
        if expected.clone().count() == 10_000 && expected.eq(self.0.iter().map(given)) {
            return Ok(());
        }
        Err(format!("{} parts, which are not the model's", self.0.len()))
    }
}
