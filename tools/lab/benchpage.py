# SPDX-License-Identifier: GPL-2.0
"""The benchmark's HTML page; it needs no other file, no script and no network."""

import math
from html import escape
from pathlib import Path

from benchtable import champion_of, title, totals
from figures import Row, base_of, digits, groups, irqs, rate, rate_key, ratio, span
from fronts import Curve, Front, Spot, Strip, kind
from judge import CHAMPION, DEVICE_OF, LOAD_OF, TARGET_NS, holdoff_ns, is_static
from page import MEASURED, PAGE, STYLE, head, plain, scaled_note, scrolling, section
from plots import tag

TITLE = "netcoal, benchmarked"
LEAD = (
    "CPU per packet against latency, for what an operator can choose from: the driver's default, "
    "static hold-offs, the kernel's own adaptive modes, and netcoal with several targets. "
    "Where a figure is of several starts of the guest it is their median."
)
# Those with a time series of their own in the plots; the rest would only hide them.
SERIES_OF = ("default", "dim", CHAMPION)
# In the demo each cell has a guest; here each contender on each device.
HOW = MEASURED.replace(
    "Every cell of the table is a guest of its own:",
    "Every contender on every device has a guest of its own, in which its loads run one after the "
    "other:",
)
# How throughput is called where it is an axis, and its unit there.
RATE_AXES = {
    "bps": ("throughput, Mb/s", 1e6), "beside_bps": ("throughput of the stream, Mb/s", 1e6),
    "tps": ("round trips/s", 1), "pps": ("packets/s, thousands", 1e3),
}
NOT_FIGURES = {
    "nic", "load", "contender", "title", "command", "method", "netcoal", "kernel", "qemu", "run",
    "series", "curve", "commit", "lost_by", "rate_key", "driver", "protocol", "shift", "seed",
}


def spot(row: Row, key: str, unit: float) -> Spot:
    """A row in the plane."""
    return Spot(
        row["contender"], row["cpu_ns_per_packet"] / 1000, row[key] / unit, is_static(row),
        row["lost"], holdoff_ns(row["contender"]),
    )


def front(rows: list[Row]) -> str:
    """The plot of one load."""
    row, base = rows[0], base_of(rows)
    if None not in [r["p99_ns"] for r in rows]:
        target_ns = (champion_of(rows) or {}).get("latency_target_ns") or TARGET_NS
        limit = ((base["p99_ns"] + target_ns) / 1000, f"default + {span(target_ns)}")
        plot = Front([spot(r, "p99_ns", 1000) for r in rows], "p99 latency, µs", True)
        better = "lower left is better"
    else:
        limit, key = None, rate_key(row)
        words, unit = RATE_AXES[key]
        plot = Front([spot(r, key, unit) for r in rows], words, False)
        better = "upper left is better"
    caption = tag(
        "figcaption", tag("b", escape(row["load"])), f" {escape(row['title'])}. ", tag("i", better)
    )
    return tag("figure", caption, plot.draw(f"{row['load']}: {row['title']}", limit))


def curves(rows: list[Row], key: str, unit: float) -> list[Curve]:
    """A quantity of the time series, per contender."""
    found = []
    for row in rows:
        series, points = row["series"], []
        for i, received in enumerate(series["received"]):
            value = series.get(key, [0] * (i + 1))[i]
            if key == "batch":
                value = received / series["takes"][i] if series["takes"][i] else 0
            if key == "received":
                value = received / series["bin_ns"] * 1e9
            points.append((i * series["bin_ns"] / 1e6, value / unit))
        found.append(Curve(row["contender"], points))
    return found


def hold_offs(rows: list[Row]) -> list[Curve]:
    """Decisions, for those that have any."""
    return [
        Curve(
            row["contender"],
            [(d["at_ns"] / 1e6, d["holdoff_ns"] / 1000) for d in row["series"]["decisions"]
             if d["at_ns"] >= 0],
            True,
        )
        for row in rows if row["series"]["decisions"]
    ]


def legend(rows: list[Row]) -> str:
    """Whose curve has which colour."""
    names = (tag("span", class_=f"swatch {kind(row['contender'])}") + escape(row["contender"])
             for row in rows)
    return tag("ul", *(tag("li", name) for name in names), class_="legend")


