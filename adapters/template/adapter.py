"""A template of an adapter for Partproof: copy this file and put your client into it. docs/ADAPTERS.md leads through it."""

import base64
import hashlib
import json
import os
import re
import sys
import time
from xml.sax.saxutils import escape

# ---- The client. In an adapter of your own this is your library, imported.

MIN_PART_SIZE, MAX_PART_SIZE, MAX_PARTS = 100 << 10, 5 << 30, 10_000
NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Refused(Exception):
    """The client says no to what it was given."""


def plan_parts(data_size, part_size):
    """The parts of an object as pairs of offset and length."""
    if not MIN_PART_SIZE <= part_size <= MAX_PART_SIZE or part_size % 16 != 0:
        raise Refused(f"a part size of {part_size}: expected a multiple of 16 from {MIN_PART_SIZE} to {MAX_PART_SIZE}")
    if data_size > part_size * MAX_PARTS:
        raise Refused(f"{data_size} bytes are more than {MAX_PARTS} parts of {part_size}")
    offsets = [part_size * index for index in range(data_size // part_size + 1)]
    return [(offset, min(part_size, data_size - offset)) for offset in offsets]


def part_list_xml(parts):
    """The body of CompleteMultipartUpload for pairs of number and ETag."""
    numbers = [number for number, _ in parts]
    if not numbers or numbers != sorted(set(numbers)) or numbers[0] < 1 or numbers[-1] > MAX_PARTS:
        raise Refused(f"parts are numbered from 1 to {MAX_PARTS}, ascending")
    if any(NO_XML.search(etag) for _, etag in parts):
        raise Refused("an ETag with a character that XML does not have")
    each = (f"<Part><PartNumber>{number}</PartNumber><ETag>{escape(etag, {chr(13): '&#13;'})}</ETag></Part>" for number, etag in parts)
    return f"<CompleteMultipartUpload>{''.join(each)}</CompleteMultipartUpload>".encode()


# ---- The adapter: what each operation asks the client for, and how its answer is said.


class Unsupported(Exception):
    """The client does not have what is asked for."""


def describe(_):
    return {"protocol": 1, "name": "template", "version": "1.0", "language": "Python", "ops": list(OPS), "features": []}


def plan(request):
    data_size, part_size = request["data_size"], request["part_size"]
    if part_size is None:
        raise Unsupported
    parts = [
        {"number": number, "offset": offset, "length": length}
        for number, (offset, length) in enumerate(plan_parts(data_size, part_size), start=1)
    ]
    return {"part_size": part_size, "parts": parts}


def part_list(request):
    body = part_list_xml([(part["number"], part["etag"]) for part in request["parts"]])
    return {"body": base64.b64encode(body).decode()}


# What `partproof bench` times: for each piece, what a request is unpacked to before the time begins.
TIMED = {
    "plan": lambda of: lambda: plan_parts(of["data_size"], of["part_size"]),
    "part_list": lambda of: (lambda parts: lambda: part_list_xml(parts))([(part["number"], part["etag"]) for part in of["parts"]]),
}


def bench(request):
    of = dict(request["of"])
    for data in of.keys() & {"key", "start"}:
        of[data] = base64.b64decode(of[data])
    for data in of.keys() & {"plaintext", "ciphertext"}:
        of[data] = base64.b64decode(of[data]) * request["repeat"]
    if of["op"] not in TIMED:
        raise Unsupported
    work, iterations = TIMED[of["op"]](of), 0
    began, computing = time.perf_counter_ns(), time.process_time_ns()
    while True:
        made = work()
        iterations += 1
        took = time.perf_counter_ns() - began
        if took >= request["least_nanoseconds"]:
            break
    computed = time.process_time_ns() - computing
    if of["op"] == "plan":
        made = "".join(f"{number} {offset} {length}\n" for number, (offset, length) in enumerate(made, start=1)).encode()
    return {"iterations": iterations, "nanoseconds": took, "cpu_nanoseconds": computed, "digest": hashlib.sha256(made).hexdigest()}


OPS = {"plan": plan, "part_list": part_list, "bench": bench}


# ---- The protocol: the same for every client.


def answer(request):
    operation = {"describe": describe, **OPS}.get(request["op"])
    if operation is None:
        return {"unsupported": True}
    try:
        return {"ok": operation(request)}
    except Unsupported:
        return {"unsupported": True}
    except Exception as error:
        kind = "refused" if isinstance(error, Refused) else "failed"
        return {"err": {"kind": kind, "message": str(error) or repr(error)}}


def main():
    # Answers have a descriptor of their own; whatever else prints, in a library too, prints on standard error.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    for line in sys.stdin.buffer:
        request = json.loads(line)
        answers.write(json.dumps({"id": request["id"], **answer(request)}).encode() + b"\n")
        answers.flush()


if __name__ == "__main__":
    main()
