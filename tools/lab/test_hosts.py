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

    def test_a_failed_load_does_not_end_the_run(self) -> None:
        """And both hosts get back what they had."""
        told: list[str] = []

        def tell(host, shell, given=b""):
            told.append(f"{host.ssh} {shell}")
            return "how"

        args = mock.Mock(host=["a:eth1:1", "b:eth2:2"], contender=["default"], load=[])
        outcomes = [CellError("no"), {"load": "x"}, {"load": "y"}]
        with mock.patch.object(hosts.Host, "tell", tell), mock.patch("sys.stderr"), \
                mock.patch("subprocess.run"), mock.patch.object(hosts.Host, "put"), \
                mock.patch.object(hosts, "row", side_effect=outcomes), \
                mock.patch("pathlib.Path.read_bytes", return_value=b""):
            rows, failed = hosts.measure(args, lambda *_: None)
        self.assertEqual((len(rows), len(failed)), (2, 1))
        self.assertEqual(told[-2:], ["a /tmp/netcoal-bench.eth1/host-bench restore eth1",
                                     "b /tmp/netcoal-bench.eth2/host-bench restore eth2"])


if __name__ == "__main__":
    unittest.main()
