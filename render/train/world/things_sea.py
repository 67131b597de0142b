"""Animals of the sea, the pond and the beach. y = 0 is the water line, or the ground under those that walk.

Knows only the pen; where an animal is and how large, the scene says.
"""
import math

from .kinds import kind
from .things_animals import eye, leg


def ripples(p, x0, x1, y=-0.02):
    """Lines of water before something that floats."""
    p.line([(x0, y), (0.5 * (x0 + x1), y - 0.03), (x1, y)], "ice", 0.025, True)


def splash(p, x, wide=0.2, high=0.16):
    """Water thrown up around something that leaps."""
    k = 0.85 + 0.15 * p.wave(2)
    p.blob([(x - wide, -0.02), (x - 0.8 * wide, 0.5 * high * k), (x - 0.45 * wide, 0.25 * high), (x - 0.1 * wide, high * k), (x + 0.15 * wide, 0.3 * high),
            (x + 0.7 * wide, 0.7 * high * k), (x + 0.75 * wide, 0.15 * high), (x + wide, -0.02)], "ice", "flat")
    for dx, dy, r in ((-1.0, 0.9, 0.022), (-0.4, 1.2, 0.018), (0.45, 1.3, 0.022), (1.05, 0.8, 0.016)):
        p.dot(x + dx * wide, dy * high * k, r, 1.3 * r, "chalk")


@kind("fish", "fish, leaping fish", plural="fish", home="water", tall=0.26, wide=1.0, own="orange", moves="float")
def fish(p):
    b = 0.03 * p.wave()
    t = 0.05 * p.wave(2)
    p.blob([(-0.28, 0.5 + b), (-0.44 + t, 0.44 + b), (-0.5 + t, 0.26 + b), (-0.36 + t, 0.3 + b), (-0.24 + t, 0.18 + b), (-0.2, 0.36 + b)], "dark", "slope")
    p.blob([(-0.16, 0.74 + b), (-0.1, 0.93 + b), (0.06, 0.99 + b), (0.2, 0.9 + b), (0.14, 0.78 + b)], "dark", "slope")
    p.blob([(0.48, 0.66 + b), (0.4, 0.8 + b), (0.22, 0.88 + b), (0.0, 0.84 + b), (-0.18, 0.7 + b), (-0.3, 0.5 + b), (-0.27, 0.4 + b), (-0.12, 0.38 + b),
            (0.1, 0.42 + b), (0.32, 0.5 + b)], "main")
    p.blob([(0.44, 0.6 + b), (0.3, 0.6 + b), (0.1, 0.5 + b), (-0.14, 0.44 + b), (-0.1, 0.39 + b), (0.12, 0.43 + b), (0.32, 0.51 + b)], "light", "flat")
    banded = p.coin(0.4)
    for x in (0.1, -0.08) if banded else ():
        p.limb([(x, 0.84 + x + b - 0.1), (x + 0.06, 0.66 + 0.6 * x + b), (x + 0.08, 0.5 + 0.4 * x + b)], (0.06, 0.08, 0.05), "cream", "slope")
    for x, y in () if banded else ((0.1, 0.74), (0.0, 0.64), (-0.09, 0.56), (-0.02, 0.76), (-0.11, 0.66)):
        p.line([(x + 0.02, y + 0.05 + b), (x - 0.025, y + b), (x + 0.03, y - 0.04 + b)], "dark", 0.018, True)
    p.blob([(0.14, 0.6 + b), (0.06, 0.44 + b - 0.5 * t), (-0.06, 0.42 + b - t), (-0.02, 0.54 + b)], "dark", "slope")
    p.line([(0.22, 0.82 + b), (0.18, 0.7 + b), (0.24, 0.58 + b)], "dark", 0.02, True)
    eye(p, 0.32, 0.73 + b, 0.045)
    p.line([(0.4, 0.62 + b), (0.44, 0.64 + b), (0.48, 0.65 + b)], "nose", 0.018, True)
    p.dot(0.3, 0.63 + b, 0.036, 0.026, "blush")
    splash(p, -0.2, 0.26, 0.14)


