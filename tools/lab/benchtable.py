# SPDX-License-Identifier: GPL-2.0
"""The benchmark's rows as text: one line per device and load, and what they add up to."""

from collections.abc import Callable

from statistics import geometric_mean

from figures import Row, base_of, groups, rate, ratio, span
from judge import (
    CHAMPION, DEVICE_OF, against, ahead_in_hindsight, by_aims, is_ours, standings,
)


def by_name(rows: list[Row], name: str) -> Row | None:
    """The row of a contender."""
    return next((row for row in rows if row["contender"] == name), None)


def champion_of(rows: list[Row]) -> Row | None:
    """The one that a line is about: of rows from elsewhere, the only one of netcoal's."""
    ours = [row for row in rows if is_ours(row)]
    return by_name(rows, CHAMPION) or (ours[0] if len(ours) == 1 else None)


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


def spread(row: Row) -> str:
    """How far CPU per packet of its starts is apart."""
    return f"{row['spread_pct']:.1f} %" if row["samples_taken"] > 1 else "-"


Text = Callable[[list[Row], Row, Row], str]
COLUMNS: tuple[tuple[str, int, Text], ...] = (
    ("load", -12, lambda rows, row, base: row["load"]),
    ("CPU/packet", 11, lambda rows, row, base: span(row["cpu_ns_per_packet"])),
    ("spread", 9, lambda rows, row, base: spread(row)),
    ("of default", 12, lambda rows, row, base: ratio(row, base, "cpu_ns_per_packet")),
    ("of best static", 17, lambda rows, row, base: versus_best(row)),
    ("p99", 10, lambda rows, row, base: span(row["p99_ns"])),
    ("default's", 11, lambda rows, row, base: span(base["p99_ns"])),
    ("rate", 13, lambda rows, row, base: rate(row)),
    ("of default", 12, lambda rows, row, base: ratio(row, base, row["rate_key"] or "pps")),
    ("dim: CPU p99", 14, lambda rows, row, base: of_rival(rows, row)),
    ("", -30, lambda rows, row, base: "  lost: " + ", ".join(row["lost_by"]) if row["lost"] else ""),
)


def line(texts: list[str], first: int) -> str:
    """Texts in their columns, the first one as wide as given; a negative width is flush left."""
    widths = [-first, *(width for _, width, _ in COLUMNS[1:])]
    fitted = (
        text.rjust(width) if width > 0 else text.ljust(-width) for text, width in zip(texts, widths)
    )
    return ("  " + "".join(fitted)).rstrip()


def title(row: Row) -> str:
    """What a group of lines ran on."""
    source = f", from {row['by']}" if row.get("by") else ""
    if not row["kernel"]:
        return f"{row['nic']}{source}"
    cpu = "real time" if row["shift"] is None else f"{1 << row['shift']} ns an instruction"
    return f"{row['nic']}, Linux {row['kernel']}, {cpu}{source}"


def device_lines(rows: list[Row]) -> list[list[str]]:
    """A line's texts per load, or more where no contender is the one to show."""
    lines = []
    for of_load in groups(rows, "load").values():
        champion, base = champion_of(of_load), base_of(of_load)
        for row in [champion] if champion else of_load:
            texts = [text(of_load, row, base) for _, _, text in COLUMNS]
            texts[0] += "" if champion else f" {row['contender']}"
            lines.append(texts)
    return lines


def table(rows: list[Row]) -> str:
    """A line per device and load, of the champion; of all where it did not take part."""
    lines = []
    for of_device in groups(rows, *DEVICE_OF).values():
        texts = [[name for name, _, _ in COLUMNS], *device_lines(of_device)]
        first = max(len(some[0]) for some in texts) + 1
        lines += [title(of_device[0]), "", *(line(some, first) for some in texts), ""]
    return "\n".join(lines)


def count_of(rows: list[Row], contender: str) -> str:
    """How many cells of a contender keep the aims."""
    mine = [row for row in rows if row["contender"] == contender]
    kept = sum(not row["lost"] for row in mine)
    return f"{contender}: the aims are kept in {kept} of {len(mine)} cells"


OUTCOMES = ("ahead", "earlier", "even", "trade", "behind")
BY_AIMS = ("won", "even", "neither", "lost")


def counts(found: dict[str, int], words: tuple[str, ...]) -> str:
    """3 ahead, 1 even."""
    return ", ".join(f"{found[word]} {word}" for word in words if word in found)


def rivals(rows: list[Row]) -> list[str]:
    """The champion against each: both figures as they are, then by the aims."""
    lines = []
    judged = against(rows, by_aims)
    possible = ahead_in_hindsight(rows)
    for rival, found in against(rows).items():
        lines.append(
            f"{CHAMPION} against {rival}: less CPU at an equal or lower p99 in "
            f"{found.get('ahead', 0)} of {sum(found.values())} cells ({counts(found, OUTCOMES)}), "
            f"where some static setting in hindsight has in {possible[rival]}; "
            f"by the aims {counts(judged[rival], BY_AIMS)}"
        )
    return lines


def standing_lines(rows: list[Row]) -> list[str]:
    """A contender each: how often it keeps the aims of the champion, and at what cost."""
    found = standings(rows)
    if not found:
        return []
    lines = [
        "", f"The aims of {CHAMPION}, p99 within the default's + 100 µs and no rate lost:", "",
        f"  {'':<15}{'kept in':>12}{'least CPU in':>14}{'CPU, or 1 where not kept':>26}"
        f"{CHAMPION + ' there':>22}",
    ]
    for name, of in sorted(found.items(), key=lambda item: -item[1].kept / item[1].cells):
        share, ours = (f"{geometric_mean(shares):.2f}" for shares in (of.shares, of.champions))
        lines.append(
            f"  {name:<15}{f'{of.kept} of {of.cells}':>12}{of.least:>14}{share:>26}{ours:>22}"
        )
    return lines


def totals(rows: list[Row]) -> str:
    """Counts over all cells."""
    names = {row["contender"]: None for row in rows if is_ours(row)}
    lines = [count_of(rows, name) for name in names]
    return "\n".join([*lines, *rivals(rows), *standing_lines(rows)]) + "\n"
