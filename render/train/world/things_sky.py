"""What flies or falls through the air; (0, 0) is its middle, and it reaches from about -0.5 to 0.5.

Knows only the pen; where it flies and how large it is, the scene says.
"""
import math

from .kinds import kind
from .palette import luma
from .things_animals import eye


def beat(p, times=2):
    """1 when the wings are up, -1 when they are down; up at the beginning."""
    return p.wave(times, -0.25)


@kind("bird", "bird, songbird, flying bird", home="sky", tall=0.17, wide=1.34, own="blue", moves="fly")
def bird(p):
    f = 0.2 + 0.8 * beat(p)
    p.blob([(0.2, 0.08), (0.22, 0.14 + 0.24 * f), (0.14, 0.1 + 0.44 * f), (0.0, 0.08 + 0.42 * f), (-0.02, 0.06)], "dark", "slope")
    for k, y in enumerate((0.1, 0.02, -0.06)):
        p.limb([(-0.28, -0.02), (-0.46, 0.3 * y), (-0.66, y)], (0.1, 0.12, 0.04), "dark" if k != 1 else "main", "slope")
    p.blob([(-0.4, -0.02), (-0.18, 0.1), (0.1, 0.13), (0.24, 0.26), (0.4, 0.28), (0.52, 0.18), (0.53, 0.02), (0.4, -0.14), (0.15, -0.26), (-0.12, -0.22)],
           "main")
    p.blob([(0.5, -0.02), (0.34, -0.0), (0.1, -0.1), (-0.1, -0.18), (0.15, -0.255), (0.4, -0.135)], "light", "flat")
    p.poly([(0.51, 0.16), (0.68, 0.08), (0.52, 0.03)], "beak")
    p.line([(0.52, 0.09), (0.64, 0.085)], "brown", 0.016)
    p.blob([(0.24, 0.03), (0.18, 0.1 + 0.26 * f), (0.02, 0.06 + 0.48 * f), (-0.2, 0.03 + 0.52 * f), (-0.19, 0.02 + 0.4 * f), (-0.31, 0.0 + 0.38 * f),
            (-0.25, -0.01 + 0.27 * f), (-0.32, -0.02 + 0.22 * f), (-0.24, -0.04 + 0.13 * f), (-0.16, -0.07), (0.08, -0.1)], "main", "slope")
    for x, y in ((-0.16, 0.44), (-0.24, 0.3)):
        p.line([(0.12, 0.02 + 0.06 * f), (0.4 * x + 0.05, 0.02 + 0.7 * y * f), (x, 0.01 + y * f)], "light", 0.024, True)
    if p.coin():
        p.limb([(0.36, 0.26), (0.28, 0.33), (0.18, 0.34)], (0.06, 0.05, 0.015), "main")
    eye(p, 0.39, 0.14, 0.042)
    p.dot(0.37, 0.04, 0.042, 0.03, "blush")


@kind("butterfly", "butterfly, fluttering butterfly", plural="butterflies", home="sky", tall=0.15, wide=1.12, own="purple", moves="fly")
def butterfly(p):
    w, ringed = 0.78 + 0.22 * beat(p), p.coin()
    for q in (-1, 1):
        k = q * w
        p.blob([(0.04 * k, 0.06), (0.18 * k, 0.34), (0.36 * k, 0.49), (0.52 * k, 0.45), (0.54 * k, 0.26), (0.42 * k, 0.06), (0.2 * k, -0.03)], "main", "slope")
        p.blob([(0.04 * k, 0.0), (0.24 * k, 0.0), (0.42 * k, -0.1), (0.42 * k, -0.32), (0.3 * k, -0.46), (0.16 * k, -0.34), (0.06 * k, -0.14)], "dark", "slope")
        p.oval(0.36 * k, 0.3, 0.09 * w, 0.1, "light", "flat", turn=-30 * q)
        if ringed:
            p.dot(0.21 * k, 0.12, 0.05 * w, 0.06, "light", -20 * q)
        else:
            p.line([(0.08 * k, 0.08), (0.2 * k, 0.2), (0.27 * k, 0.38)], "dark", 0.024, True)
        if ringed:
            p.dot(0.29 * k, -0.22, 0.07 * w, 0.08, "main")
        p.dot(0.29 * k, -0.22, 0.035 * w, 0.04, "cream")
        p.dot(0.48 * k, 0.4, 0.022 * w, 0.022, "cream")
        p.dot(0.5 * k, 0.32, 0.018 * w, 0.018, "cream")
        p.line([(0.02 * q, 0.3), (0.08 * q, 0.44), (0.15 * q, 0.48)], "nose", 0.02, True)
        p.dot(0.155 * q, 0.48, 0.024, paint="nose")
    p.limb([(0, -0.3), (0, -0.05), (0, 0.18)], (0.04, 0.08, 0.09), "bark", "pillar")
    p.oval(0, 0.25, 0.075, 0.075, "bark")
    for q in (-1, 1):
        p.dot(0.03 * q, 0.265, 0.02, 0.024, "chalk")
        p.dot(0.03 * q, 0.265, 0.011, 0.015, "eye")


