//! Cases, laws and findings: judges a client of Alibaba Cloud OSS, piece by piece and as a whole over HTTP, against the model.
//!
//! An implementation in Rust is put behind the traits of [`subject`]; [`check`] then runs every law on it.
//! [`laws_as_tests!`] makes each law a `#[test]`.
//!
//! ```
//! use partproof_suite::subject::{PlannedPart, PlannedUpload, Planner, Refusal, Subject};
//!
//! /// Plans one part too many when the size is an exact multiple.
//! struct OneTooMany;
//!
//! impl Planner for OneTooMany {
//!     fn plan(&self, data_size: u64, part_size: Option<u64>) -> Result<PlannedUpload<'_>, Refusal> {
//!         let part_size = part_size.filter(|size| *size > 0).ok_or(Refusal("no part size".into()))?;
//!         let count = data_size / part_size + 1;
//!         let part = move |number| PlannedPart {
//!             number,
//!             offset: (number - 1) * part_size,
//!             length: part_size.min(data_size - (number - 1) * part_size),
//!         };
//!         Ok(PlannedUpload { part_size, parts: Box::new((1..=count).map(part)) })
//!     }
//! }
//!
//! let subject = Subject { planner: Some(&OneTooMany), ..Subject::new("one too many") };
//! let report = partproof_suite::check(&subject, |law| law.id == "plan-count");
//! let finding = &report.findings[0];
//! assert_eq!(finding.id, "plan-count/too-many-parts");
//! assert_eq!(finding.replay, r#"partproof replay 'plan-count:{"data_size":102400,"part_size":102400}'"#);
//! ```

pub mod case;
pub mod class;
mod conformance;
mod declared;
mod finding;
pub mod fuzz;
pub mod law;
pub mod laws;
pub mod plaintext;
pub mod replay;
pub mod report;
pub mod runner;
#[cfg(feature = "proptest")]
pub mod strategy;

#[doc(hidden)]
pub use conformance::{assert_all_named, assert_draws_well, assert_law};
pub use conformance::{check, check_by, replay_on};
pub use finding::{CUT_SHORT, Finding};
pub use law::Law;
pub use laws::LAWS;
pub use partproof_evidence::{
    Answered, Cause, Drawing, Evidence, Exchanged, ListDrawing, ListEntry, MOST_EXCHANGES,
};
pub use partproof_pieces as subject;
pub use partproof_visible::{Hex, hex, shown};
pub use report::{Report, Verdict};
pub use subject::Subject;
