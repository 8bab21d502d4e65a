//! Emulators that go wrong: on a test's requests, their folder, their script.

use partproof_emulator::{Exchange, Operation, Restart};
use partproof_subjects::builtin::{self, Builtin};
use partproof_subjects::own::emulator::cases::Access;
use partproof_subjects::own::{Own, OwnEmulator};
use partproof_suite::subject::{Refusal, Subject};

use crate::Fault;

/// The emulator, with a function for each thing that it is asked.
struct Emulating {
    exchange: fn(Access, &[u8]) -> Result<Exchange, Refusal>,
    restart: fn(&[u8]) -> Result<Restart, Refusal>,
    compact: fn(&[u8]) -> Result<Vec<u8>, Refusal>,
    script: fn(&[u8]) -> Result<String, Refusal>,
}

const RIGHT: Emulating = Emulating {
    exchange: |access, sent| Builtin.exchange(access, sent),
    restart: |journal| Builtin.restart(journal),
    compact: |journal| Builtin.compact(journal),
    script: |bytes| Builtin.script(bytes),
};

impl OwnEmulator for Emulating {
    fn exchange(&self, access: Access, sent: &[u8]) -> Result<Exchange, Refusal> {
        (self.exchange)(access, sent)
    }

    fn restart(&self, journal: &[u8]) -> Result<Restart, Refusal> {
        (self.restart)(journal)
    }

    fn compact(&self, journal: &[u8]) -> Result<Vec<u8>, Refusal> {
        (self.compact)(journal)
    }

    fn script(&self, bytes: &[u8]) -> Result<String, Refusal> {
        (self.script)(bytes)
    }
}

const fn own(emulator: &'static Emulating) -> Own {
    Own {
        reader: None,
        emulator: Some(emulator),
    }
}

fn subject(own: &'static Own) -> Subject<'static> {
    Subject {
        own: Some(own),
        ..builtin::subject()
    }
}

pub(crate) const PRESIGNED_NOT_VERIFIED: Fault = Fault {
    id: "emulator-presigned-not-verified",
    sentence: "The signature of a presigned URL is not looked at.",
    seen_in: "",
    law: "any-exchange",
    cause: None,
    subject: || {
        subject(
            const {
                &own(&Emulating {
                    exchange: |access, sent| {
                        let presigned = String::from_utf8_lossy(sent).contains("&Signature=");
                        let access = if presigned { Access::Anybody } else { access };
                        Builtin.exchange(access, sent)
                    },
                    ..RIGHT
                })
            },
        )
    },
};

pub(crate) const EC_NOT_IN_BODY: Fault = Fault {
    id: "emulator-ec-not-in-body",
    sentence: "An error has its EC in the header only.",
    seen_in: "",
    law: "any-exchange",
    cause: None,
    subject: || {
        subject(
            const {
                &own(&Emulating {
                    exchange: |access, sent| {
                        let mut exchange = Builtin.exchange(access, sent)?;
                        // Of the same length, so that nothing else is wrong.
                        replace(&mut exchange.answered, b"<EC>", b"<ec>");
                        replace(&mut exchange.answered, b"</EC>", b"</ec>");
                        Ok(exchange)
                    },
                    ..RIGHT
                })
            },
        )
    },
};

pub(crate) const REFUSED_PART_KEPT: Fault = Fault {
    id: "emulator-refused-part-kept",
    sentence: "A part that is refused is stored all the same.",
    seen_in: "",
    law: "any-exchange",
    cause: None,
    subject: || {
        subject(
            const {
                &own(&Emulating {
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
                })
            },
        )
    },
};

pub(crate) const BODY_LEFT: Fault = Fault {
    id: "emulator-body-left",
    sentence: "The file of a body that does not arrive in whole is left where it is.",
    seen_in: "",
    law: "any-exchange",
    cause: None,
    subject: || {
        subject(
            const {
                &own(&Emulating {
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
                })
            },
        )
    },
};

pub(crate) const CUT_LINE_KEPT: Fault = Fault {
    id: "emulator-cut-line-kept",
    sentence: "The last line of a journal stays although its end was never written.",
    seen_in: "",
    law: "any-journal",
    cause: None,
    subject: || {
        subject(
            const {
                &own(&Emulating {
                    restart: |journal| {
                        let mut restart = Builtin.restart(journal)?;
                        restart.journal = journal.to_vec();
                        Ok(restart)
                    },
                    ..RIGHT
                })
            },
        )
    },
};

pub(crate) const WRONG_LINE_NOT_NAMED: Fault = Fault {
    id: "emulator-wrong-line-not-named",
    sentence: "A journal is refused without the line that is wrong.",
    seen_in: "",
    law: "any-journal",
    cause: None,
    subject: || {
        subject(
            const {
                &own(&Emulating {
                    restart: |journal| {
                        let refused = |_| Refusal("the journal is broken".to_owned());
                        Builtin.restart(journal).map_err(refused)
                    },
                    ..RIGHT
                })
            },
        )
    },
};

pub(crate) const TORN_LINE_REFUSED: Fault = Fault {
    id: "emulator-torn-line-refused",
    sentence: "A last line in which a power cut left a hole is refused, and with it everything before it.",
    seen_in: "",
    law: "any-journal",
    cause: None,
    subject: || {
        subject(
            const {
                &own(&Emulating {
                    restart: |journal| match journal.contains(&0) {
                        true => Err(Refusal("journal.jsonl:1: a hole".to_owned())),
                        false => Builtin.restart(journal),
                    },
                    ..RIGHT
                })
            },
        )
    },
};

pub(crate) const UPLOADS_COUNTED_ANEW: Fault = Fault {
    id: "emulator-uploads-counted-anew",
    sentence: "A journal that is written anew forgets how many uploads there were, so that the next has the id of an earlier one.",
    seen_in: "",
    law: "any-journal",
    cause: None,
    subject: || {
        subject(
            const {
                &own(&Emulating {
                    compact: |journal| {
                        let compacted = Builtin.compact(journal)?;
                        let text = String::from_utf8_lossy(&compacted);
                        let forgotten = text.replace("\"uploads_made\":1", "\"uploads_made\":0");
                        Ok(forgotten.into_bytes())
                    },
                    ..RIGHT
                })
            },
        )
    },
};

pub(crate) const ANY_HOST_SERVED: Fault = Fault {
    id: "emulator-any-host-served",
    sentence: "A request is served whatever host it names: a page whose name points here reads everything.",
    seen_in: "",
    law: "any-exchange",
    cause: None,
    subject: || {
        subject(
            const {
                &own(&Emulating {
                    exchange: |access, sent| {
                        let text = String::from_utf8_lossy(sent);
                        let served = text.replace("host: evil.example", "host: localhost   ");
                        let mut exchange = Builtin.exchange(access, served.as_bytes())?;
                        for asked in &mut exchange.requests {
                            if served != text {
                                asked.hosts = vec!["evil.example".to_owned()];
                            }
                        }
                        Ok(exchange)
                    },
                    ..RIGHT
                })
            },
        )
    },
};

pub(crate) const DELAY_IN_SECONDS: Fault = Fault {
    id: "emulator-delay-in-seconds",
    sentence: "The delay of a script is read in seconds and written in milliseconds.",
    seen_in: "",
    law: "any-script",
    cause: None,
    subject: || {
        subject(
            const {
                &own(&Emulating {
                    script: |bytes| {
                        let written = Builtin.script(bytes)?;
                        Ok(written.replace("\"milliseconds\":", "\"milliseconds\":1"))
                    },
                    ..RIGHT
                })
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
