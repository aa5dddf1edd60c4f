#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Unit tests of what samples depend on, and of how they are kept."""

import tempfile
import unittest
from pathlib import Path

import matrix
import samples
from cell import Cell
from samples import Inputs, Samples

BARE = Cell("e1000e", matrix.LOADS["rr-1"], "fixed-50us")
DIM = Cell("e1000e", matrix.LOADS["rr-1"], "dim")
OURS = Cell("e1000e", matrix.LOADS["rr-1"], "netcoal-100us")

FILES = ("tools/lab/guest-bench", "tools/lab/cell.py")


def machine(words: tuple[str, ...]) -> str:
    """In the place of tools/lab/run --fingerprint."""
    return " ".join(words)


class TestSamples(unittest.TestCase):
    """A tree with a file of each kind."""

    def setUp(self) -> None:
        made = tempfile.TemporaryDirectory()
        self.addCleanup(made.cleanup)
        self.top = Path(made.name)
        for name in (*samples.OF_ALL, *samples.OF_NETCOAL):
            path = self.top / name if name in FILES else self.top / name / "file"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(name)

    def digests(self, of_machine=machine) -> list[str]:
        """Of the three contenders."""
        inputs = Inputs(self.top, of_machine)
        return [inputs.of(point) for point in (BARE, DIM, OURS)]

    def changed(self, path: str, of_machine=machine) -> list[bool]:
        """Whose digests another file changes."""
        before = self.digests()
        (self.top / path).write_text("new")
        return [a != b for a, b in zip(before, self.digests(of_machine))]

    def test_the_module_is_of_no_concern_to_others(self) -> None:
        """Nor are its header and its command."""
        for place in samples.OF_NETCOAL:
            self.assertEqual(self.changed(f"{place}/file"), [False, True, True], place)

    def test_the_generator_concerns_all(self) -> None:
        """And so do what puts a contender in charge, and what reads the figures."""
        for path in ("tools/lab/load/file", "tools/lab/load/more", *FILES):
            self.assertEqual(self.changed(path), [True] * 3, path)

    def test_the_machine_concerns_all(self) -> None:
        """Whatever of it is other."""
        self.assertEqual(self.changed("README", lambda words: "6.2"), [True] * 3)

    def test_nothing_else_concerns_any(self) -> None:
        """Such as what a checker left."""
        for path in ("tools/lab/load/.left", "README"):
            self.assertEqual(self.changed(path), [False] * 3, path)

    def test_the_load_concerns_its_cells(self) -> None:
        """Not those of other loads."""
        inputs = Inputs(self.top, machine)
        other = Cell("e1000e", matrix.LOADS["rr-8"], "fixed-50us")
        self.assertNotEqual(inputs.of(BARE), inputs.of(other))

    def test_rows_are_found_as_long_as_they_hold(self) -> None:
        """Those that a changed module made old are not; those without one are, with their commit."""
        path = self.top / "kept"
        kept = Samples(path, Inputs(self.top, machine), "one")
        for point in (BARE, OURS):
            kept.add(point, {"packets": 1})
        (self.top / "drivers/net/netcoal/file").write_text("new")
        kept = Samples(path, Inputs(self.top, machine), "two")
        self.assertEqual(kept.find(BARE)["commit"], "one")
        self.assertIsNone(kept.find(OURS))
        kept.add(OURS, {"packets": 2})
        self.assertEqual(Samples(path, Inputs(self.top, machine), "three").find(OURS)["commit"], "two")

    def test_half_a_line_is_none(self) -> None:
        """A writer that was killed left it; the next line is not written behind it."""
        path = self.top / "kept"
        Samples(path, Inputs(self.top, machine), "one").add(BARE, {"packets": 1})
        path.write_text(path.read_text() + '{"name": "virt')
        kept = Samples(path, Inputs(self.top, machine), "two")
        self.assertIsNotNone(kept.find(BARE))
        kept.add(OURS, {"packets": 2})
        kept = Samples(path, Inputs(self.top, machine), "three")
        self.assertEqual([kept.find(p)["packets"] for p in (BARE, OURS)], [1, 2])

    def test_guests_of_others_have_no_netcoal(self) -> None:
        """Or its size would shift what happens when."""
        self.assertIn("--without-netcoal", BARE.lab_command())
        for point in (DIM, OURS):
            self.assertNotIn("--without-netcoal", point.lab_command())


class TestMiddle(unittest.TestCase):
    """Several starts of a cell."""

    def test_of_two(self) -> None:
        """Coordinates stay whole; figures are medians; all commits are told, once."""
        rows = [
            {"shift": 4, "cpu_ns_per_packet": cpu, "p99_ns": p99, "host_cpu_s": 1.5, "commit": at,
             "title": "x", "polls": polls, "seed": seed}
            for seed, (cpu, p99, at, polls) in enumerate(
                ((90, 7, "a", None), (110, 10, "b", 2), (100, 8, "a", 2)), start=1
            )
        ]
        out = samples.middle(rows)
        self.assertEqual(out, {
            "shift": 4, "cpu_ns_per_packet": 100, "p99_ns": 8, "host_cpu_s": 4.5, "commit": "a b",
            "title": "x", "polls": None, "p99_longest_ns": 10, "samples_taken": 3,
            "spread_pct": 20.0, "seed": 1, "seeds": [1, 2, 3],
        })
        self.assertIsInstance(samples.middle(rows[:2])["shift"], int)

    def test_a_curve_is_all_sizes(self) -> None:
        """Not the best one, which is the largest's whatever became of the others."""
        curves = ([[1, 1.0, 9], [2, 100.0, 9]], [[1, 4.0, 9], [2, 100.0, 9]])
        rows = [
            {"seed": i, "commit": "a", "host_cpu_s": 1, "p99_ns": None, "cpu_ns_per_packet": 1,
             "bps": 100_000_000, "curve": curve}
            for i, curve in enumerate(curves)
        ]
        self.assertEqual(samples.middle(rows)["bps"], 15_000_000)


if __name__ == "__main__":
    unittest.main()
