//! A subject that runs as a process of its own. Three threads serve it, so that a subject that does not read, does not write, or
//! fills its standard error never blocks the one who asks: what it gets is an answer in time, or [`Broke`].

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{ChildStderr, ChildStdin, ChildStdout};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use serde::de::DeserializeOwned;

use crate::MAX_LINE;
use crate::answer::{Answer, ErrorAnswer, read_ok};
use crate::broke::{Broke, How};
use crate::command_line::CommandLine;
use crate::request::Request;
use crate::running::{GRACE, Running, lock, wait_if_over};
use crate::supervisor::CANNOT_START;
use crate::usage::Usage;

/// A subject that runs.
#[derive(Debug)]
pub struct Process {
    running: Arc<Running>,
    /// Lines to send. Gone when the subject is told to end.
    lines: Mutex<Option<Sender<Vec<u8>>>>,
    waiting: Arc<Mutex<Waiting>>,
    stderr: Arc<Mutex<Vec<u8>>>,
    stderr_reader: JoinHandle<()>,
    next_id: AtomicU64,
}

/// Who waits for which answer, until there is no more to wait for.
#[derive(Debug, Default)]
struct Waiting {
    for_id: HashMap<u64, Sender<Answer>>,
    over: Option<How>,
}

/// How much of standard error is kept, in bytes.
const STDERR_KEPT: usize = 4096;

impl Process {
    /// Starts one.
    ///
    /// # Errors
    /// There is no such program, or it cannot be run.
    pub fn start(command: &CommandLine) -> Result<Self, Broke> {
        let (running, (stdin, stdout, stderr)) = Running::start(command).map_err(|error| {
            let how = How::CannotStart(command.cannot_start(&error.to_string()));
            Broke::new(how, &[])
        })?;
        let (lines, to_send) = channel();
        let waiting = Arc::new(Mutex::new(Waiting::default()));
        let kept = Arc::new(Mutex::new(Vec::new()));
        thread::spawn(move || send(stdin, &to_send));
        let reader = Arc::clone(&waiting);
        let started = command.clone();
        thread::spawn(move || receive(stdout, &started, &reader));
        let keeper = Arc::clone(&kept);
        let stderr_reader = thread::spawn(move || keep(stderr, &keeper));
        Ok(Self {
            running,
            lines: Mutex::new(Some(lines)),
            waiting,
            stderr: kept,
            stderr_reader,
            next_id: AtomicU64::new(1),
        })
    }

    /// Asks, and waits for the answer. Several threads may ask at a time, if the subject takes that.
    ///
    /// # Errors
    /// There is no answer. The process has been ended then.
    pub fn ask(&self, request: &Request, limit: Duration) -> Result<Answer, Broke> {
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        self.send(id, request.line(id), limit)
    }

    /// Asks, and reads what stands behind `ok`.
    ///
    /// # Errors
    /// There is no answer, or one that this request cannot have. The process has been ended then.
    pub fn ask_for<T: DeserializeOwned>(
        &self,
        request: &Request,
        limit: Duration,
    ) -> Result<Result<T, Option<ErrorAnswer>>, Broke> {
        match self.ask(request, limit)? {
            Answer::Ok(ok) => match read_ok(&ok) {
                Ok(read) => Ok(Ok(read)),
                Err(problem) => Err(self.end(How::Nonsense(problem))),
            },
            Answer::Err(error) => Ok(Err(Some(error))),
            Answer::Unsupported => Ok(Err(None)),
        }
    }

    /// Sends any line as the request of this id: to try what a subject does with lines it does not know.
    ///
    /// # Errors
    /// As [`Process::ask`].
    pub fn ask_line(&self, line: &serde_json::Value, limit: Duration) -> Result<Answer, Broke> {
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        let mut line = line.clone();
        if let Some(object) = line.as_object_mut() {
            object.insert("id".to_owned(), id.into());
        }
        self.send(id, format!("{line}\n").into_bytes(), limit)
    }

    fn send(&self, id: u64, line: Vec<u8>, limit: Duration) -> Result<Answer, Broke> {
        let (sender, answer) = channel();
        {
            let mut waiting = lock(&self.waiting);
            if let Some(how) = waiting.over.clone() {
                drop(waiting);
                return Err(self.end(how));
            }
            waiting.for_id.insert(id, sender);
        }
        let lines = lock(&self.lines).clone();
        // Where nobody takes lines any more, the reader says why there is no answer.
        let _ = lines.map(|lines| lines.send(line));
        answer.recv_timeout(limit).map_err(|error| {
            let over = lock(&self.waiting).over.clone();
            self.end(match (error, over) {
                (RecvTimeoutError::Timeout, _) => How::Silent(limit),
                // Whoever was waited for in vain is somebody else.
                (RecvTimeoutError::Disconnected, Some(How::Silent(_)) | None) => {
                    How::Ended(String::new())
                }
                (RecvTimeoutError::Disconnected, Some(how)) => how,
            })
        })
    }

