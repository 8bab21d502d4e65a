//! Times two versions of a client beside each other. Who is slower by more than the machine's own noise is told, and nobody else.
//!
//! Pieces are timed in the loop, by the subject itself ([`workload`](Row): what is timed), whole clients against an emulator of their own. What came out
//! is verified each time. `docs/BENCH.md` tells what the words mean and when not to believe them.

mod change;
mod compare;
mod history;
mod limits;
mod measure;
mod page;
mod report;
mod statistics;
mod verdict;
mod whole;
mod workload;

pub use compare::{Against, Options, compare, unmeasured};
pub use history::{Change, Figures, History, Run};
pub use limits::Limits;
pub use measure::{Counters, Sample, Samples, Subject};
pub use page::page;
pub use report::{Bench, By, Growth, Machine, Row, SCHEMA, UNKNOWN, time};
pub use statistics::{Estimate, chance_of_above, exponent, holm, median};
pub use verdict::{ALPHA, CONFIDENCE, Differences, LOOKS, Looked, Verdict, look};
pub use workload::{ROWS, Row as Timed, workload};
