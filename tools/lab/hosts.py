# SPDX-License-Identifier: GPL-2.0
"""The benchmark on two real hosts, over ssh."""


def measure(args, progress):
    raise NotImplementedError
