#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Which NICs guest-bench gives a contender, and what it sets there; nothing is really set."""

import pathlib
import subprocess
import tempfile
import unittest

PATH = pathlib.Path(__file__).resolve().parent / "guest-bench"
MOCKS = """
. "$1"
out=$2
in_netns() { echo "$@"; }
is_driver() { [[ $1 == e1000e ]]; }
"""


def told(commands: str) -> list[str]:
    """What guest-bench's functions would do."""
    with tempfile.TemporaryDirectory() as out:
        done = subprocess.run(
            ["bash", "-c", MOCKS + commands, "test", str(PATH), out],
            capture_output=True, text=True, check=True,
        )
    return done.stdout.splitlines()


class TestPlaces(unittest.TestCase):
    """One CPU is both hosts."""

    def test_no_two_nics_are_in_step(self) -> None:
        """With one hold-off at both ends the CPU woke once for both: 6.8 us a packet, not 12.3."""
        self.assertEqual(told("know_topology pair; set_usecs 100"),
                         ["A ethtool -C eth0 rx-usecs 103", "B ethtool -C eth1 rx-usecs 100"])
        self.assertEqual([line.split()[-1] for line in told("know_topology route; set_usecs 1000")],
                         ["1090", "1060", "1030", "1000"])

    def test_modes_are_no_times(self) -> None:
        """1 and 3 are those of Intel's drivers, and 4 is another."""
        for usecs in ("0", "1", "3"):
            lines = told(f"know_topology pair; set_usecs {usecs}")
            self.assertEqual({line.split()[-1] for line in lines}, {usecs})

    def test_one_way_the_sender_stays_as_it_came(self) -> None:
        """And it has the contender again for the next load that goes both ways."""
        start = "know_topology pair; governed=; contender=defer-20us; "
        lines = told(f"{start} put_in_charge one-way")
        self.assertIn("A ethtool -C eth0 rx-usecs 3", lines)
        self.assertIn("A sh -c ", lines)
        self.assertIn("echo 20000 >/sys/class/net/eth1/gro_flush_timeout", " ".join(lines))
        self.assertNotIn("20600", " ".join(lines))
        lines = told(f"{start} put_in_charge one-way >/dev/null; put_in_charge both-ways")
        self.assertIn("echo 20600 >/sys/class/net/eth0/gro_flush_timeout", " ".join(lines))

    def test_who_sends_can_be_what_is_measured(self) -> None:
        """Then the receiver stays as it came."""
        lines = told("know_topology pair; governed=yes; put_in_charge sending")
        self.assertEqual([line for line in lines if "attach" in line],
                         ["A netcoal dev attach eth0 policy bench"])
        self.assertEqual(told('know_topology bond; echo "${senders[*]}"'), ["A/eth0 A/eth2"])

    def test_netcoal_too(self) -> None:
        """The sender's NIC is let go."""
        lines = told("know_topology pair; governed=yes; put_in_charge one-way")
        self.assertIn("A netcoal dev detach eth0", lines)
        self.assertEqual([line for line in lines if "attach" in line],
                         ["B netcoal dev attach eth1 policy bench"])

    def test_a_router_has_the_latency_of_the_path(self) -> None:
        """Each hop had the whole target: udp-20k came 230 us late at the most, 166 were allowed."""
        lines = told("topology=route; know_topology route; share_latency 100us")
        self.assertEqual(lines, [f"{netns} netcoal path add in latency 100us remote 100us dev {dev}"
                                 for netns, dev in (("A", "eth0"), ("B", "eth3"))])
        self.assertEqual(told("topology=pair; know_topology pair; share_latency 100us"), [])


if __name__ == "__main__":
    unittest.main()
