#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Whether host-bench puts back what a real host's device had; nothing is really set."""

import pathlib
import subprocess
import tempfile
import unittest

PATH = pathlib.Path(__file__).resolve().parent / "host-bench"
# A device whose settings are in files, shown as some release of ethtool does.
MOCKS = """
. "$1"
dev=eth9 sysfs=$2 saved=$2/saved gap=$3
echo "$4" >$2/adaptive; echo "$5" >$2/usecs
echo 0 >$2/gro_flush_timeout; echo 0 >$2/napi_defer_hard_irqs
ethtool() {
	[[ $1 == -C ]] || {
		printf 'Adaptive RX: %s  TX: off\n' "$(<$2/adaptive)"
		printf "rx-usecs:$gap%s\n" "$(<$2/usecs)"
		return
	}
	case $3 in
	adaptive-rx)	echo "$4" >$2/adaptive ;;
	rx-usecs)	echo "$4" >$2/usecs ;;
	esac
}
netcoal() { false; }
"""


def told(commands: str, gap: str = " ", adaptive: str = "off", usecs: str = "7") -> str:
    """What the device has after these, or what they say; the directory is in place of its name."""
    with tempfile.TemporaryDirectory() as out:
        mocks = MOCKS.replace("<$2/", f"<{out}/").replace(">$2/adaptive ;;", f">{out}/adaptive ;;")
        mocks = mocks.replace(">$2/usecs ;;", f">{out}/usecs ;;")
        done = subprocess.run(
            ["bash", "-c", mocks + commands, "test", str(PATH), out, gap, adaptive, usecs],
            capture_output=True, text=True, check=False,
        )
        state = [(pathlib.Path(out) / name).read_text().strip()
                 for name in ("adaptive", "usecs", "gro_flush_timeout")]
    return done.stderr.strip() or " ".join(state)


class TestRestore(unittest.TestCase):
    """What was there before the first contender."""

    def test_a_mode_that_was_off_is_off(self) -> None:
        """It stayed on after the contender adaptive."""
        run = "contend adaptive >/dev/null; contend fixed-50us >/dev/null; restore"
        self.assertEqual(told(run), "off 7 0")
        self.assertEqual(told(run, adaptive="on"), "on 7 0")
        self.assertEqual(told("contend adaptive >/dev/null"), "on 7 0")

    def test_whatever_ethtool_prints(self) -> None:
        """A tab before a value was read as no value, and nothing was put back."""
        for gap in (" ", "\\t", "  "):
            self.assertEqual(told("contend fixed-50us >/dev/null", gap), "off 50 0")
            self.assertEqual(told("contend fixed-50us >/dev/null; restore", gap), "off 7 0")

    def test_what_is_no_contender_changes_nothing(self) -> None:
        """A time that was none left adaptive mode off, a hold-off of 0, and no complaint."""
        for name in ("fixed-1sec", "defer-1sec", "fixed-100", "netcoal-5us-cpu-4", "bogus"):
            state = told(f'(contend {name}) >/dev/null 2>&1 && echo done; [[ ! -e $saved ]]',
                         adaptive="on")
            self.assertEqual(state, "on 7 0", name)
            self.assertIn("host-bench: '", told(f"contend {name}"))

    def test_a_device_that_netcoal_has_is_left_alone(self) -> None:
        """It would have lost its policy."""
        said = told("netcoal() { :; }; contend fixed-50us")
        self.assertIn("netcoal has eth9", said)


if __name__ == "__main__":
    unittest.main()
