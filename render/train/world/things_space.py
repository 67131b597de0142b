"""What is at home among the stars; (0, 0) is its middle, and it reaches from about -0.5 to 0.5. The alien stands at y = 0.

Knows only the pen; where a thing is and how large, the scene says.
"""
import math

from .kinds import kind
from .things_animals import leg


def ring(p, front, tilt):
    """Half of a planet's ring: the half behind the planet, or the half before it."""
    c, s = math.cos(math.radians(tilt)), math.sin(math.radians(tilt))
    for outer, inner, paint in ((0.82, 0.7, "trim"), (0.69, 0.6, "light")):
        angles = [math.pi * k / 18 + (math.pi if front else 0) for k in range(19)]
        arc = [(r * math.cos(a), 0.3 * r * math.sin(a)) for r, row in ((outer, angles), (inner, angles[::-1])) for a in row]
        p.poly([(x * c - y * s, x * s + y * c) for x, y in arc], paint)


@kind("planet", "planet, ringed planet, planet with a ring", home="space", tall=0.32, wide=1.64, own="orange", moves="float")
def planet(p):
    tilt = p.rng.uniform(-20, -8)
    ring(p, False, tilt)
    p.oval(0, 0, 0.5, 0.5, "main")
    d = 0.04 * p.wave()
    c, s = math.cos(math.radians(tilt)), math.sin(math.radians(tilt))
    for y, width, paint in ((0.3, 0.07, "light"), (0.14, 0.05, "dark"), (-0.2, 0.09, "light"), (-0.34, 0.05, "dark")):
        half = 0.88 * math.sqrt(0.25 - y * y)
        band = [(-half, y + 0.02), (-0.5 * half, y - 0.015 + 0.3 * d), (0, y + 0.012), (0.5 * half, y - 0.012 - 0.3 * d), (half, y + 0.02)]
        p.limb([(u * c - v * s, u * s + v * c) for u, v in band], (0.2 * width, width, width, width, 0.2 * width), paint, "pillar")
    p.oval(0.12 + d, -0.08, 0.09, 0.055, "dark", "flat", turn=-14)
    p.dot(0.12 + d, -0.08, 0.05, 0.028, "light", -14)
    ring(p, True, tilt)
    p.dot(-0.6, 0.36, 0.04, paint="light")


@kind("comet", "comet, comet with a tail", home="space sky", tall=0.22, wide=1.8, colours="yellow orange red pink purple blue turquoise lime green white",
      own="turquoise", moves="fly", lights=True)
def comet(p):
    w, k = 0.03 * p.wave(2), p.rng.uniform(-0.1, 0.1)
    p.glow(0.56, -0.2, 0.6, "shine", 0.4)
    p.limb([(0.56, -0.12), (0.1, 0.14 + w), (-0.36, 0.32), (-0.86, 0.5)], (0.4, 0.34, 0.2, 0.02), "shine")
    p.limb([(0.5, -0.34), (0.08, -0.22 - w), (-0.3 + k, -0.12)], (0.24, 0.17, 0.02), "shine")
    p.limb([(0.62, -0.02), (0.3, 0.26 + w), (k, 0.46)], (0.22, 0.14, 0.02), "shine")
    p.limb([(0.56, -0.18), (0.16, 0.04 - w), (-0.3, 0.24)], (0.3, 0.16, 0.02), "sheen")
    p.oval(0.58, -0.2, 0.28, 0.28, "shine")
    p.oval(0.61, -0.19, 0.16, 0.16, "sheen")
    p.dot(0.68, -0.12, 0.06, paint="star")
    for q, x in ((-1, 0.54), (1, 0.68)):
        p.dot(x, -0.2, 0.026, 0.036, "eye")
        p.dot(x + 0.035 * q, -0.26, 0.03, 0.02, "blush")
    p.line([(0.58, -0.265), (0.61, -0.285), (0.64, -0.265)], "eye", 0.018, True)
    for x, y, r in ((-0.5, 0.12, 0.03), (-0.14, 0.42, 0.024), (-0.74, 0.26, 0.022), (0.08, -0.4, 0.022)):
        p.poly([(x, y + 1.6 * r), (x + 0.4 * r, y), (x, y - 1.6 * r), (x - 0.4 * r, y)], "star")
        p.poly([(x - 1.6 * r, y), (x, y + 0.4 * r), (x + 1.6 * r, y), (x, y - 0.4 * r)], "star")


@kind("star", "star, shining star", home="space sky", tall=0.18, wide=1.06, colours="yellow orange red pink purple blue turquoise lime green white",
      own="yellow", moves="float", lights=True)
