#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""The README shows the committed results, judged by the aims as they are."""

import importlib.machinery
import importlib.util
import pathlib
import unittest

HERE = pathlib.Path(__file__).resolve().parent
LOADER = importlib.machinery.SourceFileLoader("results", str(HERE / "results"))
results = importlib.util.module_from_spec(importlib.util.spec_from_loader("results", LOADER))
LOADER.exec_module(results)

TOP = HERE.parent.parent
COMMITTED = TOP / "Documentation" / "results" / "bench.json"


class TestResults(unittest.TestCase):
    """make results."""

    def test_readme_is_of_the_committed_results(self) -> None:
        """Whoever commits new ones, or changes the table or the aims, has to run make results."""
        text = (TOP / "README.md").read_text()
        shown = text.split(results.BEGIN)[1].split(results.END)[0]
        self.assertEqual(shown.strip(), results.told(results.committed(COMMITTED)).strip())


if __name__ == "__main__":
    unittest.main()
