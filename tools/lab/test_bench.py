# SPDX-License-Identifier: GPL-2.0
"""Unit tests of the benchmark's program: what its rows say of how they were made."""

import importlib.machinery
import importlib.util
import pathlib
import unittest

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


if __name__ == "__main__":
    unittest.main()