def star(p):
    k = 1 + 0.03 * p.wave(2)
    turn = p.rng.uniform(-8, 8)
    p.glow(0, 0, 0.85, "shine", 0.45)

    def points(outer, inner):
        ring_of = []
        for i in range(10):
            r, a = (outer if i % 2 == 0 else inner), math.radians(90 + turn + 36 * i)
            for da in ((-7, 7) if i % 2 == 0 else (0,)):
                b = a + math.radians(da)
                ring_of.append((r * math.cos(b), r * math.sin(b) - 0.04))
        return ring_of

    p.blob(points(0.52 * k, 0.3 * k), "shine")
    p.blob(points(0.27 * k, 0.16 * k), "sheen")
    asleep = p.coin(0.4)
    for q in (-1, 1):
        if asleep:
            p.line([(0.1 * q - 0.05, 0.02), (0.1 * q, -0.01), (0.1 * q + 0.05, 0.02)], "eye", 0.026, True)
        else:
            p.dot(0.1 * q, 0.02, 0.042, 0.055, "eye")
            p.dot(0.1 * q + 0.014, 0.045, 0.016, paint="chalk")
        p.dot(0.18 * q, -0.08, 0.046, 0.03, "blush")
    p.line([(-0.06, -0.08), (0, -0.12), (0.06, -0.08)], "eye", 0.026, True)


@kind("asteroid", "asteroid, space rock, meteoroid", home="space", tall=0.2, wide=1.16, own="grey", moves="float")
def asteroid(p):
    a = math.radians(14 * p.wave())
    c, s = math.cos(a), math.sin(a)

    def at(x, y):
        return x * c - y * s, x * s + y * c

    size = [0.98 + 0.14 * (p.rng.random() - 0.5) for _ in range(6)]
    outline = ((0.5, 0.06), (0.42, 0.3), (0.2, 0.36), (0.04, 0.46), (-0.22, 0.4), (-0.36, 0.24), (-0.52, 0.1), (-0.46, -0.16), (-0.3, -0.28), (-0.16, -0.44),
               (0.12, -0.42), (0.34, -0.34), (0.48, -0.16))
    p.blob([at(x * p.rng.uniform(0.94, 1.04), y * p.rng.uniform(0.94, 1.04)) for x, y in outline], "main")
    craters = ((-0.16, 0.16, 0.14), (0.2, -0.06, 0.16), (-0.24, -0.16, 0.09), (0.24, 0.22, 0.07), (0.0, -0.3, 0.07), (-0.36, 0.06, 0.045))
    for (x, y, r), k in zip(craters, size):
        u, v, r = *at(x * k, y * k), r * k
        p.oval(u, v, r, 0.82 * r, "dark", "flat", turn=math.degrees(a))
        p.oval(u + 0.1 * r, v - 0.14 * r, 0.8 * r, 0.62 * r, "main", "slope", turn=math.degrees(a))
    for x, y in ((0.4, 0.1), (-0.02, 0.3), (0.02, 0.02), (-0.08, -0.14), (0.36, -0.24)):
        p.dot(*at(x, y), 0.022, paint="dark")
    for x, y, r in ((0.54, 0.36, 0.035), (-0.5, -0.34, 0.04), (-0.52, 0.36, 0.026)):
        p.dot(x, y + 0.02 * p.wave(1, x), r, 0.8 * r, "main")


@kind("satellite", "satellite, space satellite", home="space", tall=0.22, wide=1.9, own="blue", moves="fly")
def satellite(p):
    b = 0.02 * p.wave()
    p.line([(-0.3, b), (0.3, b)], "metal", 0.05)
    for q in (-1, 1):
        p.poly([(0.28 * q, 0.22 + b), (0.94 * q, 0.28 + b), (0.94 * q, -0.2 + b), (0.28 * q, -0.26 + b)], "main", "slope")
        for t in (0.25, 0.5, 0.75):
            x = (0.28 + 0.66 * t) * q
            p.line([(x, 0.22 + 0.06 * t + b), (x, -0.26 + 0.06 * t + b)], "light", 0.024)
        p.line([(0.28 * q, -0.02 + b), (0.94 * q, 0.04 + b)], "light", 0.024)
    p.line([(0, 0.22 + b), (0, 0.4 + b)], "metal", 0.04)
    p.wedge(0, 0.52 + b, 0.2, 190, 350, "chalk", "slope")
    p.line([(0, 0.36 + b), (0, 0.5 + b)], "metal", 0.026)
    p.dot(0, 0.51 + b, 0.035, paint="red" if p.coin() else "gold")
    p.rect(-0.19, -0.34 + b, 0.19, 0.26 + b, "main", "pillar", 0.05)
    p.rect(-0.19, 0.1 + b, 0.19, 0.17 + b, "gold", "pillar")
    p.oval(0, -0.08 + b, 0.1, 0.1, "metal", "flat")
    p.oval(0, -0.08 + b, 0.07, 0.07, "glass", "ball")
    p.dot(-0.02, -0.05 + b, 0.02, paint="chalk")
    p.line([(-0.1, -0.34 + b), (-0.16, -0.5 + b)], "metal", 0.026)
    p.line([(0.1, -0.34 + b), (0.16, -0.5 + b)], "metal", 0.026)
    p.dot(0.12, -0.26 + b, 0.026, paint="lamp" if p.phase % 0.5 < 0.25 else "iron")


