"""The ground of each place, painted back to front with pens, so that it follows the style. Knows no things and no words.

Each painter gets a Ground: `pen(far)` draws in shares of the picture (x right, y UP from the lower edge); `rng` is its own.
"""
import math

import cairo

from .palette import MATERIALS, darker, lighter, mix
from .pen import Pen


class Ground:
    def __init__(self, ctx, look, air, side, horizon, rng, phase):
        self.ctx, self.look, self.air, self.side, self.rng, self.phase = ctx, look, air, side, rng, phase
        self.level = 1 - horizon  # the horizon's height from below

    def pen(self, far=0.0):
        return Pen(self.ctx, self.look, 0, self.side, self.side, "grey", self.rng, self.phase, far=far, edge=0.42)


def ridge(g, height, swing, paint, far=0.0, waves=1.6, form="slope", rough=0.3):
    """A smooth skyline around `height`, filled down to the lower edge; returns it as a function of x."""
    a, b, f = g.rng.uniform(0, 6.3), g.rng.uniform(0, 6.3), g.rng.uniform(0.75, 1.25) * waves

    def line(x):
        return height + swing * math.sin(6.283 * f * x + a) + swing * rough * math.sin(6.283 * 2.7 * f * x + b)

    g.pen(far).poly([(-0.02, -0.02)] + [(i / 40, line(i / 40)) for i in range(-1, 42)] + [(1.02, -0.02)], paint, form)
    return line


def tufts(g, low, high, paint, count, size=0.022):
    pen = g.pen()
    for y in sorted((g.rng.uniform(low, high) for _ in range(count)), reverse=True):
        k = size * (0.45 + 1.0 * (high - y) / max(high - low, 0.01))
        x = g.rng.random()
        for dx in (-0.5, 0.0, 0.5):
            pen.line([(x + dx * k * 0.4, y), (x + dx * k, y + k)], paint, k * 0.16)


def dots(g, low, high, paints, count, size=0.008):
    pen = g.pen()
    for y in sorted((g.rng.uniform(low, high) for _ in range(count)), reverse=True):
        k = size * (0.5 + (high - y) / max(high - low, 0.01))
        pen.oval(g.rng.random(), y, k, k * 0.8, g.rng.choice(paints), "flat")


def water(g, high, low, paint="water"):
    """Water between two heights: the sky in it, darker towards us, with lines of waves."""
    side, air, ctx = g.side, g.air, g.ctx
    base = MATERIALS[paint]
    if g.look.style in ("ink", "neon"):
        g.pen().rect(-0.02, low, 1.02, high, base, "flat")
    else:
        p = cairo.LinearGradient(0, (1 - high) * side, 0, (1 - low) * side)
        near = g.pen().lit(darker(base, 0.12), 0.8)
        p.add_color_stop_rgb(0, *mix(air.low, g.pen().lit(base, 1), 0.45))
        p.add_color_stop_rgb(0.35, *mix(air.middle, g.pen().lit(base, 1), 0.7))
        p.add_color_stop_rgb(1, *near)
        ctx.set_source(p)
        ctx.rectangle(-1, (1 - high) * side, side + 2, (high - low) * side + 1)
        ctx.fill()
    pen = g.pen()
    for i in range(15):
        k = (i + g.rng.random()) / 15
        y = high - (high - low) * (0.05 + 0.93 * k * k)
        w, x = 0.03 + 0.09 * k, g.rng.random() + 0.02 * math.sin(6.283 * (g.phase + i / 15))
        pen.line([(x - w, y), (x - w / 3, y + 0.004), (x + w / 3, y), (x + w, y + 0.003)], lighter(base, 0.45 if i % 3 else 0.75), 0.0035 + 0.003 * k, smooth=True)


