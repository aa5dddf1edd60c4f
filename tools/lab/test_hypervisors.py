# SPDX-License-Identifier: GPL-2.0
"""Unit tests of hypervisors: which cells belong to which case, and what becomes of their figures."""

import contextlib
import importlib.machinery
import importlib.util
import io
import pathlib
import re
import unittest

PATH = pathlib.Path(__file__).resolve().parent / "hypervisors"
LOADER = importlib.machinery.SourceFileLoader("hypervisors", str(PATH))
hypervisors = importlib.util.module_from_spec(
    importlib.util.spec_from_loader("hypervisors", LOADER))
LOADER.exec_module(hypervisors)


def row(case: str, contender: str, cpu: float, bps: float = 1.0) -> dict:
    """One of a lab."""
    return {"lab": "xen", "case": case, "contender": contender, "cpu_ns_per_packet": cpu,
            "bps": bps}


def told(direction: str, figures: dict | None) -> dict:
    """What guest-xen prints of a second in which 1000 packets went each way."""
    meter = {"window_ns": 10**9, "rx_packets": 1000, "tx_packets": 2000, "rx_bytes": 10**6,
             "tx_bytes": 2 * 10**6, "rx_irqs": 10, "tx_irqs": 90}
    return {"direction": direction, "load": "udp 1000", "figures": figures, "domu": {**meter, "rx_packets": 2000},
            "dom0": {**meter, "busy_ns": 6 * 10**8, "domain_ns": {"0": 10**8, "1": 4 * 10**8}}}


class Best(unittest.TestCase):
    """Of static settings, one is reported."""

    def test_is_the_cheapest(self) -> None:
        """Others of the case stay as they are."""
        rows = [row("a", "default", 9), row("a", "best-static", 8), row("a", "best-static", 7),
                row("b", "best-static", 6)]
        self.assertEqual([r["cpu_ns_per_packet"] for r in hypervisors.best(rows)], [9, 7, 6])

    def test_of_a_stream_carries_most(self) -> None:
        """Even if another one is cheaper."""
        rows = [row("stream, in", "best-static", 8, 2.0), row("stream, in", "best-static", 7, 1.0)]
        self.assertEqual([r["bps"] for r in hypervisors.best(rows)], [2.0])

    def test_rows_of_a_case_come_together(self) -> None:
        """A cell of two cases has the second one's rows late."""
        rows = [row("a", "best-static", 1), row("b", "default", 2), row("a", "default", 3)]
        self.assertEqual([r["cpu_ns_per_packet"] for r in hypervisors.by_case(rows)], [3, 1, 2])


class Figures(unittest.TestCase):
    """Rows of what guest-xen tells."""

    def test_count_what_the_receiver_got(self) -> None:
        """In dom0, or in the guest."""
        into = hypervisors.xen_row(told("in", None))
        out = hypervisors.xen_row(told("out", None))
        self.assertEqual((into["irq_per_packet"], into["cpu_ns_per_packet"], into["bps"]),
                         (0.1, 600_000, 8_000_000))
        self.assertEqual((out["irq_per_packet"], out["cpu_ns_per_packet"], out["bps"]),
                         (0.05, 300_000, 16_000_000))

    def test_round_trips_are_no_latencies(self) -> None:
        """And the other way round."""
        self.assertEqual(hypervisors.xen_row(told("in", {"rtt_ns": 3}))["rtt_ns"], 3)
        self.assertIsNone(hypervisors.xen_row(told("in", {"p99_ns": 3}))["rtt_ns"])


class Kvm(unittest.TestCase):
    """What kvm-ratios prints."""

    def test_its_last_lines_are_rows(self) -> None:
        """Two for each load, whatever came before."""
        out = ("1\toff\tping\t5089\n"
               "netpipe 1024   turns 5 off 3522 on 3756 ratio 1.03 least 0.88 most 1.41\n"
               "ping           turns 5 off 5089 on 5873 ratio 0.93 least 0.56 most 1.69\n")
        rows = hypervisors.kvm_rows(out)
        self.assertEqual([(r["case"], r["contender"], r["rtt_ns"]) for r in rows], [
            ("round trips, netpipe 1024", "default", 3_522_000),
            ("round trips, netpipe 1024", "netcoal", 3_756_000),
            ("round trips, ping", "default", 5_089_000),
            ("round trips, ping", "netcoal", 5_873_000)])
        self.assertLessEqual(set(hypervisors.KEYS), set(rows[0]))
        self.assertIn("ping", hypervisors.table(rows))

    def test_is_not_measured_unless_asked_for(self) -> None:
        """It does not repeat."""
        self.assertNotIn("kvm", [job.name for job in hypervisors.chosen([])])
        self.assertEqual([job.name for job in hypervisors.chosen(["kvm", "xen-in"])],
                         ["kvm", "xen-in"])


class Cells(unittest.TestCase):
    """What is measured."""

    def test_every_case_has_a_default_and_netcoal(self) -> None:
        """In one machine, as they are compared."""
        for job in hypervisors.xen_jobs():
            kinds: dict[str, set] = {}
            for measured in job.cells:
                for case in measured.cases:
                    kinds.setdefault(case, set()).add(measured.kind)
            for case, have in kinds.items():
                if "alone" not in case:
                    self.assertLessEqual({"default", "netcoal"}, have, case)

    def test_static_holds_keep_the_target(self) -> None:
        """Those of a pair each, since no packet waits at both."""
        for job in hypervisors.xen_jobs():
            for measured in job.cells:
                if measured.kind != "best-static":
                    continue
                holds = re.findall(r"fixed:(\d+\ws)", measured.words)
                for case in measured.cases:
                    target = re.search(r"\d+[um]s", case)[0]
                    self.assertLessEqual(max(map(hypervisors.us, holds)),
                                         hypervisors.us(target), measured)


class Fake:
    """A machine with rows, or one that comes to nothing."""

    def __init__(self, name: str, rows: list[dict] | None) -> None:
        self.name, self.rows = name, rows

    def run(self) -> list[dict]:
        """As the others."""
        if self.rows is None:
            raise hypervisors.JobError("timeout")
        return self.rows


class Machines(unittest.TestCase):
    """Are run side by side."""

    def test_one_that_fails_leaves_the_others_theirs(self) -> None:
        """All rows were lost when one of eight machines was too slow."""
        failed: list[str] = []
        jobs = [Fake("good", [{"case": "x"}]), Fake("bad", None), Fake("other", [{"case": "y"}])]
        with contextlib.redirect_stderr(io.StringIO()):
            rows = [row for some in hypervisors.run_all(jobs, failed) for row in some]
        self.assertEqual(sorted(row["case"] for row in rows), ["x", "y"])
        self.assertEqual(failed, ["bad"])


if __name__ == "__main__":
    unittest.main()
