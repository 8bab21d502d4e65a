//! Whether an adapter can be believed: a few requests of each kind that it declares, one step at a time, each with what was asked, what
//! came back and what was expected. A step shows the adapter's mistakes, not the client's: those are what laws are for.

mod transfer;
mod words;

use data_encoding::HEXLOWER;
use partproof_model::cipher::ctr;
use partproof_model::{ByteOffset, Cipher, ContentKey, Start, part_list};
use partproof_protocol::{
    Answer, Base64, Benched, Broke, Ciphertext, CommandLine, Description, ErrorAnswer, Feature,
    ListedPart, Op, PartListBody, Plaintext as Decrypted, Planned, Process, Request,
    SignatureVersion,
};
use partproof_visible::{visible, visible_block};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::program::Limits;
use partproof_suite::plaintext::Plaintext;
use partproof_suite::subject::Load;
use partproof_suite::subject::client::Signature;
use partproof_whole_client::stage::Stage;
use words::answered;
pub(crate) use words::why;

/// One thing that was tried.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    /// The operation, or what else was tried.
    pub name: String,
    /// What should come of it.
    pub expected: String,
    /// What was wrong with it; nothing if it is as expected.
    pub wrong: Option<String>,
}

/// Tries an adapter. Each step is told as it ends.
///
/// # Errors
/// This machine cannot set a stage.
pub fn smoke(
    command: &CommandLine,
    limits: Limits,
    mut told: impl FnMut(&Step),
) -> Result<Vec<Step>, String> {
    let stage = Stage::set(&[], None).map_err(why)?;
    let mut trial = Trial {
        command,
        limits,
        process: None,
        steps: Vec::new(),
        told: &mut told,
    };
    trial.run(&stage);
    Ok(trial.steps)
}

struct Trial<'t> {
    command: &'t CommandLine,
    limits: Limits,
    process: Option<Process>,
    steps: Vec<Step>,
    told: &'t mut dyn FnMut(&Step),
}

/// What was wrong with a step.
type Tried<T = ()> = Result<T, String>;

const KEY: [u8; 32] = [7; 32];
/// Of the shape that clients draw: a nonce, and a counter that begins low. How a client counts on from others is a matter of laws.
const START: [u8; 16] = [9, 9, 9, 9, 9, 9, 9, 9, 0, 0, 0, 0, 0, 0, 0, 1];
const PART_SIZE: u64 = 102_400;
/// Three parts, the last one short and of no whole block.
const FILE: Plaintext = Plaintext {
    seed: 1,
    length: 250_003,
};

