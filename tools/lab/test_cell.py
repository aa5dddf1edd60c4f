#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Unit tests of the report's arithmetic: python3 -m unittest discover -s tools/lab"""

import unittest

import cell
import figures
import matrix
import plots

UDP = cell.Load(
    "udp", "datagrams", "udp", ("--nowhere", "NOWHERE"), pps=20000, warmup_ms=100, window_ms=200
)


class TestCell(unittest.TestCase):
    """Commands for guests with slower clocks, and results put back."""

    def test_scale_reaches_every_time_and_rate(self) -> None:
        """At shift 4 the guest gets 16 times longer times and lower rates."""
        words = cell.guest_command([cell.Cell("e1000e", UDP, "fixed-100us", shift=4)])
        self.assertEqual(
            words[2:],
            [
                "pair",
                "16",
                "fixed-1600us",
                "udp",
                "udp",
                "--nowhere",
                "NOWHERE",
                "--pps",
                "1250",
                "--warmup",
                "1600ms",
                "--time",
                "3200ms",
            ],
        )

    def test_contenders(self) -> None:
        """0 and default have nothing to stretch; netcoal gets its target."""
        named = {
            c: cell.Cell("e1000e", UDP, c, shift=1, latency="50us").guest_contender()
            for c in ("default", "fixed-0", "netcoal")
        }
        self.assertEqual(
            named, {"default": "default", "fixed-0": "fixed-0", "netcoal": "netcoal-100us"}
        )

    def test_put_back(self) -> None:
        """Times shrink, rates grow, counts and what is not there stay."""
        for key, value, want in (
            ("p99_ns", 1600, 100),
            ("cpu_ns_per_packet", 8.0, 0.5),
            ("pps", 10, 160),
            ("gaps", 5, 5),
            ("rx_pps", 1, 16),
            ("packets", 7, 7),
            ("tps", None, None),
        ):
            self.assertEqual(cell.unstretched(value, key, 16), want, key)

    def test_what_it_takes_to_send(self) -> None:
        """Where that is asked for, it is the cell's CPU time."""
        told = {"sender_ns_per_packet": 15.4, "sender_irq_per_packet": 0.5, "cpu_ns_per_packet": 9.0}
        sends = cell.Cell("e1000e", matrix.LOADS["send-20k"], "default")
        self.assertEqual(cell.of_sender(sends, told), {
            "cpu_ns_per_packet": 15.4, "irq_per_packet": 0.5, "polls_per_packet": None})
        self.assertEqual(cell.of_sender(cell.Cell("e1000e", UDP, "default"), told), {})

    def test_names_differ(self) -> None:
        """No two cells of a matrix share a log."""
        cells = [
            cell.Cell(n, UDP, c, seed=s)
            for n in ("a", "b")
            for c in ("default", "netcoal")
            for s in (1, 2)
        ]
        self.assertEqual(len({c.name for c in cells}), len(cells))


class TestFigures(unittest.TestCase):
    """Numbers in words."""

    def test_span(self) -> None:
        """Three digits, in a unit that suits."""
        for ns, want in (
            (None, "-"),
            (0, "0 ns"),
            (999, "999 ns"),
            (8421, "8.42 µs"),
            (14130, "14.1 µs"),
            (9999000, "9999 µs"),
            (12_000_000, "12.0 ms"),
        ):
            self.assertEqual(figures.span(ns), want)

    def test_ratio(self) -> None:
        """Nothing is a multiple of nothing."""
        self.assertEqual(figures.ratio({"x": 3}, {"x": 4}, "x"), "0.75")
        self.assertEqual(figures.ratio({"x": None}, {"x": 4}, "x"), "-")

    def test_every_verdict_is_explained(self) -> None:
        """The names are those of the netlink specification."""
        spec = (cell.TOP / "Documentation/netlink/specs/netcoal.yaml").read_text()
        verdicts = (
            spec.split("name: verdict\n    type: enum", 1)[1]
            .split("\n  -\n", 1)[0]
            .split("\nattribute-sets", 1)[0]
        )
        names = {
            line.split("name: ")[1] for line in verdicts.splitlines() if "        name: " in line
        }
        self.assertEqual(names, set(figures.VERDICTS))


class TestOrder(unittest.TestCase):
    """Of loads that share a guest."""

    def test_starts_differ_in_what_came_before(self) -> None:
        """The first is in the matrix' order; each has all, and always the same one."""
        of_start = {}
        for seed in range(1, 6):
            shared = [c for c in matrix.FULL[0].cells(seed) if c.contender == "default"]
            of_start[seed] = [c.load.name for c in cell.turned(shared)]
            self.assertEqual(cell.turned(shared[::-1]), cell.turned(shared)[:: -1 if seed == 1 else 1])
        self.assertEqual(of_start[1], matrix.FULL[0].loads.split())
        self.assertEqual(len({tuple(names) for names in of_start.values()}), 5)
        self.assertTrue(all(sorted(n) == sorted(of_start[1]) for n in of_start.values()))
        before = {names[names.index("udp-rr-64") - 1] for names in of_start.values()}
        self.assertGreater(len(before), 2)


class TestPlots(unittest.TestCase):
    """Geometry."""

    def test_ticks_cover_the_top(self) -> None:
        """From 0, evenly, past the largest value by less than a step."""
        for top in (0.3, 1, 7.7, 14.1, 99, 163.4, 2000):
            ticks = plots.ticks(top)
            self.assertEqual(ticks[0], 0)
            self.assertGreaterEqual(ticks[-1], top)
            self.assertLess(ticks[-2], top)
            self.assertIn(len(ticks), range(3, 7))

    def test_labels_do_not_touch(self) -> None:
        """Points on one spot get labels of their own."""
        plane = plots.Plane(plots.Axis("x", 10), plots.Axis("y", 10))
        for height in (0.0, 5.0, 10.0):
            heights = [
                y for _, y in plane.placed([plots.Point(str(i), 5.0, height) for i in range(4)])
            ]
            self.assertTrue(all(b - a >= plane.LABEL_GAP for a, b in zip(heights, heights[1:])))
            self.assertLessEqual(heights[-1], plane.HEIGHT - plane.BOTTOM)


if __name__ == "__main__":
    unittest.main()
