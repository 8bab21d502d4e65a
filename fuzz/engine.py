"""The fuzzing engine as `nightly` and `selftest` drive it: builds the targets, runs one, reads what libFuzzer says."""

import pathlib
import re
import signal
import subprocess
import time

FUZZ = pathlib.Path(__file__).resolve().parent
ROOT = FUZZ.parent
PARTPROOF = ROOT / "target/release/partproof"
# Bounded time and memory are part of the law: what takes longer, or more, is a finding like any other.
TIMEOUT_SECONDS, RSS_MEBIBYTES = 10, 2048
# How libFuzzer names what it leaves of a finding; what else it leaves, such as `slow-unit-`, is none.
FINDINGS = ("crash-", "timeout-", "oom-", "leak-")


class Failure(Exception):
    """Why nothing could be run: no finding."""


def call(*command):
    """Runs a command that must succeed, and returns what it printed."""
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        raise Failure(f"`{' '.join(map(str, command))}` failed with exit code {done.returncode}")
    return done.stdout


def targets():
    return call("cargo", "fuzz", "list").split()


def default_sanitizer():
    """ASan is a flag of the compiler that only nightly takes."""
    try:
        has_nightly = subprocess.run(["cargo", "+nightly", "--version"], capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        has_nightly = False
    return "address" if has_nightly else "none"


def build(sanitizer, features=None):
    """Builds `partproof` and all targets, and returns the folder of the targets.

    One target directory serves all: another sanitizer or feature rebuilds only what depends on it, a directory of its own would rebuild
    everything. The binaries are those of the last build, so whoever runs them builds first.
    """
    call("cargo", "build", "--locked", "--release", "--bin", "partproof", "--target-dir", "target")
    host = re.search(r"^host: (.*)$", call("rustc", "-vV"), re.M).group(1)
    cargo = ["cargo", "+nightly"] if sanitizer == "address" else ["cargo"]
    # Traced comparisons would take up to a third of the time, and the planted faults are found without.
    options = ["--no-trace-compares", "--sanitizer", sanitizer, "--target", host, "--target-dir", FUZZ / "target"]
    call(*cargo, "fuzz", "build", *options, *(["--features", features] if features else []))
    return FUZZ / "target" / host / "release"


def seeds(folder):
    """Writes fresh seeds of all targets to `folder`/corpus/TARGET."""
    call(PARTPROOF, "seeds", "--out", folder)


def limits(target):
    """The options that bound a run of the target, and its dictionary."""
    dictionary = FUZZ / "dict" / f"{target}.dict"
    # Documents have dictionaries and up to 4 KiB; the other targets draw a case from a few numbers, the longest of them from 257 bytes,
    # and bytes after those say nothing.
    words = [f"-dict={dictionary}", "-max_len=4096"] if dictionary.exists() else ["-max_len=257"]
    # Looking for a smaller input of the same features on every execution takes a fifth of the time; `minimise` does it once.
    return [*words, "-reduce_inputs=0", f"-timeout={TIMEOUT_SECONDS}", f"-rss_limit_mb={RSS_MEBIBYTES}"]


def replay(target, file):
    """What `partproof replay` says of an input, and its exit code."""
    command = [PARTPROOF, "replay", "--target", target, file]
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", timeout=60, check=False)
    except subprocess.TimeoutExpired:
        return "no answer within 60 s\n", None
    return done.stdout, done.returncode


class Worker:
    """A libFuzzer process. The first of the corpora is written, the others are only read."""

    def __init__(self, program, corpora, artifacts, seconds, log, *options, env=None):
        artifacts.mkdir(parents=True, exist_ok=True)
        self.log = log
        bounds = [f"-max_total_time={seconds}", f"-artifact_prefix={artifacts}/", "-print_final_stats=1"]
        command = [program, *limits(program.name), *bounds, *options, *corpora]
        # In a session of its own: Ctrl-C reaches only the script, which then ends its workers in order.
        with open(log, "wb") as output:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=env, start_new_session=True
            )

    def is_running(self):
        return self.process.poll() is None

    def stop(self):
        """Ends the process as Ctrl-C does: libFuzzer prints its figures and keeps its inputs."""
        if self.is_running():
            self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(TIMEOUT_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def failed(self):
        """Whether it ended by itself and not well."""
        # 72 is how libFuzzer says that it was interrupted.
        return self.process.returncode not in (None, 0, 72)

    def text(self):
        return self.log.read_text(encoding="utf-8", errors="replace")

    def executions(self):
        text = self.text()
        counts = re.findall(r"^stat::number_of_executed_units:\s*(\d+)|^#(\d+)\s", text, re.M)
        return max((int(total or so_far) for total, so_far in counts), default=0)

    def edges(self):
        """Edges when the corpus was loaded, and now; `None` where it did not come so far."""
        text = self.text()
        start = re.search(r"^#\d+\s+INITED cov: (\d+)", text, re.M)
        now = re.findall(r"^#\d+\s+\S+\s+cov: (\d+)", text, re.M)
        return (int(start.group(1)) if start else None), (int(now[-1]) if now else None)

    def findings(self):
        """The files of its findings."""
        written = re.findall(r"Test unit written to (.*)$", self.text(), re.M)
        files = map(pathlib.Path, written)
        return [file for file in files if file.name.startswith(FINDINGS)]


def wait(workers, tick=lambda: None):
    """Until all have ended, or one has found something, which stops the others: they would find it again."""
    try:
        while any(worker.is_running() for worker in workers):
            if any(worker.failed() for worker in workers):
                break
            tick()
            time.sleep(0.2)
    finally:
        for worker in workers:
            worker.stop()