    /// Ends the process at once, and says what became of it.
    fn end(&self, how: How) -> Broke {
        wait_if_over();
        lock(&self.waiting).over.get_or_insert(how.clone());
        // One that closed its output is given the time to end by itself: how it ends is worth knowing.
        if matches!(how, How::Ended(_)) {
            self.running.ends_within(Duration::from_millis(500));
        }
        let by_itself = self.running.status();
        self.running.end();
        lock(&self.lines).take();
        // All it wrote is there when its end of the pipe is closed; what it started and let go may hold that open.
        let until = Instant::now() + Duration::from_millis(500);
        while !self.stderr_reader.is_finished() && Instant::now() < until {
            thread::sleep(Duration::from_millis(1));
        }
        let how = match how {
            How::Ended(_) => How::Ended(match by_itself {
                Some(status) => status.to_string(),
                None => "it closed its standard output".to_owned(),
            }),
            how => how,
        };
        lock(&self.waiting).for_id.clear();
        Broke::new(how, &lock(&self.stderr))
    }

    /// What it and all that it started have taken of the machine so far, where that can be told.
    pub fn usage(&self) -> Option<Usage> {
        self.running.usage()
    }

    /// Closes its standard input, and waits for it to end.
    ///
    /// # Errors
    /// It does not within 5 s. It has been ended then.
    pub fn close(&self) -> Result<(), Broke> {
        lock(&self.lines).take();
        match self.running.ends_within(GRACE) {
            true => {
                wait_if_over();
                Ok(())
            }
            false => Err(self.end(How::Silent(GRACE))),
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.close();
    }
}

fn send(mut stdin: ChildStdin, lines: &Receiver<Vec<u8>>) {
    for line in lines {
        // One that does not read any more tells by what it answers, or does not.
        if stdin.write_all(&line).and_then(|()| stdin.flush()).is_err() {
            break;
        }
    }
}

fn receive(stdout: ChildStdout, command: &CommandLine, waiting: &Mutex<Waiting>) {
    let how = read_answers(stdout, command, waiting);
    let mut waiting = lock(waiting);
    waiting.over.get_or_insert(how);
    // Whoever still waits learns that there is nothing to wait for.
    waiting.for_id.clear();
}

/// Hands out answers until there is none.
fn read_answers(stdout: ChildStdout, command: &CommandLine, waiting: &Mutex<Waiting>) -> How {
    let mut stdout = BufReader::with_capacity(1 << 16, stdout);
    let limit = u64::try_from(MAX_LINE).unwrap_or(u64::MAX) + 1;
    let mut line = Vec::new();
    loop {
        line.clear();
        match (&mut stdout).take(limit).read_until(b'\n', &mut line) {
            Ok(0) | Err(_) => return How::Ended(String::new()),
            Ok(_) => {}
        }
        if line.pop_if(|last| *last == b'\n').is_none() && line.len() > MAX_LINE {
            return How::Nonsense(format!("a line of more than {MAX_LINE} bytes"));
        }
        if let Some(error) = line
            .strip_prefix(CANNOT_START)
            .filter(|_| command.is_supervised())
        {
            return How::CannotStart(command.cannot_start(&String::from_utf8_lossy(error)));
        }
        let (id, answer) = match Answer::read(&line) {
            Ok(read) => read,
            Err(problem) => return How::Nonsense(problem),
        };
        let Some(sender) = lock(waiting).for_id.remove(&id) else {
            return How::Nonsense(format!("an answer with id {id}, which nobody waits for"));
        };
        // Who asked may have given up by now.
        let _ = sender.send(answer);
    }
}

/// Reads standard error to its end, and keeps the last of it.
fn keep(mut stderr: ChildStderr, kept: &Mutex<Vec<u8>>) {
    let mut buffer = [0; 1024];
    while let Ok(read @ 1..) = stderr.read(&mut buffer) {
        let mut kept = lock(kept);
        kept.extend(buffer.iter().take(read));
        let over = kept.len().saturating_sub(STDERR_KEPT);
        kept.drain(..over);
    }
}

#[cfg(test)]
mod tests;
