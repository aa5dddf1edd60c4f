# SPDX-License-Identifier: GPL-2.0
"""What the benchmark measures: devices, the loads on each, and who contends."""

from dataclasses import dataclass
from fnmatch import fnmatch

from cell import Cell, Load

NOWHERE = ("--nowhere", "NOWHERE")
DATAGRAMS = ("--datagrams",)
# Long enough for a few hundred round trips and for netcoal to learn; see Documentation/benchmark.rst.
SHORT = {"warmup_ms": 150, "window_ms": 150, "polls_ms": 15}
PACED = {"warmup_ms": 200, "window_ms": 300, "polls_ms": 30}


def round_trips(name: str, title: str, *options: str, **more) -> Load:
    """A closed loop."""
    return Load(name, f"round trips: {title}", "rr", options, **{**SHORT, **more})


def datagrams(name: str, title: str, pps: int, *options: str, **more) -> Load:
    """An open loop of 64 bytes of payload a datagram, one way."""
    words = (*NOWHERE, *options)
    return Load(name, f"datagrams: 64 bytes, {title}", "udp", words, pps=pps, **{**PACED, **more})


def sent(name: str, title: str, pps: int, *options: str) -> Load:
    """The same, of which sending is what is measured, and the contender has the sender's NIC."""
    words = ("SENDING", *NOWHERE, *options)
    return Load(name, f"sending datagrams: 64 bytes, {title}", "udp", words, pps=pps, **PACED)


def foreign(name: str, title: str, shell: str, *options: str) -> Load:
    """A load that another program makes."""
    return Load(name, title, "run", options, shell=shell)


LOADS = {
    load.name: load
    for load in (
        round_trips("rr-1", "TCP, 1 connection, 64 bytes"),
        round_trips("rr-8", "TCP, 8 connections, 64 bytes", "-c", "8"),
        round_trips("rr-64", "TCP, 64 connections, 64 bytes", "-c", "64"),
        round_trips("udp-rr-1", "UDP, 1 at a time, 64 bytes", *DATAGRAMS),
        round_trips("udp-rr-8", "UDP, 8 at a time, 64 bytes", *DATAGRAMS, "-c", "8"),
        round_trips("udp-rr-64", "UDP, 64 at a time, 64 bytes", *DATAGRAMS, "-c", "64"),
        round_trips("udp-rr-1k", "UDP, 1 at a time, 1 kB", *DATAGRAMS, "-s", "1000"),
        round_trips("udp-rr-8k", "UDP, 1 at a time, 8 kB in fragments", *DATAGRAMS, "-s", "8k"),
        round_trips("rr-1k", "TCP, 1 connection, 1 kB", "-s", "1000"),
        round_trips("rr-16k", "TCP, 1 connection, 16 kB", "-s", "16k"),
        round_trips("rr-256k", "TCP, 1 connection, 256 kB", "-s", "256k"),
        round_trips("rr-1M", "TCP, 1 connection, 1 MB", "-s", "1M", counts=(10, 20)),
        round_trips("rr-50M", "TCP, 1 connection, 50 MB", "-s", "50M", counts=(1, 2), polls_ms=0),
        Load("stream", "bulk: 1 TCP connection, one way", "stream", ("--vary",), **SHORT),
        Load(
            "stream-4", "bulk: 4 TCP connections, one way", "stream", ("--vary", "-c", "4"), **SHORT
        ),
        datagrams("udp-1k", "1,000 a second", 1000, warmup_ms=400, window_ms=600, polls_ms=50),
        datagrams("udp-5k", "5,000 a second", 5000),
        datagrams("udp-20k", "20,000 a second", 20000),
        datagrams("udp-40k", "40,000 a second", 40000),
        datagrams("udp-200k", "200,000 a second: more than the CPU can take", 200000, **SHORT),
        datagrams("poisson", "20,000 a second, at random", 20000, "--poisson"),
        datagrams("bursts", "20,000 a second in bursts of 32", 20000, "--burst", "32"),
        sent("send-20k", "20,000 a second", 20000),
        sent("send-bursts", "20,000 a second in bursts of 32", 20000, "--burst", "32"),
        Load(
            "on-off", "datagrams: 64 bytes, 30,000 a second for 20 ms, none for 20 ms", "udp", NOWHERE,
            warmup_ms=200, window_ms=320, steps=((30000, 20), (0, 20)), bin_us=1000,
        ),
        Load(
            "step", "datagrams: 64 bytes, from 1,000 to 30,000 a second and back", "udp", NOWHERE,
            warmup_ms=300, window_ms=600, steps=((1000, 200), (30000, 200), (1000, 200)), bin_us=2000,
        ),
        round_trips(
            "mix", "TCP, 1 connection, 64 bytes, beside a bulk stream of 300 Mb/s on the same NIC",
            beside=("--vary", "--equal"), beside_bps=300_000_000,
        ),
        Load(
            "mix-5k", "datagrams: 64 bytes, 5,000 a second at random, beside a bulk stream of 300 Mb/s "
            "on the same NIC", "udp", ("--poisson",), pps=5000, **PACED,
            beside=("--vary", "--equal"), beside_bps=300_000_000,
        ),
        foreign(
            "ping", "ping, 100 a second",
            "ip netns exec A ping -i @10ms@ -c 200 SERVER >SAID",
        ),
        foreign(
            "iperf3", "iperf3, 1 TCP connection, A to B",
            "ip netns exec B iperf3 -s -1 -D && sleep 0.2 && "
            "ip netns exec A iperf3 -c SERVER -n 48M -J >SAID", "--one-way",
        ),
        foreign(
            "iperf3-both", "iperf3, 1 TCP connection each way",
            "ip netns exec B iperf3 -s -1 -D && sleep 0.2 && "
            "ip netns exec A iperf3 -c SERVER --bidir -n 32M -J >SAID",
        ),
        foreign(
            "netpipe", "NetPIPE, 1 byte to 128 kB and back",
            "ip netns exec B NPtcp >/dev/null & sleep 0.2; "
            "ip netns exec A NPtcp -h SERVER -u 131072 -n 20 -o SAID >/dev/null; wait",
        ),
    )
}


