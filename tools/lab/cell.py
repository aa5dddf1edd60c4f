# SPDX-License-Identifier: GPL-2.0
"""Cells of a benchmark: one load on one NIC under one contender, in a guest of its own."""

import json
import math
import os
import re
import shlex
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from hashlib import sha256
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
    """What goes over the wire, on a CPU that takes 1 ns for an instruction; see Cell for others.

    steps: rates and how many ms each lasts, one after the other; bin_us: a time series. counts:
    round trips to warm up and to measure, where a window of time could hold none. beside: options
    of a stream at the same time, with its ceiling beside_bps. shell: mode run's command; @10ms@ in
    it becomes so many seconds.
    """

    name: str
    title: str
    mode: str
    options: tuple[str, ...] = ()
    pps: int | None = None
    warmup_ms: int = 200
    window_ms: int = 400
    steps: tuple[tuple[int, int], ...] = ()
    bin_us: int = 0
    counts: tuple[int, int] | None = None
    polls_ms: int = 0
    beside: tuple[str, ...] = ()
    beside_bps: int = 0
    shell: str = ""

    def command(self, scale: int) -> list[str]:
        """The words after "load" where everything takes scale times longer."""
        words = [self.mode, *self.options]
        if self.shell:
            return words + [re.sub(r"@(\d+)ms@", lambda m: f"{int(m[1]) * scale / 1000:g}", self.shell)]
        if self.pps:
            words += ["--pps", str(self.pps // scale)]
        if self.steps:
            steps = (f"{pps // scale}:{ms * scale}ms" for pps, ms in self.steps)
            words += ["--profile", ",".join(steps)]
        if self.bin_us:
            words += ["--series", f"{self.bin_us * scale}us"]
        if self.polls_ms:
            words += ["--polls", f"{self.polls_ms * scale}ms"]
        warmup, window = f"{self.warmup_ms * scale}ms", f"{self.window_ms * scale}ms"
        if self.counts:
            warmup, window = (str(count) for count in self.counts)
        return words + self.beside_words(scale) + ["--warmup", warmup, "--time", window]

    def beside_words(self, scale: int) -> list[str]:
        """For guest-bench: it begins a little later than the load itself, and ends later."""
        if not self.beside:
            return []
        words = [*self.beside, "--bps", str(self.beside_bps // scale)]
        words += ["--warmup", f"{(self.warmup_ms + 10) * scale}ms"]
        words += ["--time", f"{(self.window_ms + 60) * scale}ms"]
        return ["BESIDE", " ".join(words)]

    @property
    def rate_key(self) -> str:
        """Which figure is its throughput: that of the bulk, where there is some beside it."""
        if self.beside:
            return "beside_bps"
        return {"rr": "tps", "stream": "bps", "udp": "pps"}.get(self.mode, "bps")


# Names of contenders that say nothing of their times, as guest-bench knows them.
NAMED = {"netcoal": "netcoal-{latency}", "dim": "dim-1ms"}


@dataclass(frozen=True)
class Cell:
    """A point of the matrix. contender: as in guest-bench, with times as they are at shift 0;
    netcoal has the target latency, dim all of its ladder.

    A shift s makes the guest's clock show 2^s ns for an instruction. What a NIC's model does in
    fixed times, and no setting changes, becomes that much smaller beside what the CPU does. Nothing
    else is meant to change: so all times that the guest is given are 2^s times longer, all rates
    lower, and results are put back, as if an instruction took 1 ns.
    """

    nic: str
    load: Load
    contender: str
    kernel: str = "6.12"
    shift: int = 0
    seed: int = 1
    latency: str = "100us"
    topology: str = "pair"

    @property
    def device(self) -> str:
        """The NIC, and what was made of it."""
        words = {"pair": [], "bond": ["bond"], "route": ["router"]}[self.topology]
        return " ".join([self.nic, *words])

    @property
    def guest(self) -> tuple:
        """Cells with the same may share a guest."""
        return (
            self.nic, self.topology, self.contender, self.kernel, self.shift, self.seed, self.latency
        )

    @property
    def name(self) -> str:
        """A name that is unique in a matrix, fit for a file."""
        device = self.device.replace(" ", "-")
        return f"{device}.{self.load.name}.{self.contender}.{self.kernel}.{self.shift}.{self.seed}"

    @property
    def scale(self) -> int:
        """How much slower the guest's clock makes everything look."""
        return 1 << self.shift

    def guest_contender(self) -> str:
        """The contender with the times that the guest is given."""
        known = NAMED.get(self.contender, self.contender).format(latency=self.latency)
        return re.sub(r"\d+[mu]s", lambda m: stretched(m[0], self.scale), known)

    def latency_target_ns(self) -> int | None:
        """Of the contender, if netcoal's model is it."""
        if not self.contender.startswith("netcoal"):
            return None
        known = NAMED.get(self.contender, self.contender).format(latency=self.latency)
        return time_ns(known.split("-")[1])

    @property
    def has_netcoal(self) -> bool:
        """Whether it takes netcoal to be this contender."""
        return self.contender.startswith(("netcoal", "dim"))

    def load_command(self) -> list[str]:
        """Its part of what runs in the guest."""
        return [self.load.name, *self.load.command(self.scale)]

    def machine(self) -> list[str]:
        """What the machine is, for tools/lab/run."""
        topology = [] if self.topology == "pair" else ["--topology", self.topology]
        return ["--kernel", self.kernel, "--nic", self.nic, *topology, "--shift", str(self.shift)]

    def lab_command(self) -> list[str]:
        """What runs on the host, from the top of the repository; files come and go beside it."""
        netcoal = [] if self.has_netcoal else ["--without-netcoal"]
        return [
            "tools/lab/run", *self.machine(), "--seed", str(self.seed), *netcoal,
            "--put", "build/load", "--put", "tools/lab/guest-bench",
        ]


def guest_command(cells: Sequence[Cell]) -> list[str]:
    """What runs in the guest that some cells share."""
    first = cells[0]
    words = ["bash", "/put/guest-bench", first.topology, str(first.scale), first.guest_contender()]
    for i, cell in enumerate(cells):
        words += ["--"] * (i > 0) + cell.load_command()
    return words


def run(cells: Sequence[Cell], cpu: int | None = None) -> list[dict | CellError]:
    """Boot a guest, run some cells in it, return one flat row of results for each, or why not.

    On one CPU of the host, if given. With more, QEMU's threads now and then meet in another order,
    by which the guest loses or gains a few instructions: a run does not quite repeat.
    """
    first = cells[0]
    log = BUILD / "lab" / "cells" / f"{first.name}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="netcoal-cell.") as tmp:
        out = Path(tmp) / "cell"
        command = [] if cpu is None else ["taskset", "--cpu-list", str(cpu)]
        limit_s = CELL_TIMEOUT_S * len(cells)
        command += [*first.lab_command(), "--timeout", str(limit_s), "--log", str(log)]
        command += ["--get", f"/tmp/cell:{out}", "--", *guest_command(cells)]
        cpu_s, fault = run_command(command, Path(tmp) / "said")
        return [result(c, out, fault, cpu_s / len(cells)) for c in cells]


def result(cell: Cell, out: Path, fault: str, cpu_s: float) -> dict | CellError:
    """Its row. A load that failed left no figures, and those after it may have."""
    try:
        return {**row(cell, out), "host_cpu_s": round(cpu_s, 2)}
    except (CellError, OSError, ValueError, KeyError) as error:
        return CellError(f"{cell.name}: {fault or error}")


def run_command(command: list[str], said: Path) -> tuple[float, str]:
    """Run it to its end; returns the CPU time of the host that it took, in s, and what failed."""
    with said.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=TOP, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    fault = ""
    if process.returncode:
        fault = f"exit status {process.returncode}\n{said.read_text(errors='replace')}"
    return usage.ru_utime + usage.ru_stime, fault


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
    of_load = out / cell.load.name
    measured = json.loads((of_load / "load.json").read_text())
    measured.pop("load")
    figures = {
        key: unstretched(value, key, cell.scale)
        for key, value in measured.items()
        if not key.startswith("series_")
    }
    figures |= of_sender(cell, figures)
    return {
        "nic": cell.device,
        "load": cell.load.name,
        "contender": cell.contender,
        "kernel": (out / "kernel").read_text().strip(),
        "shift": cell.shift,
        "seed": cell.seed,
        "method": (out / "method").read_text().strip(),
        "title": cell.load.title,
        "rate_key": cell.load.rate_key,
        "command": shlex.join([*cell.lab_command(), "--", *guest_command([cell])]),
        **figures,
        **beside(cell, of_load),
        **foreign(cell, of_load),
        "instructions_per_packet": figures["cpu_ns_per_packet"],
        "latency_target_ns": cell.latency_target_ns(),
        "netcoal": governed(cell, of_load) if cell.contender.startswith("netcoal") else None,
        **series(cell, of_load, measured),
    }


def of_sender(cell: Cell, figures: dict) -> dict:
    """Where the contender has the sender's NICs, what it takes to send."""
    if "SENDING" not in cell.load.options:
        return {}
    keys = ("cpu_ns_per_packet", "irq_per_packet")
    of_all = {key: figures["sender_" + key.removeprefix("cpu_")] for key in keys}
    return {**of_all, "polls_per_packet": None}


def beside(cell: Cell, of_load: Path) -> dict:
    """The throughput of a stream at the same time."""
    if not cell.load.beside:
        return {}
    measured = json.loads((of_load / "beside.json").read_text())
    return {"beside_bps": measured["bps"] * cell.scale}


def of_ping(said: str, scale: int) -> dict:
    """Round trips as ping tells them, in ms."""
    times = sorted(round(float(ms) * 1e6) // scale for ms in re.findall(r"time=([\d.]+) ms", said))
    if not times:
        raise CellError("ping had no answer")
    ranks = {"p50_ns": 0.5, "p90_ns": 0.9, "p99_ns": 0.99}
    found = {key: times[math.ceil(q * len(times)) - 1] for key, q in ranks.items()}
    mean_ns = sum(times) / len(times)
    return {**found, "mean_ns": mean_ns, "max_ns": times[-1], "samples": len(times)}


def of_iperf3(said: str, scale: int) -> dict:
    """What came through, both ways together."""
    end = json.loads(said)["end"]
    keys = ("sum_received", "sum_received_bidir_reverse")
    return {"bps": scale * sum(end[key]["bits_per_second"] for key in keys if key in end)}


def of_netpipe(said: str, scale: int) -> dict:
    """The curve: bytes, Mb/s, and ns of one way; and its best throughput."""
    lines = [line.split() for line in said.splitlines()]
    curve = [
        [int(size), float(mbps) * scale, round(float(seconds) * 1e9) // scale]
        for size, mbps, seconds in lines
    ]
    return {"curve": curve, "bps": 1e6 * max(mbps for _, mbps, _ in curve)}


FOREIGN = {"ping": of_ping, "iperf3": of_iperf3, "iperf3-both": of_iperf3, "netpipe": of_netpipe}


def foreign(cell: Cell, of_load: Path) -> dict:
    """What another program said of its load."""
    if cell.load.mode != "run":
        return {}
    return FOREIGN[cell.load.name]((of_load / "said").read_text(), cell.scale)


DECISION = re.compile(
    r" (?P<at>[\d.]+): decision: dev=(?P<dev>\S+) .* pps=(?P<pps>\d+) "
    r"batch_milli=(?P<batch>\d+) .* holdoff_ns=(?P<holdoff>\d+) .* verdict=(?P<verdict>\S+)"
)


def decisions(cell: Cell, trace: Path, begin_ns: int) -> list[dict]:
    """netcoal's for the receiving NIC, by time since the window began."""
    found = []
    for line in trace.read_text().splitlines():
        said = DECISION.search(line)
        if said and said["dev"] == "eth1":
            found.append({
                "at_ns": (round(float(said["at"]) * 1e9) - begin_ns) // cell.scale,
                "pps": int(said["pps"]) * cell.scale,
                "batch": int(said["batch"]) / 1000,
                "holdoff_ns": int(said["holdoff"]) // cell.scale,
                "verdict": said["verdict"],
            })
    return found


def series(cell: Cell, of_load: Path, measured: dict) -> dict:
    """What a load with a time series left, put back; bins by when datagrams were sent."""
    if not cell.load.bin_us:
        return {}
    trace = of_load / "trace"
    return {
        "series": {
            "bin_ns": measured["series_bin_ns"] // cell.scale,
            "received": measured["series_received"],
            "takes": measured["series_takes"],
            "mean_ns": [ns // cell.scale for ns in measured["series_mean_ns"]],
            "max_ns": [ns // cell.scale for ns in measured["series_max_ns"]],
            "decisions": decisions(cell, trace, measured["series_begin_ns"])
            if trace.exists() else [],
        }
    }


def governed(cell: Cell, out: Path) -> list[dict]:
    """netcoal's settings, queue by queue, of both NICs; queues that saw no packet are left out."""
    queues = []
    for path in sorted(out.glob("eth*.json")):
        for device in json.loads(path.read_text()):
            for queue in device["queues"]:
                if queue["packets"]:
                    put_back = {
                        key: unstretched(value, key, cell.scale) for key, value in queue.items()
                    }
                    queues.append({**put_back, "actuator": device["actuator"]})
    return queues


def turned(shared: list[Cell]) -> list[Cell]:
    """The order in which cells that share a guest are run: in each start but the first another one,
    for a load may settle in another state after another load."""
    if shared[0].seed == 1:
        return shared
    return sorted(shared, key=lambda c: sha256(f"{c.seed} {c.load.name}".encode()).digest())


def run_all(
    cells: Iterable[Cell], together: bool = False
) -> Iterator[tuple[list[Cell], list[dict | CellError]]]:
    """Run cells side by side, each on a CPU of the host for itself; yields them as they finish.

    Together: those that may share a guest do, one after the other.
    """
    cpus: SimpleQueue[int] = SimpleQueue()
    for cpu in sorted(os.sched_getaffinity(0))[:GUESTS_MAX]:
        cpus.put(cpu)

    def run_on_one(shared: list[Cell]) -> list[dict | CellError]:
        cpu = cpus.get()
        try:
            return run(shared, cpu)
        finally:
            cpus.put(cpu)

    guests: dict[object, list[Cell]] = {}
    for cell in cells:
        guests.setdefault(cell.guest if together else cell, []).append(cell)
    with ThreadPoolExecutor(cpus.qsize()) as pool:
        turns = [turned(shared) for shared in guests.values()]
        jobs = {pool.submit(run_on_one, shared): shared for shared in turns}
        try:
            for job in as_completed(jobs):
                yield jobs[job], job.result()
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