@kind("bee", "bee, bumblebee, honeybee", home="sky", tall=0.14, wide=1.24, own="yellow", moves="fly")
def bee(p):
    f = 0.06 * beat(p, 4)
    b = 0.02 * p.wave()
    p.oval(-0.22, 0.28 + f + b, 0.11, 0.19, "ice", "slope", turn=34)
    p.oval(0.06, 0.29 + f + b, 0.13, 0.2, "ice", "slope", turn=-18)
    p.poly([(-0.5, -0.02 + b), (-0.64, -0.1 + b), (-0.5, -0.14 + b)], "eye")
    p.oval(-0.04, -0.08 + b, 0.52, 0.4, "main")
    band = (0.25, 0.19, 0.15) if luma(p.main) > 0.25 else "gold"
    for x, y, w in ((-0.39, 0.25, 0.07), (-0.2, 0.34, 0.08), (0.02, 0.365, 0.08)):
        p.limb([(x, -0.08 - y + b), (x - 0.06, -0.08 + b), (x, -0.08 + y + b)], (w, 1.2 * w, w), band, "slope")
    for x in (0.26, 0.4):
        p.line([(x, 0.22 + b), (x + 0.04, 0.4 + b), (x + 0.12, 0.44 + b)], "nose", 0.028, True)
        p.dot(x + 0.13, 0.44 + b, 0.034, paint="nose")
    eye(p, 0.28, 0.0 + b, 0.056)
    p.dot(0.21, -0.14 + b, 0.058, 0.042, "blush")
    p.line([(0.3, -0.18 + b), (0.36, -0.2 + b), (0.41, -0.15 + b)], "nose", 0.026, True)


def bat_wing(p, q, x, y, up, paint, reach=1.0, ribs="dark"):
    """A wing with fingers and a scalloped hind edge, from the shoulder (x, y) to the side q; `up`: -1 to 1."""
    tip = (x + 0.52 * q * reach, y + 0.1 + 0.3 * up)
    wrist = (x + 0.2 * q * reach, y + 0.22 + 0.2 * up)
    ends = [tip, (x + 0.46 * q * reach, y - 0.06 + 0.2 * up), (x + 0.3 * q * reach, y - 0.12 + 0.12 * up), (x + 0.12 * q * reach, y - 0.12 + 0.04 * up)]
    edge = [(x, y + 0.04), (x + 0.1 * q * reach, y + 0.16 + 0.12 * up), wrist, tip]
    for a, b in zip(ends, ends[1:] + [(x, y - 0.08)]):
        m = (0.5 * (a[0] + b[0]) - 0.05 * q * reach, 0.5 * (a[1] + b[1]) + 0.06)
        edge += [(0.25 * a[0] + 0.75 * m[0], 0.25 * a[1] + 0.75 * m[1]), (0.25 * b[0] + 0.75 * m[0], 0.25 * b[1] + 0.75 * m[1]), b]
    p.poly(edge, paint, "slope")
    for e in ends[1:3]:
        p.line([wrist, e], ribs, 0.018)
    p.limb([(x, y + 0.02), (0.5 * (x + wrist[0]), 0.5 * (y + wrist[1]) + 0.03), wrist, tip], (0.06, 0.05, 0.05, 0.02), paint)