def peaks(g, height, paint, far, count=4, snow=True):
    """Mountains with lit and shaded sides and caps of snow."""
    pen, base = g.pen(far), g.level - 0.02
    bright = g.look.side < 0
    for i in range(count):
        x = (i + 0.5) / count + g.rng.uniform(-0.09, 0.09)
        h, w = height * g.rng.uniform(0.75, 1.15), g.rng.uniform(0.8, 1.15) / count
        top = (x + w * g.rng.uniform(-0.12, 0.12), base + h)
        left, right, foot = (x - w, base), (x + w, base), (top[0] + w * 0.16, base)
        light, dark = (paint, darker(MATERIALS.get(paint, (0.4, 0.4, 0.5)), 0.3))
        pen.poly([left, top, foot], light if bright else dark)
        pen.poly([top, right, foot], dark if bright else light)
        if snow:
            cut = lambda a, k: (top[0] + (a[0] - top[0]) * k, top[1] + (a[1] - top[1]) * k)
            pen.poly([cut(left, 0.3), top, cut(right, 0.3), cut(right, 0.2), cut(foot, 0.36), cut(left, 0.2)], "snow")


def conifers(g, line, far, count, size, paint="moss"):
    """A row of firs along a skyline."""
    pen = g.pen(far)
    for i in sorted(range(count), key=lambda i: (i * 7) % count):
        x = (i + g.rng.uniform(0.1, 0.9)) / count
        y, k = line(x) - 0.012, size * g.rng.uniform(0.7, 1.25)
        pen.rect(x - 0.05 * k, y, x + 0.05 * k, y + 0.2 * k, "bark")
        for step, wide in ((0.12, 0.36), (0.4, 0.28), (0.66, 0.19)):
            pen.poly([(x - wide * k, y + step * k), (x + wide * k, y + step * k), (x, y + (step + 0.5) * k)], paint, "pillar")


def round_trees(g, line, far, count, size):
    pen = g.pen(far)
    for i in range(count):
        x = (i + g.rng.uniform(0.1, 0.9)) / count
        y, k = line(x) - 0.008, size * g.rng.uniform(0.7, 1.2)
        pen.rect(x - 0.06 * k, y, x + 0.06 * k, y + 0.5 * k, "bark")
        pen.oval(x, y + 0.72 * k, 0.36 * k, 0.42 * k, g.rng.choice(("leaf", "moss")), "ball")


def sea(g):
    if g.rng.random() < 0.35:
        ridge(g, g.level + 0.012, 0.014, "slate", 0.8, waves=1.0)
    water(g, g.level, -0.02)


def beach(g):
    water(g, g.level, g.level - 0.22)
    shore = ridge(g, g.level - 0.19, 0.018, "sand", waves=0.8)
    g.pen().line([(i / 20, shore(i / 20) + 0.006) for i in range(-1, 22)], "chalk", 0.012, smooth=True)
    for _ in range(4):
        x, y = g.rng.random(), g.rng.uniform(0.03, 0.2)
        g.pen().line([(x - 0.06, y), (x, y + 0.006), (x + 0.06, y)], darker(MATERIALS["sand"], 0.16), 0.005, smooth=True)
    dots(g, 0.02, 0.2, ("cream", "plank", "blush"), 12, 0.006)


def lake(g):
    peaks(g, 0.2, "slate", 0.75, 3, snow=g.rng.random() < 0.5)
    line = ridge(g, g.level + 0.03, 0.015, "moss", 0.45)
    conifers(g, line, 0.4, 17, 0.07)
    water(g, g.level, 0.0)
    ridge(g, 0.035, 0.012, "grass", waves=1.1)
    tufts(g, 0.0, 0.05, "moss", 18)


def hills(g):
    ridge(g, g.level + 0.06, 0.03, "moss", 0.72)
    line = ridge(g, g.level + 0.01, 0.028, "leaf", 0.4)
    round_trees(g, line, 0.35, 7, 0.06)
    ridge(g, g.level - 0.10, 0.028, "grass", 0.12)
    ridge(g, g.level - 0.26, 0.02, lighter(MATERIALS["grass"], 0.08))
    tufts(g, 0.02, g.level - 0.2, "leaf", 26)


