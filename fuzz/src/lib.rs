//! What all fuzz targets share. Each is one line, `target!(PLAN: planner)`: the bytes become a case, the case meets its law on that piece of the built-in client,
//! and a law that does not hold is a crash. All of that is `partproof_suite::fuzz`, for any engine and any client.

use libfuzzer_sys::Corpus;
use partproof_suite::fuzz::{Fuzzer, Input};

pub use libfuzzer_sys;
pub use partproof_subjects;
pub use partproof_suite;

/// Judges one input, and tells the engine whether it is worth keeping.
pub fn run(fuzzer: &Fuzzer<'_>, bytes: &[u8]) -> Corpus {
    match fuzzer.run(bytes) {
        Input::Judged => Corpus::Keep,
        Input::NoCase => Corpus::Reject,
    }
}

/// A fault of the fault bank in place of the built-in client: to show that a target finds it.
///
/// # Panics
/// If `PARTPROOF_FAULT` does not name one.
#[cfg(feature = "faults")]
pub fn fault() -> partproof_suite::Subject<'static> {
    let id = std::env::var("PARTPROOF_FAULT").expect("PARTPROOF_FAULT names a fault of the bank");
    let fault = partproof_faults::FAULTS.iter().find(|fault| fault.id == id);
    fault
        .unwrap_or_else(|| panic!("PARTPROOF_FAULT is `{id}`, which is no fault of the bank"))
        .subject()
}

/// Defines the fuzz target of that name, on these pieces of the built-in client and nothing else of it, or on Partproof's own reader or emulator:
/// what is linked is counted.
#[macro_export]
macro_rules! target {
    ($target:ident: $($piece:ident),+) => {
        $crate::target! {
            @ $crate::partproof_suite::fuzz::target::$target;
            $($piece = $crate::partproof_subjects::builtin::Builtin),+
        }
    };
    ($target:ident of $own:ident) => {
        $crate::target! {
            @ $crate::partproof_subjects::fuzz::own::$target;
            own = $crate::partproof_subjects::own::$own
        }
    };
    (@ $target:expr; $($piece:ident = $subject:expr),+) => {
        use $crate::libfuzzer_sys::{Corpus, fuzz_target};
        use $crate::partproof_suite::fuzz::Fuzzer;

        #[cfg(not(feature = "faults"))]
        fn subject() -> $crate::partproof_suite::Subject<'static> {
            use $crate::partproof_suite::Subject;
            Subject {
                $($piece: Some(&$subject),)+
                ..Subject::new("built-in client")
            }
        }

        #[cfg(feature = "faults")]
        use $crate::fault as subject;

        thread_local! {
            static FUZZER: Fuzzer<'static> = Fuzzer::new(&$target, subject());
        }

        fuzz_target!(|bytes: &[u8]| -> Corpus { FUZZER.with(|fuzzer| $crate::run(fuzzer, bytes)) });
    };
}
