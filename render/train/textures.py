"""Pictures that are like photographs of surfaces, made by rule: what clean-up is judged on beside the model's own world.

texture(name, seed, side) -> uint8 [side, side, 3]. Each has broad light and fine grain, and something that repeats without
being periodic, which is what makes filling hard. Knows nothing of the world, of models or of marks.
"""
import math

import cairo
import numpy as np

NAMES = ("earth", "wood", "clouds", "fabric", "foliage", "stone")
UNSEEN = ("ripples", "bark", "gravel")  # no stage of training may use these


def spectrum(rng, side, slope, stretch=1.0):
    """Noise whose amplitude falls as 1 / frequency ** slope, mean 0 and deviation 1; stretch > 1 draws it out sideways."""
    fy, fx = np.fft.fftfreq(side)[:, None], np.fft.rfftfreq(side)[None]
    radius = np.sqrt((fx * stretch) ** 2 + fy ** 2)
    radius[0, 0] = 1
    shape = radius.shape
    waves = (rng.standard_normal(shape) + 1j * rng.standard_normal(shape)) / radius ** slope
    waves[0, 0] = 0
    out = np.fft.irfft2(waves, (side, side))
    return out / out.std()


def ramp(value, stops):
    """Colours along a scale: value [h, w] from 0 to 1, stops a list of (r, g, b) from 0 to 1 at even distances."""
    at = np.linspace(0, 1, len(stops))
    return np.stack([np.interp(value, at, [s[i] for s in stops]) for i in range(3)], axis=2)


def squash(value, gain=1.0):
    """Any numbers into 0 to 1."""
    return 1 / (1 + np.exp(-gain * value))


def lit(height, strength):
    """Light from above left on a relief [h, w]: a factor around 1."""
    slope = -np.diff(height, axis=0, append=height[-1:]) - np.diff(height, axis=1, append=height[:, -1:])
    return 1 + strength * np.tanh(slope)[:, :, None]


def grid(side):
    y, x = np.mgrid[0:side, 0:side] / side
    return x, y


def earth(rng, side):
    """Dry ground: dust and grit in many sizes."""
    broad, grit = spectrum(rng, side, 1.6), spectrum(rng, side, 0.8)
    stops = ((0.24, 0.17, 0.12), (0.47, 0.35, 0.24), (0.66, 0.53, 0.38), (0.80, 0.71, 0.56))
    return ramp(squash(broad + 0.45 * grit), stops) * lit(broad * 0.6 + grit * 0.35, 0.22)


def wood(rng, side):
    """Boards of different trees, with rings, fibres and gaps."""
    x, y = grid(side)
    boards = rng.integers(3, 6)
    edge = (y + 0.004 * spectrum(rng, side, 2.0)) * boards
    board = np.clip(edge.astype(int), 0, boards - 1)
    tint, shift = rng.uniform(-0.12, 0.12, boards)[board], rng.uniform(0, 9, boards)[board]
    bend = spectrum(rng, side, 2.2, 5.0)
    rings = np.sin(2 * math.pi * (7 * (edge - board) + 0.9 * bend + shift + 0.6 * x))
    fibres = spectrum(rng, side, 0.7, 14.0)
    tone = np.clip(0.5 + 0.2 * rings + 0.1 * fibres + tint, 0, 1)
    gap = np.clip(np.abs(edge - np.round(edge)) * side / boards / 1.6, 0, 1)
    return ramp(tone, ((0.24, 0.13, 0.07), (0.47, 0.29, 0.16), (0.67, 0.46, 0.28), (0.80, 0.62, 0.42))) * (0.3 + 0.7 * gap)[:, :, None]


def clouds(rng, side):
    """A real sky: blue that pales downward, towering cloud with lit edges."""
    _, y = grid(side)
    sky = ramp(y, ((0.20, 0.42, 0.74), (0.45, 0.66, 0.88), (0.74, 0.84, 0.92)))
    puff = spectrum(rng, side, 1.9, 0.8)
    cover = squash(puff * 3.4 + 1.6 * (y - 0.45))[:, :, None]
    body = np.clip(0.90 + 0.06 * spectrum(rng, side, 1.5) - 0.07 * puff, 0.6, 1)[:, :, None] * np.array([0.98, 0.98, 1.0])
    return sky * (1 - cover) + body * lit(puff * 1.3, 0.1) * cover


