"""Watermarks and other things to be removed, drawn over pictures: what the clean-up network learns from.

mark(rng, side) -> (alpha f32 [side, side], colour (r, g, b) 0-1): words, logos or rings, single or tiled, upright or turned.
hole(rng, side) -> f32 [side, side], 1 = to be painted: strokes and rectangles. Knows nothing of networks.
"""
import math

import cairo
import numpy as np

WORDS = ("sample", "preview", "copyright", "stock", "draft", "proof", "© 2026", "do not copy", "demo", "www.example.org", "photo")


def stamp(ctx, rng, size):
    """A word, a ring with a letter, or both, around (0, 0)."""
    ctx.select_font_face(("sans-serif", "serif")[rng.randint(2)], cairo.FONT_SLANT_NORMAL, cairo.FONT_WEIGHT_BOLD if rng.rand() < 0.6 else cairo.FONT_WEIGHT_NORMAL)
    ctx.set_font_size(size)
    word = WORDS[rng.randint(len(WORDS))]
    word = word.upper() if rng.rand() < 0.4 else word
    if rng.rand() < 0.3:
        ctx.arc(0, 0, size * 0.8, 0, 2 * math.pi)
        ctx.set_line_width(size * 0.14)
        ctx.stroke()
        word = word[0]
    box = ctx.text_extents(word)
    ctx.move_to(-box.width / 2, box.height / 2)
    ctx.show_text(word)


def mark(rng, side):
    surface = cairo.ImageSurface(cairo.FORMAT_A8, side, side)
    ctx = cairo.Context(surface)
    ctx.set_source_rgba(0, 0, 0, 1)
    size, turn = side * rng.uniform(0.06, 0.16), rng.choice([0.0, -0.5, 0.5, -0.35])
    if rng.rand() < 0.5:
        dx, dy = side * rng.uniform(0.3, 0.5), side * rng.uniform(0.18, 0.34)
        state = rng.randint(1 << 30)
        for j in range(-2, int(side / dy) + 3):
            for i in range(-2, int(side / dx) + 3):
                ctx.save()
                ctx.translate(i * dx + (j % 2) * dx / 2, j * dy)
                ctx.rotate(turn)
                stamp(ctx, np.random.RandomState(state), size * 0.7)
                ctx.restore()
    else:
        ctx.translate(side * rng.uniform(0.3, 0.7), side * rng.uniform(0.15, 0.85))
        ctx.rotate(turn)
        stamp(ctx, rng, size)
    surface.flush()
    alpha = np.frombuffer(surface.get_data(), np.uint8).reshape(side, surface.get_stride())[:, :side].astype(np.float32) / 255
    return alpha, ((1.0, 1.0, 1.0) if rng.rand() < 0.7 else (0.0, 0.0, 0.0) if rng.rand() < 0.6 else tuple(rng.rand(3)))


def hole(rng, side):
    surface = cairo.ImageSurface(cairo.FORMAT_A8, side, side)
    ctx = cairo.Context(surface)
    ctx.set_line_cap(cairo.LINE_CAP_ROUND)
    ctx.set_line_join(cairo.LINE_JOIN_ROUND)
    for _ in range(rng.randint(1, 4)):
        if rng.rand() < 0.3:
            ctx.rectangle(*(rng.rand(2) * side * 0.8), *(rng.uniform(0.08, 0.35, 2) * side))
            ctx.fill()
            continue
        ctx.set_line_width(side * rng.uniform(0.02, 0.12))
        x, y, a = rng.rand() * side, rng.rand() * side, rng.rand() * 6.3
        ctx.move_to(x, y)
        for _ in range(rng.randint(2, 8)):
            a += rng.uniform(-1.2, 1.2)
            x, y = x + side * 0.12 * math.cos(a), y + side * 0.12 * math.sin(a)
            ctx.line_to(x, y)
        ctx.stroke()
    surface.flush()
    return (np.frombuffer(surface.get_data(), np.uint8).reshape(side, surface.get_stride())[:, :side] > 127).astype(np.float32)
