#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Unit tests of what the benchmark makes of its rows."""

import unittest

import cell
import judge
import matrix


def row(contender: str, cpu: float, p99: float | None, tps: float = 100.0, **more) -> dict:
    """A row of one load."""
    target = cell.Cell("n", matrix.LOADS["rr-1"], contender).latency_target_ns()
    return {
        "nic": "n", "shift": 0, "load": "rr-1", "contender": contender, "cpu_ns_per_packet": cpu,
        "p99_ns": p99, "tps": tps, "rate_key": "tps", "latency_target_ns": target, **more,
    }


def judged(*rows: dict) -> dict[str, dict]:
    """By contender."""
    return {r["contender"]: r for r in judge.judge(list(rows))}


class TestJudge(unittest.TestCase):
    """The aims."""

    def test_best_static_keeps_the_target_and_the_rate(self) -> None:
        """The cheapest does not count if it is late or slow."""
        rows = judged(
            row("default", 100, 50_000), row("fixed-1000us", 40, 900_000),
            row("fixed-100us", 60, 140_000, tps=90), row("fixed-50us", 80, 100_000),
            row("dim", 10, 60_000), row("netcoal-100us", 85, 120_000),
        )
        self.assertEqual(rows["netcoal-100us"]["oracle"], "fixed-50us")
        self.assertFalse(rows["netcoal-100us"]["lost"])

    def test_a_bulk_has_no_p99_and_yet_a_target(self) -> None:
        """What holds off for longer than that keeps it nowhere; a p99 says more than a name."""
        rows = judged(
            row("default", 100, None), row("fixed-500us", 40, None), row("defer-200us", 50, None),
            row("fixed-100us", 60, None), row("fixed-0", 90, None), row("netcoal-100us", 66, None),
            row("netcoal-250us", 55.1, None),
        )
        self.assertEqual(rows["netcoal-100us"]["oracle"], "fixed-100us")
        self.assertEqual(rows["netcoal-100us"]["lost_by"], [])
        self.assertEqual(rows["netcoal-250us"]["oracle"], "defer-200us")
        self.assertEqual(rows["netcoal-250us"]["lost_by"], ["CPU (best static)"])
        rows = judged(row("default", 100, 50_000), row("fixed-500us", 40, 140_000),
                      row("netcoal-100us", 66, 60_000))
        self.assertEqual(rows["netcoal-100us"]["oracle"], "fixed-500us")

    def test_a_cpu_target_that_is_met_is_enough(self) -> None:
        """And gives back latency; one that is missed by more than a twentieth is not."""
        for cpu, lost in ((10_500, []), (10_600, ["CPU (best static)"]),
                          (20_500, ["CPU (best static)", "CPU (default)"])):
            rows = judged(row("default", 20_000, 50_000), row("fixed-100us", 8_000, 140_000),
                          row("netcoal-250us-cpu-10us", cpu, 60_000))
            self.assertEqual(rows["netcoal-250us-cpu-10us"]["lost_by"], lost)

    def test_another_kernel_or_another_run_is_another_default(self) -> None:
        """They were judged by whichever came first."""
        rows = [
            row(contender, cpu, 50_000, kernel=kernel, by=by)
            for kernel, by, factor in (("6.1", None, 1), ("6.12", None, 2), ("6.1", "file", 3))
            for contender, cpu in (("default", 100 * factor), ("netcoal-100us", 101 * factor))
        ]
        self.assertEqual([r["lost"] for r in judge.judge(rows)], [False] * 6)
        self.assertEqual(len(judge.against([*rows, row("dim", 90, 50_000, kernel="6.12")])), 1)

    def test_nobody_is_judged_without_a_default(self) -> None:
        """By no hold-off, say, as if that were it."""
        alone = [row("fixed-0", 100, 50_000), row("netcoal-100us", 90, 50_000)]
        self.assertEqual(judge.without_default(alone), [alone])
        self.assertEqual(judge.without_default([*alone, row("default", 100, 50_000)]), [])

    def test_each_aim_is_missed_by_name(self) -> None:
        """And the rest are kept."""
        for bad, why in (
            (row("netcoal-100us", 85, 150_001), "latency"),
            (row("netcoal-100us", 85, 100_000, tps=94), "rate"),
            (row("netcoal-100us", 89, 100_000), "CPU (best static)"),
        ):
            rows = judged(row("default", 100, 50_000), row("fixed-50us", 80, 100_000), bad)
            self.assertEqual(rows["netcoal-100us"]["lost_by"], [why])
        rows = judged(row("default", 100, None), row("netcoal-50us", 103, None))
        self.assertEqual(rows["netcoal-50us"]["lost_by"], ["CPU (default)"])
        self.assertFalse(rows["default"]["lost"])

    def test_a_default_that_varies_is_told(self) -> None:
        """And the cell is lost all the same."""
        for p99, why in ((190_000, "latency, by less than the default varies"), (190_001, "latency")):
            rows = judged(row("default", 100, 50_000, p99_longest_ns=90_000),
                          row("netcoal-100us", 85, p99))
            self.assertEqual(rows["netcoal-100us"]["lost_by"], [why])

    def test_outcomes(self) -> None:
        """Both figures count, those within 2 % as one."""
        ours = row("netcoal-100us", 100, 100_000)
        for rival, want in (
            (row("dim", 101, 101_000), "even"), (row("dim", 110, 101_000), "ahead"),
            (row("dim", 110, 110_000), "ahead"), (row("dim", 101, 110_000), "earlier"),
            (row("dim", 90, 99_000), "behind"), (row("dim", 101, 90_000), "behind"),
            (row("dim", 90, 200_000), "trade"), (row("dim", 110, 90_000), "trade"),
            (row("dim", 110, None), "ahead"),
        ):
            self.assertEqual(judge.outcome(ours, rival), want)
            self.assertEqual(judge.against([ours, rival]), {"dim": {want: 1}})

    def test_ahead_in_hindsight(self) -> None:
        """A rival that is on the front can't be beaten by both figures."""
        ours, base = row("netcoal-100us", 90, 120_000), row("default", 100, 50_000)
        fixed = row("fixed-100us", 80, 140_000)
        for rival, want in (
            (row("dim", 80, 140_000), 0), (row("dim", 60, 300_000), 0),
            (row("dim", 100, 140_000), 1), (row("dim", 110, 50_000), 1),
        ):
            self.assertEqual(judge.ahead_in_hindsight([base, fixed, ours, rival]), {"dim": want})

    def test_by_aims(self) -> None:
        """Who breaks them gets no credit for CPU; where both keep them, CPU decides."""
        base = row("default", 120, 50_000)
        for ours, rival, want in (
            ((100, 100_000), (50, 200_000), "won"), ((100, 100_000), (110, 51_000), "won"),
            ((100, 150_000), (90, 60_000), "lost"), ((60, 150_001), (90, 60_000), "lost"),
            ((100, 150_000), (101, 60_000), "even"), ((60, 150_001), (90, 160_000), "neither"),
            ((100, 100_000), (50, 60_000, 94), "won"),
        ):
            rows = [base, row("netcoal-100us", *ours), row("dim", *rival)]
            self.assertEqual(judge.against(rows, judge.by_aims), {"dim": {want: 1}})

    def test_standings(self) -> None:
        """Over all cells with the champion; whoever breaks the aims is as the default there."""
        cells = (
            [row("default", 100, 50_000), row("fixed-250us", 40, 300_000), row("dim", 81, 60_000),
             row("netcoal-100us", 80, 120_000), row("netcoal-250us", 20, 120_000)],
            [row("default", 100, 50_000, load="rr-8"), row("fixed-250us", 64, 60_000, load="rr-8"),
             row("netcoal-100us", 90, 160_000, load="rr-8")],
            [row("default", 100, 50_000, load="x"), row("dim", 1, 50_000, load="x")],
        )
        found = judge.standings([r for rows in cells for r in rows])
        told = {
            name: (of.kept, of.cells, of.least, of.shares, of.champions)
            for name, of in found.items()
        }
        self.assertEqual(told, {
            "default": (2, 2, 0, [1, 1], [0.8, 1]), "fixed-250us": (1, 2, 1, [1, 0.64], [0.8, 1]),
            "dim": (1, 1, 1, [0.81], [0.8]), "netcoal-100us": (1, 2, 1, [0.8, 1], [0.8, 1]),
        })

    def test_reaction(self) -> None:
        """Until the batches stay what they are in the end; silence is no batch."""
        series = {"bin_ns": 10, "received": [1] * 10 + [8] * 20, "takes": [1] * 13 + [2] * 17}
        self.assertEqual(judge.reaction_ns(series, 100, 300), 30)
        flat = {"bin_ns": 10, "received": [5] * 30, "takes": [5] * 30}
        self.assertEqual(judge.reaction_ns(flat, 100, 300), 0)

    def test_decided(self) -> None:
        """The first decision after which all are near the last."""
        made = [{"at_ns": at, "holdoff_ns": ns} for at, ns in ((0, 5), (105, 0), (120, 99), (150, 100))]
        self.assertEqual(judge.decided_ns(made, 100, 200), 20)
        self.assertIsNone(judge.decided_ns(made, 300, 400))


