"""Runs the README's first command, compares its output with what the README shows, and holds it to its bounds."""

import re
import resource
import subprocess
import sys
import time

SECONDS, CASES_PER_SECOND, MEBIBYTES = 30, 20_000, 200

readme = open("README.md", encoding="utf-8").read()
shown = re.search(r"\$ cargo run --release -- check\n(.*?)```", readme, re.S).group(1)
started = time.monotonic()
run = subprocess.run(["target/release/partproof", "check"], capture_output=True, text=True, check=False)
elapsed = time.monotonic() - started
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
speed = int(re.search(r"([\d,]+) cases/s", run.stderr).group(1).replace(",", ""))
print(f"{elapsed:.1f} s, {speed:,} cases/s, {peak:.0f} MiB at its peak")

problems = []
if run.returncode != 0:
    problems.append(f"exit code {run.returncode}, expected 0:\n{run.stdout}{run.stderr}")
if run.stdout != shown:
    problems.append(f"the README does not show what is printed:\n{run.stdout}")
if elapsed > SECONDS:
    problems.append(f"longer than {SECONDS} s")
if speed < CASES_PER_SECOND:
    problems.append(f"fewer than {CASES_PER_SECOND:,} cases/s")
if peak > MEBIBYTES:
    problems.append(f"more than {MEBIBYTES} MiB")
for problem in problems:
    print(problem, file=sys.stderr)
sys.exit(bool(problems))
