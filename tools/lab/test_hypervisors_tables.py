# SPDX-License-Identifier: GPL-2.0
"""Unit tests of hypervisors-tables: which cells are in which table, and in what words."""

import importlib.machinery
import importlib.util
import json
import pathlib
import unittest

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
PATH = pathlib.Path(__file__).resolve().parent / "hypervisors-tables"
LOADER = importlib.machinery.SourceFileLoader("hypervisors_tables", str(PATH))
tables = importlib.util.module_from_spec(
    importlib.util.spec_from_loader("hypervisors_tables", LOADER))
LOADER.exec_module(tables)


def row(case: str, contender: str, setting: str, **figures) -> dict:
    """A cell between domains."""
    return {
        "lab": "xen", "case": case, "contender": contender, "setting": setting,
        "irq_per_packet": 0.5, "cpu_ns_per_packet": 100_000, "p50_ns": 70_000, "p99_ns": 90_000,
        "mean_ns": 75_000, "rtt_ns": 80_000, "bps": 10**9, "beside_pps": None,
        "domain_ns_per_packet": {"0": 40_000, "1": 50_000}, "domain_busy": {"0": 0.1, "2": 0.2},
        **figures,
    }


def cells(text: str) -> list[list[str]]:
    """Of a simple table, by the columns of its rules."""
    lines = text.splitlines()
    bounds, at = [], 0
    for size in map(len, lines[0].split("  ")):
        bounds.append((at, at + size))
        at += size + 2
    return [[line[a:b].strip() for a, b in bounds] for line in lines[3:-1]]


class Words(unittest.TestCase):
    """Settings as the document has them."""

    def test_contenders(self) -> None:
        """What governs where."""
        for setting, said in (("dom0=500us", "netcoal, 500 µs"), ("dom0=1ms", "netcoal, 1 ms"),
                              ("domu=fixed:300us", "static 300 µs"),
                              ("dom0-2=500us:cap:10", "netcoal, cap 10")):
            self.assertEqual(tables.contender(row("a, udp 1", "netcoal", setting), {}), said)
        pair = row("a, udp 1, both ends, 500us", "netcoal", "dom0=500us,domu=500us")
        self.assertEqual(tables.contender(pair, {}), "netcoal, 500 µs in both")

    def test_loads(self) -> None:
        """More than a guest can send."""
        self.assertEqual(tables.load(row("in, udp 5000, 300us", "", ""), {}), "5000/s")
        self.assertEqual(tables.load(row("in, udp 100000, 500us", "", ""), {}), "saturated")


class Tables(unittest.TestCase):
    """Rows of a table."""

    def test_a_default_of_two_cases_is_one_line(self) -> None:
        """And is what the others of its load are compared with."""
        name = "guest to dom0, udp 5000, "
        rows = [row(name + "300us", "default", "default"), row(name + "1ms", "default", "default"),
                row(name + "300us", "netcoal", "dom0=300us", cpu_ns_per_packet=80_000),
                row("guest to dom0, udp 10000, 1ms", "default", "default"),
                row(name + "1ms", "netcoal", "dom0=1ms", cpu_ns_per_packet=60_000)]
        got = cells(tables.block("xen-in", rows))
        self.assertEqual([line[:4] for line in got], [
            ["5000/s", "default", "100.0 µs", "1.000"],
            ["5000/s", "netcoal, 300 µs", "80.0 µs", "0.800"],
            ["5000/s", "netcoal, 1 ms", "60.0 µs", "0.600"],
            ["10000/s", "default", "100.0 µs", "1.000"]])

    def test_both_ends_are_no_datagrams_of_one(self) -> None:
        """They have a table of their own."""
        rows = [row("guest to dom0, udp 1, both ends, 500us", "default", "default")]
        self.assertEqual(tables.block("xen-in", rows), "")
        self.assertEqual(len(cells(tables.block("xen-both", rows))), 1)

    def test_a_flood_is_compared_with_none(self) -> None:
        """The rows of the flooded are not their own measure."""
        rows = [row("round trips of guest 1, alone", "default", "default"),
                row("round trips of guest 1, guest 2 floods", "default", "default", p99_ns=180_000,
                    beside_pps=30000),
                row("round trips of guest 1, guest 2 floods, cap 10", "netcoal",
                    "dom0-2=500us:cap:10", p99_ns=270_000, beside_pps=7868)]
        got = cells(tables.block("xen-flood", rows))
        self.assertEqual([(line[0], line[4], line[-1]) for line in got], [
            ("alone", "1.0", "\\-"), ("guest 2 floods", "2.0", "30000/s"),
            ("and netcoal, cap 10", "3.0", "7868/s")])

    def test_links_say_which_static_setting(self) -> None:
        """By load, whatever the order in which they were measured."""
        rows = [{**row("rr", "best-static", "fixed-50"), "lab": "veth"},
                {**row("udp-5k", "default", "default"), "lab": "veth"},
                {**row("rr", "default", "default"), "lab": "veth"},
                {**row("rr", "fixed-50", "fixed-50"), "lab": "veth"}]
        got = cells(tables.block("veth", rows))
        self.assertEqual([line[:2] for line in got], [
            ["UDP, 5 kpps", "default"], ["round trips, 1 connection", "default"],
            ["round trips, 1 connection", "best static, 50 µs"]])


class Document(unittest.TestCase):
    """Documentation/hypervisors.rst."""

    def test_has_a_place_for_each_table(self) -> None:
        """And nothing else there."""
        text = (TOP / "Documentation" / "hypervisors.rst").read_text()
        for name in tables.TABLES:
            self.assertEqual(text.count(tables.begin(name)), 1, name)
            self.assertEqual(text.count(tables.end(name)), 1, name)

    def test_its_tables_are_those_of_the_results(self) -> None:
        """Nobody edits them, nor forgets them."""
        results = TOP / "Documentation" / "results" / "hypervisors.json"
        text = (TOP / "Documentation" / "hypervisors.rst").read_text()
        self.assertEqual(tables.put(text, json.loads(results.read_text())), text)

    def test_what_was_not_measured_stays(self) -> None:
        """The cells and the tables."""
        old, new = row("a", "default", "default"), row("b", "default", "default")
        again = row("a", "default", "default", bps=2)
        self.assertEqual(tables.merged([old, new], [again]), [again, new])
        text = "".join(f"{tables.begin(name)}\nold\n\n{tables.end(name)}" for name in tables.TABLES)
        rows = [row("in, pktgen 10000, 500us", "default", "default")]
        self.assertEqual(tables.put(text, rows).count("\nold\n"), len(tables.TABLES) - 1)

    def test_what_is_best_no_more_goes(self) -> None:
        """And several settings that were measured together stay together."""
        old = [row("a", "best-static", "fixed-50"), row("b", "default", "default")]
        new = [row("a", "best-static", "fixed-0"), row("a", "best-static", "fixed-100")]
        self.assertEqual(tables.merged(old, new), [*new, old[1]])

    def test_a_mark_that_is_missing_is_told(self) -> None:
        """Before anything is written."""
        self.assertRaises(ValueError, tables.put, "no marks\n", [])


if __name__ == "__main__":
    unittest.main()
