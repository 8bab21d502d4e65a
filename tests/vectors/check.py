#!/usr/bin/env python3
"""Check the test vectors with a second implementation of the rules.

Whoever makes test vectors with a program also freezes the program's mistakes. This file is written from docs/VECTORS.md and
the published rules of the service alone and shares no code with the program that makes the vectors: it computes every
answer again from the inputs of its case. Where it follows the vectors in something that no source states, a comment says so.

    python3 check.py [FILE...]               check the files, by default all vectors beside this one
    python3 check.py --self-test [FILE...]   break one answer after the other and demand that it is noticed
"""

import base64
import copy
import functools
import hashlib
import json
import pathlib
import random
import re
import sys
from xml.parsers import expat

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

BLOCK = TAG = 16
MAX_PARTS = 10_000
MIN_PART = 102_400  # of every part but the last, checked when the upload completes
MAX_PART = 5 * 2**30
MAX_MESSAGE = 2**36 - 32  # bytes of plaintext under one nonce: NIST SP 800-38D, 5.2.1.1
MAX_EXACT = 2**53 - 1  # integers that every JSON parser reads exactly
CTR, GCM, GCM_PART = "AES/CTR/NoPadding", "AES/GCM/NoPadding", "AES/GCM-PART/NoPadding"
PKCS1, OAEP = "RSA/NONE/PKCS1Padding", "RSA/NONE/OAEPWithSHA-1AndMGF1Padding"


class Mismatch(Exception):
    """The file says one thing, the rules say another."""


class Refused(Exception):
    """A client must refuse this input; the message is for people who look for the reason."""


def same(what, expected, got):
    if type(expected) is not type(got) or expected != got:
        raise Mismatch(f"expected {what} {shorten(expected)} got {shorten(got)}")


def shorten(value):
    text = repr(value)
    return text if len(text) <= 240 else f"{text[:230]}... ({len(text)} characters)"


# --- Values ---------------------------------------------------------------------------------------------------------


def unhex(text):
    """Lower-case hexadecimal only: two spellings of one value would hide a difference."""
    if not re.fullmatch(r"([0-9a-f]{2})*", text):
        raise Mismatch(f"expected lower-case hexadecimal got {shorten(text)}")
    return bytes.fromhex(text)