def fabric(rng, side):
    """A weave of uneven threads in folds."""
    x, y = grid(side)
    folds = spectrum(rng, side, 2.6)
    u, v = x * side / 5.2 + 0.8 * folds, y * side / 5.2 + 0.6 * spectrum(rng, side, 2.6)
    over = (np.floor(u) + np.floor(v)) % 2
    thread = np.where(over == 1, np.abs(np.sin(math.pi * u)), np.abs(np.sin(math.pi * v)))
    colours = rng.uniform(0.25, 0.85, (2, 3))
    bars = [np.sin(2 * math.pi * t / rng.integers(8, 15)) > rng.uniform(0.5, 0.8) for t in (u, v)]
    cloth = colours[0] + (colours[1] - colours[0]) * (0.5 * bars[0] + 0.5 * bars[1])[:, :, None]
    uneven = 1 + 0.07 * spectrum(rng, side, 0.6)
    return cloth * (0.55 + 0.45 * thread * uneven)[:, :, None] * lit(folds * 3.0, 0.3)


def foliage(rng, side):
    """Leaves over leaves, the upper ones in the sun."""
    surface = cairo.ImageSurface(cairo.FORMAT_RGB24, side, side)
    ctx = cairo.Context(surface)
    ctx.set_source_rgb(0.05, 0.09, 0.04)
    ctx.paint()
    count = 900
    for i in range(count):
        depth = i / count
        length = side * rng.uniform(0.03, 0.075) * (0.7 + 0.5 * depth)
        ctx.save()
        ctx.translate(*rng.uniform(0, side, 2))
        ctx.rotate(rng.uniform(0, 2 * math.pi))
        ctx.move_to(-length, 0)
        ctx.curve_to(-0.3 * length, -0.62 * length, 0.5 * length, -0.42 * length, length, 0)
        ctx.curve_to(0.5 * length, 0.42 * length, -0.3 * length, 0.62 * length, -length, 0)
        sun, warm = 0.22 + 0.6 * depth * rng.uniform(0.6, 1.1), rng.uniform(0.35, 0.75)
        leaf = cairo.LinearGradient(0, -0.5 * length, 0, 0.5 * length)
        leaf.add_color_stop_rgb(0, warm * sun, sun, 0.28 * sun)
        leaf.add_color_stop_rgb(0.5, 0.8 * warm * sun, 0.82 * sun, 0.22 * sun)
        leaf.add_color_stop_rgb(1, 0.55 * warm * sun, 0.6 * sun, 0.2 * sun)
        ctx.set_source(leaf)
        ctx.fill()
        ctx.set_source_rgba(0.9 * sun, sun, 0.6 * sun, 0.5)
        ctx.set_line_width(side / 400)
        ctx.move_to(-length, 0)
        ctx.line_to(length, 0)
        ctx.stroke()
        ctx.restore()
    rows = np.frombuffer(surface.get_data(), np.uint8).reshape(side, -1, 4)[:, :side, 2::-1]
    return rows / 255.0


def stone(rng, side):
    """A wall of rough stones in mortar: cells of a bent grid of points, each with its own tint."""
    x, y = grid(side)
    rows = rng.integers(5, 8)
    bend = 0.012
    x, y = x + bend * spectrum(rng, side, 1.8), y + bend * spectrum(rng, side, 1.8)
    cells = [(c + 0.5 * (r % 2), r) for r in range(-1, rows + 1) for c in range(-1, rows + 1)]
    points = [((c + rng.uniform(0.2, 0.8)) / rows * 1.3, (r + rng.uniform(0.3, 0.7)) / rows) for c, r in cells]
    gaps = np.stack([np.hypot((x - px) * 0.8, y - py) for px, py in points])
    order = np.partition(gaps, 1, axis=0)[:2]
    which, joint = gaps.argmin(axis=0), np.clip((order[1] - order[0]) * rows * 3.2, 0, 1)
    tint = rng.uniform(0.34, 0.72, len(points))[which]
    warm = rng.uniform(-0.05, 0.07, len(points))[which]
    grain, rough = spectrum(rng, side, 0.7), spectrum(rng, side, 1.4)
    tone = tint * (0.42 + 0.58 * joint) + 0.03 * grain + 0.05 * rough
    return np.stack([tone + warm, tone + 0.3 * warm, tone - 0.6 * warm], axis=2) * lit(joint * 6 + 0.6 * rough, 0.2)


