"""Partproof's line protocol, version 1: one JSON object a line, requests on standard input, answers on standard output.

An adapter gives `serve` a function for each operation that it has; what a function returns is the `ok` of the answer. Copy this file.
"""

from __future__ import annotations

import base64
import hashlib
import itertools
import json
import sys
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Callable, TypeVar

Json = dict[str, Any]
Operation = Callable[[Json], Json]

AT_A_TIME = 16


class Unsupported(Exception):
    """The client does not have what is asked for."""


class LeftOpen(Exception):
    """An upload failed and could not be aborted: who pays for its parts has to know which it is. Raised from what made it fail."""

    def __init__(self, failure: Exception, upload_id: str) -> None:
        super().__init__(f"{failure}; the upload {upload_id} could not be aborted and stays open")


Asked = TypeVar("Asked")
Answered = TypeVar("Answered")


def in_order(at_a_time: int, each: Callable[[Asked], Answered], asked: Iterable[Asked]) -> list[Answered]:
    """What comes of each, in order, so many at a time. After the first failure no other is begun: there may be thousands."""
    answers, running = [], deque()
    with ThreadPoolExecutor(at_a_time) as pool:
        try:
            for one in asked:
                running.append(pool.submit(each, one))
                if len(running) > at_a_time:
                    answers.append(running.popleft().result())
            answers.extend(future.result() for future in running)
        finally:
            for future in running:
                future.cancel()
    return answers


Client = TypeVar("Client")

MOST_KEPT = 16
_kept: OrderedDict[int, Any] = OrderedDict()
_keeping = threading.Lock()


def client_of(request: Json, make: Callable[[Json], Client]) -> Client:
    """The client that serves all requests of this number, or one of its own."""
    number = request["client"]
    if number is None:
        return make(request)
    with _keeping:
        if number not in _kept:
            while len(_kept) >= MOST_KEPT:
                _kept.popitem(last=False)
            _kept[number] = make(request)
        return _kept[number]


def read_in_pieces(pieces: Json, open_again: Callable[[], Any], write: Callable[[bytes], Any]) -> None:
    """Reads as the caller wants it read, by `read` of what `open_again` opens: so much, and again from the beginning; or once."""
    if pieces["first"] is not None:
        with open_again() as body:
            body.read(pieces["first"])
    with open_again() as body:
        for size in itertools.cycle(pieces["sizes"]):
            piece = body.read(size)
            if not piece:
                return
            write(piece)


Made = bytes | Sequence[tuple[int, int, int]]


def timed(pieces: Mapping[str, Callable[[Json], Callable[[], Made]]]) -> Operation:
    """The operation `bench`: each piece unpacks its request, keys and data being bytes then, and gives what is to be timed. That gives the
    bytes that came out, or of a plan the number, the offset and the length of each part."""

    def bench(request: Json) -> Json:
        of = dict(request["of"])
        if of["op"] not in pieces:
            raise Unsupported
        for name in of.keys() & {"key", "start"}:
            of[name] = base64.b64decode(of[name])
        for name in of.keys() & {"plaintext", "ciphertext"}:
            of[name] = base64.b64decode(of[name]) * request["repeat"]
        work, iterations = pieces[of["op"]](of), 0
        began, computing = time.perf_counter_ns(), time.process_time_ns()
        while True:
            made = work()
            iterations += 1
            took = time.perf_counter_ns() - began
            if took >= request["least_nanoseconds"]:
                break
        computed = time.process_time_ns() - computing
        if not isinstance(made, bytes):
            made = "".join(f"{number} {offset} {length}\n" for number, offset, length in made).encode()
        return {"iterations": iterations, "nanoseconds": took, "cpu_nanoseconds": computed, "digest": hashlib.sha256(made).hexdigest()}

    return bench


def serve(about: Json, operations: Mapping[str, Operation], refusal: Callable[[Exception], Json | None]) -> None:
    """Answers requests until standard input ends.

    `about` is what `describe` answers, but for what is said here. `refusal` gives the `code` and the `ec` of an error with which the
    service refused, and None for any other error.
    """
    features = [*about.get("features", []), "pipelining"]
    description = {"language": "Python", **about, "protocol": 1, "ops": list(operations), "features": features}
    known: dict[str, Operation] = {"describe": lambda _: description, **operations}

    answers = sys.stdout.buffer
    # Whatever else prints, an SDK's logging above all, must not come between the answers.
    sys.stdout = sys.stderr
    lock = threading.Lock()

    def answer(request: Json) -> None:
        line = answer_to(request, known, refusal).encode() + b"\n"
        with lock:
            answers.write(line)
            answers.flush()

    # Leaving the pool waits for the requests that still run, so that they are answered even if the input ends first.
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        for line in sys.stdin.buffer:
            try:
                request = json.loads(line)
            except ValueError as error:
                sys.exit(f"not JSON: {error}: {line!r:.200}")
            if not (isinstance(request, dict) and "id" in request and isinstance(request.get("op"), str)):
                sys.exit(f"not a request: {line!r:.200}")
            pool.submit(answer, request)


def answer_to(request: Json, operations: Mapping[str, Operation], refusal: Callable[[Exception], Json | None]) -> str:
    def line(**outcome: Any) -> str:
        return json.dumps({"id": request["id"], **outcome})

    operation = operations.get(request["op"])
    if operation is None:
        return line(unsupported=True)
    try:
        return line(ok=operation(request))
    except Unsupported:
        return line(unsupported=True)
    except Exception as error:  # Any exception is an answer, not the end of the program.
        cause = error.__cause__ if isinstance(error, LeftOpen) else error
        refused = refusal(cause) if isinstance(cause, Exception) else None
        told = {name: value for name, value in (refused or {}).items() if value}
        kind = "failed" if refused is None else "refused"
        return line(err={"kind": kind, "message": str(error) or repr(error), **told})
