#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Unit tests of the benchmark on real hosts: what is said, and what is read."""

import unittest
from unittest import mock

import hosts
from cell import CellError

SAID = """sockperf: [Total Run] RunTime=10.000 sec; Warm up time=400 msec; SentMessages=100; ReceivedMessages=99
sockperf: [Valid Duration] RunTime=9.500 sec; SentMessages=90; ReceivedMessages=90
sockperf: ---> <MAX> observation = 4254.697
sockperf: ---> percentile 99.000 =  152.578
sockperf: ---> percentile 50.000 =  119.804
"""


class TestHosts(unittest.TestCase):
    """Without any host."""

    def test_parse(self) -> None:
        """What ssh connects to may have colons."""
        self.assertEqual(hosts.parse("root@a:eth1:192.0.2.1"),
                         hosts.Host("root@a", "eth1", "192.0.2.1"))
        self.assertEqual(hosts.parse("ssh://a:22:eth1:192.0.2.1").ssh, "ssh://a:22")
        for bad in ("a", "a:eth1", ":eth1:192.0.2.1"):
            with self.assertRaises(CellError):
                hosts.parse(bad)

    def test_sockperf(self) -> None:
        """It tells half of a round trip."""
        found = hosts.of_sockperf(SAID)
        self.assertEqual((found["p50_ns"], found["p99_ns"]), (239_608, 305_156))
        self.assertEqual(found["max_ns"], 8_509_394)
        with self.assertRaises(CellError):
            hosts.of_sockperf("no answer")

    def measured(
        self, tell, outcomes: list, contender: str = "default", load: tuple[str, ...] = ()
    ) -> tuple:
        """Rows and faults, with what tell makes of a command, and a row's figures."""
        args = mock.Mock(host=["a:eth1:1", "b:eth2:2"], contender=[contender], load=load)
        with mock.patch.object(hosts.Host, "tell", tell), mock.patch("sys.stderr"), \
                mock.patch("subprocess.run"), mock.patch.object(hosts.Host, "put"), \
                mock.patch("signal.signal"), \
                mock.patch.object(hosts, "row", side_effect=outcomes), \
                mock.patch("pathlib.Path.read_bytes", return_value=b""):
            return hosts.measure(args, lambda *_: None)

    def test_a_failed_load_does_not_end_the_run(self) -> None:
        """And both hosts get back what they had, also if one of them can't."""
        told: list[str] = []

        def tell(host, shell, given=b""):
            told.append(f"{host.ssh} {shell}")
            if host.ssh == "a" and " restore " in shell:
                raise hosts.UnreachedError("gone")
            return "how"

        rows, failed = self.measured(tell, [CellError("no"), {"load": "x"}, {"load": "y"}])
        self.assertEqual((len(rows), len(failed)), (2, 2))
        self.assertEqual(told[-2:], ["a how/host-bench restore eth1 && rm -r how",
                                     "b how/host-bench restore eth2 && rm -r how"])

    def test_what_there_is_not_is_told_before_a_host_is_touched(self) -> None:
        """All contenders were put in charge of both devices, for nothing."""
        for words in (("default", ("rr-8",)), ("dimm", ())):
            with self.assertRaisesRegex(CellError, "is none of"):
                self.measured(mock.Mock(side_effect=AssertionError), [], *words)

    def test_the_first_is_cleared_up_if_the_second_is_not_reached(self) -> None:
        """What had been put there stayed."""
        told: list[str] = []

        def tell(host, shell, given=b""):
            told.append(f"{host.ssh} {shell}")
            if host.ssh == "b":
                raise hosts.UnreachedError("gone")
            return "how"

        with self.assertRaises(hosts.UnreachedError):
            self.measured(tell, [])
        self.assertEqual(told[-1], "a how/host-bench restore eth1 && rm -r how")

    def test_not_here_is_no_failure_and_unreached_is(self) -> None:
        """The default is measured beside whom one asks for."""
        for error, faults in ((CellError("no module"), 0), (hosts.UnreachedError("gone"), 1)):
            def tell(host, shell, given=b"", error=error):
                if "contend" in shell and shell.endswith("dim-1ms"):
                    raise error
                return "how"

            rows, failed = self.measured(tell, [{"load": c} for c in "xyz"], "dim")
            self.assertEqual((len(rows), len(failed)), (3, faults))


if __name__ == "__main__":
    unittest.main()