def ripples(rng, side):
    """Water in the wind: crossing waves with sky in them and light on their crests."""
    x, y = grid(side)
    bend = 0.02 * spectrum(rng, side, 2.0, 0.5)
    height = 0.3 * spectrum(rng, side, 1.6, 0.35)
    for _ in range(7):
        turn, fine = rng.uniform(-0.5, 0.5), rng.uniform(6, 22)
        height += np.sin(2 * math.pi * (fine * (y + bend + turn * x) + rng.random())) / fine ** 0.6
    steep = np.diff(height, axis=0, append=height[-1:]) * side / 20
    glint = np.clip(0.7 * (steep - 2.2), 0, 0.5)[:, :, None]
    return ramp(squash(1.1 * steep), ((0.03, 0.16, 0.25), (0.10, 0.33, 0.43), (0.36, 0.58, 0.66), (0.66, 0.80, 0.86))) + glint


def bark(rng, side):
    """Ridges and cracks along a trunk."""
    x, _ = grid(side)
    ridges = np.rot90(spectrum(rng, side, 1.3, 5.0))
    crack = np.abs(np.sin(math.pi * (6 * x + 1.1 * np.rot90(spectrum(rng, side, 2.0, 2.5)))))
    tone = np.clip(0.2 + 0.5 * crack ** 0.6 + 0.11 * ridges + 0.05 * spectrum(rng, side, 0.8), 0, 1)
    moss = squash(3 * spectrum(rng, side, 1.9) - 4.0)[:, :, None]
    trunk = ramp(tone, ((0.09, 0.07, 0.06), (0.30, 0.24, 0.19), (0.50, 0.43, 0.36), (0.68, 0.63, 0.56)))
    return (trunk * (1 - 0.6 * moss) + 0.6 * moss * np.array([0.34, 0.40, 0.16])) * lit(crack * 5 + ridges * 0.4, 0.25)


def gravel(rng, side):
    """Pebbles thrown over each other, each round, with its shadow."""
    surface = cairo.ImageSurface(cairo.FORMAT_RGB24, side, side)
    ctx = cairo.Context(surface)
    ctx.set_source_rgb(0.14, 0.13, 0.12)
    ctx.paint()
    for i in range(1100):
        size = side * (0.045 - 0.028 * i / 1100) * rng.uniform(0.7, 1.3)
        x, y, tint, warm = *rng.uniform(0, side, 2), rng.uniform(0.3, 0.78), rng.uniform(-0.05, 0.06)
        for paint in ("shadow", "pebble"):
            ctx.save()
            ctx.translate(x + (0.22 * size if paint == "shadow" else 0), y + (0.28 * size if paint == "shadow" else 0))
            ctx.rotate(tint * 9)
            ctx.scale(size, size * (0.62 + 0.3 * abs(math.sin(tint * 40))))
            ctx.arc(0, 0, 1, 0, 2 * math.pi)
            ctx.restore()
            if paint == "shadow":
                ctx.set_source_rgba(0.05, 0.05, 0.06, 0.6)
            else:
                light = cairo.RadialGradient(x - 0.4 * size, y - 0.4 * size, 0, x, y, 1.3 * size)
                for at, k in ((0, 1.15), (0.5, 0.95), (1, 0.5)):
                    light.add_color_stop_rgb(at, (tint + warm) * k, tint * k, (tint - warm) * k)
                ctx.set_source(light)
            ctx.fill()
    rows = np.frombuffer(surface.get_data(), np.uint8).reshape(side, -1, 4)[:, :side, 2::-1]
    return np.clip(rows / 255.0 + 0.025 * spectrum(rng, side, 0.5)[:, :, None], 0, 1)


def blurred(p):
    """A lens is never quite sharp: a small triangle in both directions."""
    for axis in (0, 1):
        p = 0.25 * np.roll(p, 1, axis) + 0.5 * p + 0.25 * np.roll(p, -1, axis)
    return p


def texture(name, seed, side=256):
    """uint8 [side, side, 3]: the surface, through a lens that darkens corners, on film with grain."""
    rng = np.random.default_rng(((NAMES + UNSEEN).index(name), seed))
    x, y = grid(side)
    picture = blurred(globals()[name](rng, side))
    falloff = 1 - 0.35 * ((x - rng.uniform(0.35, 0.65)) ** 2 + (y - rng.uniform(0.3, 0.6)) ** 2)
    film = rng.normal(0, 0.012, (side, side, 1)) + rng.normal(0, 0.006, (side, side, 3))
    return (np.clip(picture * falloff[:, :, None] + film, 0, 1) * 255 + 0.5).astype(np.uint8)