@kind("whale", "whale, spouting whale", home="water", tall=0.34, wide=1.62, own="blue", moves="float")
def whale(p):
    b, k = 0.015 * p.wave(), 0.03 * p.wave(2)
    for q in (-1, 1):
        p.limb([(0.28, 0.6 + b), (0.28 + 0.04 * q, 0.84 + k), (0.28 + 0.16 * q, 0.96 + k), (0.28 + 0.24 * q, 0.84 + k)], (0.05, 0.06, 0.07, 0.03), "chalk")
    for x, y in ((0.07, 0.76), (0.49, 0.78), (0.28, 0.98)):
        p.dot(x, y - k, 0.02, 0.028, "chalk")
    t = 0.03 * p.wave(1, 0.2)
    for q in (-1, 1):
        p.blob([(-0.62 - 0.02 * q, 0.58 + t), (-0.62 + 0.08 * q, 0.7 + t), (-0.64 + 0.2 * q, 0.76 + t), (-0.66 + 0.17 * q, 0.64 + t),
                (-0.64 + 0.06 * q, 0.55 + t)], "main" if q > 0 else "dark", "slope")
    p.blob([(0.76, 0.24 + b), (0.7, 0.46 + b), (0.48, 0.61 + b), (0.2, 0.64 + b), (-0.1, 0.52 + b), (-0.34, 0.36 + b), (-0.52, 0.38 + b), (-0.58, 0.6 + t),
            (-0.68, 0.6 + t),
            (-0.7, 0.34 + b), (-0.6, 0.1), (-0.36, -0.02), (0.1, -0.05), (0.5, -0.04), (0.7, 0.03)], "main")
    p.blob([(0.76, 0.22 + b), (0.56, 0.2 + b), (0.2, 0.1 + b), (-0.2, 0.0), (0.1, -0.05), (0.5, -0.04), (0.7, 0.03)], "light", "slope")
    for x in (0.22, 0.36, 0.5):
        p.line([(x - 0.1, 0.05), (x + 0.06, 0.06), (x + 0.2, 0.1)], "dark", 0.014, True)
    p.line([(0.75, 0.24 + b), (0.62, 0.24 + b), (0.53, 0.29 + b)], "nose", 0.02, True)
    p.blob([(0.28, 0.16 + b), (0.16, 0.14), (0.02, 0.02 - t), (0.08, -0.02 - t), (0.24, 0.05)], "dark", "slope")
    eye(p, 0.5, 0.36 + b, 0.045)
    p.dot(0.42, 0.28 + b, 0.045, 0.03, "blush")
    for x, y, r in ((0.3, 0.5, 0.03), (0.16, 0.46, 0.024), (0.08, 0.38, 0.03), (-0.1, 0.34, 0.026), (-0.26, 0.24, 0.03),
                    (-0.42, 0.2, 0.022))[:p.rng.choice((2, 4, 6))]:
        p.dot(x, y + b, r, 0.7 * r, "light")
    ripples(p, -0.76, -0.2)
    ripples(p, 0.3, 0.8)


