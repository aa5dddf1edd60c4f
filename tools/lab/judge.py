# SPDX-License-Identifier: GPL-2.0
"""What the benchmark makes of its rows: the best static setting, who lost, and against whom."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from cell import time_ns
from figures import Row, base_of, groups

# The aims, as shares of another contender's figure.
OF_BEST_STATIC = 1.10
OF_DEFAULT = 1.02
OF_TARGET = 1.05
RATE_KEPT = 0.95
# Figures this near to each other are one.
EVEN = 0.02
# Said of a late p99 that would not be late beside that of the default's latest start.
IN_SPREAD = ", by less than the default varies"
# Latencies of the default differ by this much from start to start without any hold-off.
TARGET_NS = 100_000

# The contender that the summaries are about, and those that it has to beat: dim-100us is net_dim
# that was told its target.
CHAMPION = "netcoal-100us"
RIVALS = ("dim", "dim-100us", "adaptive")

# What rows have in common that are compared: the machine, by whom it was measured, and the load.
DEVICE_OF = ("nic", "kernel", "shift", "by")
LOAD_OF = (*DEVICE_OF, "load")


def is_static(row: Row) -> bool:
    """One setting, whatever the load; best-static was chosen elsewhere."""
    return row["contender"].startswith(("default", "fixed-", "defer-", "best-static"))


def is_ours(row: Row) -> bool:
    """netcoal's own law, with whatever target."""
    return row["contender"].startswith("netcoal")


def holdoff_ns(contender: str) -> int:
    """What a static setting is by its name; 0 where that says nothing."""
    kind, _, time = contender.partition("-")
    return time_ns(time) if kind in ("fixed", "defer") and time != "0" else 0


def cpu_target_ns(contender: str) -> int:
    """CPU per packet that netcoal was told to reach, by its name; 0 where it was not."""
    target = contender.partition("-cpu-")[2]
    return time_ns(target) if target else 0


def keeps_latency(row: Row, base: Row, target_ns: int | None) -> bool:
    """p99 within default + target, where there is a target. A load without latencies of its own
    tells only that a setting which holds packets for longer than the target does not keep it."""
    if target_ns is None:
        return True
    if None in (row["p99_ns"], base["p99_ns"]):
        return holdoff_ns(row["contender"]) <= target_ns
    return row["p99_ns"] <= base["p99_ns"] + target_ns


def in_spread(row: Row, base: Row) -> bool:
    """Whether a p99 that is late is so by chance, as far as the default's starts can tell."""
    longest = base.get("p99_longest_ns") or 0
    return row["p99_ns"] <= longest + row["latency_target_ns"]


def keeps_rate(row: Row, base: Row) -> bool:
    """Nothing lost of the throughput that the load could have had."""
    key = row["rate_key"]
    return not key or not base[key] or (row[key] or 0) >= RATE_KEPT * base[key]


def best_static(rows: list[Row], target_ns: int) -> Row:
    """In hindsight: the cheapest setting that keeps the target and the rate. The default does."""
    base = base_of(rows)
    kept = (
        row for row in rows
        if is_static(row) and keeps_latency(row, base, target_ns) and keeps_rate(row, base)
    )
    return min(kept, key=lambda row: row["cpu_ns_per_packet"])


def faults(row: Row, base: Row, best: Row) -> list[str]:
    """Why a row of netcoal's loses. Within a CPU target no more has to be saved."""
    found = []
    cpu_ns = row["cpu_ns_per_packet"]
    meets = cpu_ns <= OF_TARGET * cpu_target_ns(row["contender"])
    if not keeps_latency(row, base, row["latency_target_ns"]):
        found.append("latency" + IN_SPREAD * in_spread(row, base))
    if not keeps_rate(row, base):
        found.append("rate")
    if cpu_ns > OF_BEST_STATIC * best["cpu_ns_per_packet"] and not meets:
        found.append("CPU (best static)")
    if cpu_ns > OF_DEFAULT * base["cpu_ns_per_packet"]:
        found.append("CPU (default)")
    return found


