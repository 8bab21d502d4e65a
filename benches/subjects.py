#!/usr/bin/env python3
"""Times the SDKs of adapters/ beside the built-in client, and writes docs/SUBJECTS.md. The adapters must be set up.

usage: benches/subjects.py PARTPROOF [WORD]   (about ten minutes on two cores)

With a word, only those that have it in their command; the page is then printed and not written.
"""

import datetime
import json
import pathlib
import subprocess
import sys

TREE = pathlib.Path(__file__).resolve().parents[1]
SUBJECTS = [
    "adapters/python/run oss2",
    "adapters/python/run oss2 --high-level",
    "adapters/python/run oss-v2",
    "adapters/python/run oss-v2 --high-level",
    "adapters/go/run v1",
    "adapters/go/run v2",
    "adapters/go/run v2 --high-level",
    "adapters/java/run v1",
    "adapters/java/run v1 --high-level",
]
ROWS = ["encrypt-part/1MiB", "decrypt-range/1MiB", "upload/1", "upload/100", "download/100"]


def measured(partproof, subject):
    rows = [word for row in ROWS for word in ("--piece", row)]
    command = [partproof, "bench", "--subject", subject, *rows, "--json"]
    try:
        run = subprocess.run(command, capture_output=True, cwd=TREE, timeout=1200)
    except subprocess.TimeoutExpired as late:
        print(f"{subject}: {late}", file=sys.stderr)
        return None
    if run.returncode not in (0, 1, 4):
        print(f"{subject}: exit {run.returncode}: {run.stderr.decode()[-300:]}", file=sys.stderr)
        return None
    return json.loads(run.stdout)


def cell(row):
    if row is None or row["ratio"] is None:
        return "-" if row is None or row["verdict"] == "not_declared" else row["verdict"]
    ratio = row["ratio"]
    return f"{ratio['middle']:.2f} ({ratio['low']:.2f} to {ratio['high']:.2f})"


def main():
    partproof, word = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2] if len(sys.argv) > 2 else ""
    lines, machine, broken = [], None, []
    for subject in (subject for subject in SUBJECTS if word in subject):
        report = measured(partproof, subject)
        if report is None:
            broken.append(subject)
            continue
        machine = report["machine"]
        rows = {row["name"]: row for row in report["rows"]}
        counters = (rows.get("upload/100") or {}).get("samples", {}).get("counters")
        requests = str(counters[0]["requests"]) if counters else "-"
        memory = f"{counters[0]['peak_memory'] / 2**20:.0f}" if counters and counters[0]["peak_memory"] else "-"
        wires = f"{counters[0]['connections']}, {counters[0]['most_parts']}" if counters else "-"
        lines.append(f"| {report['new']} | {' | '.join(cell(rows.get(row)) for row in ROWS)} | {requests} | {wires} | {memory} |")
        print(lines[-1], flush=True)
    head = ["subject", *(f"`{row}`" for row in ROWS), "requests of `upload/100`", "connections, parts at once", "MiB of memory at most"]
    if machine is None:
        sys.exit("nobody could be timed")
    page = f"""# The subjects beside the built-in client

Time as a ratio to the built-in client, with the interval of 95 %, each pair in one run: `benches/subjects.py` on {machine["processor"]}, {machine["cores"]} cores, {machine["system"]}, {datetime.date.today()}. Below 1 is
faster. Pieces are told by what they compute, transfers, of parts of 100 KiB, by the wall ([BENCH.md](BENCH.md) says what the rows are). A dash: the adapter does not have it.

| {" | ".join(head)} |
| {" | ".join("---" for _ in head)} |
{chr(10).join(lines)}
"""
    if word:
        print(page)
    elif not broken:
        (TREE / "docs/SUBJECTS.md").write_text(page, encoding="utf-8")
    if broken:
        sys.exit(f"could not be timed, so that no page is written: {', '.join(broken)}")


if __name__ == "__main__":
    main()
