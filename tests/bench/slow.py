"""The client of the template, with a fault that only a clock sees: `slow.py FACTOR`, `slow.py quadratic`, `slow.py idle`, `slow.py lost`.

Or without one: `slow.py noted FILE NAME` notes in FILE who is timed and in which process; `slow.py holds MIB PARTPROOF` holds memory while the
built-in client works."""

import hashlib
import importlib.util
import os
import pathlib
import subprocess
import sys
import time

path = pathlib.Path(__file__).parents[2] / "adapters/template/adapter.py"
spec = importlib.util.spec_from_file_location("adapter", path)
adapter = importlib.util.module_from_spec(spec)
spec.loader.exec_module(adapter)


def slowed(work, factor):
    """Computes on until it took so many times as long."""

    def slower():
        began = time.process_time_ns()
        made = work()
        until = began + factor * (time.process_time_ns() - began)
        while time.process_time_ns() < until:
            pass
        return made

    return slower


def quadratic(work):
    """Looks through all parts for one part in thirty."""

    def slower():
        made = work()
        for part in made[::30]:
            made.count(part)
        return made

    return slower


def noted(bench, file, name):
    def noting(request):
        with open(file, "a") as notes:
            notes.write(f"{name} {os.getpid()}\n")
        return bench(request)

    return noting


if sys.argv[1] == "holds":
    held = b"1" * (int(sys.argv[2]) << 20)
    sys.exit(subprocess.call([sys.argv[3], "adapter"]))
elif sys.argv[1] == "noted":
    adapter.OPS["bench"] = noted(adapter.OPS["bench"], *sys.argv[2:])
elif sys.argv[1] == "idle":
    adapter.OPS["bench"] = lambda request: {"iterations": 1_000, "nanoseconds": 1_000, "digest": hashlib.sha256().hexdigest()}
elif sys.argv[1] == "lost":
    adapter.TIMED = {}
elif sys.argv[1] == "quadratic":
    adapter.TIMED = {"plan": lambda of, plan=adapter.TIMED["plan"]: quadratic(plan(of))}
else:
    factor = float(sys.argv[1])
    adapter.TIMED = {name: (lambda of, piece=piece: slowed(piece(of), factor)) for name, piece in adapter.TIMED.items()}
adapter.main()