def meadow(g):
    line = ridge(g, g.level + 0.02, 0.01, "moss", 0.6)
    round_trees(g, line, 0.5, 11, 0.05)
    ridge(g, g.level, 0.006, "grass")
    tufts(g, 0.02, g.level - 0.03, "leaf", 60)
    dots(g, 0.02, g.level - 0.05, ("white", "yellow", "pink", "red"), 34)


def mountains(g):
    peaks(g, 0.40, "slate", 0.7, 3)
    peaks(g, 0.25, "stone", 0.35, 4)
    line = ridge(g, g.level - 0.01, 0.018, "moss", 0.2)
    conifers(g, line, 0.15, 15, 0.075)
    ridge(g, g.level - 0.14, 0.016, "grass")
    dots(g, 0.02, g.level - 0.16, ("stone", "slate"), 10, 0.011)


def forest(g):
    for height, far, count, size in ((0.12, 0.75, 17, 0.26), (0.05, 0.45, 13, 0.32)):
        line = ridge(g, g.level + height, 0.01, "moss", far)
        conifers(g, line, far, count, size)
    line = ridge(g, g.level - 0.02, 0.012, "moss", 0.12)
    for x in (0.03, 0.16, 0.86, 0.97):
        y, k = line(x) - 0.02, g.rng.uniform(0.42, 0.55)
        pen = g.pen(0.1)
        pen.rect(x - 0.024, y, x + 0.024, y + 0.16, "bark", "pillar")
        for step, wide in ((0.12, 0.3), (0.36, 0.24), (0.6, 0.16)):
            pen.poly([(x - wide * k, y + step * k), (x + wide * k, y + step * k), (x, y + (step + 0.5) * k)], "leaf", "pillar")
    ridge(g, g.level - 0.1, 0.012, darker(MATERIALS["grass"], 0.16))
    tufts(g, 0.02, g.level - 0.12, "moss", 30)
    dots(g, 0.02, g.level - 0.14, ("red", "cream"), 7, 0.008)


def desert(g):
    ridge(g, g.level + 0.05, 0.025, darker(MATERIALS["sand"], 0.1), 0.65, waves=1.1)
    ridge(g, g.level - 0.02, 0.035, "sand", 0.25, waves=0.8)
    ridge(g, g.level - 0.15, 0.03, lighter(MATERIALS["sand"], 0.12), waves=0.9)
    for _ in range(9):
        x, y, w = g.rng.random(), g.rng.uniform(0.02, g.level - 0.2), g.rng.uniform(0.05, 0.12)
        g.pen().line([(x - w, y), (x - w / 3, y + 0.008), (x + w / 3, y), (x + w, y + 0.006)], darker(MATERIALS["sand"], 0.14), 0.004, smooth=True)


ROOFS, WALLS = ("brick", "slate", "wood", "straw"), ("cream", "cloth", "stone", "plank")


def row_of_houses(g, base, far, count, size):
    pen = g.pen(far)
    for i in range(count):
        x, k = (i + 0.5) / count + g.rng.uniform(-0.02, 0.02), size * g.rng.uniform(0.85, 1.3)
        w, h = 0.46 / count * g.rng.uniform(0.85, 1.1), k
        pen.rect(x - w, base, x + w, base + h, g.rng.choice(WALLS), "pillar")
        pen.poly([(x - w * 1.15, base + h), (x + w * 1.15, base + h), (x, base + h + w * g.rng.uniform(0.8, 1.4))], g.rng.choice(ROOFS), "slope")
        for dx in (-0.5, 0.5):
            for dy in (0.3, 0.66):
                if g.rng.random() < 0.75:
                    pen.rect(x + dx * w - w * 0.2, base + h * dy, x + dx * w + w * 0.2, base + h * (dy + 0.2), "window")