@functools.lru_cache(maxsize=None)
def stream(seed, offset, length):
    """Bytes of the stream with a seed. The sum of words is joined once: parts of 1 MB are ordinary here."""
    if seed == 0:
        return bytes(length)

    def word(index):
        w = (index ^ (seed << 32)) % 2**64
        w = (w ^ (w >> 30)) * 0xBF58476D1CE4E5B9 % 2**64
        w = (w ^ (w >> 27)) * 0x94D049BB133111EB % 2**64
        return (w ^ (w >> 31)).to_bytes(8, "little")

    first = offset // 8
    words = b"".join(word(index) for index in range(first, (offset + length + 7) // 8))
    return words[offset - first * 8 :][:length]


def plaintext(value, offset=0):
    return unhex(value["hex"]) if "hex" in value else stream(value["seed"], offset, value["length"])


def same_plaintext(what, expected, value, offset=0):
    same(what, expected.hex(), plaintext(value, offset).hex())


def same_ciphertext(what, expected, value):
    """A ciphertext above 256 bytes must be abridged, a shorter one must not: each has one spelling."""
    if len(expected) <= 256:
        same(what, {"hex": expected.hex()}, value)
    else:
        digest = hashlib.sha256(expected).hexdigest()
        ends = {"first": expected[:16].hex(), "last": expected[-16:].hex()}
        same(what, {"length": len(expected), "sha256": digest, **ends}, value)


CRC_TABLE = []
for _index in range(256):
    for _ in range(8):
        _index = (_index >> 1) ^ (0xC96C5795D7870F42 if _index & 1 else 0)
    CRC_TABLE.append(_index)


@functools.lru_cache(maxsize=None)
def crc64(data):
    """CRC-64/XZ, which the service calls crc64ecma."""
    crc = 2**64 - 1
    for byte in data:
        crc = CRC_TABLE[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    return str(crc ^ (2**64 - 1))


def part_etag(data):
    return hashlib.md5(data).hexdigest().upper()


def object_etag(etags):
    """The MD5 of the parts' ETags as text, not of their digests as another service has it (service rules, 4.4)."""
    return f"{hashlib.md5(''.join(etags).encode()).hexdigest().upper()}-{len(etags)}"


def ceil_div(a, b):
    return -(-a // b)


# --- What a file, a case and a value may have: (required fields, optional fields) -----------------------------------

CASE = "tcId comment flags result"
SHAPES = {
    "file": ("schema version generator algorithm header notes numberOfTests testGroups", ""),
    "note": ("description effect", "ec"),
    "rejection": ("rule", "status code ec"),
    "slice": ("number offset length", ""),
    "sizes": ("number plaintextOffset plaintextLength tagLength", ""),
    "stored": ("number etag length", ""),
    "listed": ("number etag", ""),
    "sent": ("number length etag crc64 ciphertext", ""),
    "range": ("status", "first last"),
    "masterKey": ("private public", ""),
    "hex": ("hex", ""),
    "seeded": ("seed length", ""),
    "digest": ("length sha256 first last", ""),
}
GROUPS = {  # fields of the group, then of its cases
    "PlanTest": ("", "dataSize partSize", "partCount parts rejections"),
    "DeclaredSizesTest": ("cipher", "plaintextSize partSize", "dataSize partCount parts"),
    "CounterBlockTest": ("", "start blockIndex counterBlock", ""),
    "CtrPartTest": ("", "key start partSize number plaintext", "ciphertext"),
    "CtrRangeTest": ("", "key start offset ciphertext plaintext", ""),
    "GcmObjectTest": ("", "key start partSize parts", "plaintext"),
    "GcmPartTest": ("", "key start dataSize partSize partCount number nonce aad ciphertext", "plaintext"),
    "EnvelopeTest": ("masterKey", "headers carrier", "cipher wrapAlg key start dataSize partSize description"),
    "PartListTest": ("dataSize partSize stored", "", "body bodyBase64 parts rejections"),
    "ServiceTest": ("", "steps", ""),
    "ObjectTest": ("masterKey", "cipher key start partSize plaintext dataSize headers parts list etag crc64", ""),
}
STEPS = {  # what an operation needs, what may be absent, what it gives when it is accepted
    "put": ("headers body", "", "etag crc64"),
    "initiate": ("headers upload", "", ""),
    "uploadPart": ("upload headers body", "partNumber", "etag crc64"),
    "uploadPartCopy": ("upload partNumber source", "", "etag"),
    "listParts": ("upload", "maxParts partNumberMarker", "parts isTruncated"),
    "complete": ("upload headers list", "", "etag crc64"),
    "abort": ("upload", "", ""),
    "copy": ("source headers", "", "etag"),
    "get": ("headers", "", "length ranges"),
    "head": ("", "", "length"),
}
NESTED = {  # the shapes of fields that hold objects, by the type of the group where the name alone does not tell
    "rejections": "rejection", "stored": "stored", "ranges": "range", "masterKey": "masterKey",
    "plaintext": "hex seeded", "body": "hex seeded", "ciphertext": "hex digest",
    "PlanTest.parts": "slice", "DeclaredSizesTest.parts": "sizes", "GcmObjectTest.parts": "hex digest",
    "PartListTest.parts": "listed", "ServiceTest.parts": "stored", "ObjectTest.parts": "sent",
}  # fmt: skip


def fields(where, value, required, optional=""):
    required = required.split()
    for name in required:
        if name not in value:
            raise Mismatch(f"expected field {name} in {where} got none")
    for name in value:
        if name not in required and name not in optional.split():
            raise Mismatch(f"expected no field {name} in {where} got one")


def shape(kind, value):
    """Refuse what docs/VECTORS.md does not know, down to the leaves."""
    for name, field in value.items():
        shapes = NESTED.get(f"{kind}.{name}") or NESTED.get(name, "")
        for item in field if isinstance(field, list) else [field]:
            if shapes and isinstance(item, dict):
                # The first shape that shares a field is the one that is meant.
                meant = [s for s in shapes.split() if set(SHAPES[s][0].split()) & set(item)]
                fields(name, item, *SHAPES[(meant or shapes.split())[0]])
                shape(kind, item)
            elif type(item) is int and not 0 <= item <= MAX_EXACT:
                raise Mismatch(f"expected {name} from 0 to 2^53 - 1 got {item}")


def shape_of_case(kind, case):
    _, required, optional = GROUPS[kind]
    fields("the case", case, f"{CASE} {required}", optional)
    shape(kind, case)
    if case["result"] not in ("valid", "invalid", "acceptable"):
        raise Mismatch(f"expected a known result got {case['result']}")
    for step in case.get("steps", []):
        needs, optional, gives = STEPS.get(step.get("op"), ("", "", ""))
        if step.get("op") not in STEPS:
            raise Mismatch(f"expected a known operation got {step.get('op')}")
        fields(f"step {step['op']}", step, f"op object result {needs}", f"rejections leans {optional} {gives}")
        shape(kind, step)


# --- What the service refuses ---------------------------------------------------------------------------------------

IER = "InvalidEncryptionRequest"
RULES = {  # rule: (HTTP status, Code, error number), of each what a source states
    **{f"{name}-missing": (400, IER, f"0005-00000{401 + i}") for i, name in enumerate(
        ["key", "start", "cek-alg", "wrap-alg", "hmac", "data-size", "part-size"])},
    "data-size-integer": (400, IER, "0005-00000408"),
    "part-size-integer": (400, IER, "0005-00000409"),
    "count-limit": (400, IER, "0005-00000410"),
    "count-exceeded": (400, IER, "0005-00000411"),
    # 412, 414 and 415 have no page: the order of the others alone gives them.
    **{f"{name}-changed": (400, IER, f"0005-00000{412 + i}") for i, name in enumerate(
        ["key", "start", "cek-alg", "wrap-alg", "hmac", "data-size", "part-size"])},
    "part-length": (400, IER, "0005-00000419"),
    "last-part-length": (400, IER, "0005-00000420"),
    "metadata-fixed": (400, IER, "0005-00000421"),
    "part-size-aligned": (400, IER, None),
    "part-beyond-count": (400, IER, None),
    "count-short": (400, IER, None),
    "copy-source-cse": (400, IER, "0042-00000309"),
    "copy-into-cse": (400, IER, None),
    "part-list-xml": (400, "MalformedXML", "0042-00000205"),
    "part-list-order": (400, "InvalidPartOrder", "0042-00000209"),
    "part-list-number": (400, "InvalidPartOrder", None),
    "part-list-part": (400, "InvalidPart", None),
    "part-too-small": (400, "EntityTooSmall", "0042-00000213"),
    "part-too-large": (400, None, None),
    "upload-unknown": (404, "NoSuchUpload", "0017-00000244"),
    "upload-unknown-list": (404, "NoSuchUpload", "0042-00000002"),
    "upload-unknown-part": (404, "NoSuchUpload", "0042-00000104"),
    "upload-unknown-copy": (404, "NoSuchUpload", "0042-00000311"),
    "part-number-range": (400, "InvalidArgument", "0017-00000220"),
    "part-number-missing": (400, "InvalidArgument", "0017-00000219"),
    "list-page": (400, "InvalidArgument", None),
    "complete-all-body": (400, "InvalidArgument", "0042-00000216"),
    "complete-nothing": (400, None, None),
    "forbid-overwrite": (409, "FileAlreadyExists", None),
    "content-md5": (400, "InvalidDigest", None),
    "crc64-declared": (400, "InvalidCRC64", None),
    "object-unknown": (404, "NoSuchKey", None),
    "object-name-empty": (400, "InvalidObjectName", "0016-00000001"),
    "object-name-length": (400, "InvalidObjectName", "0016-00000002"),
    "object-name-slash": (400, "InvalidObjectName", "0016-00000005"),
    "range-unsatisfiable": (416, "InvalidRange", None),
}  # fmt: skip


def judge(value, breaches, flags):
    """Hold a result and its rejections against breaches, each a rule and the open question that it hangs on, or None.

    One breach that hangs on nothing is certain refusal; if all hang on open questions, both answers are right.
    """
    questions = {question for _, question in breaches}
    result = "valid" if not breaches else "invalid" if None in questions else "acceptable"
    same("result", result, value["result"])
    rejections = value.get("rejections")
    if rejections is not None:
        rejections = sorted((r["rule"], r.get("status"), r.get("code"), r.get("ec")) for r in map(known, rejections))
    expected = sorted({(rule, *RULES[rule]) for rule, _ in breaches}, key=lambda r: r[0]) or None
    same("rejections", expected, rejections)
    if result == "acceptable":
        name_reasons(questions, flags)


def known(rejection):
    if rejection["rule"] not in RULES:
        raise Mismatch(f"expected a known rule got {rejection['rule']}")
    return rejection


def name_reasons(reasons, flags):
    if not reasons <= set(flags):
        raise Mismatch(f"expected flags with {sorted(reasons)} got {flags}")


# --- Sizes ----------------------------------------------------------------------------------------------------------


def check_plan(case, group):
    data, size = case["dataSize"], case["partSize"]
    if size == 0:
        judge(case, [("part-size-integer", None)], case["flags"])
        return fields("a plan without a part size", case, f"{CASE} dataSize partSize rejections")
    count = ceil_div(data, size)
    breaches = []
    if data == 0:
        breaches.append(("data-size-integer", "A16"))
    if size % BLOCK:  # a matter of the cipher, whatever the service thinks of it (A9)
        breaches.append(("part-size-aligned", None))
    if count > MAX_PARTS:
        breaches.append(("count-limit", None))
    if size > MAX_PART:
        breaches.append(("part-too-large", "A17" if data <= MAX_PART else None))
    if size < MIN_PART and count > 1:
        breaches.append(("part-too-small", "A18"))
    judge(case, breaches, case["flags"])
    same("partCount", count, case.get("partCount"))
    parts = [
        {"number": n, "offset": (n - 1) * size, "length": min(size, data - (n - 1) * size)}
        for n in sorted({1, 2, count})
        if 1 <= n <= count
    ]
    same("parts", None if case["result"] == "invalid" else parts, case.get("parts"))


def declare(cipher, size, part_size):
    """The data size to declare, the count, and by part number (plaintext offset, plaintext length, tag length)."""
    if part_size == 0 or part_size % BLOCK:
        raise Refused("the part size is no multiple of 16")
    if part_size > MAX_PART:
        raise Refused("parts are too large")
    if cipher == GCM and size > MAX_MESSAGE:
        raise Refused("too long for one message")
    if cipher == GCM_PART:
        room = part_size - TAG
        if room == 0:
            raise Refused("no room beside the tag")
        count = max(1, ceil_div(size, room))
        data = size + count * TAG
        parts = lambda n: ((n - 1) * room, min(room, size - (n - 1) * room), TAG)
    else:
        data = size + (TAG if cipher == GCM else 0)
        count = ceil_div(data, part_size)

        def parts(n):
            begin, end = (n - 1) * part_size, min(n * part_size, data)
            # The tag begins where the plaintext ends: it may begin in one part and end in the next.
            return min(begin, size), max(0, min(end, size) - begin), end - max(begin, min(end, size))

    if count > MAX_PARTS:
        raise Refused("too many parts")
    return data, count, parts


def check_declared_sizes(case, group):
    fields("sizes", case, f"{CASE} plaintextSize partSize", "dataSize partCount parts")
    try:
        data, count, parts = declare(group["cipher"], case["plaintextSize"], case["partSize"])
    except Refused:
        same("result", "invalid", case["result"])
        return fields("an invalid case", case, f"{CASE} plaintextSize partSize")
    # Without a tag there is no part to upload: one client refuses, another plans nothing.
    same("result", "valid" if count else "acceptable", case["result"])
    if not count:
        name_reasons({"EmptyObject"}, case["flags"])
    expected = [
        dict(zip(("number", "plaintextOffset", "plaintextLength", "tagLength"), (n, *parts(n))))
        for n in sorted({1, count - 1, count})
        if 1 <= n <= count
    ]
    same("dataSize", data, case.get("dataSize"))
    same("partCount", count, case.get("partCount"))
    same("parts", expected, case.get("parts"))


# --- Ciphers --------------------------------------------------------------------------------------------------------


def counter_block(start, index):
    return ((int.from_bytes(start, "big") + index) % 2**128).to_bytes(16, "big")


@functools.lru_cache(maxsize=None)
def keystream(key, start, offset, length):
    """AES of one counter block after the other: the arithmetic of the counter is here and in no library."""
    blocks = range(offset // BLOCK, ceil_div(offset + length, BLOCK))
    encryptor = Cipher(algorithms.AES(key), modes.ECB()).encryptor()
    whole = encryptor.update(b"".join(counter_block(start, index) for index in blocks)) + encryptor.finalize()
    return whole[offset % BLOCK :][:length]


def ctr(key, start, offset, data):
    mask = keystream(key, start, offset, len(data))
    return (int.from_bytes(data, "big") ^ int.from_bytes(mask, "big")).to_bytes(len(data), "big")


def part_message(start, data_size, part_size, count, number):
    """Nonce and associated data of a part that is sealed by itself."""
    words = (data_size, part_size, number, count)
    return start[:8] + number.to_bytes(4, "big"), b"".join(word.to_bytes(8, "big") for word in words)


def seal(cipher, key, start, part_size, whole):
    """The bodies of an upload's parts, and the data size that they add up to."""
    data_size, count, parts = declare(cipher, len(whole), part_size)
    if len(key) != 32 or len(start) != 16 or (cipher == GCM and any(start[12:])) or (cipher == GCM_PART and any(start[8:])):
        raise Refused("key or start of the wrong shape")
    if cipher == GCM_PART:
        bodies = []
        for number in range(1, count + 1):
            offset, length, _ = parts(number)
            nonce, aad = part_message(start, data_size, part_size, count, number)
            bodies.append(AESGCM(key).encrypt(nonce, whole[offset : offset + length], aad))
        return bodies, data_size
    stored = ctr(key, start, 0, whole) if cipher == CTR else AESGCM(key).encrypt(start[:12], whole, None)
    return [stored[i : i + part_size] for i in range(0, len(stored), part_size)], data_size


def check_counter_block(case, group):
    same("result", "valid", case["result"])
    same("counterBlock", counter_block(unhex(case["start"]), case["blockIndex"]).hex(), case["counterBlock"])


def check_ctr_part(case, group):
    key, start, size, number = unhex(case["key"]), unhex(case["start"]), case["partSize"], case["number"]
    offset = (number - 1) * size if number else 0
    data = plaintext(case["plaintext"], offset)
    shaped = len(key) == 32 and len(start) == 16 and size and size % BLOCK == 0
    if not shaped or not 1 <= number <= MAX_PARTS or len(data) > size:
        same("result", "invalid", case["result"])
        return fields("an invalid part", case, f"{CASE} key start partSize number plaintext")
    same("result", "valid", case["result"])
    same_ciphertext("ciphertext", ctr(key, start, offset, data), case.get("ciphertext"))


def check_ctr_range(case, group):
    same("result", "valid", case["result"])
    stored = unhex(case["ciphertext"].get("hex", "none: a range is given in full"))
    opened = ctr(unhex(case["key"]), unhex(case["start"]), case["offset"], stored)
    same("plaintext", {"hex": opened.hex()}, case["plaintext"])


def check_gcm_object(case, group):
    key, start, size = unhex(case["key"]), unhex(case["start"]), case["partSize"]
    if "plaintext" in case:
        same("result", "valid", case["result"])
        bodies, _ = seal(GCM, key, start, size, plaintext(case["plaintext"]))
        same("number of parts", len(bodies), len(case["parts"]))
        for number, (body, value) in enumerate(zip(bodies, case["parts"]), 1):
            same_ciphertext(f"part {number}", body, value)
        return
    parts = [unhex(part.get("hex", "none: what does not open is given in full")) for part in case["parts"]]
    stored = b"".join(parts)
    opens = parts == [stored[i : i + size] for i in range(0, len(stored), size)] and not any(start[12:])
    if opens:
        try:
            AESGCM(key).decrypt(start[:12], stored, None)
        except (InvalidTag, ValueError):
            opens = False
    same("result", "valid" if opens else "invalid", case["result"])
    same("plaintext of what opens", False, opens)


def check_gcm_part(case, group):
    key, start = unhex(case["key"]), unhex(case["start"])
    data, size, number = case["dataSize"], case["partSize"], case["number"]
    count = ceil_div(data, size)
    nonce, aad = part_message(start, data, size, count, number)
    same("partCount", count, case["partCount"])
    same("nonce", nonce.hex(), case["nonce"])
    same("aad", aad.hex(), case["aad"])
    length = min(size, data - (number - 1) * size)
    if "plaintext" in case:
        same("result", "valid", case["result"])
        part = plaintext(case["plaintext"], (number - 1) * (size - TAG))
        same("shape of the start", False, any(start[8:]))
        same("length of the plaintext", length - TAG, len(part))
        return same_ciphertext("ciphertext", AESGCM(key).encrypt(nonce, part, aad), case["ciphertext"])
    stored = unhex(case["ciphertext"].get("hex", "none: what does not open is given in full"))
    opens = len(stored) == length and not any(start[8:])
    if opens:
        try:
            AESGCM(key).decrypt(nonce, stored, aad)
        except (InvalidTag, ValueError):
            opens = False
    same("result", "valid" if opens else "invalid", case["result"])
    same("plaintext of what opens", False, opens)


# --- Envelopes ------------------------------------------------------------------------------------------------------

PREFIX = "x-oss-meta-client-side-encryption-"


def header_map(headers):
    """Values by lower-case name, without the blanks around them; different values of one name are one list (RFC 9110)."""
    values = {}
    for name, value in headers:
        values.setdefault(name.lower(), []).append(value.strip(" \t"))
    return {name: ", ".join(dict.fromkeys(found)) for name, found in values.items()}


def read_size(text):
    """A size and the open question that it raises, or None if it is no integer.

    A16 leaves huge sizes open without an end. The vectors end it at 2^64: what fits no integer of any parser is none.
    """
    if not re.fullmatch(r"[+-]?[0-9]+", text, re.ASCII) or abs(int(text)) >= 2**64:
        return None
    value = int(text)
    unusual = text[0] in "+-" or value == 0 or value >= 2**63
    return value, "A16" if unusual else "A16-padded" if text[0] == "0" else None


def read_base64(text, liberties):
    """Strict Base64 (RFC 4648, 4). Without padding, or in the alphabet for addresses, some decoders take it."""
    plain = text.translate(str.maketrans("-_", "+/")).rstrip("=")
    plain += "=" * (-len(plain) % 4)
    try:
        data = base64.b64decode(plain, validate=True)
    except ValueError:
        raise Refused("no Base64") from None
    if base64.b64encode(data).decode() != plain:
        raise Refused("no Base64")
    if plain != text:
        liberties.add("Base64Variant")
    return data


@functools.lru_cache(maxsize=None)
def master_key(private, public):
    key = serialization.load_pem_private_key(private.encode(), None)
    same("public key", key.public_key(), serialization.load_pem_public_key(public.encode()))
    return key


def exact_name(name, names, liberties):
    if name in names:
        return name
    for exact in names:
        if name.lower() == exact.lower():
            liberties.add("AlgorithmCase")
            return exact
    raise Refused(f"unknown algorithm {name}")


def read_description(text, liberties):
    try:
        description = json.loads(text)
    except ValueError:
        description = None
    if type(description) is dict and all(type(value) is str for value in description.values()):
        return description
    liberties.add("DescriptionNotJson")
    return None


def read_envelope(headers, carrier, master):
    """What the headers say, and the liberties that a reader takes, or may refuse to take, to read them."""
    values = header_map(headers)
    names = [name.lower() for name, _ in headers if name.lower().startswith(PREFIX)]
    liberties = {"RepeatedHeader"} if len(set(names)) < len(names) else set()
    get = lambda name: values.get(PREFIX + name, "")
    for name in ("key", "start", "cek-alg", "wrap-alg") + (("data-size", "part-size") if carrier == "initiate" else ()):
        if not get(name):
            raise Refused(f"{name} is missing")
    answers = {"cipher": exact_name(get("cek-alg"), (CTR, GCM, GCM_PART), liberties)}
    answers["wrapAlg"] = exact_name(get("wrap-alg"), (PKCS1, OAEP), liberties)
    oaep = padding.OAEP(padding.MGF1(hashes.SHA1()), hashes.SHA1(), None)
    for name, length in (("key", 32), ("start", 16)):
        wrapped = read_base64(get(name), liberties)
        try:
            data = master.decrypt(wrapped, oaep if answers["wrapAlg"] == OAEP else padding.PKCS1v15())
        except ValueError:
            raise Refused(f"{name} does not unwrap") from None
        if len(data) != length:  # a library that rejects implicitly answers with random bytes: the length shows it
            raise Refused(f"{name} of {len(data)} bytes")
        answers[name] = data.hex()
    sizes = {}
    for name, field in (("data-size", "dataSize"), ("part-size", "partSize")):
        if get(name):
            if (size := read_size(get(name))) is None:
                raise Refused(f"{name} is no integer")
            sizes[field], question = size
            liberties |= {question} - {None}
            if 0 <= size[0] <= MAX_EXACT:
                answers[field] = size[0]
    if sizes.get("partSize", 0) > 0:
        if sizes["partSize"] % BLOCK:
            liberties.add("A9")
        if ceil_div(sizes.get("dataSize", 0), sizes["partSize"]) > MAX_PARTS:
            raise Refused("too many parts")
    if get("matdesc"):
        description = read_description(get("matdesc"), liberties)
        answers |= {"description": description} if description is not None else {}
    return answers, liberties


def check_envelope(case, group):
    if case["carrier"] not in ("put", "initiate"):
        raise Mismatch(f"expected a known carrier got {case['carrier']}")
    said = {name: case[name] for name in GROUPS["EnvelopeTest"][2].split() if name in case}
    try:
        answers, liberties = read_envelope(case["headers"], case["carrier"], master_key(**group["masterKey"]))
    except Refused:
        same("result", "invalid", case["result"])
        return same("answers", {}, said)
    same("result", "acceptable" if liberties else "valid", case["result"])
    name_reasons(liberties, case["flags"])
    # Some readers get nothing out of these: then the file need not say what the others get.
    if said or not liberties & {"AlgorithmCase", "Base64Variant", "DescriptionNotJson"}:
        same("answers", answers, said)


# --- Part lists -----------------------------------------------------------------------------------------------------

XML_SPACE = " \t\r\n"


def read_part_list(body):
    """The listed (number, ETag) pairs as the most liberal reader has them, and the liberties that it takes.

    None if no reader may take the body. Expat checks that the body is well-formed and expands what is declared in it; an
    external entity is skipped, never read.
    """
    liberties, parts, path, text = set(), [], [], [""]
    state = {"ended": False}
    if body.startswith(b"\xef\xbb\xbf"):
        liberties.add("ByteOrderMark")
    elif body[:2] in (b"\xff\xfe", b"\xfe\xff"):
        liberties.add("Utf16")

    def begin(name, attributes):
        prefix, _, local = name.rpartition(":")
        if prefix:
            liberties.add("NamespacePrefix")
        if any(not re.match(r"xmlns(:|$)", attribute) for attribute in attributes):
            liberties.add("Attributes")
        path.append(local)
        place = "/".join(path)
        if len(path) == 1 and local != "CompleteMultipartUpload":
            raise Refused("another root")
        elif place == "CompleteMultipartUpload/Part":
            parts.append({})
        elif len(path) > 1 and place.split("/", 1)[1] not in ("Part/PartNumber", "Part/ETag"):
            liberties.add("UnknownElement")
        elif len(path) == 3 and local in parts[-1]:
            raise Refused(f"two {local}")
        text[0] = "" if len(path) == 3 else text[0]

    def characters(data):
        if path[1:] in (["Part", "PartNumber"], ["Part", "ETag"]):
            text[0] += data
            if len(text[0]) > 4096:  # entities of entities: a reader may expand what is small
                raise Refused("no number and no ETag is that long")
        elif path[1:] in ([], ["Part"]) and data.strip(XML_SPACE):
            raise Refused("text where only elements belong")

    def end(_):
        if path[1:] in (["Part", "PartNumber"], ["Part", "ETag"]):
            parts[-1][path[-1]] = text[0].strip(XML_SPACE)
        path.pop()

    def outside(*_):
        if not path:
            liberties.add("ProcessingInstruction")

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = begin, end, characters
    parser.CommentHandler = outside
    parser.ProcessingInstructionHandler = lambda *_: liberties.add("ProcessingInstruction")
    parser.StartDoctypeDeclHandler = lambda *_: liberties.add("InternalEntity")
    parser.ExternalEntityRefHandler = lambda *_: 1
    try:
        parser.Parse(body, True)
        if not parts:
            raise Refused("no part")
        for part in parts:
            if not {"PartNumber", "ETag"} <= set(part):
                raise Refused("a part without number or ETag")
            number = part["PartNumber"]
            # Strict digits; 2^64 as for sizes.
            if not re.fullmatch("[0-9]+", number, re.ASCII) or int(number) >= 2**64:
                raise Refused("a number that is none")
            if number != str(int(number)):
                liberties.add("PaddedNumber")
    except (expat.ExpatError, Refused):
        return None, set()
    return [(int(part["PartNumber"]), part["ETag"]) for part in parts], liberties


def list_breaches(listed, stored, sizes, short="A2"):
    """What is wrong with a list; sizes are those of an encrypted upload, or None; stored has (ETag, length) by number."""
    breaches = []
    numbers = [number for number, _ in listed]
    for number, following in zip(numbers, numbers[1:]):
        if number >= following:
            breaches.append(("part-list-order", "A5" if number == following else None))
    if any(not 1 <= number <= MAX_PARTS for number in numbers):
        breaches.append(("part-list-number", None))
    if sizes:
        expected = ceil_div(*sizes)
        if len(listed) > expected:
            breaches.append(("count-exceeded", None))
        if len(listed) < expected:
            breaches.append(("count-short", short))
    for number, etag in listed:
        bare = etag[1:-1] if len(etag) >= 2 and etag[0] == etag[-1] == '"' else etag
        uploaded = stored.get(number, ("", 0))[0]
        if number not in stored or bare.upper() != uploaded:
            breaches.append(("part-list-part", None))
        elif bare != uploaded:
            breaches.append(("part-list-part", "LowerCaseETag"))
    if any(number in stored and stored[number][1] < MIN_PART for number in numbers[:-1]):
        breaches.append(("part-too-small", "A18" if sizes else None))
    return breaches


def check_part_list(case, group):
    if ("body" in case) == ("bodyBase64" in case):
        raise Mismatch("expected either body or bodyBase64 got both or none")
    body = case["body"].encode() if "body" in case else base64.b64decode(case["bodyBase64"], validate=True)
    if "bodyBase64" in case and body.decode("utf-8", "ignore").encode() == body:
        raise Mismatch("expected body for what is UTF-8 got bodyBase64")
    listed, liberties = read_part_list(body)
    if listed is None:
        same("parts", None, case.get("parts"))
        return judge(case, [("part-list-xml", None)], case["flags"])
    stored = {part["number"]: (part["etag"], part["length"]) for part in group["stored"]}
    breaches = list_breaches(listed, stored, (group["dataSize"], group["partSize"]))
    liberties |= {question for _, question in breaches} & {"LowerCaseETag"}
    parts = [{"number": number, "etag": etag} for number, etag in listed]
    if not liberties:
        same("parts", parts, case.get("parts"))
        return judge(case, breaches, case["flags"])
    # Both the reader that takes the liberty and the one that refuses the body are right. Of the second the file may
    # give MalformedXML, or nothing: docs/VECTORS.md leaves it open.
    same("parts", parts, case.get("parts", parts))
    reasons = liberties | {question for _, question in breaches}
    same("result", "invalid" if None in reasons else "acceptable", case["result"])
    name_reasons(reasons - {None} if case["result"] == "acceptable" else set(), case["flags"])
    admitted = {(rule, *RULES[rule]) for rule, _ in breaches + [("part-list-xml", None)]}
    said = {(r["rule"], r.get("status"), r.get("code"), r.get("ec")) for r in map(known, case.get("rejections", []))}
    same("rejections beyond the admitted", set(), said - admitted)
    same("rejections of an invalid list", True, bool(said) or case["result"] != "invalid")


# --- The service ----------------------------------------------------------------------------------------------------

ENVELOPE = ["key", "start", "cek-alg", "wrap-alg", "magic-number-hmac", "data-size", "part-size"]
# What section 6 of the service rules leans to; it is silent on A7, A9, A23, A24, 4.1 and 4.8, where the vectors decide.
ACCEPTED = {"A9", "A16-padded", "A23", "4.1", "4.8"}


def rule_name(header):
    return "hmac" if header == "magic-number-hmac" else header


class Service:
    """One bucket. Every operation answers with its breaches, what it gives, and how it changes the bucket."""

    def __init__(self):
        self.objects = {}  # name: (body, ETag, encrypted)
        self.uploads = {}  # name in the case: (object, envelope or None, sizes or None, parts by number)

    def upload(self, step, rule):
        found = self.uploads.get(step["upload"])
        return (found, []) if found and found[0] == step["object"] else (None, [(rule, None)])

    def put(self, step):
        headers, body = header_map(step["headers"]), plaintext(step["body"])
        envelope = envelope_of(headers)
        breaches = name_breaches(step["object"]) + digest_breaches(headers, body)
        if envelope:
            breaches += missing(envelope, ENVELOPE[:5])
        stored = (body, part_etag(body), bool(envelope))
        gives = {"etag": stored[1], "crc64": crc64(body)}
        return breaches, gives, lambda: self.objects.__setitem__(step["object"], stored)

    def initiate(self, step):
        envelope = envelope_of(header_map(step["headers"]))
        breaches, sizes = name_breaches(step["object"]), None
        if envelope:
            found, sizes = size_breaches(envelope)
            breaches += missing(envelope, ENVELOPE) + found
        upload = (step["object"], envelope, sizes, {})
        return breaches, {}, lambda: self.uploads.__setitem__(step["upload"], upload)

    def uploadPart(self, step):
        headers, body = header_map(step["headers"]), plaintext(step["body"])
        upload, breaches = self.upload(step, "upload-unknown-part")
        breaches += number_breaches(step.get("partNumber")) + digest_breaches(headers, body)
        gives = {"etag": part_etag(body), "crc64": crc64(body)}
        if upload is None or breaches:
            return breaches, gives, None
        number, (_, stored, sizes, parts) = int(step["partNumber"]), upload
        if stored:
            breaches += self.encrypted_part(envelope_of(headers), stored, sizes, number, len(body))
        return breaches, gives, lambda: parts.__setitem__(number, body)

    def encrypted_part(self, envelope, stored, sizes, number, length):
        breaches = []
        if envelope:
            breaches += missing(envelope, ENVELOPE, "A7") + [b for b in size_breaches(envelope)[0] if b[1] != "A9"]
            for name in ENVELOPE:
                counts = name != "magic-number-hmac" or stored["wrap-alg"] == "rsa"
                if counts and name in envelope and envelope[name] != stored.get(name):
                    breaches.append((f"{rule_name(name)}-changed", None))
        data, size = sizes
        count = ceil_div(data, size)
        question = None if envelope else "A15"
        if number > count:
            breaches.append(("part-beyond-count", "A3"))
        elif number < count and length != size:
            breaches.append(("part-length", question))
        elif number == count and length != data - (count - 1) * size:
            breaches.append(("last-part-length", question))
        return breaches

    def uploadPartCopy(self, step):
        upload, breaches = self.upload(step, "upload-unknown-copy")
        breaches += number_breaches(step["partNumber"])
        source = self.objects.get(step["source"])
        if source is None:
            return breaches + [("object-unknown", None)], {}, None
        if source[2]:
            breaches.append(("copy-source-cse", None))
        if upload and upload[1]:
            breaches.append(("copy-into-cse", "A24"))
        gives = {"etag": part_etag(source[0])}
        return breaches, gives, lambda: upload[3].__setitem__(int(step["partNumber"]), source[0])

    def listParts(self, step):
        upload, breaches = self.upload(step, "upload-unknown-list")
        if upload is None:
            return breaches, {}, None
        limit = step.get("maxParts", 1000)
        if not 1 <= limit <= 1000:
            breaches.append(("list-page", "4.1"))
        limit = min(max(limit, 1), 1000)  # no source: the vectors bring the number into its range
        after = sorted(n for n in upload[3] if n > step.get("partNumberMarker", 0))
        parts = [{"number": n, "etag": part_etag(upload[3][n]), "length": len(upload[3][n])} for n in after[:limit]]
        return breaches, {"parts": parts, "isTruncated": len(after) > limit}, None

    def complete(self, step):
        upload, breaches = self.upload(step, "upload-unknown")
        if upload is None:
            return breaches, {}, None
        headers, body = header_map(step["headers"]), step["list"].encode()
        _, stored, sizes, parts = upload
        breaches += digest_breaches(headers, body)
        if stored:
            breaches += size_breaches(envelope_of(headers) or {})[0]
        if headers.get("x-oss-forbid-overwrite") == "true" and step["object"] in self.objects:
            breaches.append(("forbid-overwrite", None))
        if headers.get("x-oss-complete-all") == "yes":
            if body:
                return breaches + [("complete-all-body", None)], {}, None
            if not parts:  # no source: a list has one part or more, so an object of none is refused
                return breaches + [("complete-nothing", None)], {}, None
            listed, liberties, short = [(n, part_etag(parts[n])) for n in sorted(parts)], set(), "A25"
        else:
            (listed, liberties), short = read_part_list(body), "A2"
            if listed is None:
                return breaches + [("part-list-xml", None)], {}, None
        breaches += [("part-list-xml", liberty) for liberty in liberties]
        etags = {n: (part_etag(part), len(part)) for n, part in parts.items()}
        breaches += list_breaches(listed, etags, sizes, short)
        bodies = [parts.get(number, b"") for number, _ in listed]
        whole = (b"".join(bodies), object_etag([part_etag(part) for part in bodies]), bool(stored))

        def change():
            del self.uploads[step["upload"]]
            self.objects[step["object"]] = whole

        return breaches, {"etag": whole[1], "crc64": crc64(whole[0])}, change

    def abort(self, step):
        upload, breaches = self.upload(step, "upload-unknown-list")
        return breaches, {}, lambda: self.uploads.pop(step["upload"])

    def copy(self, step):
        source = self.objects.get(step["source"])
        if source is None:
            return [("object-unknown", None)], {}, None
        headers, breaches = header_map(step["headers"]), []
        if headers.get("x-oss-metadata-directive", "").upper() == "REPLACE":
            if any(name.startswith(PREFIX) for name in headers):
                breaches.append(("metadata-fixed", None))
            elif source[2] and step["source"] == step["object"]:
                breaches.append(("metadata-fixed", "A23"))
        # No source says what ETag a copy has: the vectors keep it.
        return breaches, {"etag": source[1]}, lambda: self.objects.__setitem__(step["object"], source)

    def get(self, step):
        if step["object"] not in self.objects:
            return [("object-unknown", None)], {}, None
        headers, length = header_map(step["headers"]), len(self.objects[step["object"]][0])
        answers = range_answers(headers.get("range"), headers.get("x-oss-range-behavior") == "standard", length)
        breaches = []
        if (416,) in answers:
            breaches.append(("range-unsatisfiable", None if len(answers) == 1 else "4.8"))
        ranges = [dict(zip(("status", "first", "last"), answer)) for answer in answers]
        return breaches, {"length": length, "ranges": ranges}, None

    def head(self, step):
        if step["object"] not in self.objects:
            return [("object-unknown", None)], {}, None
        return [], {"length": len(self.objects[step["object"]][0])}, None


def envelope_of(headers):
    """The headers that make a request an encrypted one (A1): any of the seven, a description alone does not."""
    return {name: headers[PREFIX + name] for name in ENVELOPE if PREFIX + name in headers} or None


def missing(envelope, names, question=None):
    wanted = [name for name in names if name != "magic-number-hmac" or envelope.get("wrap-alg") == "rsa"]
    return [(f"{rule_name(name)}-missing", question) for name in wanted if not envelope.get(name)]


def size_breaches(envelope):
    breaches, sizes = [], []
    for name in ("data-size", "part-size"):
        size = read_size(envelope[name]) if name in envelope else (0, None)
        if size is None or size[1]:
            breaches.append((f"{name}-integer", size and size[1]))
        sizes.append(max(0, size[0]) if size else 0)
    data, part = sizes
    if part and ceil_div(data, part) > MAX_PARTS:
        breaches.append(("count-limit", None))
    if part % BLOCK:
        breaches.append(("part-size-aligned", "A9"))
    return breaches, (data, part)


def digest_breaches(headers, body):
    breaches = []
    if headers.get("content-md5", want := base64.b64encode(hashlib.md5(body).digest()).decode()) != want:
        breaches.append(("content-md5", None))
    if headers.get("x-oss-hash-crc64ecma", "none") not in ("none", crc64(body)):
        breaches.append(("crc64-declared", None))
    return breaches


def number_breaches(text):
    if not text:
        return [("part-number-missing", None)]
    if not re.fullmatch("[0-9]+", text, re.ASCII) or not 1 <= int(text) <= MAX_PARTS:
        return [("part-number-range", None)]
    return []


def name_breaches(name):
    if not name:
        return [("object-name-empty", None)]
    breaches = [("object-name-length", None)] if len(name.encode()) > 1023 else []
    return breaches + ([("object-name-slash", None)] if name[0] in "/\\" else [])


def range_answers(header, standard, length):
    """Every right answer to a read, by the table of 4.8: (200,), (206, first, last) or (416,)."""
    whole, none = (200,), (416,)
    first, *others = (header or "").split(",")
    match = re.fullmatch(r"bytes=([0-9]*)-([0-9]*)", first, re.ASCII)
    if not match or match.groups() == ("", ""):
        return [whole]
    begin, end = (int(text) if text else None for text in match.groups())
    if begin is not None and end is not None and begin > end:
        return [whole]
    if others:  # an older page serves the first, a newer one refuses; with standard behaviour nothing is stated
        served = [a for a in range_answers(first, standard, length) if a != none]
        return sorted({*served, none} | ({whole} if standard else set()))
    if begin is None:
        if end == 0:
            return [whole, none]
        if end > length:
            return sorted(({(206, 0, length - 1)} if length else set()) | {whole, none}) if standard else [whole]
        return [(206, length - end, length - 1)]
    if begin >= length:
        return [none] if standard else [whole]
    if end is not None and end >= length and not standard:
        return [whole]
    return [(206, begin, min(length - 1, length - 1 if end is None else end))]


def check_service(case, group):
    service = Service()
    for index, step in enumerate(case["steps"], 1):
        try:
            breaches, gives, change = getattr(service, step["op"])(step)
            judge(step, breaches, case["flags"])
            open_step = step["result"] == "acceptable"
            rejected = bool({question for _, question in breaches} - ACCEPTED)
            same("leans", ("reject" if rejected else "accept") if open_step else None, step.get("leans"))
            given = {name: step[name] for name in STEPS[step["op"]][2].split() if name in step}
            if step["op"] == "get" and gives:  # a range that cannot be served is an answer, not a failure
                order = lambda ranges: sorted(ranges, key=lambda r: (r["status"], r.get("first", 0)))
                given = {**given, "ranges": order(given.get("ranges", []))}
                gives = {**gives, "ranges": order(gives["ranges"])}
            elif rejected:
                gives = {}
            same("answer", gives, given)
            if change and not rejected:
                change()
        except Mismatch as mismatch:
            raise Mismatch(f"step {index} {step['op']}: {mismatch}") from None
    same("result of the case", case["steps"][-1]["result"], case["result"])


# --- Whole objects --------------------------------------------------------------------------------------------------


def check_object(case, group):
    same("result", "valid", case["result"])
    key, start, size = unhex(case["key"]), unhex(case["start"]), case["partSize"]
    bodies, data_size = seal(case["cipher"], key, start, size, plaintext(case["plaintext"]))
    same("dataSize", data_size, case["dataSize"])
    answers, liberties = read_envelope(case["headers"], "initiate", master_key(**group["masterKey"]))
    answers.pop("description", None), answers.pop("wrapAlg")
    same("liberties of the headers", set(), liberties)
    same("headers", answers, {name: case[name] for name in ("cipher", "key", "start", "dataSize", "partSize")})
    same("number of parts", len(bodies), len(case["parts"]))
    for number, (body, part) in enumerate(zip(bodies, case["parts"]), 1):
        expected = {"number": number, "length": len(body), "etag": part_etag(body), "crc64": crc64(body)}
        same(f"part {number}", expected, {name: part[name] for name in expected})
        same_ciphertext(f"part {number}", body, part["ciphertext"])
    listed, liberties = read_part_list(case["list"].encode())
    stored = {number: (part_etag(body), len(body)) for number, body in enumerate(bodies, 1)}
    same("breaches of the list", [], list_breaches(listed or [], stored, (data_size, size)))
    same("liberties of the list", set(), liberties)
    same("etag", object_etag([part_etag(body) for body in bodies]), case["etag"])
    same("crc64", crc64(b"".join(bodies)), case["crc64"])


# --- Files ----------------------------------------------------------------------------------------------------------

CHECKS = {
    "PlanTest": check_plan,
    "DeclaredSizesTest": check_declared_sizes,
    "CounterBlockTest": check_counter_block,
    "CtrPartTest": check_ctr_part,
    "CtrRangeTest": check_ctr_range,
    "GcmObjectTest": check_gcm_object,
    "GcmPartTest": check_gcm_part,
    "EnvelopeTest": check_envelope,
    "PartListTest": check_part_list,
    "ServiceTest": check_service,
    "ObjectTest": check_object,
}


def check_case(case, group):
    """The reason why a case is wrong, or None. Any exception is one: a broken file must not end the run."""
    try:
        shape_of_case(group["type"], case)
        CHECKS[group["type"]](case, group)
    except Mismatch as mismatch:
        return str(mismatch)
    except Exception as error:
        return f"expected a case that can be computed got {type(error).__name__}: {error}"
    return None


def check_frame(file):
    """What must hold of a file as a whole."""
    fields("the file", file, *SHAPES["file"])
    same("schema", "schema-v1.json", file["schema"])
    same("version", 1, file["version"])
    flags, number = set(), 0
    for name, note in file["notes"].items():
        fields(f"note {name}", note, *SHAPES["note"])
    for group in file["testGroups"]:
        if group.get("type") not in GROUPS:
            raise Mismatch(f"expected a known group type got {group.get('type')}")
        optional = "writer" if group["type"] == "ObjectTest" else ""
        fields(group["type"], group, f"type tests {GROUPS[group['type']][0]}", optional)
        shape(group["type"], {name: value for name, value in group.items() if name != "tests"})
        if group.get("cipher", CTR) not in (CTR, GCM, GCM_PART):
            raise Mismatch(f"expected a known cipher got {group['cipher']}")
        for case in group["tests"]:
            number += 1
            same("tcId", number, case.get("tcId"))
            flags.update(case.get("flags", []))
    same("numberOfTests", number, file["numberOfTests"])
    same("flags without a note", set(), flags - set(file["notes"]))
    same("notes without a case", set(), set(file["notes"]) - flags)


def load(path):
    """Read a file as strictly as JSON can be read: no name twice, no number that is not an integer."""

    def pairs(items):
        if len(dict(items)) < len(items):
            raise Mismatch(f"expected every name once got {[name for name, _ in items]}")
        return dict(items)

    def no_float(text):
        raise Mismatch(f"expected an integer got {text}")

    text = path.read_text(encoding="utf-8")
    return json.loads(text, object_pairs_hook=pairs, parse_float=no_float, parse_constant=no_float)


def check_file(path):
    """The number of cases that passed, and a line for everything that did not."""
    passed, failures = 0, []
    try:
        file = load(path)
        check_frame(file)
    except (Mismatch, ValueError, OSError) as error:
        return 0, [f"{path.name} - the file: {error}"]
    for group in file["testGroups"]:
        for case in group["tests"]:
            reason = check_case(case, group)
            passed += reason is None
            if reason is not None:
                failures.append(f"{path.name} {case['tcId']} {case['comment']}: {reason}")
    return passed, failures


# --- Self-test ------------------------------------------------------------------------------------------------------

ANSWERS = {  # what is broken: the answers of a case, never its inputs, which may change without changing the answer
    "PlanTest": "partCount parts rejections",
    "DeclaredSizesTest": "dataSize partCount parts",
    "CounterBlockTest": "counterBlock",
    "CtrPartTest": "ciphertext",
    "CtrRangeTest": "ciphertext plaintext",
    "GcmObjectTest": "parts plaintext",
    "GcmPartTest": "partCount nonce aad ciphertext plaintext",
    "EnvelopeTest": "cipher wrapAlg key start dataSize partSize description",
    "PartListTest": "parts rejections",
    "ServiceTest": "result leans rejections etag crc64 parts isTruncated length ranges",
    "ObjectTest": "dataSize parts etag crc64",
}
BREAKS_A_CASE = 8  # of the many: enough that every kind of answer is broken often, few enough to take seconds
RESULTS = ("valid", "invalid", "acceptable")


def broken(value):
    """Other values in the place of a leaf, each as near as can be."""
    if type(value) is bool:
        return [not value]
    if type(value) is int:
        return [value + 1, value - 1]
    if value in RESULTS:
        return [result for result in RESULTS if result != value]
    if value in ("accept", "reject"):
        return ["accept" if value == "reject" else "reject"]
    places = [match.start() for match in re.finditer("[0-9a-zA-Z]", value)]
    if not places:
        return [value + "00"]
    at = places[len(places) // 2]
    return [value[:at] + ("0" if value[at] != "0" else "1") + value[at + 1 :]]


def leaves(value, path=()):
    if isinstance(value, (dict, list)):
        for name, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(item, (*path, name))
    else:
        yield path, value


def breaks_of_case(case, group):
    """Every single break of a case: (path, other value), the path of a field that is dropped with None."""
    answers = ANSWERS[group["type"]].split()
    yield from ((("result",), other) for other in broken(case["result"]))
    places = [("steps", i) for i in range(len(case["steps"]))] if "steps" in case else [()]
    for place in places:
        holder = functools.reduce(lambda value, name: value[name], place, case)
        for name in [name for name in answers if name in holder]:
            if case["result"] == "invalid" and group["type"] in ("GcmObjectTest", "GcmPartTest") and name in ("parts", "ciphertext"):
                continue  # the input of an opener that refuses, as it refuses most others
            for path, value in leaves(holder[name], (*place, name)):
                if path[-1] == "seed":
                    continue  # every seed has the same stream of length 0
                yield from ((path, other) for other in broken(value))
            liberty = case["result"] == "acceptable" and group["type"] in ("PartListTest", "EnvelopeTest")
            if not liberty:  # what a liberty leaves open may be absent
                yield (*place, name), None


def with_break(case, path, other):
    case = copy.deepcopy(case)
    *place, last = path
    holder = functools.reduce(lambda value, name: value[name], place, case)
    if other is None:
        del holder[last]
    else:
        holder[last] = other
    return case


def breaks_of_frame(file):
    """Breaks of the file around its cases: (name, the broken file)."""
    paths = {
        "an unknown field of the file": ("more",),
        "an unknown field of a note": ("notes", next(iter(file["notes"])), "more"),
        "an unknown field of a group": ("testGroups", 0, "more"),
        "another schema": ("schema",),
        "another version": ("version",),
        "another number of tests": ("numberOfTests",),
        "a gap in tcId": ("testGroups", -1, "tests", -1, "tcId"),
        "an unknown group type": ("testGroups", 0, "type"),
        "an unknown flag": ("testGroups", 0, "tests", 0, "flags"),
        "a note without a case": ("notes", "Never"),
    }
    others = {"version": 2, "tcId": 10**6, "numberOfTests": 10**6, "flags": ["Never"], "Never": {"description": "", "effect": ""}}
    for name, path in paths.items():
        yield name, with_break(file, path, others.get(path[-1], "other"))
    yield "a note is gone", with_break(file, ("notes", next(iter(file["notes"]))), None)


def self_test(path):
    """The number of breaks that were noticed, and a line for each that was not."""
    file, noticed, missed = load(path), 0, []
    for name, other in breaks_of_frame(file):
        try:
            check_frame(other)
            missed.append(f"{path.name} {name}: not noticed")
        except Mismatch:
            noticed += 1
    for group in file["testGroups"]:
        for case in group["tests"]:
            choice = random.Random(f"{path.name} {case['tcId']}")
            breaks = list(breaks_of_case(case, group))
            chosen = breaks[:2] + choice.sample(breaks[2:], min(BREAKS_A_CASE, len(breaks) - 2))
            chosen.append((("more",), "an unknown field"))
            for where, other in chosen:
                if check_case(with_break(case, where, other), group) is None:
                    place = ".".join(map(str, where))
                    missed.append(f"{path.name} {case['tcId']} {case['comment']}: {place} = {shorten(other)} not noticed")
                else:
                    noticed += 1
    return noticed, missed


def main(arguments):
    run, what = (self_test, "breaks noticed") if "--self-test" in arguments else (check_file, "cases")
    paths = [pathlib.Path(argument) for argument in arguments if argument != "--self-test"]
    if not paths:
        data = (pathlib.Path(__file__).parent / "../../crates/vectors/data").glob("*.json")
        paths = sorted(path for path in data if not path.name.startswith("schema"))
    passed = failed = 0
    for path in paths:
        good, bad = run(path)
        print(f"{path.name}  {good + len(bad)} cases" if run is check_file else f"{path.name}  {good} {what}")
        for line in bad:
            print(line)
        passed, failed = passed + good, failed + len(bad)
    print(f"{passed} passed, {failed} failed")
    return 0 if paths and not failed else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
