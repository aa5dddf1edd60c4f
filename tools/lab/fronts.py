# SPDX-License-Identifier: GPL-2.0
"""The benchmark's plots as inline SVG: fronts of CPU against latency, and time series."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

from plots import tag


# Those with a colour each; netcoal with another target has the one of its name alone.
NETCOAL = ("netcoal-50us", "netcoal-100us", "netcoal-250us", "netcoal-250us-cpu-10us")


def kind(contender: str) -> str:
    """Class of a contender in the style sheet."""
    if contender == "default" or contender in NETCOAL:
        return contender
    first = contender.partition("-")[0]
    return "fixed" if first == "best" else first


def nice(low: float, high: float, about: int = 4) -> list[float]:
    """Round values from just under low to just over high."""
    raw = max(high - low, high * 0.02, 1e-9) / about
    size = 10 ** math.floor(math.log10(raw))
    step = next(s * size for s in (1, 2, 2.5, 5, 10) if s * size >= raw)
    first = math.floor(low / step)
    return [i * step for i in range(first, max(math.ceil(high / step), first + 1) + 1)]


def powers(low: float, high: float) -> list[float]:
    """1, 2, 5 times powers of ten from just under low to just over high."""
    steps = [m * 10.0**e for e in range(-3, 8) for m in (1, 2, 5)]
    first = max(i for i, s in enumerate(steps) if s <= max(low, 1e-3))
    last = min(i for i, s in enumerate(steps) if s >= high)
    return steps[first : max(last, first + 1) + 1]


@dataclass(frozen=True)
class Scale:
    """Values to pixels along one axis."""

    ticks: list[float]
    start: float
    end: float
    log: bool = False

    def at(self, value: float) -> float:
        """Pixel of a value, kept inside."""
        f: Callable[[float], float] = math.log if self.log else float
        low, high = f(self.ticks[0]), f(self.ticks[-1])
        value = min(max(value, self.ticks[0]), self.ticks[-1])
        return self.start + (self.end - self.start) * (f(value) - low) / (high - low)


@dataclass(frozen=True)
class Spot:
    """A contender in the plane."""

    name: str
    x: float
    y: float
    static: bool
    lost: bool = False
    holdoff_ns: int = 0


class Front:
    """Contenders by CPU per packet and p99 or throughput; static settings hang together."""

    WIDTH, HEIGHT = 350, 260
    LEFT, RIGHT, TOP, BOTTOM = 48, 16, 24, 38
    GAP = 11

    def __init__(self, spots: Sequence[Spot], title: str, log: bool) -> None:
        self.spots, self.title = spots, title
        xs, ys = [s.x for s in spots], [s.y for s in spots]
        self.x = Scale(nice(min(xs), max(xs)), self.LEFT, self.WIDTH - self.RIGHT)
        y_ticks = powers(min(ys), max(ys)) if log else nice(min(ys), max(ys))
        self.y = Scale(y_ticks, self.HEIGHT - self.BOTTOM, self.TOP, log)

    def grid(self) -> str:
        """Lines, numbers, titles."""
        parts = []
        for value in self.y.ticks:
            y = self.y.at(value)
            parts.append(tag("line", class_="grid", x1=self.LEFT, x2=self.x.end, y1=y, y2=y))
            parts.append(
                tag("text", f"{value:g}", class_="num", x=self.LEFT - 5, y=y + 4, text_anchor="end")
            )
        bottom = self.HEIGHT - self.BOTTOM
        for value in self.x.ticks:
            x = self.x.at(value)
            parts.append(tag("line", class_="grid", x1=x, x2=x, y1=self.TOP, y2=bottom))
            parts.append(
                tag("text", f"{value:g}", class_="num", x=x, y=bottom + 14, text_anchor="middle")
            )
        parts.append(tag("text", escape(self.title), class_="axis-title", x=4, y=12))
        parts.append(
            tag("text", "CPU per packet, µs", class_="axis-title", x=self.x.end,
                y=self.HEIGHT - 5, text_anchor="end")
        )
        return "".join(parts)

    def limit(self, value: float, text: str) -> str:
        """A dashed line across, where it is inside."""
        if not self.y.ticks[0] <= value <= self.y.ticks[-1]:
            return ""
        y = self.y.at(value)
        return tag("line", class_="limit", x1=self.LEFT, x2=self.x.end, y1=y, y2=y) + tag(
            "text", escape(text), class_="limit-title", x=self.x.end - 4, y=y - 4, text_anchor="end"
        )

    def chain(self) -> str:
        """The fixed settings by their hold-off."""
        fixed = [s for s in self.spots if s.name.startswith("fixed-")]
        points = " ".join(
            f"{self.x.at(s.x):.1f},{self.y.at(s.y):.1f}"
            for s in sorted(fixed, key=lambda s: s.holdoff_ns)
        )
        return tag("polyline", class_="chain", points=points)

    def dot(self, spot: Spot) -> str:
        """A ring for what lost, a small dot for what is static."""
        lost = " missed" if spot.lost else ""
        return tag(
            "circle", class_=f"dot {kind(spot.name)}{lost}", cx=self.x.at(spot.x),
            cy=self.y.at(spot.y), r=3 if spot.static else 5,
        )

    def labels(self) -> str:
        """Names beside the dots, kept apart from those above them."""
        parts, taken = [], []
        for spot in sorted(self.spots, key=lambda s: (self.y.at(s.y), s.x)):
            x, y = self.x.at(spot.x), self.y.at(spot.y) + 4
            name = spot.name.removeprefix("fixed-")
            width = 5.6 * len(name)
            side = 1 if x + 10 + width < self.WIDTH else -1
            left = x + 8 if side > 0 else x - 8 - width
            while any(abs(y - b) < self.GAP and left < d and c < left + width for b, c, d in taken):
                y += self.GAP / 2
            taken.append((y, left, left + width))
            parts.append(
                tag("text", escape(name), class_=f"label {kind(spot.name)}", x=x + 8 * side, y=y,
                    text_anchor="end" if side < 0 else "start")
            )
        return "".join(parts)

    def draw(self, description: str, limit: tuple[float, str] | None) -> str:
        """The whole plot."""
        body = tag("title", escape(description)) + self.grid() + self.chain()
        if limit:
            body += self.limit(*limit)
        body += "".join(self.dot(s) for s in sorted(self.spots, key=lambda s: not s.static))
        return tag("svg", body + self.labels(), class_="plane", role="img",
                   viewBox=f"0 0 {self.WIDTH} {self.HEIGHT}")


@dataclass(frozen=True)
class Curve:
    """One contender's values over time, in ms; stepped: a value holds until the next."""

    name: str
    points: list[tuple[float, float]]
    stepped: bool = False


