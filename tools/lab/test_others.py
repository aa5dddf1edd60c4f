#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Unit tests of rows from elsewhere: read, judged, shown."""

import json
import tempfile
import unittest
from pathlib import Path

import benchpage
import benchtable
import others
from judge import judge

CASE = "guest to dom0, udp 5000, 300us"


def machine(contender: str, cpu: int | None, p99: int | None, case: str = CASE) -> dict:
    """As tools/lab/hypervisors writes them."""
    return {"lab": "xen", "case": case, "contender": contender, "irq_per_packet": 0.5,
            "cpu_ns_per_packet": cpu, "p99_ns": p99, "rtt_ns": None, "bps": 1_000_000}


class TestOthers(unittest.TestCase):
    """A file that was made by hand."""

    def read(self, *rows: dict) -> list[dict]:
        """What the benchmark makes of it."""
        with tempfile.TemporaryDirectory() as made:
            path = Path(made) / "rows.json"
            path.write_text(json.dumps(rows))
            return others.read(path)

    def test_machines_are_judged_by_the_target_in_their_case(self) -> None:
        """The best static setting is given."""
        rows = {r["contender"]: r for r in judge(self.read(
            machine("default", 100, 50_000), machine("netcoal", 80, 350_001),
            machine("best-static", 60, 300_000)))}
        ours = rows["netcoal-300us"]
        self.assertEqual(ours["oracle"], "best-static")
        self.assertEqual(ours["lost_by"], ["latency", "CPU (best static)"])

    def test_without_a_target_the_rest_is_judged(self) -> None:
        """Whether or not there is a latency."""
        for p99 in (None, 900_000):
            rows = judge(self.read(machine("default", 100, p99, "ping"),
                                   machine("netcoal", 103, 900_000, "ping")))
            self.assertEqual(rows[1]["lost_by"], ["CPU (default)"])

    def test_a_row_that_tells_no_cost_is_left_out(self) -> None:
        """There is nothing to compare."""
        self.assertEqual(self.read(machine("default", None, None)), [])

    def test_what_is_missing_is_named(self) -> None:
        """Rows of both kinds."""
        for row, key in (({"lab": "xen", "case": "x"}, "contender"), ({"nic": "n"}, "load")):
            with self.assertRaisesRegex(others.OthersError, f"a row without {key}"):
                self.read(row)

    def test_shown_beside(self) -> None:
        """In the table and on the page, by where they are from; names do not touch figures."""
        rows = judge(self.read(machine("default", 100, 50_000), machine("netcoal", 80, 300_000)))
        told = benchtable.table(rows)
        self.assertIn("xen, from ", told)
        self.assertRegex(told, rf"{CASE} +80.0 ns +- +0.80")
        self.assertIn("netcoal-300us: the aims are kept in 1 of 1 cells", benchtable.totals(rows))
        page = benchpage.render([{**row, "run": "bench"} for row in rows])
        self.assertIn(CASE, page)

    def test_spread_is_shown_where_there_are_starts(self) -> None:
        """A single one has none."""
        rows = judge(self.read(machine("default", 100, 50_000), machine("netcoal", 80, 300_000)))
        told = benchtable.table([{**row, "samples_taken": 5, "spread_pct": 1.25} for row in rows])
        self.assertRegex(told, rf"{CASE} +80.0 ns +1.2 % +0.80")


if __name__ == "__main__":
    unittest.main()