impl Trial<'_> {
    fn run(&mut self, stage: &Stage) {
        let mut description = None;
        self.step("describe", "what the subject is and can do", |trial| {
            description = Some(trial.describe()?);
            Ok(())
        });
        let Some(description) = description else {
            return;
        };
        self.step("describe, again", "the same answer", |trial| {
            match trial.describe()? == description {
                true => Ok(()),
                false => Err("another answer than the first time".to_owned()),
            }
        });
        self.step(
            "an op that there is not",
            "`\"unsupported\":true`",
            |trial| match trial.line(&json!({"op": "no_such_op"}))? {
                Answer::Unsupported => Ok(()),
                other => Err(answered(&other)),
            },
        );
        self.step(
            "an argument that there is not",
            "it is ignored",
            |trial| match trial.line(&json!({"op": "describe", "no_such_argument": {"é": [1]}}))? {
                Answer::Ok(_) => Ok(()),
                other => Err(answered(&other)),
            },
        );
        for op in Op::ALL
            .into_iter()
            .filter(|op| description.ops.contains(op))
        {
            match op {
                Op::Plan => self.plan(),
                Op::PartList => self.part_list(),
                Op::EncryptPart => self.encrypt_part(),
                Op::DecryptRange => self.decrypt_range(),
                Op::Upload => self.upload(stage, &description),
                Op::Download => self.download(stage, &description),
                Op::Bench => self.bench(&description),
            }
        }
        if description.features.contains(&Feature::Pipelining) {
            self.step(
                "eight requests at a time",
                "an answer to each, by its id",
                Self::pipelining,
            );
        }
        self.step(
            "standard input is closed",
            "the program ends within 5 s",
            |trial| match trial.process()?.close() {
                Ok(()) => Ok(()),
                Err(broke) => Err(format!("{broke}")),
            },
        );
    }

    fn plan(&mut self) {
        let plan = |part_size| Request::Plan {
            data_size: 1_000_000,
            part_size: Some(part_size),
        };
        self.step(
            "plan",
            "1,000,000 bytes in parts of 500,000: two parts",
            |trial| {
                let planned: Planned = trial.must(&plan(500_000))?;
                match planned.each().take(10_001).count() {
                    2 => Ok(()),
                    count => Err(format!("{count} parts")),
                }
            },
        );
        self.step(
            "plan, of parts of 0 bytes",
            "an `err`, or a part size that can be, and not the end",
            |trial| match trial.ask::<Planned>(&plan(0))? {
                Ok(planned) if planned.part_size == 0 => Err("a plan with part size 0".to_owned()),
                Ok(_) | Err(_) => trial.describe().map(drop),
            },
        );
    }

    fn part_list(&mut self) {
        self.step("part_list", "XML that lists two parts", |trial| {
            let part = |number| ListedPart {
                number,
                etag: format!("\"{number:032X}\""),
            };
            let listed: PartListBody = trial.must(&Request::PartList {
                parts: vec![part(1), part(2)],
            })?;
            let read = part_list::read(&listed.body.0).map_err(|error| {
                let body = String::from_utf8_lossy(&listed.body.0);
                format!("{error}: {}", visible(&body))
            })?;
            match read.len() {
                2 => Ok(()),
                count => Err(format!("{count} parts")),
            }
        });
    }

    fn encrypt_part(&mut self) {
        let plaintext = FILE.slice(PART_SIZE..2 * PART_SIZE);
        self.step(
            "encrypt_part",
            "part 2 of 3, encrypted as the model does",
            |trial| {
                let encrypted: Ciphertext = trial.must(&Request::EncryptPart {
                    cipher: Cipher::Ctr.cek_alg().to_owned(),
                    key: Base64(KEY.to_vec()),
                    start: Base64(START.to_vec()),
                    data_size: FILE.length,
                    part_size: PART_SIZE,
                    number: 2,
                    plaintext: Base64(plaintext.clone()),
                })?;
                same(&model(PART_SIZE, &plaintext), &encrypted.ciphertext.0)
            },
        );
    }

    fn decrypt_range(&mut self) {
        let plaintext = FILE.slice(PART_SIZE..2 * PART_SIZE);
        self.step("decrypt_range", "what the model encrypted", |trial| {
            let decrypted: Decrypted = trial.must(&Request::DecryptRange {
                cipher: Cipher::Ctr.cek_alg().to_owned(),
                key: Base64(KEY.to_vec()),
                start: Base64(START.to_vec()),
                offset: PART_SIZE,
                ciphertext: Base64(model(PART_SIZE, &plaintext)),
            })?;
            same(&plaintext, &decrypted.plaintext.0)
        });
    }

    /// Any piece that it has, for the shortest time.
    fn bench(&mut self, description: &Description) {
        let block = FILE.slice(0..4096);
        let (of, out) = match description.ops.as_slice() {
            ops if ops.contains(&Op::EncryptPart) => (
                Request::EncryptPart {
                    cipher: Cipher::Ctr.cek_alg().to_owned(),
                    key: Base64(KEY.to_vec()),
                    start: Base64(START.to_vec()),
                    data_size: 2 * PART_SIZE,
                    part_size: PART_SIZE,
                    number: 2,
                    plaintext: Base64(block.clone()),
                },
                model(PART_SIZE, &block.repeat(25)),
            ),
            ops if ops.contains(&Op::Plan) => (
                Request::Plan {
                    data_size: 2 * PART_SIZE - 1,
                    part_size: Some(PART_SIZE),
                },
                format!("1 0 {PART_SIZE}\n2 {PART_SIZE} {}\n", PART_SIZE - 1).into_bytes(),
            ),
            _ => return,
        };
        let expected = HEXLOWER.encode(&Sha256::digest(&out));
        let bench = Request::Bench {
            of: Box::new(of),
            repeat: 25,
            least_nanoseconds: 1,
        };
        let says = "at least one iteration, and the SHA-256 of what the model has";
        self.step("bench", says, |trial| {
            let benched: Benched = trial.must(&bench)?;
            if benched.digest != expected {
                return Err(format!("digest {}, expected {expected}", benched.digest));
            }
            match benched.iterations {
                0 => Err("no iterations".to_owned()),
                _ => Ok(()),
            }
        });
    }

    /// Eight at once; each is answered as the first `describe` was.
    fn pipelining(trial: &mut Self) -> Tried {
        let limit = trial.limits.piece;
        let process = trial.process()?;
        let asked: Vec<Result<Answer, Broke>> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8)
                .map(|_| scope.spawn(|| process.ask(&Request::Describe, limit)))
                .collect();
            threads
                .into_iter()
                .filter_map(|thread| thread.join().ok())
                .collect()
        });
        for answer in asked {
            match answer {
                Ok(Answer::Ok(_)) => {}
                Ok(other) => return Err(answered(&other)),
                Err(broke) => {
                    trial.process = None;
                    return Err(broke.to_string());
                }
            }
        }
        Ok(())
    }

    fn signature(&mut self, description: &Description) -> Option<Signature> {
        match description.signatures.first() {
            Some(SignatureVersion::V1) => Some(Signature::V1),
            Some(SignatureVersion::V4) => Some(Signature::V4),
            None => {
                self.step("signatures", "one of `v1` and `v4`", |_| {
                    Err("none is declared".to_owned())
                });
                None
            }
        }
    }

    fn step(&mut self, name: &str, expected: &str, tried: impl FnOnce(&mut Self) -> Tried) {
        let wrong = tried(self).err().map(|wrong| visible_block(&wrong));
        let step = Step {
            name: name.to_owned(),
            expected: expected.to_owned(),
            wrong,
        };
        (self.told)(&step);
        self.steps.push(step);
    }

    fn describe(&mut self) -> Tried<Description> {
        self.must(&Request::Describe)
    }

    /// Asks for what must be done.
    fn must<T: DeserializeOwned>(&mut self, request: &Request) -> Tried<T> {
        self.ask(request)?.map_err(|error| match error {
            Some(ErrorAnswer { message, code, .. }) => {
                let code = code.map(|code| format!(" ({code})")).unwrap_or_default();
                format!("an `err`: {message}{code}")
            }
            None => "`unsupported`".to_owned(),
        })
    }

    fn ask<T: DeserializeOwned>(
        &mut self,
        request: &Request,
    ) -> Tried<Result<T, Option<ErrorAnswer>>> {
        let limit = self.limits.of(request, Load::now());
        let asked = self.process()?.ask_for(request, limit);
        self.unless_broke(asked)
    }

    fn line(&mut self, line: &serde_json::Value) -> Tried<Answer> {
        let limit = self.limits.piece;
        let asked = self.process()?.ask_line(line, limit);
        self.unless_broke(asked)
    }

    fn unless_broke<T>(&mut self, asked: Result<T, Broke>) -> Tried<T> {
        asked.map_err(|broke| {
            // The next step is tried in a new process.
            self.process = None;
            broke.to_string()
        })
    }

    fn process(&mut self) -> Tried<&Process> {
        if self.process.is_none() {
            self.process = Some(Process::start(self.command).map_err(|broke| broke.to_string())?);
        }
        self.process.as_ref().ok_or_else(|| "no process".to_owned())
    }
}

fn cipher_of(description: &Description) -> String {
    let first = description.ciphers.first().cloned();
    first.unwrap_or_else(|| Cipher::Ctr.cek_alg().to_owned())
}

/// The model's bytes at an offset of an object.
fn model(offset: u64, bytes: &[u8]) -> Vec<u8> {
    ctr::apply(
        ContentKey(KEY),
        Start(START),
        ByteOffset::new(offset),
        bytes,
    )
}

fn same(expected: &[u8], actual: &[u8]) -> Tried {
    match partproof_suite::laws::difference(expected, actual) {
        None => Ok(()),
        Some((expected, actual)) => Err(format!("{actual}, expected {expected}")),
    }
}
