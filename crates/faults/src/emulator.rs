//! Emulators that go wrong: on a test's requests, their folder, their script.

use partproof_emulator::{Exchange, Operation, Restart};
use partproof_suite::builtin::{self, Builtin};
use partproof_suite::case::emulator::Access;
use partproof_suite::subject::{OwnEmulator, Refusal, Subject};

use crate::Fault;

/// The emulator, with a function for each thing that it is asked.
struct Emulating {
    exchange: fn(Access, &[u8]) -> Result<Exchange, Refusal>,
    restart: fn(&[u8]) -> Result<Restart, Refusal>,
    script: fn(&[u8]) -> Result<String, Refusal>,
}

const RIGHT: Emulating = Emulating {
    exchange: |access, sent| Builtin.exchange(access, sent),
    restart: |journal| Builtin.restart(journal),
    script: |bytes| Builtin.script(bytes),
};

impl OwnEmulator for Emulating {
    fn exchange(&self, access: Access, sent: &[u8]) -> Result<Exchange, Refusal> {
        (self.exchange)(access, sent)
    }

    fn restart(&self, journal: &[u8]) -> Result<Restart, Refusal> {
        (self.restart)(journal)
    }

    fn script(&self, bytes: &[u8]) -> Result<String, Refusal> {
        (self.script)(bytes)
    }
}

fn subject(emulator: &'static Emulating) -> Subject<'static> {
    Subject {
        own_emulator: Some(emulator),
        ..builtin::subject()
    }
}

pub(crate) const PRESIGNED_NOT_VERIFIED: Fault = Fault {
    id: "emulator-presigned-not-verified",
    sentence: "The signature of a presigned URL is not looked at.",
    seen_in: "",
    law: "any-exchange",
    subject: || {
        subject(
            const {
                &Emulating {
                    exchange: |access, sent| {
                        let presigned = String::from_utf8_lossy(sent).contains("&Signature=");
                        let access = if presigned { Access::Anybody } else { access };
                        Builtin.exchange(access, sent)
                    },
                    ..RIGHT
                }
            },
        )
    },
};

pub(crate) const EC_NOT_IN_BODY: Fault = Fault {
    id: "emulator-ec-not-in-body",
    sentence: "An error has its EC in the header only.",
    seen_in: "",
    law: "any-exchange",
    subject: || {
        subject(
            const {
                &Emulating {
                    exchange: |access, sent| {
                        let mut exchange = Builtin.exchange(access, sent)?;
                        // Of the same length, so that nothing else is wrong.
                        replace(&mut exchange.answered, b"<EC>", b"<ec>");
                        replace(&mut exchange.answered, b"</EC>", b"</ec>");
                        Ok(exchange)
                    },
                    ..RIGHT
                }
            },
        )
    },
};

pub(crate) const REFUSED_PART_KEPT: Fault = Fault {
    id: "emulator-refused-part-kept",
    sentence: "A part that is refused is stored all the same.",
    seen_in: "",
    law: "any-exchange",
    subject: || {
        subject(
            const {
                &Emulating {
                    exchange: |access, sent| {
                        let mut exchange = Builtin.exchange(access, sent)?;
                        for asked in &mut exchange.requests {
                            let part = asked.operation == Some(Operation::UploadPart);
                            asked.changed |=
                                part && asked.status.is_some_and(|status| status >= 400);
                        }
                        Ok(exchange)
                    },
                    ..RIGHT
                }
            },
        )
    },
};

pub(crate) const BODY_LEFT: Fault = Fault {
    id: "emulator-body-left",
    sentence: "The file of a body that does not arrive in whole is left where it is.",
    seen_in: "",
    law: "any-exchange",
    subject: || {
        subject(
            const {
                &Emulating {
                    exchange: |access, sent| {
                        let mut exchange = Builtin.exchange(access, sent)?;
                        let stores = |operation| {
                            [Operation::PutObject, Operation::UploadPart].contains(&operation)
                        };
                        let cut = exchange.requests.iter().filter(|asked| {
                            asked.status.is_none() && asked.operation.is_some_and(stores)
                        });
                        exchange.orphans = cut.count();
                        Ok(exchange)
                    },
                    ..RIGHT
                }
            },
        )
    },
};

pub(crate) const CUT_LINE_KEPT: Fault = Fault {
    id: "emulator-cut-line-kept",
    sentence: "The last line of a journal stays although its end was never written.",
    seen_in: "",
    law: "any-journal",
    subject: || {
        subject(
            const {
                &Emulating {
                    restart: |journal| {
                        let mut restart = Builtin.restart(journal)?;
                        restart.journal = journal.to_vec();
                        Ok(restart)
                    },
                    ..RIGHT
                }
            },
        )
    },
};

pub(crate) const WRONG_LINE_NOT_NAMED: Fault = Fault {
    id: "emulator-wrong-line-not-named",
    sentence: "A journal is refused without the line that is wrong.",
    seen_in: "",
    law: "any-journal",
    subject: || {
        subject(
            const {
                &Emulating {
                    restart: |journal| {
                        let refused = |_| Refusal("the journal is broken".to_owned());
                        Builtin.restart(journal).map_err(refused)
                    },
                    ..RIGHT
                }
            },
        )
    },
};

pub(crate) const DELAY_IN_SECONDS: Fault = Fault {
    id: "emulator-delay-in-seconds",
    sentence: "The delay of a script is read in seconds and written in milliseconds.",
    seen_in: "",
    law: "any-script",
    subject: || {
        subject(
            const {
                &Emulating {
                    script: |bytes| {
                        let written = Builtin.script(bytes)?;
                        Ok(written.replace("\"milliseconds\":", "\"milliseconds\":1"))
                    },
                    ..RIGHT
                }
            },
        )
    },
};

/// Puts other bytes of the same length in place of some.
fn replace(bytes: &mut [u8], from: &[u8], to: &[u8]) {
    let places: Vec<_> = bytes
        .windows(from.len())
        .enumerate()
        .filter(|(_, window)| *window == from)
        .map(|(place, _)| place)
        .collect();
    for place in places {
        bytes[place..place + from.len()].copy_from_slice(to);
    }
}