@kind("bat", "bat, flying bat", home="sky", tall=0.14, wide=1.9, own="black", moves="fly")
def bat(p):
    u = beat(p)
    for q in (-1, 1):
        bat_wing(p, q, 0.12 * q, 0.0, u, "main", 1.55)
        p.limb([(0.06 * q, -0.28), (0.07 * q, -0.4)], (0.06, 0.04), "dark")
    p.blob([(0, 0.26), (0.17, 0.1), (0.18, -0.14), (0, -0.34), (-0.18, -0.14), (-0.17, 0.1)], "main")
    p.oval(0, -0.1, 0.1, 0.13, "light", "slope")
    for q in (-1, 1):
        p.poly([(0.05 * q, 0.3), (0.17 * q, 0.52), (0.22 * q, 0.2)], "main", "slope")
        p.poly([(0.1 * q, 0.32), (0.165 * q, 0.44), (0.19 * q, 0.26)], "blush")
    p.oval(0, 0.19, 0.22, 0.18, "main")
    for q in (-1, 1):
        eye(p, 0.085 * q, 0.21, 0.042)
        p.dot(0.15 * q, 0.12, 0.04, 0.028, "blush")
        p.poly([(0.02 * q, 0.095), (0.055 * q, 0.1), (0.037 * q, 0.05)], "chalk")
    if p.coin(0.4):
        p.limb([(-0.06, -0.0), (-0.02, -0.06)], (0.05, 0.03), "dark")
        p.limb([(0.06, -0.0), (0.02, -0.06)], (0.05, 0.03), "dark")
    p.line([(-0.08, 0.11), (0, 0.09), (0.08, 0.11)], "nose" if luma(p.main) > 0.2 else "cream", 0.018, True)


@kind("dragon", "dragon, flying dragon, friendly dragon", home="sky", tall=0.34, wide=1.5, own="green", moves="fly")
def dragon(p):
    u, s = beat(p, 1), 0.03 * p.wave()
    bat_wing(p, -1, 0.14, 0.12, 0.7 * u + 0.3, "dark", 0.86, "main")
    p.poly([(-0.64, 0.02 + s), (-0.67, 0.2 + s), (-0.54, 0.1 + s)], "trim")
    p.limb([(0.0, -0.22), (-0.26, -0.32), (-0.48, -0.2), (-0.61, 0.08 + s)], (0.3, 0.18, 0.1, 0.04), "main", "slope")
    for x, y, r in ((-0.28, -0.215, 0.045), (-0.4, -0.19, 0.036), (-0.16, -0.13, 0.05), (0.1, 0.16, 0.05), (0.16, 0.27, 0.042)):
        p.poly([(x - r, y - 0.02), (x - 0.9 * r, y + 1.3 * r), (x + r, y - 0.01)], "trim")
    p.limb([(-0.1, -0.26), (-0.12, -0.4), (-0.03, -0.44)], (0.15, 0.1, 0.09), "dark", "slope")
    p.blob([(-0.22, -0.22), (-0.12, -0.04), (0.06, 0.06), (0.15, 0.22), (0.24, 0.34), (0.4, 0.38), (0.48, 0.31), (0.62, 0.28), (0.67, 0.2), (0.62, 0.11),
            (0.44, 0.11),
            (0.35, 0.06), (0.32, -0.12), (0.22, -0.3), (0.02, -0.38), (-0.16, -0.34)], "main")
    p.blob([(0.34, 0.06), (0.315, -0.12), (0.22, -0.29), (0.04, -0.37), (0.12, -0.22), (0.2, -0.06), (0.26, 0.1)], "light", "flat")
    for x, y in ((0.27, 0.02), (0.25, -0.1), (0.19, -0.21)):
        p.line([(x - 0.05, y), (x + 0.055, y - 0.03)], "main", 0.018)
    p.limb([(0.06, -0.26), (0.1, -0.4), (0.19, -0.42)], (0.15, 0.1, 0.09), "main", "slope")
    p.limb([(0.22, -0.06), (0.34, -0.1), (0.4, -0.06)], (0.08, 0.07, 0.06), "main", "slope")
    p.limb([(0.3, 0.36), (0.24, 0.44), (0.18, 0.46)], (0.06, 0.045, 0.015), "cream")
    p.limb([(0.37, 0.375), (0.33, 0.46), (0.28, 0.495)], (0.055, 0.04, 0.015), "cream")
    bat_wing(p, -1, 0.02, 0.04, u, "main", 0.98)
    if p.coin(0.4):
        k = 0.02 * p.wave(4)
        p.blob([(0.655, 0.16), (0.7 + k, 0.22), (0.78 + k, 0.19), (0.76 + k, 0.14), (0.81 + k, 0.09), (0.71, 0.1)], "flame", "flat")
        p.dot(0.71 + 0.5 * k, 0.15, 0.032, 0.024, "lamp")
    p.dot(0.63, 0.235, 0.016, paint="nose")
    p.line([(0.46, 0.16), (0.55, 0.145), (0.64, 0.17)], "nose", 0.018, True)
    eye(p, 0.41, 0.285, 0.036)
    p.dot(0.4, 0.2, 0.036, 0.026, "blush")


