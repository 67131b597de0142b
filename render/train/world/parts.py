"""Parts that many made things share: windows, doors, wheels, smoke, flags. Each is drawn with the thing's own pen.

Knows the pen and the palette; of the things themselves it knows nothing (things_*.py).
"""
import math
from contextlib import contextmanager

from .palette import darker, lighter


def beside(p, paint="main", k=0.24):
    """The paint of a wall that turns to the right of the thing's front: in shade or, where the light is there, lit."""
    c = p.colour(paint)[0]
    return darker(c, k) if p.look.side * p.flip < 0 else lighter(c, 0.5 * k)


def other(p, first, second):
    """`first`, unless it can hardly be told from the thing's colour."""
    a = p.colour(first)[0]
    return first if sum(abs(a[i] - p.main[i]) for i in range(3)) > 0.42 else second


def ring(x, y, r, n, turn=0.0):
    """Points of a circle of n, beginning at `turn` degrees."""
    return [(x + r * math.cos(math.radians(turn + 360 * i / n)), y + r * math.sin(math.radians(turn + 360 * i / n))) for i in range(n)]


def arched(p, x, y, w, h, paint, form="flat"):
    """An upright opening with a round top; x is its middle, y its foot."""
    r = w / 2
    top = [(x + r * math.cos(math.radians(a)), y + h - r + r * math.sin(math.radians(a))) for a in range(0, 181, 18)]
    p.poly([(x - r, y), (x + r, y)] + top, paint, form)


def window(p, x, y, w, h, frame="trim", arch=False, bars=True, edge=0.018):
    """A window that is lit at night; x is its middle, y its sill."""
    draw = (lambda a, b, c, d, e: arched(p, a, b, c, d, e)) if arch else (lambda a, b, c, d, e: p.rect(a - c / 2, b, a + c / 2, b + d, e))
    draw(x, y - edge, w + 2 * edge, h + 2 * edge, frame)
    draw(x, y, w, h, "window")
    if bars:
        p.line([(x, y), (x, y + h)], frame, 0.016)
        p.line([(x - w / 2, y + 0.52 * h), (x + w / 2, y + 0.52 * h)], frame, 0.016)
    p.glow(x, y + h / 2, 1.7 * max(w, h), "window", 0.12 if p.look.style == "neon" else 0.28)


def door(p, x, y, w, h, paint="wood", frame="trim", arch=True):
    """A door with a knob; x is its middle."""
    if arch:
        arched(p, x, y, w + 0.035, h + 0.02, frame)
        arched(p, x, y, w, h, paint, "slope")
    else:
        p.rect(x - w / 2 - 0.018, y, x + w / 2 + 0.018, y + h + 0.018, frame)
        p.rect(x - w / 2, y, x + w / 2, y + h, paint, "slope")
    p.dot(x + 0.28 * w, y + 0.45 * h, 0.014, paint="gold")


def wheel(p, x, y, r, tyre="rubber", rim="metal", spokes=5, turns=2, hub=0.6):
    """A wheel that rolls to the right, `turns` times in one movement."""
    p.oval(x, y, r, r, tyre, "flat")
    p.oval(x, y, hub * r, hub * r, rim, "flat")
    for a, b in zip(ring(x, y, 0.16 * r, spokes, -360 * turns * p.phase), ring(x, y, 0.82 * hub * r, spokes, -360 * turns * p.phase)):
        p.line([a, b], tyre, 0.16 * r)
    p.dot(x, y, 0.2 * r, paint=tyre)


def smoke(p, x, y, size=0.07, rise=0.2, drift=0.12, n=3, paint="cloth"):
    """Puffs that leave a chimney, grow and vanish."""
    for i in range(n):
        t = (p.phase + i / n + 0.12) % 1.0
        r = size * math.sin(math.pi * t ** 0.7)
        if r > 0.012:
            p.oval(x + drift * t * t + 0.012 * p.wave(1, i / n), y + rise * t, r, 0.88 * r, paint, "ball")


def pennant(p, x, y, length, height, paint="main", forked=False):
    """A flag that waves to the right of its pole at x; y is its upper edge."""
    n, up, down = 6, [], []
    for i in range(n + 1):
        k = i / n
        dy = 0.22 * height * k * p.wave(1, 0.7 * k)
        slim = 0.0 if forked else 0.5 * height * k
        up.append((x + length * k, y - slim + dy))
        down.append((x + length * k, y - height + slim + dy))
    tip = [(x + 0.78 * length, (up[-1][1] + down[-1][1]) / 2)] if forked else []
    p.poly(up + tip + down[::-1], paint)


@contextmanager
def afloat(p, degrees=2.2, lift=0.012):
    """What is drawn inside rocks to and fro about the thing's foot, as a boat does on the water."""
    x, y = p.at(0, 0)
    p.ctx.save()
    p.ctx.translate(x, y - round(lift * p.size * p.wave(2, 0.1), 6))
    p.ctx.rotate(p.flip * math.radians(round(degrees * p.wave(), 6)))
    p.ctx.translate(-x, -y)
    yield
    p.ctx.restore()
