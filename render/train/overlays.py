"""Watermarks as people lay them over pictures they show: what finding them is fitted on and judged on.

overlay(rng, side, lot) -> (kind, cover float [side, side] from 0 to 1); laid(rng, picture, lot) -> (kind, picture under the mark,
bool [h, w] where it is). `lot` is LEARNED or UNSEEN: words, faces and emblems of the one are never of the other. Knows nothing of
how marks are found. marks.py draws what the clean-up network learns from.
"""
import math

import cairo
import numpy as np

LEARNED = {
    "words": ("sample", "preview", "copyright", "stock", "draft", "proof", "© 2026", "do not copy", "demo", "www.example.org", "photo"),
    "faces": (("sans-serif", 0), ("serif", 0)),
    "emblems": ("ring", "square"),
}
UNSEEN = {
    "words": ("EVALUATION", "not for sale", "© studio north", "archive", "Lumen & Vale", "watermark", "Himmelblick", "by kestrel", "unpaid copy"),
    "faces": (("monospace", 0), ("DejaVu Sans Condensed", 0), ("serif", 1), ("sans-serif", 1)),
    "emblems": ("star", "hexagon"),
}
KINDS = ("tiled", "tiled", "middle", "corner", "emblem")
VISIBLE = 14  # mean change under the mark, of 255: nobody lays a mark that nobody sees


def write(ctx, rng, lot, size, word):
    face, slanted = lot["faces"][rng.randint(len(lot["faces"]))]
    ctx.select_font_face(face, cairo.FONT_SLANT_ITALIC if slanted else cairo.FONT_SLANT_NORMAL,
        cairo.FONT_WEIGHT_BOLD if rng.rand() < 0.6 else cairo.FONT_WEIGHT_NORMAL)
    ctx.set_font_size(size)
    box = ctx.text_extents(word)
    ctx.move_to(-box.width / 2 - box.x_bearing, -box.height / 2 - box.y_bearing)
    ctx.show_text(word)
    ctx.new_path()


def emblem(ctx, rng, lot, size, word):
    """A frame of `size` with a word's first letter in it."""
    shape = lot["emblems"][rng.randint(len(lot["emblems"]))]
    ctx.set_line_width(size * rng.uniform(0.06, 0.12))
    corners = {"square": 4, "hexagon": 6, "star": 10}.get(shape)
    if corners is None:
        ctx.arc(0, 0, size * 0.5, 0, 2 * math.pi)
    else:
        turn = math.pi / 4 if corners == 4 else math.pi / 2
        for i in range(corners):
            far = size * (0.36 if shape == "star" and i % 2 else 0.58)
            ctx.line_to(far * math.cos(turn + 2 * math.pi * i / corners), far * math.sin(turn + 2 * math.pi * i / corners))
        ctx.close_path()
    ctx.stroke()
    write(ctx, rng, lot, size * (0.4 if shape == "star" else 0.6), next(c for c in word if c.isalnum()).upper())


def tile(ctx, rng, side, lot, word):
    size, framed = side * rng.uniform(0.045, 0.09), rng.rand() < 0.25
    state = rng.randint(1 << 30)
    wide = (1.3 if framed else 0.62 * len(word)) * size * rng.uniform(1.25, 1.8)
    high, shifted = size * rng.uniform(2.4, 3.6), rng.rand() < 0.6
    ctx.translate(side / 2 + rng.uniform(-wide, wide) / 2, side / 2 + rng.uniform(-high, high) / 2)
    ctx.rotate(-rng.choice([0.0, 0.3, 0.5, 0.65]))
    many = int(side / wide) + 2, int(side / high) + 2
    for row in range(-many[1], many[1] + 1):
        for column in range(-many[0], many[0] + 1):
            ctx.save()
            ctx.translate((column + 0.5 * (row % 2 and shifted)) * wide, row * high)
            (emblem if framed else write)(ctx, np.random.RandomState(state), lot, size, word)
            ctx.restore()


def overlay(rng, side, lot):
    surface = cairo.ImageSurface(cairo.FORMAT_A8, side, side)
    ctx = cairo.Context(surface)
    kind, word = KINDS[rng.randint(len(KINDS))], lot["words"][rng.randint(len(lot["words"]))]
    word = word.upper() if rng.rand() < 0.3 else word
    if kind == "tiled":
        tile(ctx, rng, side, lot, word)
    elif kind == "middle":
        ctx.translate(side * rng.uniform(0.42, 0.58), side * rng.uniform(0.35, 0.65))
        ctx.rotate(-rng.choice([0.0, 0.0, 0.4, 0.7]))
        write(ctx, rng, lot, min(side * 0.2, side * rng.uniform(0.75, 1.05) / len(word)), word)
    elif kind == "corner":
        size = side * rng.uniform(0.035, 0.06)
        far = (0.33 * len(word) + 0.5) * size
        ctx.translate(side - far if rng.rand() < 0.7 else far, side - 1.2 * size if rng.rand() < 0.8 else 1.2 * size)
        write(ctx, rng, lot, size, word)
    else:
        ctx.translate(side * rng.choice([0.16, 0.5, 0.84]), side * rng.choice([0.16, 0.5, 0.84]))
        emblem(ctx, rng, lot, side * rng.uniform(0.12, 0.26), word)
    surface.flush()
    cover = np.frombuffer(surface.get_data(), np.uint8).reshape(side, surface.get_stride())[:, :side].astype(np.float32) / 255
    return kind, cover


def ink(rng):
    return np.full(3, 255.0) if rng.rand() < 0.65 else np.full(3, rng.uniform(0, 30)) if rng.rand() < 0.7 else rng.uniform(0, 255, 3)


def laid(rng, picture, lot):
    while True:
        kind, cover = overlay(rng, picture.shape[0], lot)
        colour, opacity = ink(rng), rng.uniform(0.3, 0.6)
        amount = (cover * opacity)[:, :, None]
        under = picture * (1 - amount) + colour * amount
        if cover.any() and np.abs(under - picture).mean(2)[cover > 0.5].mean() >= VISIBLE:
            return kind, (under + 0.5).astype(np.uint8), cover > 0
