# SPDX-License-Identifier: GPL-2.0
"""The benchmark on two real hosts, over ssh: known programs make the load, and load's mode run
measures what each host spent on it.

Packets are those that the answering host received, and for round trips those that either did. CPU
per packet is of both hosts where both belong to the load, and of the receiving one for datagrams.
"""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import cell
import matrix
from cell import CellError

# What to say instead of ssh, for hosts that are reached in another way.
SSH = shlex.split(os.environ.get("NETCOAL_SSH", "ssh -o BatchMode=yes"))
# Its own exit status where a host was not reached
SSH_FAILED = 255
SECONDS = 10
# The server is there for this much longer before, and twice that after: on a busy host ssh and
# sockperf take their time.
MARGIN_S = 3
ALL_S = SECONDS + 3 * MARGIN_S
CONTENDERS = (
    "default", "fixed-0", "fixed-50us", "fixed-100us", "fixed-250us", "adaptive", "dim",
    "netcoal-50us", "netcoal-100us", "netcoal-250us",
)


class UnreachedError(CellError):
    """ssh did not come as far as the command."""


@dataclass(frozen=True)
class Host:
    """One end: what ssh connects to, the device under test, its address."""

    ssh: str
    dev: str
    addr: str
    dir: str = ""  # of one's own there, once it was made: root runs what lies in it

    def command(self, shell: str) -> list[str]:
        """What runs a shell command there."""
        return [*SSH, self.ssh, shell]

    def tell(self, shell: str, given: bytes = b"") -> str:
        """Run it; its output."""
        done = subprocess.run(self.command(shell), input=given, capture_output=True, check=False)
        if done.returncode:
            kind = UnreachedError if done.returncode == SSH_FAILED else CellError
            raise kind(f"{self.ssh}: {shell}: {done.stderr.decode(errors='replace').strip()}")
        return done.stdout.decode(errors="replace")

    def put(self, name: str, content: bytes) -> None:
        """A program."""
        path = f"{self.dir}/{name}"
        self.tell(f"cat >{path} && chmod 755 {path}", content)

    def watched(self, shell: str) -> str:
        """A command for it, in which load measures another."""
        place = f"-:{self.dev}:{self.addr}"
        return shlex.join([
            f"{self.dir}/load", "run", "--one-way", "--from", place, "--to", place, shell
        ])


def parse(text: str) -> Host:
    """SSH:DEV:ADDR, and SSH may be user@host."""
    parts = text.rsplit(":", 2)
    if len(parts) != 3 or not all(parts):
        raise CellError(f"--host: '{text}' is not SSH:DEV:ADDR")
    return Host(*parts)


def of_sockperf(said: str) -> dict:
    """sockperf tells one way, half of a round trip, in us."""
    def percentile(rank: str) -> int:
        found = re.search(rf"percentile {rank}\s*=\s*([\d.]+)", said)
        if not found:
            raise CellError(f"sockperf told no percentile {rank}")
        return round(float(found[1]) * 2000)

    sent = re.search(r"ReceivedMessages=(\d+)", said)
    longest = re.search(r"<MAX> observation = *([\d.]+)", said)
    return {
        "p50_ns": percentile("50.000"), "p99_ns": percentile("99.000"),
        "max_ns": round(float(longest[1]) * 2000) if longest else None,
        "tps": int(sent[1]) / SECONDS if sent else None,
    }


@dataclass(frozen=True)
class RealLoad:
    """A load that known programs make: the commands at both ends, {addr} the answering address."""

    name: str
    title: str
    server: str
    client: str
    parse: Callable[[str], dict]
    rate_key: str
    alone: bool = False


SOCKPERF = "timeout -s INT {all} sockperf server -i {{addr}} {more} >/dev/null 2>&1 || true"


def sockperf(more: str) -> str:
    """The answering end."""
    return SOCKPERF.format(all=ALL_S, more=more)


LOADS = (
    RealLoad(
        "rr-1", "round trips: TCP, 1 connection, 64 bytes (sockperf ping-pong)", sockperf("--tcp"),
        f"sockperf ping-pong -i {{addr}} --tcp -m 64 -t {SECONDS}", of_sockperf, "tps",
    ),
    RealLoad(
        "udp-20k", "datagrams: 64 bytes, 20,000 a second (sockperf under-load)", sockperf(""),
        f"sockperf under-load -i {{addr}} -m 64 --mps 20000 --reply-every 100 -t {SECONDS}",
        of_sockperf, "", True,
    ),
    RealLoad(
        "stream", "bulk: 1 TCP connection, one way (iperf3)",
        f"timeout {ALL_S} iperf3 -s -1 -B {{addr}} >/dev/null || true",
        f"iperf3 -c {{addr}} -t {SECONDS} -J", lambda said: cell.of_iperf3(said, 1), "bps",
    ),
)


def contend(hosts: list[Host], contender: str) -> str:
    """Put it in charge on both; how."""
    known = cell.NAMED.get(contender, contender).format(latency="100us")
    methods = [host.tell(f"{host.dir}/host-bench contend {host.dev} {known}") for host in hosts]
    return methods[-1].strip()