def strips(rows: list[Row]) -> str:
    """Rate, hold-off, batch and latency over time."""
    some = [row for row in rows if row["contender"] in SERIES_OF and row.get("series")]
    if not some:
        return ""
    end_ms = len(some[0]["series"]["received"]) * some[0]["series"]["bin_ns"] / 1e6
    drawn = (
        ("datagrams that arrived, thousands a second", curves(some, "received", 1e3)),
        ("hold-off, µs", hold_offs(some)),
        ("datagrams taken at once", curves(some, "batch", 1)),
        ("longest one-way time, µs", curves(some, "max_ns", 1e3)),
    )
    caption = tag("figcaption", tag("b", escape(some[0]["load"])),
                  f" {escape(some[0]['title'])}; over ms. ", reactions(some), legend(some))
    return tag(
        "figure", caption, *(Strip(text, lines, end_ms).draw() for text, lines in drawn if lines),
        class_="series",
    )


def reactions(rows: list[Row]) -> str:
    """How long a step took to show, in words."""
    words = [
        f"{row['contender']} {span(row['reaction_up_ns'])} up, {span(row['reaction_down_ns'])} down"
        for row in rows if row.get("reaction_up_ns") is not None
    ]
    return f"Batches had settled after: {escape('; '.join(words))}." if words else ""


def netpipe(rows: list[Row]) -> str:
    """NetPIPE's curves; sizes by their logarithm."""
    some = [row for row in rows if row["contender"] in SERIES_OF and row.get("curve")]
    if not some:
        return ""
    drawn = []
    for text, at, unit in (("throughput, Mb/s", 1, 1), ("one way, µs", 2, 1000)):
        lines = [
            Curve(row["contender"], [(math.log2(point[0]), point[at] / unit) for point in row["curve"]])
            for row in some
        ]
        drawn.append(Strip(f"{text}, by the size of a message, log2 of bytes", lines, 17).draw())
    caption = tag("figcaption", tag("b", "netpipe"), " ", escape(rows[0]["title"]), legend(some))
    return tag("figure", caption, *drawn, class_="series")


def cells_row(row: Row, base: Row) -> str:
    """One contender under one load."""
    p99 = "-" if row["p99_ns"] is None else f"{span(row['p50_ns'])} / {span(row['p99_ns'])} / {span(row['max_ns'])}"
    polls = row.get("polls_per_packet")
    texts = (
        span(row["cpu_ns_per_packet"]), ratio(row, base, "cpu_ns_per_packet"),
        f"{row['cpu_ns_per_packet'] / row['oracle_cpu_ns_per_packet']:.2f}", p99, irqs(row),
        "-" if polls is None else f"{polls:.3f}", rate(row),
        f"{row['spread_pct']:.1f} %", ", ".join(row["lost_by"]),
    )
    name = tag("span", class_=f"swatch {kind(row['contender'])}") + escape(row["contender"])
    return tag("tr", tag("th", name), *(tag("td", escape(text)) for text in texts),
               class_="missed-row" if row["lost"] else "")


def cells_table(rows: list[Row]) -> str:
    """All contenders under all loads of one device."""
    titles = ["", "CPU/packet", "of default", "of best static", "p50 / p99 / max", "irq/packet",
              "polls/packet", "rate", "spread", "lost by"]
    bodies = []
    for of_load in groups(rows, "load").values():
        base = base_of(of_load)
        first = tag("tr", tag("th", f"{escape(of_load[0]['load'])} ",
                              tag("small", escape(of_load[0]["title"])), class_="load",
                              colspan=str(len(titles))))
        bodies.append(tag("tbody", first, *(cells_row(row, base) for row in of_load)))
    return scrolling(head(*titles), *bodies, class_="figures")


def aside(row: Row) -> str:
    """What of a row's machine and target is not as usual."""
    words = []
    if row["shift"]:
        words.append(f"at {1 << row['shift']} ns")
    if row["latency_target_ns"] not in (None, TARGET_NS):
        words.append(f"target {span(row['latency_target_ns'])}")
    return f" <small>{escape(', '.join(words))}</small>" if words else ""


