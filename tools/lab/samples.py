# SPDX-License-Identifier: GPL-2.0
"""Rows that were measured, kept for as long as nothing changed that they depend on."""

import hashlib
import json
import shlex
import statistics
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import cell
from cell import Cell

# From the top of the repository: what makes the loads and reads what they tell, and what netcoal's
# contenders need besides.
OF_ALL = ("tools/lab/guest-bench", "tools/lab/load", "tools/lab/cell.py")
OF_NETCOAL = ("drivers/net/netcoal", "include/uapi", "tools/netcoal")

# A figure is spread if its samples are: the difference between the largest and the least, in % of
# the median.
SPREAD_OF = "cpu_ns_per_packet"


def commit() -> str:
    """What is measured, with a mark if the tree has changes."""
    told = subprocess.run(
        ["git", "describe", "--always", "--dirty", "--abbrev=12"],
        cwd=cell.TOP, capture_output=True, text=True, check=True,
    )
    return told.stdout.strip()


def sources(top: Path, places: Sequence[str]) -> str:
    """A digest of all files there, but those that an editor or a checker left."""
    digest = hashlib.sha256()
    for place in places:
        root = top / place
        for path in [root] if root.is_file() else sorted(root.rglob("[!.]*")):
            if path.is_file():
                content = path.read_bytes()
                digest.update(f"{path.relative_to(top)} {len(content)}\n".encode() + content)
    return digest.hexdigest()


def fingerprint(machine: tuple[str, ...]) -> str:
    """Of QEMU, its command line, the kernel, and the guest's programs."""
    told = subprocess.run(
        ["tools/lab/run", *machine, "--fingerprint"],
        cwd=cell.TOP, capture_output=True, text=True, check=False,
    )
    if told.returncode:
        raise cell.CellError(f"run --fingerprint: {told.stderr.strip()}")
    return told.stdout.strip()


def of_all_sizes(row: dict) -> dict:
    """A curve's rate is the geometric mean of all its sizes': the best of them is the largest's,
    whatever happened to the others."""
    if not row.get("curve"):
        return row
    rates = [1e6 * mbps for _, mbps, _ in row["curve"]]
    return {**row, "bps": round(statistics.geometric_mean(rates)) if min(rates) > 0 else 0}


def middle(rows: list[dict]) -> dict:
    """One row of the medians of some samples; what is no number is the first's. What is the same in
    all stays as it is, for the median of two whole numbers is none."""
    rows = [of_all_sizes(row) for row in rows]
    out = dict(rows[0])
    for key, value in rows[0].items():
        values = [row.get(key) for row in rows]
        is_told = isinstance(value, (int, float)) and None not in values
        if is_told and values.count(value) < len(values):
            out[key] = statistics.median(values)
    out["seed"] = rows[0]["seed"]
    out["seeds"] = [row["seed"] for row in rows]
    values = [row[SPREAD_OF] for row in rows]
    out["spread_pct"] = round(100 * (max(values) - min(values)) / statistics.median(values), 2)
    out["p99_longest_ns"] = max((row["p99_ns"] for row in rows if row["p99_ns"]), default=None)
    out["samples_taken"] = len(rows)
    out["commit"] = " ".join(dict.fromkeys(row["commit"] for row in rows))
    out["host_cpu_s"] = round(sum(row["host_cpu_s"] for row in rows), 2)
    return out


class Inputs:
    """What the figures of a cell depend on, as a digest; the seed is in its name."""

    def __init__(
        self, top: Path = cell.TOP, of_machine: Callable[[tuple[str, ...]], str] = fingerprint
    ) -> None:
        self.of_machine = of_machine
        self.machines: dict[tuple[str, ...], str] = {}
        self.sources = {
            False: sources(top, OF_ALL),
            True: sources(top, OF_ALL + OF_NETCOAL),
        }

    def of(self, point: Cell) -> str:
        """For one cell, whatever else its guest does."""
        machine = tuple(point.machine())
        if machine not in self.machines:
            self.machines[machine] = self.of_machine(machine)
        words = shlex.join(cell.guest_command([point]))
        all_ = (self.machines[machine], self.sources[point.has_netcoal], words)
        return hashlib.sha256("\n".join(all_).encode()).hexdigest()[:16]


def whole_lines(path: Path) -> list[str]:
    """Of a file whose writer may have been killed: half a line at its end is taken off, or the next
    one would be written behind it."""
    text = path.read_text()
    whole = text[: text.rfind("\n") + 1]
    if whole != text:
        path.write_text(whole)
    return whole.splitlines()


class Samples:
    """A file with a line each; of several of one cell the last one counts."""

    def __init__(self, path: Path, inputs: Inputs, measured: str) -> None:
        self.path, self.inputs, self.measured = path, inputs, measured
        self.kept: dict[tuple[str, str], dict] = {}
        if path.exists():
            for line in whole_lines(path):
                row = json.loads(line)
                if "inputs" in row:
                    self.kept[row.pop("name"), row["inputs"]] = row

    def find(self, point: Cell) -> dict | None:
        """Its row, if what it depends on is as it was."""
        return self.kept.get((point.name, self.inputs.of(point)))

    def add(self, point: Cell, row: dict) -> None:
        """Keep a row, on the disk at once."""
        digest = self.inputs.of(point)
        row = {**row, "inputs": digest, "commit": self.measured}
        self.kept[point.name, digest] = row
        with self.path.open("a") as file:
            print(json.dumps({"name": point.name, **row}), file=file)
