# SPDX-License-Identifier: GPL-2.0
"""One HTML page from rows of results; it needs no other file, no script and no network."""

from collections.abc import Callable
from html import escape
from pathlib import Path

from figures import (
    Row,
    base_of,
    digits,
    explanation,
    groups,
    irqs,
    machine,
    rate,
    rate_key,
    ratio,
    span,
)
from plots import Axis, Plane, Point, bar, css_class, range_bar, tag

TITLE = "netcoal, measured"

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
{style}</style>
</head>
<body>
{main}
</body>
</html>
"""

GETS = " brings the results out."

# Columns that say what was measured, not what came of it.
NOT_FIGURES = {
    "nic",
    "load",
    "contender",
    "title",
    "command",
    "method",
    "netcoal",
    "kernel",
    "qemu",
    "rate_key",
    "host_cpu_s",
    "instructions_per_packet",
}

STYLE = Path(__file__).with_name("page.css")

CONTENDERS = {
    "default": "the driver and the kernel as they come",
    "fixed-0": "no hold-off",
    "fixed-100us": "a hold-off of 100 µs, whatever the load",
    "netcoal": "told to delay no packet by more than 100 µs",
}

MEASURED = """
<p>Every cell of the table is a guest of its own: a stock Debian kernel in QEMU with two NICs back
to back, each in its own network namespace. Time in it counts instructions, not seconds
(<code>-icount</code>): the one CPU takes 1&nbsp;ns for each, and jumps over what it has nothing
to do in. So no other work on the host can disturb a run, and a run repeats to the digit. It also
means that what a real CPU feels and an instruction count does not, a cold cache or an exit to the
hypervisor, is not in these figures; interrupts cost more there. The kernel is told to copy memory
in words of 8 bytes, not with the string instructions that it would rather use: each repetition of
those counts as an instruction, and a byte would take as long as an addition.</p>
<dl>
<dt>CPU per packet</dt><dd>The window less the time that the CPU slept
(<code>idle_sleeptime</code> in <code>/proc/timer_list</code>, in ns), by packets that carry
payload and reached a NIC. It holds interrupts, softirqs, wake-ups, context switches and the
programs. Round trips and the stream: both ends, which share the CPU. Datagrams: the receiving end
alone; a window in which they went to an address that nobody has tells what sending costs, and is
taken off.</dd>
<dt>Latency</dt><dd>Round trips: from the request to its answer, in the client. Datagrams: one
way, stamped by the sender just before <code>send()</code> and by the receiver once it has them, on
one clock. A bulk stream has no requests, so no latency.</dd>
<dt>Interrupts per packet</dt><dd>Interrupts of both NICs (datagrams: of the receiving one) by the
same packets. A poll that a timer started is not an interrupt; its CPU time counts all the
same.</dd>
<dt>Throughput</dt><dd>Round trips, payload bits, or datagrams per second.</dd>
<dt>The loads</dt><dd>Senders of one-way loads run at the lowest priority, so that the receiver
runs as soon as it has something to do, as on a machine of its own. The receiver of datagrams sleeps
for the first and takes all that have arrived with one call (<code>recvmmsg()</code>). The stream's
writes have any size up to 64 kB, drawn from a fixed seed: without chance, equal writes fall into a
rhythm that no other machine has.</dd>
</dl>
"""

SCALED = """
<p>On {nics} the guest's clock shows {scale}&nbsp;ns for an instruction. QEMU's model of that NIC
never leaves less than 128&nbsp;µs between two interrupts, whatever it is asked for; that way,
this is the time of {floor:,.0f} instructions instead of 128,000. All times that this guest was
given are {scale} times longer and its rates {scale} times lower; results are put back, so that
both NICs can be compared. The kernel's own clock tick and TCP's timers stay as they are.</p>
"""


NOTHING = tag("td", "-", class_="none")


def swatch(contender: str) -> str:
    """A contender's name after a spot of its colour."""
    return tag("span", class_=f"swatch {css_class(contender)}") + escape(contender)


def head(*titles: str) -> str:
    """The head of a table."""
    return tag("thead", tag("tr", *(tag("th", title, scope="col") for title in titles)))


def scrolling(*content: str, class_: str) -> str:
    """A table that may be wider than the page."""
    return tag("div", tag("table", *content, class_=class_), class_="scroll")


def legend() -> str:
    """Who the contenders are."""
    items = (
        tag("li", tag("b", swatch(name)), " ", escape(CONTENDERS[name])) for name in CONTENDERS
    )
    return tag("ul", *items, class_="legend")