def town(g):
    ridge(g, g.level + 0.03, 0.015, "moss", 0.8)
    row_of_houses(g, g.level - 0.01, 0.55, 9, 0.09)
    row_of_houses(g, g.level - 0.05, 0.2, 6, 0.13)
    ridge(g, g.level - 0.06, 0.002, "grass", form="flat")
    pen = g.pen()
    pen.poly([(-0.02, g.level - 0.10), (1.02, g.level - 0.10), (1.02, -0.02), (-0.02, -0.02)], lighter(MATERIALS["stone"], 0.12), "slope")
    for row in range(4):
        y = (g.level - 0.11) * (1 - (row + 0.5) / 4.2)
        for i in range(7):
            x = (i + (row % 2) * 0.5) / 6.5
            pen.line([(x - 0.02, y), (x + 0.02, y)], darker(MATERIALS["stone"], 0.12), 0.004)


def snow_field(g):
    peaks(g, 0.2, "slate", 0.72, 3)
    line = ridge(g, g.level + 0.02, 0.02, darker(MATERIALS["snow"], 0.1), 0.35)
    conifers(g, line, 0.35, 9, 0.085)
    ridge(g, g.level - 0.06, 0.02, darker(MATERIALS["snow"], 0.04), 0.1)
    ridge(g, g.level - 0.2, 0.018, "snow")
    for _ in range(7):
        x, y, w = g.rng.random(), g.rng.uniform(0.02, g.level - 0.12), g.rng.uniform(0.04, 0.1)
        g.pen().line([(x - w, y), (x, y + 0.006), (x + w, y)], darker(MATERIALS["snow"], 0.12), 0.005, smooth=True)


def river(g):
    ridge(g, g.level + 0.07, 0.03, "moss", 0.7)
    line = ridge(g, g.level + 0.01, 0.012, "leaf", 0.35)
    round_trees(g, line, 0.3, 9, 0.06)
    water(g, g.level - 0.03, g.level - 0.28)
    bank = ridge(g, g.level - 0.25, 0.016, "grass", waves=1.0)
    g.pen().line([(i / 20, bank(i / 20)) for i in range(-1, 22)], "moss", 0.008, smooth=True)
    tufts(g, 0.02, g.level - 0.28, "leaf", 26)
    dots(g, 0.02, g.level - 0.3, ("white", "yellow", "pink"), 12)


def moon_base(g):
    grey = (0.62, 0.61, 0.66)
    ridge(g, g.level + 0.05, 0.03, darker(grey, 0.35), 0.3, waves=1.3)
    ridge(g, g.level - 0.02, 0.012, darker(grey, 0.1))
    pen = g.pen()
    for _ in range(9):
        y = g.rng.uniform(0.03, g.level - 0.08)
        x, k = g.rng.random(), 0.03 + 0.05 * (g.level - y)
        pen.oval(x, y, k, k * 0.32, darker(grey, 0.32), "flat")
        pen.oval(x + 0.12 * k * g.look.side, y - 0.06 * k, k * 0.82, k * 0.22, darker(grey, 0.2), "flat")
    dots(g, 0.02, g.level - 0.06, (lighter(grey, 0.2), darker(grey, 0.2)), 16, 0.006)


def space(g):
    """No ground: a veil of gas, and a far planet now and then."""
    if g.look.style == "ink":
        return
    for _ in range(3):
        x, y, r = g.rng.random() * g.side, g.rng.random() * g.side, g.side * g.rng.uniform(0.25, 0.5)
        c = g.rng.choice(((0.5, 0.2, 0.6), (0.15, 0.35, 0.7), (0.6, 0.2, 0.35), (0.1, 0.5, 0.5)))
        p = cairo.RadialGradient(x, y, 0, x, y, r)
        p.add_color_stop_rgba(0, *c, 0.3)
        p.add_color_stop_rgba(1, *c, 0)
        g.ctx.set_source(p)
        g.ctx.paint()


PAINTERS = {"sea": sea, "beach": beach, "lake": lake, "hills": hills, "meadow": meadow, "mountains": mountains, "forest": forest,
            "desert": desert, "town": town, "snow field": snow_field, "river": river, "moon base": moon_base, "space": space}
