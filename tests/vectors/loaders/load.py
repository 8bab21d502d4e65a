#!/usr/bin/env python3
"""Hold AES-CTR to aes_ctr.json: the smallest loader that refuses what it does not know. Needs `cryptography`."""

import hashlib
import json
import pathlib
import sys

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

CASE = {"tcId", "comment", "flags", "result"}
FIELDS = {  # a field that is not here is refused: a vector that is read in part is not read
    "CounterBlockTest": CASE | {"start", "blockIndex", "counterBlock"},
    "CtrPartTest": CASE | {"key", "start", "partSize", "number", "plaintext", "ciphertext"},
    "CtrRangeTest": CASE | {"key", "start", "offset", "ciphertext", "plaintext"},
}
VALUES = {frozenset(names) for names in (["hex"], ["seed", "length"], ["length", "sha256", "first", "last"])}
FILE = {"schema", "version", "generator", "algorithm", "header", "notes", "numberOfTests", "testGroups"}


def load(path):
    """The cases with their group types, or an error for a file that is not of version 1."""
    file = json.loads(path.read_text(encoding="utf-8"))
    if file.keys() != FILE or (file["schema"], file["version"]) != ("schema-v1.json", 1):
        raise ValueError("not a file of version 1")
    if not all(note.keys() <= {"description", "effect", "ec"} for note in file["notes"].values()):
        raise ValueError("a note has something unknown")
    cases = []
    for group in file["testGroups"]:
        if group.keys() != {"type", "tests"} or group["type"] not in FIELDS:
            raise ValueError(f"unknown group {group.get('type')}")
        cases += [(group["type"], case) for case in group["tests"]]
    for number, (kind, case) in enumerate(cases, 1):
        values = [frozenset(case[name]) for name in ("plaintext", "ciphertext") if name in case]
        known = case.keys() <= FIELDS[kind] and VALUES.issuperset(values) and set(case["flags"]) <= file["notes"].keys()
        if not known or case["tcId"] != number or case["result"] not in ("valid", "invalid"):
            raise ValueError(f"case {number} has something unknown")
    if len(cases) != file["numberOfTests"]:
        raise ValueError("cases are missing")
    return cases


def plaintext(value, offset):
    """A plaintext in full, or the stream of a seed from an offset that is a multiple of 8."""
    if "hex" in value:
        return bytes.fromhex(value["hex"])
    seed, length, words = value["seed"], value["length"], []
    for index in range(offset // 8, (offset + length + 7) // 8):
        w = (index ^ (seed << 32)) % 2**64 if seed else 0
        w = (w ^ (w >> 30)) * 0xBF58476D1CE4E5B9 % 2**64
        w = (w ^ (w >> 27)) * 0x94D049BB133111EB % 2**64
        words.append((w ^ (w >> 31)).to_bytes(8, "little"))
    return b"".join(words)[:length]


def counter_block(start, index):
    """128 bits that wrap: every shorter counter makes other bytes, and nothing in the object shows it."""
    return ((int.from_bytes(start, "big") + index) % 2**128).to_bytes(16, "big")


def ctr(key, start, offset, data):
    """Encrypt or decrypt the bytes of an object from an offset on."""
    encryptor = Cipher(algorithms.AES(key), modes.CTR(counter_block(start, offset // 16))).encryptor()
    return encryptor.update(bytes(offset % 16) + data)[offset % 16 :]


def encrypt_part(key, start, part_size, number, data):
    if (len(key), len(start)) != (32, 16) or part_size < 16 or part_size % 16:
        raise ValueError("key, start or part size")
    if not 1 <= number <= 10_000 or len(data) > part_size:
        raise ValueError("part number or length")
    return ctr(key, start, (number - 1) * part_size, data)


def passes(kind, case):
    start = bytes.fromhex(case["start"])
    if kind == "CounterBlockTest":
        return counter_block(start, case["blockIndex"]).hex() == case["counterBlock"]
    key = bytes.fromhex(case["key"])
    if kind == "CtrRangeTest":
        opened = ctr(key, start, case["offset"], bytes.fromhex(case["ciphertext"]["hex"]))
        return opened.hex() == case["plaintext"]["hex"]
    size, number = case["partSize"], case["number"]
    try:
        sent = encrypt_part(key, start, size, number, plaintext(case["plaintext"], max(0, number - 1) * size // 16 * 16))
    except ValueError:
        return case["result"] == "invalid"
    abridged = {"length": len(sent), "sha256": hashlib.sha256(sent).hexdigest(), "first": sent[:16].hex(), "last": sent[-16:].hex()}
    return case["result"] == "valid" and case.get("ciphertext") in ({"hex": sent.hex()}, abridged)


path = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent / "../../../crates/vectors/data/aes_ctr.json")
results = [(case, passes(kind, case)) for kind, case in load(path)]
for case in (case for case, passed in results if not passed):
    print(f"aes_ctr.json {case['tcId']} {case['comment']}: failed")
failed = sum(not passed for _, passed in results)
print(f"{len(results) - failed} passed, {failed} failed")
sys.exit(failed > 0)
