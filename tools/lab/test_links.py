# SPDX-License-Identifier: GPL-2.0
"""Unit tests of links: which fixed setting is the best, what a row holds."""

import importlib.machinery
import importlib.util
import pathlib
import unittest

PATH = pathlib.Path(__file__).resolve().parent / "links"
LOADER = importlib.machinery.SourceFileLoader("links", str(PATH))
links = importlib.util.module_from_spec(
    importlib.util.spec_from_loader("links", LOADER))
LOADER.exec_module(links)


def figures(cpu, p99=None, rtt=None, bps=None):
    return {"irq_per_packet": 1.0, "cpu_ns_per_packet": cpu, "p99_ns": p99,
            "rtt_ns": rtt, "bps": bps}


class BestStatic(unittest.TestCase):
    def pick(self, case, default, **fixed):
        table = {name.replace("_", "-"): {case: f} for name, f in fixed.items()}
        return links.best_static(case, {"default": {case: default}, **table})["setting"]

    def test_udp_takes_the_cheapest_that_keeps_the_target(self):
        good, late = figures(30, 100_000), figures(20, 400_000)
        self.assertEqual(self.pick("udp-5k", figures(50, 30_000), fixed_0=figures(50, 30_000),
                                   fixed_100=good, fixed_200=late), "fixed-100")

    def test_udp_without_one_that_keeps_it(self):
        late, later = figures(20, 400_000), figures(30, 500_000)
        self.assertEqual(self.pick("udp-5k", figures(50, 30_000), fixed_100=late,
                                   fixed_200=later), "fixed-100")

    def test_round_trips_take_the_fastest(self):
        fast, cheap = figures(50, rtt=80.0), figures(30, rtt=90.0)
        self.assertEqual(self.pick("rr-8", figures(50), fixed_0=fast, fixed_50=cheap), "fixed-0")

    def test_streams_take_the_most(self):
        most = figures(50, bps=9.0)
        self.assertEqual(self.pick("stream", figures(50), fixed_0=figures(30, bps=8.0),
                                   fixed_50=most), "fixed-50")


class Rows(unittest.TestCase):
    def test_best_static_needs_them_all(self):
        few = {"default": {"rr": figures(1, rtt=1.0)}}
        self.assertEqual({r["contender"] for r in links.rows("veth", few)}, {"default"})
        many = dict(few)
        for us in links.FIXED_US:
            many[f"fixed-{us}"] = {"rr": figures(1, rtt=float(us))}
        best = [r for r in links.rows("veth", many) if r["contender"] == "best-static"]
        self.assertEqual([(r["rtt_ns"], r["setting"]) for r in best], [(0.0, "fixed-0")])

    def test_medians_leave_out_what_is_not_there(self):
        got = links.medians([figures(1), figures(3), figures(2)])
        self.assertEqual(got["cpu_ns_per_packet"], 2)
        self.assertIsNone(got["rtt_ns"])


if __name__ == "__main__":
    unittest.main()
