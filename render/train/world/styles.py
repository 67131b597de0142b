"""The six styles: what the pen must do (pen_style) and what becomes of the finished picture (finish). Knows pixels, no scenes."""

import cairo
import numpy as np
from PIL import Image


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


def watercolour(x, rng):
    """Colours that run, dry darker at their edges and settle in the paper's grain; white paper at the border now and then."""
    h, w, _ = x.shape
    k = h / 256
    dy, dx = (clouds(rng, h, w, max(3, int(9 * k))) * 1.3 * k for _ in range(2))
    yy, xx = np.mgrid[:h, :w]
    x = x[np.clip(yy + dy, 0, h - 1).astype(int), np.clip(xx + dx, 0, w - 1).astype(int)]
    soft = 0.45 * x + 0.55 * blur(x, 1)
    edges = np.abs(soft - blur(soft, max(2, int(3 * k)))).max(2, keepdims=True)
    out = soft * (1 - np.clip(edges * 2.0, 0, 0.4))
    wash = clouds(rng, h, w, max(4, int(34 * k)))[..., None]
    out = 1 - (1 - out) * (0.84 + 0.045 * wash).clip(0.66, 1.05)
    out = out * (1 + 0.05 * blur(grain(rng, h, w), 1))
    if rng.random() < 0.5:
        edge = np.minimum(np.minimum(xx, w - 1 - xx), np.minimum(yy, h - 1 - yy)) / (0.05 * h) + 0.45 * clouds(rng, h, w, max(3, int(12 * k)))
        paper = np.clip(1.4 - edge, 0, 1)[..., None]
        out = out * (1 - paper) + np.float32((0.985, 0.975, 0.95)) * paper
    return out


BAYER = np.array([[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]], np.float32) / 16 - 0.47


def ramps():
    """The colours of pixel art: ramps of twelve hues, strong and pale, and of grey; shadows lean to blue, lights to yellow."""
    out = [(v, v, min(1.0, v * 0.97 + 0.035)) for v in (0.03, 0.12, 0.23, 0.36, 0.5, 0.64, 0.78, 0.9, 0.98)]
    for hue in range(12):
        for strong, levels in ((1.0, (0.16, 0.3, 0.46, 0.62, 0.8)), (0.5, (0.14, 0.26, 0.4, 0.55, 0.7, 0.85))):
            for v in levels:
                pure = np.clip(np.abs((hue / 2 + np.array([0, 4, 2])) % 6 - 3) - 1, 0, 1)
                c = v + (pure - pure @ (0.299, 0.587, 0.114)) * strong * (0.75 - abs(v - 0.5))
                out.append(tuple(np.clip(c + (np.array((0.06, 0.03, -0.05)) if v > 0.5 else np.array((0.0, -0.01, 0.05))) * abs(v - 0.5), 0, 1)))
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


def lowpoly(x, rng):
    """Triangles whose corners lie on edges; each one colour, some a little lighter."""
    h, w, _ = x.shape
    cell = max(5, h // 24)
    tone = blur(x.mean(2), 1)
    strength = np.abs(np.gradient(tone, axis=0)) + np.abs(np.gradient(tone, axis=1)) + 0.004 * rng.random((h, w)).astype(np.float32)
    rows, columns = h // cell + 1, w // cell + 1
    points = np.zeros((rows + 1, columns + 1, 2), np.float32)
    for i in range(rows + 1):
        for j in range(columns + 1):
            y, x0 = min(i * cell, h), min(j * cell, w)
            if 0 < i < rows and 0 < j < columns:
                a, b = max(y - cell * 2 // 5, 0), max(x0 - cell * 2 // 5, 0)
                part = strength[a : y + cell * 2 // 5 + 1, b : x0 + cell * 2 // 5 + 1]
                if part.size:
                    at = int(part.argmax())
                    y, x0 = a + at // part.shape[1], b + at % part.shape[1]
            points[i, j] = (x0, y)
    surface = cairo.ImageSurface(cairo.FORMAT_RGB24, w, h)
    ctx = cairo.Context(surface)
    ctx.set_antialias(cairo.ANTIALIAS_FAST)
    for i in range(rows):
        for j in range(columns):
            a, b, c, d = points[i, j], points[i, j + 1], points[i + 1, j + 1], points[i + 1, j]
            for t in (((a, b, c), (a, c, d)) if (i + j) % 2 else ((a, b, d), (b, c, d))):
                facet(ctx, x, t, rng.uniform(0.94, 1.06))
    surface.flush()
    raw = np.frombuffer(surface.get_data(), np.uint8).reshape(h, surface.get_stride() // 4, 4)[:, :w]
    return raw[:, :, 2::-1].astype(np.float32) / 255


def facet(ctx, x, corners, shine):
    h, w, _ = x.shape
    mx, my = sum(p[0] for p in corners) / 3, sum(p[1] for p in corners) / 3
    picks = [(0.55 * mx + 0.45 * p[0], 0.55 * my + 0.45 * p[1]) for p in corners] + [(mx, my)]
    c = sum(x[min(int(py), h - 1), min(int(px), w - 1)] for px, py in picks) / 4 * shine
    ctx.set_source_rgb(*(min(float(v), 1.0) for v in c))
    ctx.move_to(*corners[0])
    ctx.line_to(*corners[1])
    ctx.line_to(*corners[2])
    ctx.close_path()
    ctx.fill_preserve()
    ctx.set_line_width(0.7)
    ctx.stroke()


def neon(x, rng):
    """The lines shine into the dark around them."""
    k = x.shape[0] / 256
    bright = np.clip(x - 0.30, 0, 1) * (x.max(2, keepdims=True) > 0.4)
    near, wide = blur(bright, max(1, int(2 * k))), blur(bright, max(2, int(7 * k)))
    return x * 0.92 + 0.75 * near + 0.9 * wide


FINISHES = {"watercolour": watercolour, "pixel": pixel, "ink": ink, "lowpoly": lowpoly, "neon": neon}


def finish(pixels, style, seed):
    """uint8 [h, w, 3] -> uint8 of the same size, in the style; the seed decides its accidents."""
    if style not in FINISHES:
        return pixels
    out = FINISHES[style](pixels.astype(np.float32) / 255, np.random.default_rng(seed))
    return (np.clip(out, 0, 1) * 255 + 0.5).astype(np.uint8)