@kind("dolphin", "dolphin, leaping dolphin, porpoise", home="water", tall=0.3, wide=1.44, own="blue", moves="float")
def dolphin(p):
    b, t = 0.03 * p.wave(), 0.04 * p.wave(1, 0.2)
    for q in (-1, 1):
        p.blob([(-0.52, 0.28 + b), (-0.58 + 0.1 * q, 0.2 + t), (-0.58 + 0.17 * q, 0.08 + t - 0.03 * q), (-0.56 + 0.03 * q, 0.14 + t)],
               "dark" if q > 0 else "main", "slope")
    p.blob([(-0.14, 0.84 + b), (-0.26, 1.0 + b), (-0.33, 0.98 + b), (-0.32, 0.76 + b)], "dark", "slope")
    p.blob([(0.64, 0.42 + b), (0.6, 0.5 + b), (0.5, 0.6 + b), (0.4, 0.76 + b), (0.2, 0.88 + b), (-0.06, 0.88 + b), (-0.32, 0.76 + b), (-0.5, 0.5 + b),
            (-0.56, 0.26 + b), (-0.5, 0.25 + b),
            (-0.36, 0.46 + b), (-0.14, 0.56 + b), (0.12, 0.56 + b), (0.34, 0.49 + b), (0.48, 0.46 + b), (0.58, 0.38 + b)], "main")
    p.blob([(0.57, 0.395 + b), (0.5, 0.5 + b), (0.34, 0.6 + b), (0.1, 0.64 + b), (-0.16, 0.6 + b), (-0.38, 0.45 + b), (-0.14, 0.555 + b), (0.12, 0.555 + b),
            (0.34, 0.485 + b), (0.48, 0.455 + b)], "light", "flat")
    p.blob([(0.2, 0.62 + b), (0.12, 0.5 + b), (0.02, 0.38 + b - t), (-0.03, 0.44 + b), (0.04, 0.62 + b)], "dark", "slope")
    p.line([(0.63, 0.44 + b), (0.52, 0.51 + b), (0.45, 0.52 + b)], "nose", 0.016, True)
    p.line([(0.2, 0.82 + b), (0.06, 0.83 + b), (-0.06, 0.81 + b)], "light", 0.025, True)
    for x, y in ((-0.2, 0.74), (-0.28, 0.66), (-0.12, 0.7)) if p.coin(0.4) else ():
        p.dot(x, y + b, 0.018, 0.014, "light")
    eye(p, 0.39, 0.62 + b, 0.036)
    p.dot(0.33, 0.57 + b, 0.036, 0.025, "blush")
    splash(p, -0.46, 0.24, 0.15)
    ripples(p, 0.2, 0.6)


@kind("octopus", "octopus, friendly octopus", plural="octopuses", home="water", tall=0.28, wide=1.12, own="purple", moves="float")
def octopus(p):
    b = 0.015 * p.wave()
    for i, (x, rx, top) in enumerate(((-0.2, -0.48, 0.32), (0.2, 0.48, 0.34), (-0.14, -0.36, 0.14), (0.14, 0.36, 0.15))):
        w = 0.04 * p.wave(1, 0.15 * i)
        q = 1 if rx > 0 else -1
        p.limb([(x, 0.26), (0.8 * rx, 0.06), (rx + 0.02 * q, 0.5 * top + 0.05 + w), (rx - 0.03 * q, top + w), (rx - 0.12 * q, top - 0.02 + w)],
               (0.16, 0.13, 0.1, 0.07, 0.04), "main" if i < 2 else "dark", "slope")
        for y in (0.35, 0.6, 0.85):
            p.dot(rx * (0.96 + 0.0 * y) - 0.012 * q, 0.06 + (top - 0.03) * y + w * y, 0.017, paint="light")
    p.blob([(0, 0.99 + b), (0.24, 0.93 + b), (0.36, 0.72 + b), (0.32, 0.48 + b), (0.26, 0.28 + b), (0.3, 0.02), (0, -0.04), (-0.3, 0.02), (-0.26, 0.28 + b),
            (-0.32, 0.48 + b), (-0.36, 0.72 + b), (-0.24, 0.93 + b)], "main")
    for x, y, r in ((-0.16, 0.86, 0.05), (-0.03, 0.92, 0.032), (-0.25, 0.75, 0.032), (0.2, 0.86, 0.036)):
        p.dot(x + p.rng.uniform(-0.01, 0.01), y + b, r, 0.8 * r, "light")
    for q in (-1, 1):
        p.oval(0.12 * q, 0.56 + b, 0.1, 0.115, "chalk", "flat")
        p.dot(0.11 * q, 0.55 + b, 0.062, 0.075, "eye")
        p.dot(0.11 * q + 0.025 * p.flip, 0.58 + b, 0.024, paint="chalk")
        p.dot(0.23 * q, 0.43 + b, 0.05, 0.034, "blush")
        p.limb([(0.1 * q, 0.2), (0.15 * q, 0.06), (0.18 * q, -0.03)], (0.12, 0.11, 0.1), "main", "pillar")
    p.line([(-0.08, 0.4 + b), (0, 0.365 + b), (0.08, 0.4 + b)], "nose", 0.022, True)
    if p.coin(0.35):
        for q in (-1, 1):
            p.poly([(0.24, 0.9 + b), (0.24 + 0.13 * q, 0.97 + b), (0.24 + 0.13 * q, 0.83 + b)], "trim", "slope")
        p.dot(0.24, 0.9 + b, 0.035, paint="dark")
    ripples(p, -0.54, -0.1)
    ripples(p, 0.1, 0.54)