def summary_row(rows: list[Row], row: Row) -> str:
    """The champion under one load."""
    base = base_of(rows)
    texts = (
        f"{ratio(row, base, 'cpu_ns_per_packet')}",
        f"{span(base['cpu_ns_per_packet'])} → {span(row['cpu_ns_per_packet'])}",
        f"{row['cpu_ns_per_packet'] / row['oracle_cpu_ns_per_packet']:.2f} ({row['oracle']})",
        "-" if row["p99_ns"] is None else f"{span(base['p99_ns'])} → {span(row['p99_ns'])}",
        f"{rate(base)} → {rate(row)}",
        "lost: " + ", ".join(row["lost_by"]) if row["lost"] else "kept",
    )
    return tag("tr", tag("th", escape(row["nic"]) + aside(row)),
               tag("th", escape(row["load"])), *(tag("td", escape(text)) for text in texts),
               class_="missed-row" if row["lost"] else "")


def summary(rows: list[Row]) -> str:
    """The champion, a line per device and load."""
    titles = ["", "", "of default's CPU", "CPU per packet", "of the best static setting's",
              "p99 latency", "throughput", "the aims"]
    lines = []
    for of_load in groups(rows, *LOAD_OF).values():
        row = champion_of(of_load)
        if row:
            lines.append(summary_row(of_load, row))
    return scrolling(head(*titles), tag("tbody", *lines), class_="figures summary")


def device_section(rows: list[Row]) -> str:
    """One device: fronts, time series, figures."""
    loads = groups(rows, "load").values()
    return section(
        title(rows[0]),
        tag("div", *(front(of_load) for of_load in loads), class_="plots"),
        *(strips(of_load) for of_load in loads),
        *(netpipe(of_load) for of_load in loads),
        cells_table(rows),
    )


def versions(rows: list[Row]) -> str:
    """What ran, and what it cost."""
    row = rows[0]
    costs = sum(r["host_cpu_s"] for r in rows)
    commits = dict.fromkeys(word for r in rows for word in r["commit"].split())
    text = (
        f"Linux {', '.join(sorted({r['kernel'] for r in rows}))}; QEMU {row.get('qemu', '-')}; "
        f"netcoal {', '.join(commits)}; {row['run']}; {len(rows)} cells of up to "
        f"{max(r['samples_taken'] for r in rows)} starts; {costs:,.0f} s of the host's CPU time."
    )
    return tag("p", escape(text), class_="machine")


def how(rows: list[Row]) -> str:
    """In the lab, or on real hosts."""
    if all(row["shift"] is None for row in rows):
        return tag("p", "On real hosts, with real time, by the programs named with each load; see "
                        "Documentation/benchmark.rst.")
    return HOW + scaled_note(rows)


def commands(rows: list[Row]) -> str:
    """How to run each cell alone."""
    return tag("details", tag("summary", "The command of each cell, from the top of the repository"),
               tag("pre", escape("\n".join(row["command"] for row in rows))))


def figures_of(rows: list[Row]) -> str:
    """Everything that was measured, a line per cell."""
    keys = list(dict.fromkeys(k for row in rows for k in row if k not in NOT_FIGURES))
    lines = (
        tag("tr", tag("th", escape(f"{row['nic']} {row['load']} {row['contender']}"), scope="row"),
            *(tag("td", shown(row.get(key))) for key in keys))
        for row in rows
    )
    return tag("details", tag("summary", "All figures"),
               scrolling(head("", *keys), tag("tbody", *lines), class_="all"))


def shown(value) -> str:
    """A raw figure."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return digits(value) if isinstance(value, float) and abs(value) < 1000 else plain(value)


def render(rows: list[Row]) -> str:
    """The page."""
    main = tag(
        "main",
        tag("header", tag("h1", TITLE), tag("p", escape(LEAD)), versions(rows)),
        section("netcoal, by default with a latency target of 100 µs", summary(rows),
                tag("pre", escape(totals(rows)))),
        *(device_section(of_device) for of_device in groups(rows, *DEVICE_OF).values()),
        section("How it was measured", how(rows), commands(rows), figures_of(rows)),
    )
    style = STYLE.read_text() + Path(__file__).with_name("benchpage.css").read_text()
    return PAGE.format(title=TITLE, style=style, main=main)
