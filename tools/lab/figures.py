# SPDX-License-Identifier: GPL-2.0
"""Rows of results (see cell.py), their groups, and their figures in words."""

Row = dict

# Why netcoal chose a hold-off: its verdict (Documentation/netlink/specs/netcoal.yaml), in a
# sentence.
VERDICTS = {
    "start": "too little traffic to judge yet",
    "fixed": "the policy's maximum",
    "idle": "waiting would buy nothing",
    "budget": "as long as the latency target allows",
    "frames": "that batch is enough, waiting longer would buy next to nothing",
    "cpu-target": "the least that reaches the CPU target",
    "saturated": "even full batches do not reach the CPU target",
    "lockstep": "each packet waits for the answer to the last, any delay is pure loss",
    "elastic": "the rate falls as the hold-off rises, so it is capped",
    "settle": "a change is taking effect",
    "bounds": "a bound of the policy",
    "dim": "the kernel's net_dim",
    "cap": "as long as it takes to stay under the cap on CPU time",
}

NO_FRAMES_LIMIT = 65535


def span(ns: float | None) -> str:
    """A time in the unit that suits it, three digits or more."""
    if ns is None:
        return "-"
    for unit, size in (("s", 1e9), ("ms", 1e6), ("µs", 1e3)):
        if ns >= 10 * size or (unit == "µs" and ns >= size):
            return f"{digits(ns / size)} {unit}"
    return f"{digits(ns)} ns"


def digits(value: float) -> str:
    """Three significant digits, no exponent."""
    if value == 0:
        return "0"
    if value >= 100:
        return f"{value:.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def rate_key(row: Row) -> str:
    """Which figure is the load's throughput."""
    return row["rate_key"] or "pps"


def rate(row: Row) -> str:
    """Throughput in the load's own measure."""
    value = row[rate_key(row)]
    if value is None:
        return "-"
    return f"{value / 1e6:,.0f} Mb/s" if rate_key(row).endswith("bps") else f"{value:,.0f}/s"


def ratio(row: Row, base: Row, key: str) -> str:
    """A figure as a multiple of another row's."""
    if not row[key] or not base[key]:
        return "-"
    return f"{row[key] / base[key]:.2f}"


def irqs(row: Row) -> str:
    """Interrupts per packet."""
    return "-" if row["irq_per_packet"] is None else f"{row['irq_per_packet']:.3f}"


def groups(rows: list[Row], *keys: str) -> dict[tuple, list[Row]]:
    """Rows by the values of some keys, in order of appearance."""
    found: dict[tuple, list[Row]] = {}
    for row in rows:
        found.setdefault(tuple(row.get(key) for key in keys), []).append(row)
    return found


def base_of(rows: list[Row]) -> Row:
    """The row that others are compared with."""
    return next((row for row in rows if row["contender"] == "default"), rows[0])


def machine(row: Row) -> str:
    """What a group of rows ran on."""
    return f"{row['nic']}, Linux {row['kernel']}, one CPU of one instruction per ns"


def explanation(row: Row) -> str:
    """What netcoal did under one load, and why: the receiving NIC's busiest queue."""
    queues = [queue for queue in row["netcoal"] if queue["ifname"] == "eth1"]
    if not queues:
        return "saw no packet on the receiving NIC"
    queue = max(queues, key=lambda q: q["packets"])
    if queue["state"] != "governing":
        return f"let go of {queue['ifname']}: {queue['state']}, {queue['reason']}"
    frames = "" if queue["rx_frames"] >= NO_FRAMES_LIMIT else f" or {queue['rx_frames']} frames"
    why = VERDICTS.get(queue["verdict"], queue["verdict"])
    asked, effective = queue["requested_holdoff_ns"], queue["effective_holdoff_ns"]
    differs = f" (the device made it {span(effective)})"
    if abs(asked - effective) * 20 <= asked:
        differs = ""
    return (
        f"hold-off {span(asked)}{frames} by {queue['actuator']}{differs}: {why} "
        f"[{queue['verdict']}]; batches of {queue['batch_milli'] / 1000:.1f} "
        f"at {queue['rx_pps']:,} packets/s"
    )
