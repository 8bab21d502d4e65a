"""The client of the template, with a fault that only a clock sees: `slow.py FACTOR`, `slow.py quadratic`, `slow.py idle`, `slow.py lost`."""

import hashlib
import importlib.util
import pathlib
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


if sys.argv[1] == "idle":
    adapter.OPS["bench"] = lambda request: {"iterations": 1_000, "nanoseconds": 1_000, "digest": hashlib.sha256().hexdigest()}
elif sys.argv[1] == "lost":
    adapter.TIMED = {}
elif sys.argv[1] == "quadratic":
    adapter.TIMED = {"plan": lambda of, plan=adapter.TIMED["plan"]: quadratic(plan(of))}
else:
    factor = float(sys.argv[1])
    adapter.TIMED = {name: (lambda of, piece=piece: slowed(piece(of), factor)) for name, piece in adapter.TIMED.items()}
adapter.main()
