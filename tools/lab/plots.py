# SPDX-License-Identifier: GPL-2.0
"""Plots as inline SVG. Colours come from the page's style sheet: a contender is a class."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

Attribute = str | float | int


def tag(name: str, *content: str, **attributes: Attribute) -> str:
    """One element; class_ becomes class, text_anchor text-anchor, numbers are rounded."""
    words = [name]
    for key, value in attributes.items():
        shown = f"{value:.1f}".removesuffix(".0") if isinstance(value, float) else str(value)
        words.append(f'{key.rstrip("_").replace("_", "-")}="{escape(shown)}"')
    return f"<{' '.join(words)}>{''.join(content)}</{name}>"


def css_class(contender: str) -> str:
    """Colour of a contender: every fixed hold-off but 0 shares one."""
    if contender in ("default", "fixed-0"):
        return contender
    return contender.partition("-")[0]


def ticks(top: float, about: int = 4) -> list[float]:
    """Round values from 0 up to just over top."""
    raw = top / about
    size = 10 ** math.floor(math.log10(raw))
    step = next(s * size for s in (1, 2, 2.5, 5, 10) if s * size >= raw)
    return [i * step for i in range(math.ceil(top / step) + 1)]


@dataclass(frozen=True)
class Point:
    """A contender in the plane."""

    name: str
    x: float
    y: float


@dataclass(frozen=True)
class Axis:
    """What a direction of the plane shows."""

    title: str
    top: float


class Plane:
    """Contenders by two figures, both from 0."""

    WIDTH, HEIGHT = 340, 250
    LEFT, RIGHT, TOP, BOTTOM = 46, 14, 26, 40
    LABEL_GAP = 15
    LETTER = 7.2

    def __init__(self, x: Axis, y: Axis) -> None:
        self.x, self.y = x, y
        self.x_ticks, self.y_ticks = ticks(x.top), ticks(y.top)

    def at_x(self, value: float) -> float:
        """Pixel of a value."""
        return self.LEFT + (self.WIDTH - self.LEFT - self.RIGHT) * value / self.x_ticks[-1]

    def at_y(self, value: float) -> float:
        """Pixel of a value."""
        return (
            self.HEIGHT
            - self.BOTTOM
            - (self.HEIGHT - self.TOP - self.BOTTOM) * value / self.y_ticks[-1]
        )

    def grid(self) -> str:
        """Lines, numbers, titles."""
        left, right, bottom = self.LEFT, self.WIDTH - self.RIGHT, self.HEIGHT - self.BOTTOM
        parts = []
        for value in self.y_ticks:
            y = self.at_y(value)
            parts.append(tag("line", class_="grid", x1=left, x2=right, y1=y, y2=y))
            parts.append(
                tag("text", f"{value:g}", class_="num", x=left - 6, y=y + 4, text_anchor="end")
            )
        for value in self.x_ticks:
            parts.append(
                tag(
                    "text",
                    f"{value:g}",
                    class_="num",
                    x=self.at_x(value),
                    y=bottom + 15,
                    text_anchor="middle",
                )
            )
        parts.append(tag("line", class_="axis", x1=left, x2=right, y1=bottom, y2=bottom))
        parts.append(tag("text", escape(self.y.title), class_="axis-title", x=4, y=13))
        parts.append(
            tag(
                "text",
                escape(self.x.title),
                class_="axis-title",
                x=right,
                y=self.HEIGHT - 6,
                text_anchor="end",
            )
        )
        return "".join(parts)

    def limit(self, value: float, text: str) -> str:
        """A dashed line across."""
        y, right = self.at_y(value), self.WIDTH - self.RIGHT
        return tag("line", class_="limit", x1=self.LEFT, x2=right, y1=y, y2=y) + tag(
            "text", escape(text), class_="limit-title", x=self.LEFT + 6, y=y - 5
        )

    def placed(self, points: Sequence[Point]) -> list[tuple[Point, float]]:
        """Points with the heights of their labels, which are kept apart."""
        result: list[tuple[Point, float]] = []
        lowest = -self.LABEL_GAP
        for point in sorted(points, key=lambda p: self.at_y(p.y)):
            lowest = max(self.at_y(point.y) + 4, lowest + self.LABEL_GAP)
            result.append((point, lowest))
        over = lowest - (self.HEIGHT - self.BOTTOM - 4)
        return [(point, y - max(over, 0)) for point, y in result]

    def label(self, point: Point, y: float) -> str:
        """A name beside its point, with a line to it where it had to move away."""
        x = self.at_x(point.x)
        side = 1 if x + 16 + self.LETTER * len(point.name) < self.WIDTH else -1
        leader = ""
        if abs(y - 4 - self.at_y(point.y)) > 6:
            leader = tag(
                "line", class_="leader", x1=x, y1=self.at_y(point.y), x2=x + side * 14, y2=y - 4
            )
        return leader + tag(
            "text",
            escape(point.name),
            class_=f"label {css_class(point.name)}",
            x=x + side * 16,
            y=y,
            text_anchor="end" if side < 0 else "start",
        )

    def dot(self, point: Point, radius: float) -> str:
        """The point itself."""
        return tag(
            "circle",
            class_=f"dot {css_class(point.name)}",
            cx=self.at_x(point.x),
            cy=self.at_y(point.y),
            r=radius,
        )

    def draw(
        self, points: Sequence[Point], description: str, limit: tuple[float, str] | None = None
    ) -> str:
        """The whole plot; dots shrink, so that those on one spot show as rings."""
        body = self.grid() + (self.limit(*limit) if limit else "")
        body += "".join(self.label(point, y) for point, y in self.placed(points))
        body += "".join(
            self.dot(point, 4 + 1.5 * rank)
            for rank, point in reversed(list(enumerate(reversed(points))))
        )
        return tag(
            "svg",
            tag("title", escape(description)) + body,
            class_="plane",
            role="img",
            viewBox=f"0 0 {self.WIDTH} {self.HEIGHT}",
        )


BAR_WIDTH, BAR_HEIGHT = 120, 14


def svg_bar(body: str) -> str:
    """The frame of a bar in a table's cell."""
    return tag(
        "svg",
        body,
        class_="bar",
        viewBox=f"0 0 {BAR_WIDTH} {BAR_HEIGHT}",
        width=BAR_WIDTH,
        height=BAR_HEIGHT,
        aria_hidden="true",
    )


def bar(contender: str, value: float, top: float) -> str:
    """A value as a bar, in a column whose largest is top."""
    width = max(BAR_WIDTH * value / top, 1.5) if top else 1.5
    return svg_bar(
        tag(
            "rect",
            class_=css_class(contender),
            x=0,
            y=2,
            width=width,
            height=BAR_HEIGHT - 4,
            rx=1.5,
        )
    )


def range_bar(contender: str, low: float, high: float, top: float) -> str:
    """A line from one value to another, a knob at either end."""
    x1, x2 = (4 + (BAR_WIDTH - 8) * value / top for value in (low, high))
    y, color = BAR_HEIGHT / 2, css_class(contender)
    return svg_bar(
        tag("line", class_=color, x1=x1, x2=x2, y1=y, y2=y, stroke_width=3)
        + tag("circle", class_=color, cx=x1, cy=y, r=3.5)
        + tag("rect", class_=color, x=x2 - 1.5, y=2, width=3, height=BAR_HEIGHT - 4)
    )