@kind("galaxy", "galaxy, spiral galaxy", plural="galaxies", home="space", tall=0.28, wide=1.54,
      colours="yellow orange red pink purple blue turquoise lime green white", own="purple", moves="float", lights=True)
def galaxy(p):
    spin, tilt = 2 * math.pi * 0.5 * p.phase, math.radians(16)
    c, s = math.cos(tilt), math.sin(tilt)

    def at(r, a):
        x, y = r * math.cos(a), 0.5 * r * math.sin(a)
        return x * c - y * s, x * s + y * c

    p.glow(0, 0, 0.8, "shine", 0.35)
    for paint, wide, far in (("shine", 0.34, 0.8), ("sheen", 0.07, 0.74)):
        for arm in (0, math.pi):
            line = [at(0.06 + (far - 0.06) * t, spin + arm - 3.6 * t) for t in (0, 0.15, 0.3, 0.45, 0.6, 0.8, 1.0)]
            p.limb(line, [wide * k for k in (0.9, 1.1, 1.2, 1.15, 0.95, 0.6, 0.1)], paint)
        if paint == "shine":
            p.oval(0, 0, 0.36, 0.22, "shine", "flat", turn=16)
    p.oval(0, 0, 0.2, 0.13, "sheen", "flat", turn=16)
    p.oval(0, 0, 0.12, 0.085, "star", "flat", turn=16)
    for k in range(7):
        r, a = 0.3 + 0.07 * k, spin + 2.1 * k + p.rng.uniform(0, 0.4)
        for arm in (0, math.pi):
            p.dot(*at(r, a + arm), 0.018 + 0.008 * (k % 2), paint="star")


@kind("alien", "alien, extraterrestrial", tall=0.26, wide=0.72, own="lime", moves="walk")
def alien(p):
    w = 0.03 * p.wave()
    for q, half in ((-1, 0.0), (1, 0.5)):
        a = 2 * math.pi * (p.phase + half + 0.1)
        leg(p, 0.09 * q, 0.16, 0.1, 0.04 * math.sin(a), 0.03 * max(0.0, math.cos(a)), "main", "dark")
        p.line([(0.12 * q, 0.8), (0.2 * q, 0.9), (0.22 * q + w, 0.95)], "dark", 0.03, True)
        p.oval(0.22 * q + w, 0.955, 0.045, 0.045, "light")
    p.limb([(-0.13, 0.34), (-0.24, 0.28), (-0.28, 0.2 - w)], (0.09, 0.075, 0.08), "main", "slope")
    p.limb([(0.13, 0.34), (0.26, 0.38), (0.31, 0.5 + w)], (0.09, 0.075, 0.08), "main", "slope")
    p.blob([(0, 0.44), (0.14, 0.36), (0.18, 0.2), (0.12, 0.09), (-0.12, 0.09), (-0.18, 0.2), (-0.14, 0.36)], "main")
    p.oval(0, 0.22, 0.105, 0.1, "light", "slope")
    p.blob([(0, 0.88), (0.22, 0.82), (0.33, 0.66), (0.26, 0.48), (0.12, 0.38), (-0.12, 0.38), (-0.26, 0.48), (-0.33, 0.66), (-0.22, 0.82)], "main")
    for q in (-1, 1):
        p.oval(0.14 * q, 0.64, 0.1, 0.125, "eye", "flat", turn=-18 * q)
        p.dot(0.14 * q + 0.03, 0.69, 0.032, 0.036, "chalk")
        p.dot(0.14 * q - 0.03, 0.59, 0.016, paint="chalk")
        p.dot(0.23 * q, 0.5, 0.042, 0.03, "blush")
    p.dot(0, 0.78, 0.03, 0.022, "light")
    p.line([(-0.07, 0.475), (0, 0.445), (0.07, 0.475)], "nose", 0.022, True)
    for x, y in ((-0.05, 0.27), (0.04, 0.22), (-0.02, 0.17)) if p.coin() else ():
        p.dot(x, y, 0.02, paint="dark")