@kind("turtle", "turtle, tortoise", tall=0.19, wide=1.5, own="green", moves="walk")
def turtle(p):
    n = 0.02 * p.wave(2)
    p.poly([(-0.62, 0.24), (-0.78, 0.16), (-0.6, 0.12)], "light")
    for x, half, paint in ((-0.36, 0.5, "dark"), (0.28, 0.0, "dark"), (-0.44, 0.0, "light"), (0.22, 0.5, "light")):
        a = 2 * math.pi * (p.phase + half + 0.1)
        leg(p, x, 0.24, 0.2, 0.07 * math.sin(a), 0.04 * max(0.0, math.cos(a)), paint)
    p.limb([(0.36, 0.28), (0.52, 0.42), (0.58 + n, 0.58)], (0.24, 0.2, 0.2), "light", "slope")
    p.oval(0.6 + n, 0.64, 0.18, 0.165, "light")
    p.blob([(-0.66, 0.26), (-0.6, 0.52), (-0.4, 0.82), (-0.08, 0.97), (0.26, 0.84), (0.44, 0.54), (0.5, 0.26), (0.2, 0.18), (-0.36, 0.18)], "main")
    p.limb([(-0.66, 0.25), (-0.3, 0.17), (0.14, 0.17), (0.5, 0.25)], (0.1, 0.11, 0.11, 0.1), "dark")
    for x, y, r in ((-0.08, 0.7, 0.17), (-0.38, 0.54, 0.14), (0.24, 0.55, 0.14), (-0.2, 0.38, 0.11), (0.06, 0.38, 0.11)):
        p.poly([(x + r * math.cos(1.047 * i), y + 0.85 * r * math.sin(1.047 * i)) for i in range(6)], "dark", "slope")
        p.poly([(x + 0.7 * r * math.cos(1.047 * i), y + 0.6 * r * math.sin(1.047 * i)) for i in range(6)], "main")
    eye(p, 0.64 + n, 0.68, 0.042, "light")
    p.dot(0.58 + n, 0.58, 0.044, 0.032, "blush")
    p.line([(0.66 + n, 0.57), (0.71 + n, 0.565), (0.755 + n, 0.59)], "nose", 0.022, True)