def change(base: Row, row: Row, key: str, shown: Callable[[Row], str]) -> str:
    """From the default's figure to netcoal's."""
    return NOTHING if row[key] is None else tag("td", shown(base), " → ", tag("b", shown(row)))


def summary_row(base: Row, row: Row) -> str:
    """netcoal against the default, on one NIC under one load."""
    return tag(
        "tr",
        tag("th", escape(row["nic"])),
        tag("th", escape(row["load"])),
        tag("td", tag("b", ratio(row, base, "cpu_ns_per_packet")), class_="ratio"),
        change(base, row, "cpu_ns_per_packet", lambda r: span(r["cpu_ns_per_packet"])),
        change(base, row, "p99_ns", lambda r: span(r["p99_ns"])),
        change(base, row, "irq_per_packet", irqs),
        change(base, row, rate_key(row), rate),
    )


def summary(rows: list[Row]) -> str:
    """netcoal against the default, a line per NIC and load."""
    titles = ["", "", "of the default's CPU", "CPU per packet", "p99 latency"]
    titles += ["interrupts per packet", "throughput"]
    lines = (
        summary_row(base_of(of_load), row)
        for of_load in groups(rows, "nic", "kernel", "load").values()
        for row in of_load
        if row["contender"] == "netcoal"
    )
    return scrolling(head(*titles), tag("tbody", *lines), class_="figures summary")


def plane(rows: list[Row], key: str, unit: float, title: str, top: float = 0) -> tuple[Plane, list]:
    """The contenders by CPU per packet and another figure."""
    points = [Point(r["contender"], r["cpu_ns_per_packet"] / 1000, r[key] / unit) for r in rows]
    x_axis = Axis("CPU per packet, µs", max(point.x for point in points))
    return Plane(x_axis, Axis(title, max(top, *(point.y for point in points)))), points


def latency_plot(rows: list[Row]) -> str:
    """CPU per packet and p99, with what the latency target allows."""
    target_us = max(row["latency_target_ns"] or 0 for row in rows) / 1000
    limit_us = base_of(rows)["p99_ns"] / 1000 + target_us
    limit = (limit_us, "default + latency target") if target_us else None
    space, points = plane(rows, "p99_ns", 1000, "p99 latency, µs", limit_us * 1.05)
    return space.draw(points, f"CPU per packet and p99 latency: {rows[0]['title']}", limit)


def throughput_plot(rows: list[Row]) -> str:
    """CPU per packet and throughput."""
    space, points = plane(rows, "bps", 1e6, "throughput, Mb/s")
    return space.draw(points, f"CPU per packet and throughput: {rows[0]['title']}")


def figure(rows: list[Row]) -> str:
    """The plot of one load with its caption."""
    plot, better = throughput_plot, "upper left is better"
    if rows[0]["p99_ns"] is not None:
        plot, better = latency_plot, "lower left is better"
    load, title = escape(rows[0]["load"]), escape(rows[0]["title"])
    caption = tag("figcaption", tag("b", load), f" {title}. ", tag("i", better))
    return tag("figure", caption, plot(rows))


def latency_cell(row: Row, top: float) -> str:
    """p50 and p99."""
    if row["p99_ns"] is None:
        return NOTHING
    line = range_bar(row["contender"], row["p50_ns"], row["p99_ns"], top)
    return tag("td", line, f"{span(row['p50_ns'])} / {span(row['p99_ns'])}")


def value_cell(row: Row, key: str, top: float, text: str) -> str:
    """A figure as a bar and in digits."""
    if row[key] is None:
        return NOTHING
    return tag("td", bar(row["contender"], row[key], top), text)


def table_row(row: Row, base: Row, tops: dict[str, float]) -> str:
    """One contender."""
    cpu, ops = "cpu_ns_per_packet", rate_key(row)
    return tag(
        "tr",
        tag("th", swatch(row["contender"]), scope="row"),
        value_cell(row, cpu, tops[cpu], f"{span(row[cpu])} {tag('small', ratio(row, base, cpu))}"),
        latency_cell(row, tops["p99_ns"]),
        value_cell(row, "irq_per_packet", tops["irq_per_packet"], irqs(row)),
        value_cell(row, ops, tops[ops], rate(row)),
    )


