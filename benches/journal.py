#!/usr/bin/env python3
"""What `partproof serve --data-dir` costs, with `--sync` and without: objects of 1 KiB put a second, by how many clients put at once.

The three ways take turns, so that all meet the same neighbours and the same disk. It prints the medians of nine turns with the least and the
greatest, and ratios to `--data-dir` alone, turn by turn. Build first: cargo build --release
"""

import http.client
import statistics
import subprocess
import tempfile
import threading
import time

PARTPROOF = "target/release/partproof"
WAYS = {"no folder": [], "--data-dir": ["--data-dir"], "--data-dir --sync": ["--data-dir", "--sync"]}
CLIENTS = [1, 8, 32]
SECONDS = 1
TURNS = 9


def put(address, name, until, counts):
    connection = http.client.HTTPConnection(address)
    done = 0
    while time.monotonic() < until:
        connection.request("PUT", f"/examplebucket/{name}-{done % 50}", b"x" * 1024)
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 200, answer.status
        done += 1
    counts.append(done)


def rate(way, clients):
    with tempfile.TemporaryDirectory(prefix="journal-") as folder:
        options = [option for flag in WAYS[way] for option in ([flag, folder + "/data"] if flag == "--data-dir" else [flag])]
        command = [PARTPROOF, "serve", "--no-verify", "--listen", "127.0.0.1:0", *options]
        server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            address = server.stdout.readline().strip().removeprefix("http://")
            counts, begun = [], time.monotonic()
            threads = [threading.Thread(target=put, args=(address, name, begun + SECONDS, counts)) for name in range(clients)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            return sum(counts) / (time.monotonic() - begun)
        finally:
            server.terminate()
            server.communicate()


def spread(values, digits):
    low, middle, high = min(values), statistics.median(values), max(values)
    return f"{middle:,.{digits}f} ({low:,.{digits}f}..{high:,.{digits}f})"


def main():
    print("| clients at once | way | objects a second | ratio to --data-dir |\n| --- | --- | --- | --- |")
    for clients in CLIENTS:
        turns = [{way: rate(way, clients) for way in WAYS} for _ in range(TURNS)]
        for way in WAYS:
            ratios = [turn[way] / turn["--data-dir"] for turn in turns]
            print(f"| {clients} | {way} | {spread([turn[way] for turn in turns], 0)} | {spread(ratios, 2)} |", flush=True)


main()