@kind("crab", "crab, beach crab", tall=0.17, wide=1.6, own="red", moves="walk")
def crab(p):
    for i, (x, y) in enumerate(((0.5, 0.0), (0.62, 0.05), (0.7, 0.14))):
        for q in (-1, 1):
            a = 0.05 * p.wave(2, 0.17 * i + (0.5 if q > 0 else 0))
            p.limb([(0.3 * q, 0.3), (0.8 * x * q, 0.36 + 0.05 * i + a), (x * q, y + 0.04 + 0.4 * max(0.0, a))], (0.09, 0.08, 0.04), "dark", "slope")
    strong = p.rng.choice((-1, 0, 1))
    for q in (-1, 1):
        c = 0.04 * p.wave(1, 0.25 * q) + (-0.08 if strong == -q else 0.0)
        p.limb([(0.36 * q, 0.4), (0.6 * q, 0.46), (0.62 * q, 0.64 + c)], (0.12, 0.12, 0.11), "main", "slope")
        p.blob([(0.52 * q, 0.66 + c), (0.44 * q, 0.82 + c), (0.48 * q, 0.99 + c), (0.58 * q, 0.8 + c)], "main", "slope")
        p.blob([(0.56 * q, 0.64 + c), (0.74 * q, 0.68 + c), (0.76 * q, 0.88 + c), (0.6 * q, 1.0 + c), (0.66 * q, 0.84 + c), (0.58 * q, 0.78 + c)], "main")
        p.limb([(0.13 * q, 0.58), (0.14 * q, 0.76)], (0.05, 0.05), "main")
        p.oval(0.14 * q, 0.8, 0.105, 0.11, "chalk", "flat")
        p.dot(0.13 * q, 0.8, 0.062, 0.072, "eye")
        p.dot(0.13 * q + 0.025 * p.flip, 0.83, 0.024, paint="chalk")
    p.blob([(0, 0.66), (0.28, 0.62), (0.46, 0.42), (0.38, 0.2), (0.16, 0.1), (-0.16, 0.1), (-0.38, 0.2), (-0.46, 0.42), (-0.28, 0.62)], "main")
    for x, y, r in () if p.coin(0.4) else ((-0.2, 0.53, 0.035), (-0.07, 0.57, 0.028), (0.2, 0.53, 0.035), (0.06, 0.58, 0.02)):
        p.dot(x, y, r, 0.8 * r, "light")
    for q in (-1, 1):
        p.dot(0.27 * q, 0.34, 0.055, 0.038, "blush")
    p.line([(-0.15, 0.36), (0, 0.27), (0.15, 0.36)], "nose", 0.028, True)


@kind("snail", "snail, garden snail", tall=0.17, wide=1.35, own="brown", moves="walk")
def snail(p):
    s = 0.03 * p.wave()
    p.limb([(0.42, 0.4), (0.44 + s, 0.66), (0.4 + s, 0.84)], (0.06, 0.05, 0.04), "light")
    p.blob([(-0.68, 0.02), (-0.5, 0.12), (-0.2, 0.2), (0.14, 0.18), (0.3, 0.3), (0.4, 0.5), (0.54, 0.52), (0.64, 0.38), (0.62, 0.2), (0.5, 0.02), (0, -0.005)],
           "light", "slope")
    p.limb([(0.54, 0.42), (0.58 + s, 0.64), (0.62 + s, 0.84)], (0.06, 0.05, 0.04), "light")
    for x in (0.4, 0.62):
        p.oval(x + s, 0.88, 0.085, 0.085, "chalk", "flat")
        p.dot(x + s + 0.015, 0.88, 0.05, 0.056, "eye")
    p.oval(-0.16, 0.54, 0.46, 0.45, "main")
    turns = [(-0.16 + r * math.cos(a), 0.54 + r * math.sin(a)) for a, r in ((-2.2 + 0.6 * k, 0.345 - 0.018 * k) for k in range(19))]
    p.line(turns, "dark", 0.055, True)
    for a in (0.5, 1.3, 2.1, 2.9, 3.7) if p.coin(0.4) else ():
        p.dot(-0.16 + 0.39 * math.cos(a), 0.54 + 0.39 * math.sin(a), 0.03, paint="light")
    p.line([(-0.44, 0.72), (-0.34, 0.84), (-0.2, 0.9)], "light", 0.035, True)
    p.dot(0.5, 0.28, 0.05, 0.036, "blush")
    p.line([(0.52, 0.21), (0.57, 0.2), (0.61, 0.24)], "nose", 0.026, True)
