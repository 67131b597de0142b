"""The six styles: what the pen must do (pen_style) and what becomes of the finished picture (finish). Knows pixels, no scenes."""

import cairo
import numpy as np
from PIL import Image, ImageFilter


def pen_style(style):
    """How the pen draws: "ink" (outlines on paper), "neon" (bright lines on black), else "flat"."""
    return style if style in ("ink", "neon") else "flat"


def blur(x, radius):
    """Two box filters of 2 radius + 1 pixels along each axis; the border repeats. x [h, w] or [h, w, c]."""
    n = 2 * radius + 1
    for axis in (0, 1, 0, 1):
        wide = np.take(x, np.clip(np.arange(-radius - 1, x.shape[axis] + radius), 0, x.shape[axis] - 1), axis=axis)
        sums = np.cumsum(wide, axis=axis, dtype=np.float32)
        high, low = np.arange(n, n + x.shape[axis]), np.arange(0, x.shape[axis])
        x = (np.take(sums, high, axis=axis) - np.take(sums, low, axis=axis)) / n
    return x


def clouds(rng, h, w, scale):
    """Smooth noise around 0, deviation about 1, with spots of `scale` pixels."""
    small = rng.standard_normal((h // scale + 3, w // scale + 3)).astype(np.float32)
    big = np.asarray(Image.fromarray(small).resize((w, h), Image.BICUBIC))
    return big / (big.std() + 1e-6)


def grain(rng, h, w):
    return rng.standard_normal((h, w, 1)).astype(np.float32)


PAPER = np.array((0.985, 0.975, 0.95), np.float32)


def wash(x, dy, dx):
    """Colours that have run a little: moved by dy, dx and flattened to patches. x uint8 -> float32 from 0 to 1."""
    h, w, _ = x.shape
    rows = np.clip(np.arange(h)[:, None] + np.rint(dy).astype(int), 0, h - 1)
    moved = x.reshape(-1, 3)[rows * w + np.clip(np.arange(w) + np.rint(dx).astype(int), 0, w - 1)]
    flat = Image.fromarray(moved).filter(ImageFilter.MedianFilter(3)).filter(ImageFilter.BoxBlur(0.6))
    return np.asarray(flat, np.float32) / 255


def watercolour(x, rng):
    """Washes of clear colour on white paper: they run, dry darker along their edges and settle in the paper's grain; in every fourth
    picture the paper shows around them."""
    h, w, _ = x.shape
    k = min(h, w) / 256
    wide = clouds(rng, h, w, max(3, int(18 * k))), clouds(rng, h, w, max(3, int(18 * k)))
    fine = clouds(rng, h, w, max(2, int(5 * k)))
    x = wash((x * 255).astype(np.uint8), (1.5 * wide[0] + 0.6 * fine) * k, (1.5 * wide[1] - 0.6 * fine) * k)
    tone = x @ np.array((0.3, 0.55, 0.15), np.float32)
    around = np.asarray(Image.fromarray((tone * 255).astype(np.uint8)).filter(ImageFilter.GaussianBlur(2.4 * k)), np.float32) / 255
    rim = np.clip(np.clip(around - tone - 0.012, 0, 0.25) * 2.6 + np.clip(tone - around - 0.03, 0, 0.2) * 0.5, 0, 0.42)
    grey = tone[..., None]
    x = grey + (x - grey) * 1.22 + 0.035 * (1 - grey)
    pools = clouds(rng, h, w, max(4, int(44 * k)))
    grains = clouds(rng, h, w, 2) * 0.6 + rng.standard_normal((h, w)).astype(np.float32) * 0.5
    dense = 0.86 + 0.06 * (1 - tone) + 0.06 * pools + 0.04 * fine + (0.05 + 0.06 * (1 - tone)) * grains * (0.25 + around)
    out = PAPER * (1 - (1 - x) * np.clip(dense, 0.55, 1.1)[..., None]) * (1 - rim)[..., None]
    if rng.random() < 0.25:
        yy, xx = np.arange(h, dtype=np.float32)[:, None], np.arange(w, dtype=np.float32)
        edge = np.minimum(np.minimum(xx, w - 1 - xx), np.minimum(yy, h - 1 - yy)) / (0.036 * min(h, w)) + 0.3 * wide[0] + 0.22 * fine
        bare = np.clip(3.2 - 3 * edge, 0, 1)[..., None]
        pool = np.clip(1 - np.abs(edge - 1.25) * 2.4, 0, 1)[..., None]
        out = out * (1 - 0.16 * pool) * (1 - bare) + PAPER * (1 - 0.012 * grains[..., None]) * bare
    return out


BAYER = np.array([[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]], np.float32) / 16 - 0.47


def ramps():
    """The colours of pixel art: ramps of fourteen hues, strong and pale, and of grey; shadows lean to blue, lights to yellow."""
    out = [(v, v, min(1.0, v * 0.97 + 0.035)) for v in (0.03, 0.12, 0.23, 0.36, 0.5, 0.64, 0.78, 0.9, 0.98)]
    for hue in (0, 0.4, 0.62, 0.82, 1.3, 2, 2.5, 2.9, 3.3, 3.7, 4.2, 4.7, 5.2, 5.6):
        pure = np.clip(np.abs((hue + np.array([0, 4, 2])) % 6 - 3) - 1, 0, 1)
        aside = pure - pure @ (0.299, 0.587, 0.114)
        for strong, levels in ((0.88, (0.14, 0.24, 0.36, 0.5, 0.65, 0.82)), (0.42, (0.14, 0.26, 0.4, 0.55, 0.7, 0.85))):
            for v in levels:
                most = min((1 - v) / d if d > 0 else v / -d for d in aside if abs(d) > 1e-6)
                warm = np.array((0.05, 0.025, -0.04)) if v > 0.5 else np.array((0.0, -0.01, 0.04))
                out.append(tuple(np.clip(v + aside * min(most, 1.1) * strong + warm * abs(v - 0.5), 0, 1)))
    return np.array(out, np.float32)


RAMPS = ramps()
EYE = np.sqrt(np.array((0.35, 0.45, 0.2), np.float32))  # how much a difference in red, green and blue counts


def shrink(x, rows, columns):
    """Means of the cells of a grid that need not divide the sides."""
    h, w, _ = x.shape
    ys, xs = np.arange(rows) * h // rows, np.arange(columns) * w // columns
    sums = np.add.reduceat(np.add.reduceat(x, ys, 0), xs, 1)
    return sums / (np.diff(np.append(ys, h))[:, None, None] * np.diff(np.append(xs, w))[None, :, None])


def pixel(x, rng):
    """64 cells a side in the colours of fixed ramps, so that one spot's colours never depend on another's; dithered where it is smooth."""
    h, w, _ = x.shape
    cells = 64 if min(h, w) >= 128 else 32
    rows, columns = max(1, h * cells // min(h, w)), max(1, w * cells // min(h, w))
    yy, xx = (2 * np.arange(rows) + 1) * h // (2 * rows), (2 * np.arange(columns) + 1) * w // (2 * columns)
    small = 0.45 * shrink(x, rows, columns) + 0.55 * x[yy][:, xx]  # sharper than a mean
    around = np.pad(small, ((1, 1), (1, 1), (0, 0)), mode="edge")
    rough = sum(np.abs(small - around[1 + dy : rows + 1 + dy, 1 + dx : columns + 1 + dx]).max(2) for dy, dx in ((0, 1), (1, 0), (0, -1), (-1, 0)))
    dither = np.tile(BAYER, (rows // 4 + 1, columns // 4 + 1))[:rows, :columns] * np.where(rough < 0.12, 0.075, 0.0)
    flat = ((small + dither[..., None]) * EYE).reshape(-1, 3)
    ramp = RAMPS * EYE
    near = RAMPS[((ramp ** 2).sum(1) - 2 * flat @ ramp.T).argmin(1)].reshape(rows, columns, 3)
    return near[np.arange(h) * rows // h][:, np.arange(w) * columns // w]


def ink(x, rng):
    """Hatching where it is dark, and the paper's grain."""
    h, w, _ = x.shape
    k = h / 256
    yy, xx = np.mgrid[:h, :w].astype(np.float32)
    tone = blur(x.mean(2), max(1, int(3 * k)))
    line = clouds(rng, h, w, max(4, int(22 * k))) * 0.7 * k
    for limit, slope in ((0.62, 1.0), (0.42, -0.8)):
        stripe = np.abs(((xx + slope * yy + line) / (5.2 * k)) % 1.0 - 0.5)
        x = x * (1 - 0.34 * ((stripe < 0.12 + 0.25 * np.clip(limit - tone, 0, 0.3)) & (tone < limit)))[..., None]
    return x * (1 + 0.012 * grain(rng, h, w))


def edges(x, rng):
    """How much the colour changes at each pixel, with a little chance where it does not."""
    tone, hue = x @ np.array((0.4, 0.4, 0.2), np.float32), x[..., 0] - x[..., 2]
    return sum(np.abs(np.gradient(p, axis=a)) for p in (tone, hue) for a in (0, 1)) + 0.03 * rng.random(tone.shape, np.float32)


def corners(edge, cell):
    """A grid of points [rows + 1, columns + 1, 2] (x, y) in which each inner point lies on the strongest edge near it."""
    h, w = edge.shape
    rows, columns = h // cell, w // cell
    half, room = cell // 2, cell * 3 // 4
    inner = edge[half : half + (rows - 1) * cell, half : half + (columns - 1) * cell].reshape(rows - 1, cell, columns - 1, cell).transpose(0, 2, 1, 3)
    gap = (cell - room) // 2
    at = inner[:, :, gap : gap + room, gap : gap + room].reshape(rows - 1, columns - 1, -1).argmax(2)
    points = np.stack(np.meshgrid(np.linspace(0, w, columns + 1), np.linspace(0, h, rows + 1)), 2).astype(np.float32)
    points[1:-1, 1:-1, 0] = half + gap + np.arange(columns - 1) * cell + at % room + 0.5
    points[1:-1, 1:-1, 1] = half + gap + (np.arange(rows - 1) * cell)[:, None] + at // room + 0.5
    return points


def busy(edge, rows, columns):
    """Which cells of a grid have a strong edge in them or beside them, bool [rows * columns]."""
    h, w = edge.shape
    ys, xs = np.arange(rows) * h // rows, np.arange(columns) * w // columns
    strong = np.pad(np.maximum.reduceat(np.maximum.reduceat(edge, ys, 0), xs, 1) > 0.2, 1)
    return sum(strong[1 + dy : rows + 1 + dy, 1 + dx : columns + 1 + dx] for dy in (0, 1, -1) for dx in (0, 1, -1)).ravel() > 0


def sample(x, triangles):
    """The colour of each triangle [n, 3, 2]: of eight spots in it the middle ones, so that a star does not colour the sky around it."""
    h, w, _ = x.shape
    middle = triangles.mean(1, keepdims=True)
    spots = np.concatenate([middle, middle, middle * 0.55 + triangles * 0.45, middle * 0.6 + (triangles + np.roll(triangles, 1, 1)) * 0.2], 1).astype(int)
    colours = x[np.clip(spots[..., 1], 0, h - 1), np.clip(spots[..., 0], 0, w - 1)]
    colours.sort(1)
    return colours[:, 2:6].mean(1)


def facets(ctx, x, grid, shade, which):
    """Fills two triangles of each cell that `which` names, cut where its halves differ most."""
    a, b, c, d = (p.reshape(-1, 2)[which] for p in (grid[:-1, :-1], grid[:-1, 1:], grid[1:, 1:], grid[1:, :-1]))
    halves = [np.stack(t, 1) for t in ((a, b, c), (a, c, d), (a, b, d), (b, c, d))]
    colours = [sample(x, t) for t in halves]
    first = (np.abs(colours[0] - colours[1]).sum(1) >= np.abs(colours[2] - colours[3]).sum(1))[:, None]
    for k in (0, 1):
        triangles = np.where(first[..., None], halves[k], halves[2 + k]).reshape(-1, 6).tolist()
        filled = np.clip(np.where(first, colours[k], colours[2 + k]) * (1.02 + shade[k][which]), 0, 1).tolist()
        for (x0, y0, x1, y1, x2, y2), colour in zip(triangles, filled):
            ctx.set_source_rgb(*colour)
            ctx.move_to(x0, y0)
            ctx.line_to(x1, y1)
            ctx.line_to(x2, y2)
            ctx.fill()


def lowpoly(x, rng):
    """Triangles whose corners lie on edges, each in one colour and a shade of its own: large ones, and small ones where there is more to see."""
    h, w, _ = x.shape
    edge, cell = edges(x, rng), max(3, min(h, w) // 48)
    under = np.zeros((h, w, 4), np.uint8)  # shows in the seams, so it is the picture itself
    under[..., :3] = x[..., ::-1] * 255
    surface = cairo.ImageSurface.create_for_data(under, cairo.FORMAT_RGB24, w, h)
    ctx = cairo.Context(surface)
    ctx.set_antialias(cairo.ANTIALIAS_FAST)
    for size, swing in ((3 * cell, 0.04), (cell, 0.03)):
        grid = corners(edge, size)
        rows, columns = grid.shape[0] - 1, grid.shape[1] - 1
        shade = rng.normal(0, swing, (2, rows * columns, 1)).astype(np.float32)
        facets(ctx, x, grid, shade, np.ones(rows * columns, bool) if size > cell else busy(edge, rows, columns))
    surface.flush()
    return under[..., 2::-1].astype(np.float32) / 255


def neon(x, rng):
    """The lines shine into the dark around them: a close glow, a wide one, and haze above the ground."""
    h, w, _ = x.shape
    k = min(h, w) / 256
    bright = np.clip(x - 0.28, 0, 1) * (x.max(2, keepdims=True) > 0.4)
    light = Image.fromarray((bright * 255).astype(np.uint8))
    near = np.asarray(light.filter(ImageFilter.BoxBlur(1.6 * k)), np.float32)
    wide = np.asarray(light.resize((w // 2, h // 2), Image.BILINEAR).filter(ImageFilter.GaussianBlur(5 * k)).resize((w, h), Image.BILINEAR), np.float32)
    return x * 0.94 + near * (0.75 / 255) + wide * (1.15 / 255)


FINISHES = {"watercolour": watercolour, "pixel": pixel, "ink": ink, "lowpoly": lowpoly, "neon": neon}


def finish(pixels, style, seed):
    """uint8 [h, w, 3] -> uint8 of the same size, in the style; the seed decides its accidents."""
    if style not in FINISHES:
        return pixels
    out = FINISHES[style](pixels.astype(np.float32) / 255, np.random.default_rng(seed))
    return (np.clip(out, 0, 1) * 255 + 0.5).astype(np.uint8)