def fits(name: str, patterns: list[str]) -> bool:
    """Whether any pattern fits, or there is none."""
    return not patterns or any(fnmatch(name, pattern) for pattern in patterns)


@dataclass(frozen=True)
class Device:
    """NICs, the loads they get, and who contends for them; at shift 4 no contender whose times are
    built in takes part, for they cannot be stretched.

    others: contenders that only have some of the loads, to show how they differ from their like.
    """

    nic: str
    contenders: str
    loads: str
    others: str = ""
    some: str = ""
    topology: str = "pair"
    shift: int = 0

    def cells(self, seed: int) -> list[Cell]:
        """All, from one start."""
        return [
            Cell(self.nic, LOADS[load], contender, shift=self.shift, seed=seed,
                 topology=self.topology)
            for contenders, loads in ((self.contenders, self.loads), (self.others, self.some))
            for contender in contenders.split()
            for load in loads.split()
        ]


# Where a driver has no rx-usecs, a fixed hold-off is the kernel's deferral, and 20 and 200 us are
# what is commonly advised for that. None of those holds off by default, so fixed-0 only has to
# show that it is the same.
DEFERRED = "default fixed-50us fixed-100us"
FEW = "default fixed-0 fixed-50us fixed-100us fixed-250us"
ADVISED = "defer-20us defer-200us"
TARGETS = "netcoal-50us netcoal-250us netcoal-250us-cpu-10us"
# As it comes net_dim knows of no target. dim-100us was told the same as netcoal-100us, to show how
# much of the difference is only that.
TOLD = "dim-100us"

QUICK_LOADS = "rr-1 rr-8 stream udp-1k udp-20k bursts step mix-5k"
QUICK = (
    Device("virtio-net", f"{DEFERRED} fixed-250us dim netcoal-100us", QUICK_LOADS),
    Device("e1000e-msi", f"{FEW} netcoal-100us", QUICK_LOADS, shift=4),
    Device("veth", f"{DEFERRED} fixed-250us dim netcoal-100us", "rr-1 rr-8 udp-20k bursts"),
    Device("virtio-net", "default fixed-100us netcoal-100us", "rr-1 stream udp-20k",
           topology="bond"),
)

SOME = "rr-1 udp-20k bursts"
CURVE = "rr-1k rr-16k rr-256k rr-1M"
FULL = (
    Device(
        "virtio-net", f"{DEFERRED} dim netcoal-100us",
        "rr-1 rr-8 rr-64 udp-rr-1 udp-rr-64 stream udp-1k udp-5k udp-20k udp-40k udp-200k "
        "poisson bursts send-20k send-bursts on-off step mix mix-5k ping",
        others=f"fixed-0 {ADVISED} {TOLD} {TARGETS}", some=SOME,
    ),
    Device("virtio-net", "default fixed-100us dim netcoal-100us",
           f"{CURVE} rr-50M udp-rr-8 udp-rr-1k udp-rr-8k stream-4 iperf3 iperf3-both netpipe"),
    Device(
        "e1000e-msi", f"{FEW} netcoal-100us",
        "rr-1 rr-8 rr-64 stream udp-20k poisson bursts send-20k send-bursts on-off step mix mix-5k",
        others=f"fixed-20us {TARGETS}", some=SOME, shift=4,
    ),
    Device(
        "e1000e-msi", "default adaptive fixed-0 fixed-250us dim netcoal-100us",
        "rr-1 rr-8 stream udp-5k udp-20k bursts step",
        others=TOLD, some="stream udp-20k",
    ),
    Device("e1000e", f"{FEW} netcoal-100us", "rr-1 stream udp-20k bursts", shift=4),
    Device("e1000-82545em", f"{FEW} netcoal-100us",
           "rr-1 rr-8 stream udp-20k bursts mix-5k",
           others="netcoal-250us", some="udp-20k bursts", shift=4),
    Device("veth", f"{DEFERRED} fixed-250us dim netcoal-100us",
           "rr-1 rr-8 rr-64 udp-5k udp-20k bursts step",
           others="fixed-0 netcoal-50us netcoal-250us", some=SOME),
    Device("virtio-net", f"{DEFERRED} dim netcoal-100us",
           "rr-1 rr-16k stream udp-20k bursts netpipe", topology="bond"),
    Device("virtio-net", f"{DEFERRED} dim netcoal-100us", "rr-1 rr-8 udp-5k udp-20k",
           topology="route"),
)