def without_default(rows: list[Row]) -> list[list[Row]]:
    """Loads whose default failed: there is nothing to judge the others by."""
    return [
        of_load for of_load in groups(rows, *LOAD_OF).values()
        if base_of(of_load)["contender"] != "default"
    ]


def judge(rows: list[Row]) -> list[Row]:
    """The same rows with oracle, its cost, and whether they lost; only netcoal's can."""
    judged = []
    for of_load in groups(rows, *LOAD_OF).values():
        base = base_of(of_load)
        for row in of_load:
            best = best_static(of_load, row["latency_target_ns"] or TARGET_NS)
            lost_by = faults(row, base, best) if is_ours(row) else []
            judged.append({
                **row,
                "oracle": best["contender"],
                "oracle_cpu_ns_per_packet": best["cpu_ns_per_packet"],
                "lost": bool(lost_by),
                "lost_by": lost_by,
            })
    return judged


def outcome(row: Row, rival: Row) -> str:
    """ahead: less CPU at an equal or lower p99; earlier: a lower p99 at the same CPU; even; behind;
    trade: better in one figure and worse in the other."""
    cpu, p99 = (sign(row, rival, key) for key in ("cpu_ns_per_packet", "p99_ns"))
    if cpu * p99 < 0:
        return "trade"
    if cpu or p99:
        return "behind" if cpu + p99 > 0 else "ahead" if cpu else "earlier"
    return "even"


def sign(row: Row, rival: Row, key: str) -> int:
    """-1 if its figure is less than the rival's, 1 if it is more, 0 if they are one."""
    if row[key] is None or not rival[key]:
        return 0
    change = row[key] / rival[key] - 1
    return 0 if abs(change) <= EVEN else (1 if change > 0 else -1)


def keeps(row: Row, base: Row) -> bool:
    """The champion's aims, latency and rate, whoever it is and whether or not it knows of them."""
    return keeps_latency(row, base, TARGET_NS) and keeps_rate(row, base)


def by_aims(row: Row, rival: Row, base: Row) -> str:
    """won: less CPU and the aims kept, or kept where the rival does not; lost: the reverse."""
    ours, theirs = keeps(row, base), keeps(rival, base)
    if ours != theirs:
        return "won" if ours else "lost"
    if not ours:
        return "neither"
    return {-1: "won", 0: "even", 1: "lost"}[sign(row, rival, "cpu_ns_per_packet")]


Verdict = Callable[[Row, Row, Row], str]


def meetings(rows: list[Row]) -> Iterator[tuple[str, list[Row], dict[str, Row]]]:
    """Each rival of the champion's with the rows of a load that both took part in, also by name."""
    for of_load in groups(rows, *LOAD_OF).values():
        by_name = {row["contender"]: row for row in of_load}
        for rival in RIVALS if CHAMPION in by_name else ():
            if rival in by_name:
                yield rival, of_load, by_name


def against(
    rows: list[Row], verdict: Verdict = lambda row, rival, base: outcome(row, rival)
) -> dict[str, dict[str, int]]:
    """For each rival of the champion's, in how many cells it came out how."""
    counted: dict[str, dict[str, int]] = {}
    for rival, of_load, by_name in meetings(rows):
        result = verdict(by_name[CHAMPION], by_name[rival], base_of(of_load))
        of_rival = counted.setdefault(rival, {})
        of_rival[result] = of_rival.get(result, 0) + 1
    return counted


def ahead_in_hindsight(rows: list[Row]) -> dict[str, int]:
    """For each rival of the champion's, in how many of their cells any static setting is ahead of
    it: more can hardly be asked of a law."""
    counted: dict[str, int] = {}
    for rival, of_load, by_name in meetings(rows):
        found = any(outcome(row, by_name[rival]) == "ahead" for row in of_load if is_static(row))
        counted[rival] = counted.get(rival, 0) + found
    return counted


