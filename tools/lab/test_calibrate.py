# SPDX-License-Identifier: GPL-2.0
"""Costs that are known have to come out of points that were made of them."""

import argparse
import importlib.util
import unittest
from importlib.machinery import SourceFileLoader
from pathlib import Path

PATH = str(Path(__file__).resolve().parent / "calibrate")
LOADER = SourceFileLoader("calibrate", PATH)
calibrate = importlib.util.module_from_spec(importlib.util.spec_from_loader("calibrate", LOADER))
LOADER.exec_module(calibrate)


def point(irqs: float, timers: float, batches: float) -> dict:
    """What packets of 5000 ns cost where an interrupt is 3000, a timer 1000, a wake-up 6000."""
    polls = irqs + timers
    return {
        "irqs": irqs,
        "timers": timers,
        "batches": batches,
        "polls": polls,
        "cpu_ns": 5000 + 3000 * irqs + 1000 * timers + 6000 * batches,
        "busy_ns": 2000 + 400 * polls,
    }


class Fit(unittest.TestCase):
    """Least squares with unknowns that can't be negative."""

    def test_exact(self) -> None:
        """Two unknowns of three points on a line."""
        found = calibrate.fit([[1.0, 0.0], [1.0, 1.0], [1.0, 2.0]], [1.0, 3.0, 5.0])
        self.assertAlmostEqual(found[0], 1.0)
        self.assertAlmostEqual(found[1], 2.0)

    def test_never_negative(self) -> None:
        """A slope that would be negative is 0, and the rest is fitted without it."""
        found = calibrate.fit([[1.0, 0.0], [1.0, 1.0]], [3.0, 1.0])
        self.assertEqual(found[1], 0.0)
        self.assertAlmostEqual(found[0], 2.0)

    def test_refuses_what_it_cannot_tell_apart(self) -> None:
        """Two causes that always come together."""
        with self.assertRaises(ValueError):
            calibrate.fit([[1.0, 1.0], [2.0, 2.0]], [1.0, 2.0])


class Costs(unittest.TestCase):
    """From points to the simulator's costs."""

    def test_known_costs(self) -> None:
        """The costs of point() come out, the poll's share taken off."""
        rows = [
            point(1.0, 0.0, 1.0),
            point(0.6, 0.7, 0.9),
            point(0.3, 0.6, 0.6),
            point(0.1, 0.3, 0.3),
            point(0.8, 1.0, 0.9),
        ]
        args = argparse.Namespace(nic="virtio-net")
        costs, error = calibrate.costs_of(args, rows)
        self.assertLess(error, 1e-6)
        self.assertEqual(costs["packet_ns"], 5000)
        self.assertEqual(costs["irq_ns"], 2600)
        self.assertEqual(costs["timer_ns"], 600)
        self.assertEqual(costs["wake_ns"], 6000)
        self.assertEqual(costs["poll_ns"], 400)


if __name__ == "__main__":
    unittest.main()
