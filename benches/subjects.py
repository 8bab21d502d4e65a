#!/usr/bin/env python3
"""Times the SDKs of adapters/ beside the built-in client, and writes docs/SUBJECTS.md. The adapters must be set up.

usage: benches/subjects.py PARTPROOF   (about ten minutes on two cores)
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
    run = subprocess.run([partproof, "bench", "--subject", subject, *rows, "--json"], capture_output=True, cwd=TREE, timeout=1200)
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
    lines, machine = [], None
    for subject in SUBJECTS:
        report = measured(sys.argv[1], subject)
        if report is None:
            continue
        machine = report["machine"]
        rows = {row["name"]: row for row in report["rows"]}
        counters = (rows.get("upload/100") or {}).get("samples", {}).get("counters")
        requests = str(counters[0]["requests"]) if counters else "-"
        memory = f"{counters[0]['peak_memory'] / 2**20:.0f}" if counters and counters[0]["peak_memory"] else "-"
        lines.append(f"| {report['new']} | {' | '.join(cell(rows.get(row)) for row in ROWS)} | {requests} | {memory} |")
        print(lines[-1], flush=True)
    head = ["subject", *(f"`{row}`" for row in ROWS), "requests of `upload/100`", "MiB of memory at most"]
    page = f"""# The subjects beside the built-in client

Time as a ratio to the built-in client, with the interval of 95 %, each pair in one run: `benches/subjects.py` on {machine["processor"]}, {machine["cores"]} cores, {machine["system"]}, {datetime.date.today()}. Below 1 is
faster. Pieces are told by what they compute, transfers, of parts of 100 KiB, by the wall ([BENCH.md](BENCH.md) says what the rows are). A dash: the adapter does not have it.

| {" | ".join(head)} |
| {" | ".join("---" for _ in head)} |
{chr(10).join(lines)}
"""
    (TREE / "docs/SUBJECTS.md").write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