@kind("dragonfly", "dragonfly, darting dragonfly", plural="dragonflies", home="sky", tall=0.17, wide=1.22, own="turquoise", moves="fly")
def dragonfly(p):
    f = 7 * beat(p, 4)
    w, bands = 0.03 * p.wave(), ("cream" if p.coin(0.4) else "dark")
    for q in (-1, 1):
        for y, turn, rx, paint in ((0.1, -14 - f, 0.27, "dark"), (0.24, 14 + f, 0.29, "light")):
            c, s = q * math.cos(math.radians(turn)), math.sin(math.radians(turn))
            p.oval(0.04 * q + rx * c, y + rx * s, rx, 0.085, paint, "slope", turn=turn * q)
            p.line([(0.04 * q, y), (0.04 * q + 1.7 * rx * c, y + 1.7 * rx * s)], "main", 0.016)
            p.dot(0.04 * q + 1.75 * rx * c, y + 1.75 * rx * s + 0.03, 0.035, 0.018, "main", turn * q)
    p.limb([(0, 0.1), (0.2 * w, -0.15), (w, -0.47)], (0.15, 0.12, 0.09), "main", "pillar")
    for t in (0.0, 0.2, 0.4, 0.6, 0.8):
        y, half = -0.02 - 0.5 * t, 0.065 - 0.02 * t
        p.line([(w * t * t - half, y), (w * t * t + half, y)], bands, 0.028)
    p.oval(0, 0.18, 0.125, 0.16, "main")
    p.oval(0, 0.38, 0.13, 0.1, "main")
    for q in (-1, 1):
        p.oval(0.1 * q, 0.42, 0.085, 0.085, "cream", "flat")
        p.dot(0.1 * q, 0.425, 0.05, paint="eye")
        p.dot(0.1 * q + 0.018, 0.445, 0.018, paint="chalk")
    p.line([(-0.04, 0.345), (0, 0.33), (0.04, 0.345)], "nose", 0.016, True)


@kind("leaf", "autumn leaf, falling leaf, maple leaf", plural="autumn leaves", home="sky", tall=0.12, wide=1.0, own="orange", moves="fall")
def maple_leaf(p):
    a = math.radians(18 * p.wave() + p.rng.uniform(-15, 15))
    c, s = math.cos(a), math.sin(a)
    half = ((0.0, 0.5), (0.07, 0.36), (0.15, 0.4), (0.13, 0.2), (0.24, 0.3), (0.28, 0.22), (0.43, 0.26), (0.38, 0.13), (0.46, 0.08), (0.27, -0.08),
            (0.29, -0.16), (0.05, -0.13))

    def at(x, y):
        return x * c - y * s, x * s + y * c

    p.line([at(0, -0.12), at(0.015, -0.3), at(0.05, -0.46)], "dark", 0.05, True)
    p.poly([at(x, y) for x, y in half] + [at(-x, y) for x, y in half[:0:-1]], "main", "ball")
    for x, y in ((0.0, 0.4), (0.33, 0.2), (-0.33, 0.2), (0.22, -0.1), (-0.22, -0.1)):
        p.line([at(0, -0.12), at(x, y)], "dark", 0.024)
    for x, y, u, v in ((0, 0.12, 0.07, 0.22), (0, 0.12, -0.07, 0.22), (0.17, 0.04, 0.24, 0.04), (-0.17, 0.04, -0.24, 0.04)):
        p.line([at(x, y), at(u, v)], "dark", 0.016)
    p.dot(*at(-0.1, 0.06), 0.03, 0.036, "ice")
