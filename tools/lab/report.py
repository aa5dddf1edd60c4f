#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""From rows of results to a table, to plain words, and to one HTML page."""

import argparse
import json
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import page
from figures import Row, base_of, explanation, groups, irqs, machine, rate, ratio, span


def headline(row: Row) -> str:
    """One row in a few words, for progress."""
    words = [
        f"{span(row['cpu_ns_per_packet'])} CPU per packet",
        f"{irqs(row)} interrupts",
        rate(row),
    ]
    if row["p99_ns"] is not None:
        words.insert(1, f"p99 {span(row['p99_ns'])}")
    return ", ".join(words)


# Title, width and text of each column, from a row and the row it is compared with.
COLUMNS: tuple[tuple[str, int, Callable[[Row, Row], str]], ...] = (
    ("load", -8, lambda row, base: row["load"]),
    ("contender", -13, lambda row, base: row["contender"]),
    ("CPU/packet", 11, lambda row, base: span(row["cpu_ns_per_packet"])),
    ("of default", 12, lambda row, base: ratio(row, base, "cpu_ns_per_packet")),
    ("p50", 10, lambda row, base: span(row["p50_ns"])),
    ("p99", 10, lambda row, base: span(row["p99_ns"])),
    ("irq/packet", 12, lambda row, base: irqs(row)),
    ("throughput", 14, lambda row, base: rate(row)),
)


def line(texts: Iterable[str]) -> str:
    """Texts in their columns; a negative width is flush left."""
    cells = (
        text.rjust(width) if width > 0 else text.ljust(-width)
        for text, (_, width, _) in zip(texts, COLUMNS)
    )
    return "  " + "".join(cells)


def table(rows: list[Row]) -> str:
    """The figures as text."""
    lines = []
    for of_nic in groups(rows, "nic", "kernel").values():
        lines += [machine(of_nic[0]), "", line(title for title, _, _ in COLUMNS)]
        for of_load in groups(of_nic, "load").values():
            base = base_of(of_load)
            lines += [line(text(row, base) for _, _, text in COLUMNS) for row in of_load] + [""]
    return "\n".join(lines)


def explanations(rows: list[Row]) -> str:
    """A line per NIC and load."""
    lines = ["What netcoal did, and why (its settings at the end of the window):"]
    for row in rows:
        if row["netcoal"] is not None:
            lines.append(f"  {row['nic']} {row['load']}: {explanation(row)}")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Show a file of rows again."""
    parser = argparse.ArgumentParser(description="Show the results of a demo or benchmark.")
    parser.add_argument("json", type=Path, help="rows, as in build/demo.json")
    parser.add_argument("--html", type=Path, metavar="FILE", help="write the page there, too")
    args = parser.parse_args()
    try:
        rows = json.loads(args.json.read_text())
    except (OSError, ValueError) as error:
        sys.exit(f"report: {args.json}: {error}")
    print(table(rows))
    print(explanations(rows))
    if args.html:
        args.html.write_text(page.render(rows))


if __name__ == "__main__":
    main()
