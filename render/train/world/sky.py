"""Skies: the gradient of the time, stars, sun and moon with their glow, clouds, and the weather that lies over everything."""
import math
import random

import cairo

from .palette import COLOURS, TIMES, darker, lighter, mix, times
from .pen import Pen

PAPER = (0.98, 0.965, 0.93)
GREYS = {"cloudy": 0.35, "rain": 0.62, "snow": 0.55, "fog": 0.5}


class Air:
    """What the time and the weather make of the air: the sky's three colours, the haze far away, light and shade on things."""

    def __init__(self, time, weather, space):
        t = TIMES[time]
        dull = GREYS.get(weather, 0.0)
        brightness = sum(t.middle) / 3
        grey = tuple(0.85 * brightness + 0.1 for _ in range(3))
        self.top, self.middle, self.low = (mix(c, mix(grey, c, 0.25), dull) for c in (t.top, t.middle, t.low))
        if space:
            self.top, self.middle, self.low = (0.02, 0.02, 0.09), (0.07, 0.05, 0.20), (0.14, 0.09, 0.30)
        self.haze = mix(self.low, self.middle, 0.3)
        self.light = mix(t.light, mix(t.light, t.shade, 0.55), dull) if not space else (0.96, 0.96, 1.0)
        self.shade = t.shade if not space else (0.42, 0.42, 0.60)
        self.lamps = t.lamps


def paint_sky(ctx, style, air, side, low):
    """The gradient down to `low`, a share of the height."""
    stops = (air.top, air.middle, air.low)
    if style == "ink":
        night = max(air.top) < 0.3
        stops = tuple(mix(PAPER, mix(c, (0.24, 0.31, 0.66), 0.6) if night else lighter(c, 0.25), 0.66 if night else 0.34) for c in stops)
    elif style == "neon":
        stops = ((0.02, 0.02, 0.07), (0.05, 0.02, 0.13), (0.15, 0.04, 0.24))
    gradient = cairo.LinearGradient(0, 0, 0, max(low, 0.4) * side)
    for at, c in zip((0, 0.55, 1), stops):
        gradient.add_color_stop_rgb(at, *c)
    ctx.set_source(gradient)
    ctx.paint()


def stars(ctx, style, side, rng, count, low):
    for _ in range(count):
        x, y, r = rng.random() * side, (rng.random() ** 1.3) * low * side, side * rng.choice((0.0022, 0.003, 0.0045))
        c = (1.0, 0.99, 0.95) if style == "ink" else rng.choice(((1, 1, 1), (1, 0.95, 0.8), (0.8, 0.88, 1)))
        ctx.set_source_rgba(*c, 0.55 + 0.45 * rng.random())
        ctx.arc(x, y, r, 0, 7)
        ctx.fill()
        if r > side * 0.004:
            ctx.set_line_width(side * 0.0016)
            for dx, dy in ((r * 2.4, 0), (0, r * 2.4)):
                ctx.move_to(x - dx, y - dy)
                ctx.line_to(x + dx, y + dy)
                ctx.stroke()


def glow(ctx, x, y, r, c, strength):
    p = cairo.RadialGradient(x, y, 0, x, y, r)
    p.add_color_stop_rgba(0, *c, strength)
    p.add_color_stop_rgba(0.4, *c, strength * 0.35)
    p.add_color_stop_rgba(1, *c, 0)
    ctx.set_source(p)
    ctx.arc(x, y, r, 0, 7)
    ctx.fill()


def light_place(s, side):
    """Middle and radius of the sun or moon in pixels."""
    r = {"small": 0.055, "medium": 0.078, "big": 0.115}[s.light["size"]] * side
    return s.light["x"] * side, s.horizon * side * (1 - s.light["height"]) * 0.96 + 0.02 * side, r


def light_colour(s):
    c = COLOURS[s.light["colour"]]
    if s.light["kind"] == "moon":
        return lighter(c, 0.35)
    return lighter(c, 0.18)


def paint_light(ctx, look, s, side):
    x, y, r = light_place(s, side)
    c = light_colour(s)
    if look.style != "ink":
        glow(ctx, x, y, r * (3.4 if s.light["kind"] == "sun" else 2.6), lighter(c, 0.25), 0.6)
    pen = Pen(ctx, look, x, y, 2 * r, c, random.Random(s.mood))
    if look.style in ("ink", "neon"):
        pen.oval(0, 0, 0.5, 0.5, "main", "flat")
    else:
        ctx.set_source_rgb(*c)
        ctx.arc(x, y, r, 0, 7)
        ctx.fill()
    if s.light["kind"] == "moon":
        shade = darker(c, 0.16)
        for dx, dy, q in ((-0.16, 0.12, 0.11), (0.17, -0.13, 0.13), (0.12, 0.22, 0.06), (-0.24, -0.2, 0.05)):
            ctx.set_source_rgb(*(shade if look.style != "neon" else darker(c, 0.55)))
            ctx.arc(x + dx * 2 * r, y - dy * 2 * r, q * 2 * r, 0, 7)
            ctx.fill()