def take(hosts: list[Host], load: RealLoad) -> tuple[dict, dict, str]:
    """What load measured at both ends, and what the client said."""
    asks, answers = hosts
    server = subprocess.Popen(
        answers.command(answers.watched(load.server.format(addr=answers.addr))),
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )
    time.sleep(MARGIN_S)
    said = f"{asks.dir}/said"
    client = load.client.format(addr=answers.addr)
    try:
        here = asks.tell(asks.watched(f"{client} >{said}"))
        words = asks.tell(f"cat {said}")
    finally:
        out, error = server.communicate(timeout=2 * ALL_S)
    if server.returncode:
        raise CellError(f"{answers.ssh}: {error.strip()}")
    return json.loads(here), json.loads(out), words


def row(hosts: list[Host], load: RealLoad, contender: str, method: str) -> dict:
    """One cell."""
    here, there, said = take(hosts, load)
    closed = load.rate_key == "tps"
    packets = there["rx_packets_to"] + (here["rx_packets_to"] if closed else 0)
    if not packets:
        raise CellError(f"{load.name}: {hosts[1].dev} received no packet")
    busy = there["busy_ns"] + (0 if load.alone else here["busy_ns"])
    irqs = there["irqs_to"]
    if irqs is not None and closed and here["irqs_to"] is not None:
        irqs += here["irqs_to"]
    return {
        "nic": f"{there['driver'] or hosts[1].dev}", "load": load.name, "contender": contender,
        "kernel": hosts[1].tell("uname -r").strip(), "shift": None, "seed": 1, "method": method,
        "title": load.title, "rate_key": load.rate_key, "command": load.client,
        "packets": packets, "cpu_ns_per_packet": busy / packets,
        "cpu_ns_per_packet_asking": here["busy_ns"] / packets,
        "cpu_ns_per_packet_answering": there["busy_ns"] / packets,
        "irq_per_packet": None if irqs is None else irqs / packets,
        "p50_ns": None, "p99_ns": None, "max_ns": None, "tps": None, "bps": None,
        "pps": packets / SECONDS, "instructions_per_packet": None, "polls_per_packet": None,
        "latency_target_ns": target_ns(contender), "netcoal": None, "host_cpu_s": 0,
        "spread_pct": 0.0, "samples_taken": 1, **load.parse(said),
    }


def target_ns(contender: str) -> int | None:
    """Of the contender, if netcoal's model is it."""
    return cell.time_ns(contender.split("-")[1]) if contender.startswith("netcoal") else None


def prepare(host: Host) -> Host:
    """It, with a directory that has what is run there."""
    ready = replace(host, dir=host.tell("mktemp -d /tmp/netcoal-bench.XXXXXX").strip())
    ready.put("load", (cell.BUILD / "load").read_bytes())
    ready.put("host-bench", (cell.LAB / "host-bench").read_bytes())
    return ready


def chosen(args) -> tuple[list[str], list[RealLoad]]:
    """Contenders and loads that the command line leaves; a name of which there is none is told."""
    for what, words, known in (
        ("contender", args.contender, CONTENDERS), ("load", args.load, [x.name for x in LOADS])
    ):
        for word in words:
            if not any(matrix.fits(name, [word]) for name in known):
                raise CellError(f"--{what}: '{word}' is none of {', '.join(known)} on real hosts")
    wanted = [*args.contender, "default"] if args.contender else []
    return (
        [c for c in CONTENDERS if matrix.fits(c, wanted)],
        [load for load in LOADS if matrix.fits(load.name, args.load)],
    )


def end(number: int, _frame) -> None:
    """A signal that would end Python at once, and leave hosts with what contends."""
    sys.exit(f"bench: {signal.Signals(number).name}")


def told(error: CellError, what: str) -> CellError:
    """It, on a line of its own."""
    print(f"\nbench: {what}: {error}", file=sys.stderr, flush=True)
    return error


def restore(hosts: list[Host]) -> list[CellError]:
    """Each as it was, also where another can't be; what failed."""
    failed = []
    for host in hosts:
        try:
            host.tell(f"{host.dir}/host-bench restore {host.dev} && rm -r {host.dir}")
        except CellError as error:
            failed.append(told(error, f"{host.ssh} is not as it was"))
    return failed


def measure_contender(
    hosts: list[Host], name: str, loads: list[RealLoad]
) -> tuple[list[dict], list[CellError], bool]:
    """Its rows, what failed, and whether both hosts can have it."""
    rows, failed = [], []
    try:
        method = contend(hosts, name)
    except UnreachedError as error:
        return [], [told(error, name)], True
    except CellError as error:
        told(error, f"{name} is left out")
        return [], [], False
    for load in loads:
        try:
            rows.append(row(hosts, load, name, method))
        except CellError as error:
            failed.append(told(error, f"{load.name}.{name}"))
    return rows, failed, True


def measure(args, progress) -> tuple[list[dict], list[CellError]]:
    """All contenders that both hosts can have, under all loads; and what failed."""
    if len(args.host) != 2:
        raise CellError("--host: two are needed, the one that asks first")
    hosts = [parse(text) for text in args.host]
    names, loads = chosen(args)
    subprocess.run(["make", "-s", "load"], cwd=cell.TOP, check=True)
    ready: list[Host] = []
    rows, failed, begin, taken = [], [], time.monotonic(), 0
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, end)
    try:
        for host in hosts:
            ready.append(prepare(host))
        for name in names:
            more, faults, here = measure_contender(ready, name, loads)
            rows += more
            failed += faults
            taken += 1
            left_s = (time.monotonic() - begin) / taken * (len(names) - taken)
            progress(taken, len(names), left_s, name if here else f"{name}: not here")
    finally:
        failed += restore(ready)
    if not rows and not failed:
        raise CellError("no contender could be put in charge")
    return rows, failed
