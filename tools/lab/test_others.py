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

    def test_another_run_that_kept_less(self) -> None:
        """Its rows have no time series, and say nothing of whom they are by."""
        full = {"nic": "n", "load": "step", "kernel": "6.1", "shift": 0, "by": None, "run": "bench",
                "p99_ns": 50_000, "max_ns": 60_000}
        series = {"bin_ns": 10**6, "received": [1, 2], "takes": [1, 1], "max_ns": [5, 6],
                  "decisions": []}
        rows = self.read(*({**full, "contender": name, "cpu_ns_per_packet": 100}
                           for name in ("default", "netcoal-100us")))
        ours = [{**row, "by": None, "series": series} for row in rows]
        page = benchpage.render(judge(ours + rows))
        self.assertEqual(page.count('class="series"'), 1)
        self.assertEqual(benchtable.table(judge(ours + rows)).count("1.00"), 4)

    def test_rates_are_called_what_they_are(self) -> None:
        """Round trips of 50 MB were packets, in thousands."""
        base = {"nic": "n", "kernel": "6.1", "shift": 0, "p99_ns": None, "max_ns": None,
                "run": "bench"}
        for key, words in benchpage.RATE_AXES.items():
            rows = self.read({**base, "load": "l", "contender": "default", "cpu_ns_per_packet": 9,
                              "rate_key": key, key: 5.0})
            self.assertIn(words[0], benchpage.render(judge(rows)))

    def test_spread_is_shown_where_there_are_starts(self) -> None:
        """A single one has none."""
        rows = judge(self.read(machine("default", 100, 50_000), machine("netcoal", 80, 300_000)))
        told = benchtable.table([{**row, "samples_taken": 5, "spread_pct": 1.25} for row in rows])
        self.assertRegex(told, rf"{CASE} +80.0 ns +1.2 % +0.80")


if __name__ == "__main__":
    unittest.main()
