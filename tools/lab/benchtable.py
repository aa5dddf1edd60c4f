# SPDX-License-Identifier: GPL-2.0
"""The benchmark's rows as text: one line per device and load, and what they add up to."""

from collections.abc import Callable

from figures import Row, base_of, groups, rate, ratio, span
from judge import against

# The contender that lines are about.
CHAMPION = "netcoal-100us"


def by_name(rows: list[Row], name: str) -> Row | None:
    """The row of a contender."""
    return next((row for row in rows if row["contender"] == name), None)


def of_rival(rows: list[Row], row: Row) -> str:
    """CPU and p99 of the kernel's net_dim, as multiples of the champion's."""
    rival = by_name(rows, "dim") or by_name(rows, "adaptive")
    if not rival:
        return "-"
    return f"{ratio(rival, row, 'cpu_ns_per_packet')} {ratio(rival, row, 'p99_ns')}"


def versus_best(row: Row) -> str:
    """CPU of the best static setting, and which that is."""
    share = row["cpu_ns_per_packet"] / row["oracle_cpu_ns_per_packet"]
    return f"{share:.2f} {row['oracle'].removeprefix('fixed-')}"


Text = Callable[[list[Row], Row, Row], str]
COLUMNS: tuple[tuple[str, int, Text], ...] = (
    ("load", -12, lambda rows, row, base: row["load"]),
    ("CPU/packet", 11, lambda rows, row, base: span(row["cpu_ns_per_packet"])),
    ("of default", 12, lambda rows, row, base: ratio(row, base, "cpu_ns_per_packet")),
    ("of best static", 17, lambda rows, row, base: versus_best(row)),
    ("p99", 10, lambda rows, row, base: span(row["p99_ns"])),
    ("default's", 11, lambda rows, row, base: span(base["p99_ns"])),
    ("rate", 13, lambda rows, row, base: rate(row)),
    ("of default", 12, lambda rows, row, base: ratio(row, base, row["rate_key"] or "pps")),
    ("dim: CPU p99", 14, lambda rows, row, base: of_rival(rows, row)),
    ("", -30, lambda rows, row, base: "  lost: " + ", ".join(row["lost_by"]) if row["lost"] else ""),
)


def line(texts: list[str]) -> str:
    """Texts in their columns; a negative width is flush left."""
    fitted = (
        text.rjust(width) if width > 0 else text.ljust(-width)
        for text, (_, width, _) in zip(texts, COLUMNS)
    )
    return ("  " + "".join(fitted)).rstrip()


def title(row: Row) -> str:
    """What a group of lines ran on."""
    cpu = "real time" if row["shift"] is None else f"{1 << row['shift']} ns an instruction"
    return f"{row['nic']}, Linux {row['kernel']}, {cpu}"


def table(rows: list[Row]) -> str:
    """A line per device and load, of the champion; of all where it did not take part."""
    lines = []
    for of_device in groups(rows, "nic", "kernel", "shift").values():
        lines += [title(of_device[0]), "", line([name for name, _, _ in COLUMNS])]
        for of_load in groups(of_device, "load").values():
            champion, base = by_name(of_load, CHAMPION), base_of(of_load)
            for row in [champion] if champion else of_load:
                texts = [text(of_load, row, base) for _, _, text in COLUMNS]
                texts[0] += "" if champion else f" {row['contender']}"
                lines.append(line(texts))
        lines.append("")
    return "\n".join(lines)


def count_of(rows: list[Row], contender: str) -> str:
    """How many cells of a contender keep the aims."""
    mine = [row for row in rows if row["contender"] == contender]
    kept = sum(not row["lost"] for row in mine)
    return f"{contender}: the aims are kept in {kept} of {len(mine)} cells"


def totals(rows: list[Row]) -> str:
    """Counts over all cells."""
    names = {row["contender"]: None for row in rows if row["latency_target_ns"]}
    lines = [count_of(rows, name) for name in names]
    for rival, outcomes in against(rows, CHAMPION).items():
        all_ = sum(outcomes.values())
        good = outcomes.get("ahead", 0) + outcomes.get("even", 0)
        told = ", ".join(f"{outcomes[key]} {key}" for key in ("ahead", "even", "trade", "behind")
                         if key in outcomes)
        lines.append(f"{CHAMPION} against {rival}: {told}; not behind in either figure in "
                     f"{good} of {all_} cells")
    return "\n".join(lines) + "\n"
