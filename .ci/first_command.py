"""Runs the README's first command, compares its output with what the README shows, and holds the laws to their bounds."""

import re
import resource
import subprocess
import sys
import time

PIECES = {"seconds": 30, "mebibytes": 200}
# 60 is the aim and what a quiet machine keeps with room; a neighbour must not turn the gate red.
WHOLE_CLIENTS = {"seconds": 120}
# What a quick check costs, on any machine: a law that takes more says why.
MOST_CASES = {"pieces": 60_000, "whole clients": 1_100}

problems = []


def check(laws):
    """Runs these laws: what is printed, seconds, cases."""
    arguments = [argument for law in laws for argument in ("--law", law)]
    started = time.monotonic()
    run = subprocess.run(["target/release/partproof", "check", *arguments], capture_output=True, text=True, check=False)
    elapsed = time.monotonic() - started
    if run.returncode != 0:
        problems.append(f"exit code {run.returncode}, expected 0:\n{run.stdout}{run.stderr}")
    cases = int(re.search(r"([\d,]+) cases in", run.stderr).group(1).replace(",", ""))
    return run.stdout, elapsed, cases


def hold(what, measured, bounds):
    print(what + ": " + ", ".join(f"{value:,.1f} {name}" for name, value in measured.items()))
    for name, bound in bounds.items():
        if measured[name] > bound:
            problems.append(f"{what}: {measured[name]:,.1f} {name}, the bound is {bound:,}")


readme = open("README.md", encoding="utf-8").read()
shown = re.search(r"\$ cargo run --release -- check\n(.*?)```", readme, re.S).group(1)
laws = re.findall(r"^ ([a-z-]+) +[\d,]+  holds$", shown, re.M)
whole = [law for law in laws if law.startswith("upload") or law == "download"]
assert whole and len(whole) < len(laws), laws

_, elapsed, cases = check([law for law in laws if law not in whole])
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
hold("pieces", {"seconds": elapsed, "mebibytes": peak, "cases": cases}, PIECES | {"cases": MOST_CASES["pieces"]})
_, elapsed, cases = check(whole)
hold("whole clients", {"seconds": elapsed, "cases": cases}, WHOLE_CLIENTS | {"cases": MOST_CASES["whole clients"]})
printed, elapsed, _ = check([])
print(f"all: {elapsed:.1f} seconds")
if printed != shown:
    problems.append(f"the README does not show what is printed:\n{printed}")

for problem in problems:
    print(problem, file=sys.stderr)
sys.exit(bool(problems))