CLOUDS = {
    "puffy": ((-0.42, 0.02, 0.2), (-0.14, 0.14, 0.27), (0.2, 0.1, 0.24), (0.46, 0.01, 0.16)),
    "long": ((-0.7, 0.0, 0.12), (-0.3, 0.05, 0.17), (0.1, 0.08, 0.19), (0.5, 0.03, 0.15), (0.82, 0.0, 0.1)),
    "tower": ((-0.34, 0.02, 0.2), (0.0, 0.16, 0.28), (0.1, 0.4, 0.22), (0.36, 0.06, 0.2)),
}


def cloud(ctx, look, x, y, size, c, shape):
    """One shape of discs on a flat base, lit from above."""
    ctx.push_group()
    discs = CLOUDS[shape]
    left, right = min(d[0] - d[2] for d in discs), max(d[0] + d[2] for d in discs)
    ctx.set_source_rgb(1, 1, 1)
    for dx, dy, q in discs:
        ctx.arc(x + dx * size, y - dy * size, q * size, 0, 7)
        ctx.fill()
    ctx.rectangle(x + (left + 0.1) * size, y - 0.02 * size, (right - left - 0.2) * size, 0.15 * size)
    ctx.fill()
    form = ctx.pop_group()
    if look.style == "ink":
        for d, paint in ((0.012 * size, (0.1, 0.09, 0.12)), (0.0, mix(PAPER, c, 0.25))):
            ctx.set_source_rgb(*paint)
            for dx, dy in ((d, 0), (-d, 0), (0, d), (0, -d)):
                ctx.save()
                ctx.translate(dx * 1.4, dy * 1.4)
                ctx.mask(form)
                ctx.restore()
        return
    p = cairo.LinearGradient(0, y - 0.5 * size, 0, y + 0.14 * size)
    top, base = (c, darker(c, 0.13)) if look.style != "neon" else (mix(c, (0.3, 0.1, 0.45), 0.82), (0.1, 0.04, 0.2))
    p.add_color_stop_rgb(0, *top)
    p.add_color_stop_rgb(1, *base)
    ctx.set_source(p)
    ctx.mask(form)


def cloud_colour(s, air):
    white = times((1.0, 1.0, 1.0), air.light)
    c = mix(white, air.low, 0.32 if s.time in ("dawn", "sunset") else 0.08)
    return mix(c, (0.45, 0.47, 0.52), {"rain": 0.55, "snow": 0.2}.get(s.weather, 0.0)) if s.time != "night" else mix(c, air.middle, 0.5)


def paint_clouds(ctx, look, s, air, side, shift):
    """Few in clear weather, many otherwise; `shift` moves them, in widths of the picture."""
    rng = random.Random(s.mood + 11)
    count = {"clear": rng.choice((0, 0, 1, 2)), "cloudy": rng.randint(4, 6), "rain": 6, "snow": 5, "fog": 2}[s.weather]
    c = cloud_colour(s, air)
    for i in range(count):
        x = (i + rng.uniform(0.1, 0.9)) / max(count, 1)
        y = rng.uniform(0.07, 0.62) * s.horizon
        size = side * rng.uniform(0.11, 0.2) * (1.35 if s.weather in ("rain", "snow") else 1.0)
        shape = rng.choice(sorted(CLOUDS))
        cloud(ctx, look, ((x + shift + 0.3) % 1.6 - 0.3) * side, y * side, size, c, shape)


def paint_weather(ctx, look, s, air, side, phase):
    """What lies over the whole picture: rain, flakes, fog. They fall by whole pictures within a phase."""
    rng = random.Random(s.mood + 23)
    ink = look.style == "ink"
    if s.weather == "rain":
        ctx.set_source_rgba(*((0.2, 0.25, 0.35) if ink else (0.82, 0.9, 1.0)), 0.5)
        ctx.set_line_width(side * 0.0042)
        for _ in range(110):
            x, y, n = rng.uniform(-0.1, 1.05), (rng.random() + phase) % 1.0 * 1.15 - 0.1, rng.uniform(0.03, 0.06)
            ctx.move_to(x * side, y * side)
            ctx.line_to((x - n * 0.28) * side, (y + n) * side)
            ctx.stroke()
    elif s.weather == "snow":
        for _ in range(120):
            x, y, r = rng.random(), (rng.random() + phase) % 1.0 * 1.08 - 0.04, rng.choice((0.0045, 0.0065, 0.009))
            x += 0.012 * math.sin(6.283 * (phase + rng.random()))
            ctx.set_source_rgba(*((0.35, 0.4, 0.5) if ink else (1, 1, 1)), 0.9)
            ctx.arc(x * side, y * side, r * side, 0, 7)
            ctx.fill()
    elif s.weather == "fog":
        c = mix(air.low, (0.9, 0.9, 0.93), 0.5) if s.time != "night" else mix(air.low, (0.4, 0.42, 0.5), 0.4)
        for y, strength in ((s.horizon, 0.75), (s.horizon + 0.16, 0.5), (s.horizon - 0.2, 0.35), (0.98, 0.3)):
            p = cairo.LinearGradient(0, (y - 0.16) * side, 0, (y + 0.16) * side)
            p.add_color_stop_rgba(0, *c, 0)
            p.add_color_stop_rgba(0.5, *c, strength)
            p.add_color_stop_rgba(1, *c, 0)
            ctx.set_source(p)
            ctx.paint()
