# SPDX-License-Identifier: GPL-2.0
"""Unit tests of the benchmark's program: what its rows say of how they were made."""

import importlib.machinery
import importlib.util
import pathlib
import tempfile
import unittest
import unittest.mock

PATH = pathlib.Path(__file__).resolve().parent / "bench"
LOADER = importlib.machinery.SourceFileLoader("bench", str(PATH))
bench = importlib.util.module_from_spec(importlib.util.spec_from_loader("bench", LOADER))
LOADER.exec_module(bench)


class TestRun(unittest.TestCase):
    """The command line that a row keeps."""

    def test_where_samples_lie_is_not_told(self) -> None:
        """In either way to say it, and nothing else is left out."""
        for words in (["--quick", "--samples-file", "f", "--load", "x"],
                      ["--quick", "--samples-file=f", "--load", "x"]):
            self.assertEqual(bench.without_option(words, "--samples-file"),
                             ["--quick", "--load", "x"])


class TestArguments(unittest.TestCase):
    """What can't be is told before anything is measured."""

    def test_the_labs_options_are_not_for_hosts(self) -> None:
        """They were ignored, and the rows said --samples 5 of one start."""
        for words in (["--samples", "5"], ["--quick"], ["--again"], ["--device", "x"]):
            with unittest.mock.patch("sys.argv", ["bench", "--host", "a:b:c", *words]), \
                    unittest.mock.patch("sys.stderr"), self.assertRaises(SystemExit):
                bench.arguments()

    def test_samples_that_could_not_be_kept(self) -> None:
        """A guest's results were lost in a traceback."""
        with tempfile.TemporaryDirectory() as place:
            broken = pathlib.Path(place) / "broken"
            broken.write_text("{\n")
            for path in (pathlib.Path(place), pathlib.Path(place) / "no" / "file", broken):
                with self.assertRaisesRegex(bench.CellError, str(path)):
                    bench.kept(path)


class TestChosen(unittest.TestCase):
    """The cells that a command line leaves."""

    def cells(self, *words: str) -> set[tuple[str, str]]:
        """Their loads and contenders."""
        with unittest.mock.patch("sys.argv", ["bench", "--quick", *words]):
            return {(c.load.name, c.contender) for c in bench.chosen(bench.arguments())}

    def test_default_is_measured_beside_whom_one_asks_for(self) -> None:
        """Nobody could be judged without; asked for one contender, the end was a traceback."""
        self.assertEqual(self.cells("--load", "rr-1", "--contender", "netcoal-100us"),
                         {("rr-1", "default"), ("rr-1", "netcoal-100us")})

    def test_who_is_not_there_has_no_default(self) -> None:
        """A name that nobody has leaves nothing."""
        self.assertEqual(self.cells("--contender", "nobody"), set())


if __name__ == "__main__":
    unittest.main()
