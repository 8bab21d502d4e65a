#!/usr/bin/env python3
"""A client with four faults, for pages and pictures: faulty_client.py PARTPROOF. It is the built-in client but for what it changes on the way: each part is
encrypted as if it began the object, the first two entries of a part list change places, an upload that failed is told as one that succeeded, and a range is
read without its first byte."""

import base64
import json
import pathlib
import re
import subprocess
import sys

client = subprocess.Popen([sys.argv[1], "adapter"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)


def swapped(body):
    text = base64.b64decode(body).decode()
    return base64.b64encode(re.sub(r"(<Part>.*?</Part>)(<Part>.*?</Part>)", r"\2\1", text, count=1, flags=re.S).encode()).decode()


for line in sys.stdin:
    request = json.loads(line)
    op = request["op"]
    is_counted = op == "encrypt_part" and request["cipher"] == "AES/CTR/NoPadding"
    if is_counted:
        # In counter mode both ways are the same.
        request = {"id": request["id"], "op": "decrypt_range", "cipher": request["cipher"], "key": request["key"], "start": request["start"],
                   "offset": 0, "ciphertext": request["plaintext"]}
    client.stdin.write(json.dumps(request) + "\n")
    answer = json.loads(client.stdout.readline())
    if op == "describe":
        answer["ok"]["name"], answer["ok"]["language"] = "faulty client", "Python"
    if is_counted and "ok" in answer:
        answer["ok"] = {"ciphertext": answer["ok"]["plaintext"]}
    if op == "part_list" and "ok" in answer:
        answer["ok"]["body"] = swapped(answer["ok"]["body"])
    if op == "upload" and "err" in answer:
        answer = {"id": answer["id"], "ok": {"etag": None}}
    if op == "download" and "ok" in answer and request.get("range"):
        file = pathlib.Path(request["file"])
        file.write_bytes(file.read_bytes()[1:])
    print(json.dumps(answer), flush=True)
