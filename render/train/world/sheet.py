#!/usr/bin/python3
"""Sheets of samples, to look at.

    python3 -m world.sheet things OUT.png [NAME...]     every kind (or those named) in every style, by day and by night
    python3 -m world.sheet scenes OUT.png [FIRST]       48 scenes from this seed on; their captions are printed
    python3 -m world.sheet styles OUT.png [FIRST]       8 scenes from this seed on in every style
    python3 -m world.sheet edits OUT.png [SORT...]      four pairs of every sort of edit (or of those named), instructions printed
    python3 -m world.sheet clips OUT.png [MOTION...]    two clips of every motion (or of those named), four frames each, words printed
"""
import random
import sys

import cairo
import numpy as np
from PIL import Image

from . import clips, compose, edits, load, scene, words
from .kinds import KINDS
from .palette import TIMES
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


def scenes(out, names):
    first = int(names[0]) if names else 0
    made = [scene.scene(first + i) for i in range(48)]
    for i, s in enumerate(made):
        print(f"{first + i}: {words.caption(s, 0)}")
    pixels = [compose.draw(s, 192) for s in made]
    Image.fromarray(np.concatenate([np.concatenate(pixels[at : at + 8], 1) for at in range(0, 48, 8)], 0)).save(out)


def styles(out, names):
    """A row a scene, a column a style, by day where the style has days."""
    first, rows = int(names[0]) if names else 0, []
    for i in range(8):
        s, row = scene.scene(first + i), []
        for style in scene.STYLES:
            t = s.copy()
            t.style = style
            if style == "neon":
                edits.set_time(t, "night")
            row.append(compose.draw(t, 256))
        rows.append(np.concatenate(row, 1))
    Image.fromarray(np.concatenate(rows, 0)).save(out)


def pairs(out, names):
    rows = []
    for sort in names or list(edits.EDITS):
        row = []
        for i in range(4):
            before, text, after = edits.edit(i, sort)
            print(f"{sort} {i}: {text}")
            row += [compose.draw(before, 160), compose.draw(after, 160), np.full((160, 12, 3), 255, np.uint8)]
        rows.append(np.concatenate(row, 1))
    Image.fromarray(np.concatenate(rows, 0)).save(out)


def films(out, names):
    rows = []
    for motion in names or list(clips.MOTIONS):
        row = []
        for i in range(2):
            _, text, frames = clips.clip(i, 160, motion)
            print(f"{motion} {i}: {text} ({clips.clip_labels(i, motion)['direction']})")
            row += [*frames[::5], np.full((160, 12, 3), 255, np.uint8)]
        rows.append(np.concatenate(row, 1))
    Image.fromarray(np.concatenate(rows, 0)).save(out)


SHEETS = {"things": things, "scenes": scenes, "styles": styles, "edits": pairs, "clips": films}

if __name__ == "__main__":
    load()
    if len(sys.argv) < 3 or sys.argv[1] not in SHEETS:
        sys.exit(__doc__)
    SHEETS[sys.argv[1]](sys.argv[2], sys.argv[3:])
