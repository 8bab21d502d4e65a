#!/usr/bin/env python3
"""How often `partproof bench` cries wolf, and how surely it sees a client that is 20 % slower, on a machine that has other work.

usage: benches/alarms.py PARTPROOF [RUNS]   (200 takes about 40 minutes on two cores)
"""

import collections
import os
import pathlib
import subprocess
import sys
import time

TREE = pathlib.Path(__file__).resolve().parents[1]
TEMPLATE = f"python3 {TREE}/adapters/template/adapter.py"
SLOW = f"python3 {TREE}/tests/bench/slow.py 1.2"
VERDICTS = {0: "passed", 1: "slower", 4: "inconclusive"}


def load():
    """A process for each core that computes for a while and sleeps for a while."""
    source = "import random,time\nwhile True:\n u=time.time()+random.random()\n while time.time()<u: pass\n time.sleep(random.random())"
    return [subprocess.Popen([sys.executable, "-c", source]) for _ in range(os.cpu_count())]


def compare(partproof, subject, rows, seed):
    command = [partproof, "bench", "--subject", subject, "--against", TEMPLATE, "--piece", rows, "--turn", "5", "--seed", str(seed)]
    run = subprocess.run(command, capture_output=True, timeout=600)
    # What is void is slower for nobody.
    if run.returncode not in VERDICTS or run.stdout.startswith(b"Wrong"):
        sys.exit(f"{command}: exit {run.returncode}: {run.stderr.decode()}")
    return VERDICTS[run.returncode]


def main():
    partproof, runs = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 200
    busy = load()
    try:
        for name, subject, rows in [("the same, four rows", TEMPLATE, "p*/100*"), ("20 % slower, one row", SLOW, "plan/10000")]:
            began, told = time.time(), collections.Counter(compare(partproof, subject, rows, seed) for seed in range(runs))
            shares = ", ".join(f"{verdict} {count} ({count / runs:.1%})" for verdict, count in sorted(told.items()))
            print(f"{name}: {runs} runs, {shares}; {(time.time() - began) / runs:.1f} s a run", flush=True)
    finally:
        for process in busy:
            process.kill()


if __name__ == "__main__":
    main()
