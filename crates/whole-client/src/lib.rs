//! Laws of whole clients of Alibaba Cloud OSS, over HTTP: what a client sends to an emulator, what is stored there, and what the client says, against
//! the model.

pub mod case;
pub mod laws;
pub mod stage;

pub use laws::LAWS;

/// Makes each law of whole clients a `#[test]` for a subject, as [`partproof_suite::laws_as_tests!`] does for pieces.
///
/// ```no_run
/// # fn my_client() -> partproof_suite::Subject<'static> { partproof_suite::Subject::new("mine") }
/// mod conformance {
///     partproof_whole_client::laws_as_tests!(super::my_client());
/// }
/// ```
#[macro_export]
macro_rules! laws_as_tests {
    ($subject:expr) => {
        $crate::partproof_suite::laws_as_tests! { @ $subject; $crate::LAWS;
            upload upload_plan upload_count upload_fails upload_resumes upload_source download
        }
    };
}

#[doc(hidden)]
pub use partproof_suite;
