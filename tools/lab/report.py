#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""From rows of results to a table, to plain words, and to one HTML page that needs no other file."""

import argparse
import json
import sys
from pathlib import Path

import page
from figures import Row, base_of, digits, explanation, groups, irqs, machine, rate, ratio, span


def headline(row: Row) -> str:
    """One row in a few words, for progress."""
    words = [f"{span(row['cpu_ns_per_packet'])} CPU per packet", f"{irqs(row)} interrupts", rate(row)]
    if row["p99_ns"] is not None:
        words.insert(1, f"p99 {span(row['p99_ns'])}")
    return ", ".join(words)


def table(rows: list[Row]) -> str:
    """The figures as text."""
    lines = []
    for (_, _), of_nic in groups(rows, "nic", "kernel").items():
        lines += [machine(of_nic[0]), ""]
        lines.append(f"  {'load':<8}{'contender':<13}{'CPU/packet':>11}{'of default':>12}{'p50':>10}{'p99':>10}"
                     f"{'irq/packet':>12}{'throughput':>14}")
        for (_,), of_load in groups(of_nic, "load").items():
            lines += [table_line(row, base_of(of_load)) for row in of_load] + [""]
    return "\n".join(lines)


def table_line(row: Row, base: Row) -> str:
    """One row of the table."""
    return (f"  {row['load']:<8}{row['contender']:<13}{span(row['cpu_ns_per_packet']):>11}"
            f"{ratio(row, base, 'cpu_ns_per_packet'):>12}{span(row['p50_ns']):>10}{span(row['p99_ns']):>10}"
            f"{irqs(row):>12}{rate(row):>14}")


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