@dataclass
class Standing:
    """A contender over all cells that it and the champion took part in: in how many it kept the
    aims, in how many of those nobody had less CPU, and its CPU as a share of the default's, with
    the champion's in the same cells. Where either does not keep them an operator would have to stay
    with the default: that counts as 1."""

    cells: int = 0
    kept: int = 0
    least: int = 0
    shares: list[float] = field(default_factory=list)
    champions: list[float] = field(default_factory=list)


def share_of(row: Row, base: Row) -> float:
    """Of the default's CPU, what is left to an operator who wants the aims kept."""
    return row["cpu_ns_per_packet"] / base["cpu_ns_per_packet"] if keeps(row, base) else 1.0


def standings(rows: list[Row]) -> dict[str, Standing]:
    """Of all contenders but netcoal's with other targets, whose aims are others."""
    found: dict[str, Standing] = {}
    for of_load in groups(rows, *LOAD_OF).values():
        base = base_of(of_load)
        able = [row for row in of_load if not is_ours(row) or row["contender"] == CHAMPION]
        champion = next((row for row in able if is_ours(row)), None)
        if not champion or len(able) < 2:
            continue
        kept = [row for row in able if keeps(row, base)]
        least = min(row["cpu_ns_per_packet"] for row in kept)
        for row in able:
            standing = found.setdefault(row["contender"], Standing())
            standing.cells += 1
            standing.shares.append(share_of(row, base))
            standing.champions.append(share_of(champion, base))
            if row in kept:
                standing.kept += 1
                standing.least += row["cpu_ns_per_packet"] <= (1 + EVEN) * least
    return found


# A datagram batch has settled when its bins stay within this share of the last ones' mean.
SETTLED = 0.25


def reaction_ns(series: dict, begin_ns: int, end_ns: int) -> int | None:
    """From a step of the rate until the batches are, and stay, what they are at the step's end."""
    size = series["bin_ns"]
    first, last = begin_ns // size, min(end_ns // size, len(series["received"]) - 1)
    batches = [
        received / takes if takes else 0.0
        for received, takes in zip(series["received"][first:last], series["takes"][first:last])
    ]
    if len(batches) < 8:
        return None
    tail = batches[-len(batches) // 4 :]
    final = sum(tail) / len(tail)
    unsettled = [i for i, batch in enumerate(batches) if abs(batch - final) > SETTLED * final]
    return (unsettled[-1] + 1) * size if unsettled else 0


# Of the load step: when its rate rises and falls.
UP_NS, DOWN_NS, END_NS = 200_000_000, 400_000_000, 600_000_000


def decided_ns(decisions: list[dict], begin_ns: int, end_ns: int) -> int | None:
    """From a step until netcoal's hold-off is, and stays, within a quarter of its last."""
    after = [d for d in decisions if begin_ns <= d["at_ns"] < end_ns]
    if not after:
        return None
    final = after[-1]["holdoff_ns"]
    unsettled = [d for d in after if abs(d["holdoff_ns"] - final) > SETTLED * final]
    if not unsettled:
        return after[0]["at_ns"] - begin_ns
    return next(d["at_ns"] for d in after if d["at_ns"] > unsettled[-1]["at_ns"]) - begin_ns


def reactions(row: Row) -> Row:
    """How long after a step its effect was there; of what comes in, and of netcoal's decisions."""
    if row["load"] != "step":
        return {}
    series = row["series"]
    made = series["decisions"]
    return {
        "reaction_up_ns": reaction_ns(series, UP_NS, DOWN_NS),
        "reaction_down_ns": reaction_ns(series, DOWN_NS, END_NS),
        "decided_up_ns": decided_ns(made, UP_NS, DOWN_NS),
        "decided_down_ns": decided_ns(made, DOWN_NS, END_NS),
    }
