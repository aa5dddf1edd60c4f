# SPDX-License-Identifier: GPL-2.0
"""Cells of a benchmark: one load on one NIC under one contender, in a guest of its own."""

import json
import os
import shlex
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

LAB = Path(__file__).resolve().parent
TOP = LAB.parent.parent
BUILD = TOP / "build"

CELL_TIMEOUT_S = 200
# At once; each takes half a GB.
GUESTS_MAX = 16

# The results that are rates; those that are times have a unit in their names.
RATES = {"pps", "bps", "tps", "rx_pps", "tx_pps", "pps_asked", "bps_asked"}


class CellError(Exception):
    """A cell that gave no result."""


@dataclass(frozen=True)
class Load:
    """What goes over the wire, on a CPU that takes 1 ns for an instruction; see Cell for others."""

    name: str
    title: str
    mode: str
    options: tuple[str, ...] = ()
    pps: int | None = None
    warmup_ms: int = 200
    window_ms: int = 400

    def command(self, scale: int) -> list[str]:
        """The words after "load" where everything takes scale times longer."""
        words = [self.mode, *self.options]
        if self.pps:
            words += ["--pps", str(self.pps // scale)]
        return words + [
            "--warmup",
            f"{self.warmup_ms * scale}ms",
            "--time",
            f"{self.window_ms * scale}ms",
        ]


@dataclass(frozen=True)
class Cell:
    """A point of the matrix. contender: default, fixed-0, fixed-100us (any time), netcoal.

    A shift s makes the guest's clock show 2^s ns for an instruction. What a NIC's model does in
    fixed times, and no setting changes, becomes that much smaller beside what the CPU does. Nothing
    else is meant to change: so all times that the guest is given are 2^s times longer, all rates
    lower, and results are put back, as if an instruction took 1 ns.
    """

    nic: str
    load: Load
    contender: str
    kernel: str = "6.1"
    shift: int = 0
    seed: int = 1
    latency: str = "100us"

    @property
    def name(self) -> str:
        """A name that is unique in a matrix, fit for a file."""
        return (
            f"{self.nic}.{self.load.name}.{self.contender}.{self.kernel}.{self.shift}.{self.seed}"
        )

    @property
    def scale(self) -> int:
        """How much slower the guest's clock makes everything look."""
        return 1 << self.shift

    def guest_contender(self) -> str:
        """The contender with the times that the guest is given."""
        kind, _, time = self.contender.partition("-")
        if kind == "netcoal":
            time = self.latency
        return "-".join([kind, stretched(time, self.scale)] if time else [kind])

    def guest_command(self) -> list[str]:
        """What runs in the guest."""
        return ["bash", "/put/guest-bench", self.guest_contender(), *self.load.command(self.scale)]

    def lab_command(self) -> list[str]:
        """What runs on the host, from the top of the repository; files come and go beside it."""
        return [
            "tools/lab/run",
            "--kernel",
            self.kernel,
            "--nic",
            self.nic,
            "--shift",
            str(self.shift),
            "--seed",
            str(self.seed),
            "--put",
            "build/load",
            "--put",
            "tools/lab/guest-bench",
        ]


def run(cell: Cell, cpu: int | None = None) -> dict:
    """Boot a guest, run the cell in it, return one flat row of results.

    On one CPU of the host, if given. With more, QEMU's threads now and then meet in another order,
    by which the guest loses or gains a few instructions: a run does not quite repeat.
    """
    log = BUILD / "lab" / "cells" / f"{cell.name}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="netcoal-cell.") as tmp:
        out = Path(tmp) / "cell"
        command = [] if cpu is None else ["taskset", "--cpu-list", str(cpu)]
        command += [*cell.lab_command(), "--timeout", str(CELL_TIMEOUT_S), "--log", str(log)]
        command += ["--get", f"/tmp/cell:{out}", "--", *cell.guest_command()]
        done = subprocess.run(
            command,
            cwd=TOP,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )
        if done.returncode:
            raise CellError(f"{cell.name}: exit status {done.returncode}\n{done.stdout}")
        return row(cell, out)


def time_ns(time: str) -> int:
    """100us -> 100000."""
    number = time.rstrip("nums")
    return int(number) * {"ns": 1, "us": 1000, "ms": 1000000, "s": 1000000000}[time[len(number) :]]


def stretched(time: str, scale: int) -> str:
    """100us -> 1600us; 0 stays 0."""
    number = time.rstrip("nums")
    return str(int(number) * scale) + time[len(number) :]


def unstretched(value, key: str, scale: int):
    """A figure of the guest's, put back: times are divided, rates multiplied, counts stay."""
    if value is None or isinstance(value, (str, list)):
        return value
    if "_ns" in key:
        return value / scale if value % scale else value // scale
    return value * scale if key in RATES else value


def row(cell: Cell, out: Path) -> dict:
    """One row from what guest-bench left behind: the coordinates first, then load's figures."""
    measured = json.loads((out / "load.json").read_text())
    measured.pop("load")
    return {
        "nic": cell.nic,
        "load": cell.load.name,
        "contender": cell.contender,
        "kernel": (out / "kernel").read_text().strip(),
        "shift": cell.shift,
        "seed": cell.seed,
        "method": (out / "method").read_text().strip(),
        "title": cell.load.title,
        "command": shlex.join([*cell.lab_command(), "--", *cell.guest_command()]),
        **{key: unstretched(value, key, cell.scale) for key, value in measured.items()},
        "latency_target_ns": time_ns(cell.latency) if cell.contender == "netcoal" else None,
        "netcoal": governed(cell, out) if cell.contender == "netcoal" else None,
    }


def governed(cell: Cell, out: Path) -> list[dict]:
    """netcoal's settings, queue by queue, of both NICs; queues that saw no packet are left out."""
    queues = []
    for dev in ("eth0", "eth1"):
        for device in json.loads((out / f"{dev}.json").read_text()):
            for queue in device["queues"]:
                if queue["packets"]:
                    put_back = {
                        key: unstretched(value, key, cell.scale) for key, value in queue.items()
                    }
                    queues.append({**put_back, "actuator": device["actuator"]})
    return queues


def run_all(cells: Iterable[Cell]) -> Iterator[tuple[Cell, dict]]:
    """Run cells side by side, each on a CPU of the host for itself; yields them as they finish."""
    cpus: SimpleQueue[int] = SimpleQueue()
    for cpu in sorted(os.sched_getaffinity(0))[:GUESTS_MAX]:
        cpus.put(cpu)

    def run_on_one(cell: Cell) -> dict:
        cpu = cpus.get()
        try:
            return run(cell, cpu)
        finally:
            cpus.put(cpu)

    with ThreadPoolExecutor(cpus.qsize()) as pool:
        jobs = {pool.submit(run_on_one, cell): cell for cell in cells}
        try:
            for job in as_completed(jobs):
                yield jobs[job], job.result()
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
