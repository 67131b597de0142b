#!/usr/bin/python3
"""Sheets of samples, to look at.

    python3 -m world.sheet things OUT.png [NAME...]     every kind (or those named) in every style, by day and by night
"""
import random
import sys

import cairo

from . import load
from .kinds import KINDS
from .palette import COLOURS, TIMES
from .pen import Look, Pen

CELL = 128


def cell(ctx, kind, column, row):
    """One thing in one style: its own colour or the next of its colours."""
    style, time = (("flat", "day"), ("plain", "day"), ("flat", "sunset"), ("flat", "night"), ("ink", "day"), ("neon", "night"))[column]
    t, x, y = TIMES[time], column * CELL, row * CELL
    sky = cairo.LinearGradient(0, y, 0, y + CELL)
    for at, c in ((0, t.middle), (1, t.low)):
        sky.add_color_stop_rgb(at, *((0.98, 0.965, 0.93) if style == "ink" else (0.02, 0.02, 0.07) if style == "neon" else c))
    ctx.save()
    ctx.rectangle(x, y, CELL, CELL)
    ctx.clip_preserve()
    ctx.set_source(sky)
    ctx.fill()
    colour = kind.own if column == 0 and kind.own else kind.colours[(row + 3 * column) % len(kind.colours)]
    size = CELL * 0.86 / max(1.0, kind.wide)
    foot = y + CELL * (0.93 if kind.homes[0] in ("ground", "water") else 0.5)
    kind.draw(Pen(ctx, Look(style, t.light, t.shade, -0.6, t.lamps), x + CELL / 2, foot, size, colour, random.Random(column)))
    ctx.restore()


def things(out, names):
    kinds = [KINDS[n] for n in names] if names else list(KINDS.values())
    per = 3 if len(kinds) > 6 else 1
    rows = -(-len(kinds) // per)
    surface = cairo.ImageSurface(cairo.FORMAT_RGB24, per * 6 * CELL, rows * CELL)
    ctx = cairo.Context(surface)
    for i, k in enumerate(kinds):
        ctx.save()
        ctx.translate((i // rows) * 6 * CELL, 0)
        cell_row = i % rows
        for column in range(6):
            cell(ctx, k, column, cell_row)
        ctx.restore()
    surface.write_to_png(out)


if __name__ == "__main__":
    load()
    if len(sys.argv) < 3 or sys.argv[1] != "things":
        sys.exit(__doc__)
    things(sys.argv[2], sys.argv[3:])