class TestMatrix(unittest.TestCase):
    """What is measured."""

    def test_names_differ(self) -> None:
        """No two cells of a matrix share a name, and each device has a default."""
        for devices in (matrix.QUICK, matrix.FULL):
            cells = [c for device in devices for c in device.cells(1)]
            self.assertEqual(len({c.name for c in cells}), len(cells))
            for device in devices:
                self.assertIn("default", device.contenders.split())

    def test_what_cannot_be_stretched_is_at_shift_0(self) -> None:
        """The ladder of net_dim, and the drivers' own modes."""
        for device in (*matrix.QUICK, *matrix.FULL):
            if device.shift:
                contenders = f"{device.contenders} {device.others}".split()
                self.assertFalse({"dim", "dim-100us", "adaptive"} & set(contenders))

    def test_profiles_and_times_of_commands_stretch(self) -> None:
        """As everything that has a time does."""
        words = matrix.LOADS["on-off"].command(16)
        self.assertIn("1875:320ms,0:320ms", words)
        self.assertIn("-i 0.16 ", matrix.LOADS["ping"].command(16)[1])
        self.assertIn("--bps 18750000", " ".join(matrix.LOADS["mix"].command(16)))


class TestForeign(unittest.TestCase):
    """What other programs say."""

    def test_ping(self) -> None:
        """Percentiles by nearest rank."""
        said = "\n".join(f"64 bytes: time={i / 100:.2f} ms" for i in range(1, 101))
        self.assertEqual(cell.of_ping(said, 1)["p99_ns"], 990_000)
        self.assertEqual(cell.of_ping(said, 10)["p50_ns"], 50_000)

    def test_netpipe(self) -> None:
        """Bytes, Mb/s, seconds one way."""
        found = cell.of_netpipe("  1 0.34 0.00002243\n  64 21.9 0.00002225\n", 1)
        self.assertEqual(found["curve"], [[1, 0.34, 22430], [64, 21.9, 22250]])
        self.assertEqual(found["bps"], 21.9e6)


if __name__ == "__main__":
    unittest.main()
