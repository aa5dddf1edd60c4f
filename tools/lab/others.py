# SPDX-License-Identifier: GPL-2.0
"""Rows that something else measured, in the shape of the benchmark's: another run of it, or the
machines of tools/lab/hypervisors."""

import json
import re
from pathlib import Path

from cell import time_ns

# What a row must tell to be judged, and what is taken where it does not tell the rest.
NEEDED = ("nic", "load", "contender", "kernel", "cpu_ns_per_packet")
UNTOLD = {
    "p50_ns": None, "p99_ns": None, "max_ns": None, "tps": None, "bps": None, "pps": None,
    "irq_per_packet": None, "latency_target_ns": None, "rate_key": "", "shift": None, "title": "",
    "command": "", "netcoal": None, "spread_pct": 0.0, "samples_taken": 1, "host_cpu_s": 0.0,
    "commit": "", "run": "", "by": "",
}
# Of hypervisors' rows; the target of a case is the last time in its name.
MACHINES = ("lab", "case", "contender", "cpu_ns_per_packet", "p99_ns", "bps")
TIME = re.compile(r"\b\d+[mu]s\b")


class OthersError(Exception):
    """A file that does not hold such rows."""


def of_machine(row: dict, path: Path) -> dict:
    """A row of hypervisors'. A name without a time tells no target: then CPU and rate are judged."""
    times = TIME.findall(row["case"])
    ours = row["contender"] == "netcoal"
    return {
        **UNTOLD, "nic": row["lab"], "load": row["case"], "kernel": "", "by": str(path),
        "contender": f"netcoal-{times[-1]}" if ours and times else row["contender"],
        "latency_target_ns": time_ns(times[-1]) if ours and times else None,
        "cpu_ns_per_packet": row["cpu_ns_per_packet"], "p99_ns": row["p99_ns"],
        "mean_ns": row.get("rtt_ns"), "bps": row["bps"], "rate_key": "bps" if row["bps"] else "",
        "irq_per_packet": row.get("irq_per_packet"),
    }


def shaped(row: dict, path: Path) -> dict:
    """One row."""
    is_machine = "lab" in row
    missing = [key for key in (MACHINES if is_machine else NEEDED) if key not in row]
    if missing:
        raise OthersError(f"{path}: a row without {missing[0]}")
    return of_machine(row, path) if is_machine else {**UNTOLD, **row, "by": str(path)}


def read(path: Path) -> list[dict]:
    """All of a file, but those that tell no CPU time."""
    try:
        rows = [shaped(row, path) for row in json.loads(path.read_text())]
    except (OSError, ValueError, TypeError) as error:
        raise OthersError(f"{path}: {error}") from error
    return [row for row in rows if row["cpu_ns_per_packet"]]