def load_rows(rows: list[Row]) -> str:
    """The part of the table that belongs to one load."""
    keys = ("cpu_ns_per_packet", "p99_ns", "irq_per_packet", rate_key(rows[0]))
    tops = {key: max(row[key] or 0 for row in rows) for key in keys}
    title = f"{escape(rows[0]['load'])} {tag('small', escape(rows[0]['title']))}"
    first = tag("tr", tag("th", title, colspan=5, class_="load", scope="rowgroup"))
    return tag("tbody", first, *(table_row(row, base_of(rows), tops) for row in rows))


def table(rows: list[Row]) -> str:
    """All figures of one NIC."""
    titles = ["", "CPU per packet <small>of default</small>", "latency <small>p50 / p99</small>"]
    titles += ["interrupts per packet", "throughput"]
    parts = (load_rows(of_load) for of_load in groups(rows, "load").values())
    return scrolling(head(*titles), *parts, class_="figures")


def decisions(rows: list[Row]) -> str:
    """What netcoal did and why."""
    items = [
        tag("li", tag("b", escape(row["load"])), ": ", escape(explanation(row)))
        for row in rows
        if row["netcoal"] is not None
    ]
    return tag("h3", "What netcoal did, and why") + tag("ul", *items) if items else ""


def methods(rows: list[Row]) -> str:
    """How the contenders' settings were made."""
    found = {row["contender"]: row["method"] for row in rows if row["contender"] != "default"}
    words = (f"{escape(name)}: {tag('code', escape(how))}" for name, how in found.items())
    return tag("p", "Set by ", ", ".join(words), ".", class_="methods")


def nic_section(rows: list[Row]) -> str:
    """One NIC: plots, table, decisions."""
    return section(
        rows[0]["nic"],
        tag("p", escape(machine(rows[0])), class_="machine"),
        tag("div", *(figure(of_load) for of_load in groups(rows, "load").values()), class_="plots"),
        table(rows),
        methods(rows),
        decisions(rows),
    )


def scaled_note(rows: list[Row]) -> str:
    """For guests whose clock shows more than 1 ns per instruction."""
    shifts: dict[int, dict[str, None]] = {}
    for row in rows:
        if row["shift"]:
            shifts.setdefault(row["shift"], {})[row["nic"]] = None
    return "".join(
        SCALED.format(nics=escape(", ".join(nics)), scale=1 << shift, floor=128000 / (1 << shift))
        for shift, nics in shifts.items()
    )


def commands(rows: list[Row]) -> str:
    """How to run each cell alone."""
    return tag(
        "details",
        tag("summary", "The command of each cell"),
        tag("p", "From the top of the repository; ", tag("code", "--get /tmp/cell:DIR"), GETS),
        tag("pre", escape("\n".join(row["command"] for row in rows))),
    )


def all_figures(rows: list[Row]) -> str:
    """Everything that was measured, cells by columns."""
    names = ("<br>".join(escape(row[key]) for key in ("nic", "load", "contender")) for row in rows)
    lines = (
        tag(
            "tr", tag("th", escape(key), scope="row"), *(tag("td", plain(row[key])) for row in rows)
        )
        for key in rows[0]
        if key not in NOT_FIGURES
    )
    return tag(
        "details",
        tag("summary", "All figures"),
        scrolling(head("", *names), tag("tbody", *lines), class_="all"),
    )


def plain(value: float | str | None) -> str:
    """A raw figure, without needless digits."""
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:,.0f}" if value >= 1000 else digits(value)
    return f"{value:,}" if isinstance(value, int) else escape(str(value))


def versions(rows: list[Row]) -> str:
    """What it ran on."""
    kernels = ", ".join(sorted({row["kernel"] for row in rows}))
    seeds = ", ".join(str(seed) for seed in sorted({row["seed"] for row in rows}))
    text = f"Linux {kernels} (Debian), QEMU {rows[0].get('qemu', 'unknown')}, seed {seeds}."
    return tag("p", escape(text), class_="machine")


def section(title: str, *content: str) -> str:
    """A part of the page."""
    return tag("section", tag("h2", escape(title)), *content)


def render(rows: list[Row]) -> str:
    """The page."""
    lead = "How much CPU a packet costs and how late it is, by who decides when a NIC interrupts."
    main = tag(
        "main",
        tag("header", tag("h1", TITLE), tag("p", lead), legend()),
        section("netcoal against the default", summary(rows)),
        *(nic_section(of_nic) for of_nic in groups(rows, "nic", "kernel").values()),
        section(
            "How it was measured",
            versions(rows),
            MEASURED,
            scaled_note(rows),
            commands(rows),
            all_figures(rows),
        ),
    )
    return PAGE.format(title=TITLE, style=STYLE.read_text(), main=main)