class Strip:
    """One quantity over time, for several contenders."""

    WIDTH, HEIGHT = 720, 120
    LEFT, RIGHT, TOP, BOTTOM = 48, 10, 18, 18

    def __init__(self, title: str, curves: Sequence[Curve], end_ms: float) -> None:
        self.title, self.curves = title, curves
        top = max((y for c in curves for _, y in c.points), default=1) or 1
        self.x = Scale(nice(0, end_ms, 6), self.LEFT, self.WIDTH - self.RIGHT)
        self.y = Scale(nice(0, top, 3), self.HEIGHT - self.BOTTOM, self.TOP)

    def line(self, curve: Curve) -> str:
        """One contender's."""
        path, last = [], None
        for ms, value in curve.points:
            x, y = self.x.at(ms), self.y.at(value)
            if curve.stepped and last is not None:
                path.append(f"{x:.1f},{last:.1f}")
            path.append(f"{x:.1f},{y:.1f}")
            last = y
        return tag("polyline", class_=f"curve {kind(curve.name)}", points=" ".join(path))

    def draw(self) -> str:
        """The whole strip."""
        names = ", ".join(curve.name for curve in self.curves)
        parts = [
            tag("title", escape(f"{self.title}: {names}")),
            tag("text", escape(self.title), class_="axis-title", x=4, y=11),
        ]
        for value in self.y.ticks:
            y = self.y.at(value)
            parts.append(tag("line", class_="grid", x1=self.LEFT, x2=self.x.end, y1=y, y2=y))
            parts.append(
                tag("text", f"{value:g}", class_="num", x=self.LEFT - 5, y=y + 4, text_anchor="end")
            )
        for value in self.x.ticks:
            parts.append(
                tag("text", f"{value:g}", class_="num", x=self.x.at(value), y=self.HEIGHT - 4,
                    text_anchor="middle")
            )
        parts += [self.line(curve) for curve in self.curves]
        return tag("svg", "".join(parts), class_="strip", role="img",
                   viewBox=f"0 0 {self.WIDTH} {self.HEIGHT}")
