"""Things people make and leave standing about: lamps, furniture, toys, a robot. y = 0 is the ground under them.

Knows only the pen and the shared parts.
"""
import math

from .kinds import kind
from .parts import afloat, beside, other, ring

SKIN = (0.93, 0.74, 0.6)


def star(x, y, r, turn=90.0, slim=0.44):
    """Points of a five-pointed star."""
    return [q for i in range(5) for q in (ring(x, y, r, 5, turn)[i], ring(x, y, slim * r, 5, turn + 36)[i])]


def tuft(p, x, r=0.08):
    """A little grass at the foot of a thing."""
    for dx, h in ((-0.8, 0.8), (-0.2, 1.2), (0.5, 0.9)):
        p.poly([(x + r * (dx - 0.25), 0), (x + r * (dx + 0.1), r * h), (x + r * (dx + 0.3), 0)], "leaf")


@kind("lantern", "lantern, oil lantern, storm lantern", tall=0.25, wide=0.62, own="red")
def lantern(p):
    f = 0.02 * p.wave(3)
    p.line([(0.22 * math.cos(math.radians(a)), 0.66 + 0.33 * math.sin(math.radians(a))) for a in range(0, 181, 12)], "iron", 0.03)
    p.glow(0, 0.42, 0.8, "lamp", 0.6)
    p.blob([(-0.13, 0.24), (-0.19, 0.4), (-0.17, 0.56), (-0.11, 0.64), (0.11, 0.64), (0.17, 0.56), (0.19, 0.4), (0.13, 0.24)],
           "lamp" if p.look.lamps else "glass", "ball")
    p.blob([(0, 0.54 + f), (0.055, 0.42), (0.04, 0.32), (-0.04, 0.32), (-0.055, 0.42)], "flame", "flat")
    p.blob([(0, 0.45 + f), (0.025, 0.38), (0.02, 0.33), (-0.02, 0.33), (-0.025, 0.38)], "star", "flat")
    for x in (-0.2, 0.2):
        p.line([(0.75 * x, 0.22), (x * 1.06, 0.42), (0.75 * x, 0.64)], "main", 0.035, True)
    p.line([(-0.19, 0.42), (0.19, 0.42)], "main", 0.018)
    p.blob([(-0.26, 0.02), (-0.25, 0.18), (-0.17, 0.26), (0.17, 0.26), (0.25, 0.18), (0.26, 0.02), (0.0, 0.0)], "main", "pillar")
    p.line([(-0.25, 0.11), (0, 0.09), (0.25, 0.11)], "light", 0.03, True)
    p.oval(0.25, 0.2, 0.045, 0.045, "gold")
    p.blob([(-0.24, 0.62), (-0.2, 0.7), (-0.1, 0.78), (0.1, 0.78), (0.2, 0.7), (0.24, 0.62), (0.0, 0.6)], "main", "pillar")
    p.rect(-0.09, 0.76, 0.09, 0.86, "main", "pillar", 0.03)
    p.rect(-0.12, 0.84, 0.12, 0.89, "dark", "pillar", 0.02)
    p.oval(0, 0.98, 0.05, 0.03, "wood")


@kind("street lamp", "street lamp, lamp post, streetlight", tall=0.44, wide=0.7)
def street_lamp(p):
    def head(x, y, w, h):
        glass = "lamp" if p.look.lamps else "cream"
        p.poly([(x - 0.6 * w, y), (x + 0.6 * w, y), (x + w, y + h), (x - w, y + h)], glass, "ball")
        for k in (-1, 0, 1):
            p.line([(x + 0.6 * w * k, y), (x + w * k, y + h)], "main", 0.02)
        p.rect(x - 0.75 * w, y - 0.03, x + 0.75 * w, y, "main", "pillar")
        p.poly([(x - 1.35 * w, y + h), (x + 1.35 * w, y + h), (x + 0.5 * w, y + h + 0.085), (x - 0.5 * w, y + h + 0.085)], "main", "slope")
        p.dot(x, y + h + 0.095, 0.024, paint="gold")
        p.glow(x, y + h / 2, 0.4, "lamp", 0.6)

    p.poly([(-0.15, 0), (0.15, 0), (0.13, 0.06), (0.08, 0.1), (0.065, 0.22), (-0.065, 0.22), (-0.08, 0.1), (-0.13, 0.06)], "main", "pillar")
    p.rect(-0.045, 0.2, 0.045, 0.8, "main", "pillar")
    for y in (0.21, 0.42, 0.62):
        p.rect(-0.066, y, 0.066, y + 0.035, "light", "pillar", 0.012)
    for s in (-1, 1):
        p.line([(0.03 * s, 0.46), (0.13 * s, 0.48), (0.14 * s, 0.58), (0.24 * s, 0.62)], "main", 0.042, True)
        p.line([(0.24 * s, 0.62), (0.24 * s, 0.66)], "main", 0.05)
        head(0.24 * s, 0.68, 0.065, 0.12)
    head(0, 0.82, 0.085, 0.13)
    if p.coin():
        sway = 0.012 * p.wave()
        p.line([(0.13, 0.48), (0.15 + sway, 0.42)], "iron", 0.014)
        p.fluff(0.15 + sway, 0.37, 0.09, 0.065, 7, "leaf")
        for dx, dy, c in ((-0.05, 0.0, "blush"), (0.02, 0.025, "cream"), (0.06, -0.01, "blush"), (-0.01, -0.035, "gold")):
            p.dot(0.15 + sway + dx, 0.37 + dy, 0.022, paint=c)
    tuft(p, -0.16, 0.06)
    tuft(p, 0.15, 0.05)


@kind("umbrella", "umbrella, parasol, brolly", tall=0.34, wide=1.06, moves="sway")
def umbrella(p):
    with afloat(p, 5.0, 0.0):
        y = 0.012 * p.wave()
        p.line([(0.0, 0.9 + y), (0.0, 0.09), (0.05, 0.02), (0.13, 0.04), (0.14, 0.11)], "wood", 0.045, True)
        p.line([(0.0, 0.5), (0.0, 0.94 + y)], "metal", 0.03)
        dome = [(0.5 * math.cos(math.radians(a)), 0.48 + 0.46 * math.sin(math.radians(a)) + y) for a in range(0, 181, 10)]
        scallop = []
        for k in range(4):
            scallop += [(-0.5 + 0.25 * k + 0.25 * t, 0.48 + 0.075 * math.sin(math.pi * t) + y) for t in (0.25, 0.5, 0.75, 1.0)]
        p.poly(dome + scallop, "main", "ball")
        arc = lambda w: [(w * math.cos(math.radians(a)), 0.48 + 0.46 * math.sin(math.radians(a)) + y) for a in range(0, 91, 10)]
        hem = [(0.25 * t, 0.48 + 0.075 * math.sin(math.pi * t) + y) for t in (0.25, 0.5, 0.75)]
        for s in (-1, 1):
            p.poly([(s * a, b) for a, b in arc(0.25)] + [(s * a, b) for a, b in hem], "light" if s < 0 else "dark", "slope")
        for w in (-0.25, 0.0, 0.25):
            p.line([(w / 0.25 * a if w else 0.0, b) for a, b in arc(0.25)], "dark", 0.012)
        for k in range(5):
            p.dot(-0.5 + 0.25 * k, 0.475 + y, 0.02, paint="gold")
        dots = p.coin()
        for a, b in ((-0.37, 0.6), (-0.3, 0.76), (0.36, 0.62), (0.29, 0.77), (0.1, 0.68), (-0.1, 0.62), (0.0, 0.84)):
            if dots:
                p.dot(a, b + y, 0.032, 0.03, "trim")
        p.line([(0, 0.94 + y), (0, 1.02 + y)], "wood", 0.035)


@kind("chair", "chair, wooden chair, kitchen chair", tall=0.26, wide=0.66, own="brown")
def chair(p):
    p.line([(0.24, 0.42), (0.25, 0.06)], "dark", 0.06)
    p.line([(-0.14, 0.42), (-0.13, 0.06)], "dark", 0.06)
    for x in (-0.26, 0.12):
        p.limb([(x, 0.46), (x - 0.01, 0.74), (x - 0.035, 0.98)], (0.07, 0.065, 0.055), "main", "pillar")
    p.rect(-0.31, 0.84, 0.13, 0.97, "main", "slope", 0.05)
    p.blob([(-0.09, 0.86), (-0.15, 0.92), (-0.12, 0.945), (-0.09, 0.925), (-0.06, 0.945), (-0.03, 0.92)], "trim", "flat")
    for x in (-0.18, -0.08, 0.02):
        p.limb([(x, 0.5), (x - 0.012, 0.86)], (0.05, 0.05), "main", "pillar")
    p.poly([(-0.31, 0.5), (0.17, 0.5), (0.32, 0.41), (-0.2, 0.41)], "light", "slope")
    p.blob([(-0.24, 0.52), (-0.05, 0.56), (0.13, 0.53), (0.25, 0.45), (0.02, 0.43), (-0.16, 0.445)], other(p, "blush", "turquoise"), "slope")
    p.poly([(-0.2, 0.41), (0.32, 0.41), (0.32, 0.345), (-0.2, 0.345)], "main", "slope")
    p.poly([(-0.31, 0.5), (-0.2, 0.41), (-0.2, 0.345), (-0.31, 0.43)], "dark")
    for x in (-0.25, -0.165, 0.275):
        p.limb([(x, 0.38 if x > -0.2 else 0.44), (x, 0.2), (x + 0.01 * (1 if x > 0 else -1), 0.0 if x > -0.2 else 0.07)], (0.07, 0.06, 0.05), "main", "pillar")
    p.line([(-0.16, 0.16), (0.27, 0.16)], "dark", 0.035)


@kind("bench", "bench, park bench, garden bench", plural="benches", tall=0.22, wide=1.72)
def bench(p):
    for s in (-1, 1):
        p.line([(0.6 * s, 0.02), (0.62 * s, 0.44), (0.6 * s, 0.96)], "iron", 0.06)
    for y in (0.58, 0.74, 0.9):
        p.rect(-0.8, y - 0.055, 0.8, y + 0.065, "main", "slope", 0.04)
        for s in (-1, 1):
            p.dot(0.6 * s, y + 0.005, 0.018, paint="gold")
    p.poly([(-0.78, 0.46), (0.78, 0.46), (0.85, 0.36), (-0.85, 0.36)], "light", "slope")
    p.line([(-0.82, 0.41), (0.82, 0.41)], "dark", 0.018)
    p.rect(-0.86, 0.27, 0.86, 0.37, "main", "slope", 0.04)
    for s in (-1, 1):
        p.line([(0.62 * s, 0.27), (0.66 * s, 0.03), (0.74 * s, 0.03)], "iron", 0.06)
        p.line([(0.66 * s, 0.36), (0.78 * s, 0.54), (0.72 * s, 0.66), (0.6 * s, 0.66)], "iron", 0.05, True)
    visitor = p.rng.randrange(3)
    if visitor == 0:
        p.rect(-0.48, 0.43, -0.14, 0.74, other(p, "blush", "turquoise"), "ball", 0.08)
        p.line([(-0.44, 0.52), (-0.18, 0.52)], "cream", 0.025)
        p.line([(-0.44, 0.64), (-0.18, 0.64)], "cream", 0.025)
        p.dot(-0.31, 0.58, 0.03, paint="cream")
    elif visitor == 1:
        p.poly([(0.18, 0.43), (0.42, 0.43), (0.46, 0.47), (0.22, 0.47)], "cream")
        p.poly([(0.18, 0.43), (0.42, 0.43), (0.42, 0.4), (0.18, 0.4)], "brick")
    tuft(p, -0.5)
    tuft(p, 0.38)


@kind("mailbox", "mailbox, letterbox, postbox", plural="mailboxes", tall=0.29, wide=0.84, own="red")
def mailbox(p):
    a = 0.03 * p.wave()
    dome = lambda x, w, y, h: [(x + w * math.cos(math.radians(t)), y + h * math.sin(math.radians(t))) for t in range(0, 181, 15)]
    p.rect(-0.07, 0, 0.07, 0.46, "wood", "pillar")
    p.line([(-0.04, 0.12), (-0.05, 0.38)], "bark", 0.014)
    p.line([(0.05, 0.22), (0.26, 0.42)], "wood", 0.055)
    p.poly([(-0.2, 0.45), (0.38, 0.5), (0.38, 0.72)] + [(0.38 - 0.02 * k, 0.72 + 0.055 * k) for k in range(1, 4)] + [(0.26, 0.93), (-0.22, 0.98)],
           beside(p, k=0.16), "slope")
    p.line([(0.02, 0.96), (0.3, 0.915)], "light", 0.02)
    p.poly([(-0.43, 0.45), (-0.01, 0.45)] + dome(-0.22, 0.21, 0.77, 0.215), "light", "slope")
    p.poly([(-0.395, 0.48), (-0.045, 0.48)] + dome(-0.22, 0.175, 0.77, 0.178), "main", "slope")
    p.rect(-0.35, 0.755, -0.09, 0.795, "nose", radius=0.018)
    if p.coin(0.7):
        p.poly([(-0.33, 0.775), (-0.12, 0.775), (-0.1, 0.9), (-0.3, 0.915)], "chalk")
        p.line([(-0.295, 0.905), (-0.21, 0.84), (-0.105, 0.893)], "metal", 0.014)
        p.dot(-0.21, 0.845, 0.02, paint="red")
    p.blob([(-0.22, 0.53), (-0.31, 0.62), (-0.29, 0.68), (-0.22, 0.65), (-0.15, 0.68), (-0.13, 0.62)], "trim", "flat")
    p.dot(-0.07, 0.63, 0.018, paint="gold")
    p.poly([(-0.44, 0.41), (0.0, 0.41), (0.4, 0.47), (0.4, 0.51), (0.0, 0.455), (-0.44, 0.455)], "dark")
    p.line([(0.16, 0.66), (0.16 + a, 1.0)], "gold", 0.03)
    p.poly([(0.16 + a, 1.03), (0.35 + a, 0.98), (0.16 + 0.8 * a, 0.91)], other(p, "gold", "red"))
    p.dot(0.16, 0.66, 0.03, paint="iron")
    tuft(p, -0.13)
    tuft(p, 0.13, 0.06)
    for x, h, c in ((0.24, 0.24, "blush"), (0.33, 0.15, "cream")):
        x1 = x - 0.01 + 0.3 * a
        p.line([(x, 0), (x1, h)], "stem", 0.024)
        for q in ring(x1, h + 0.03, 0.045, 5):
            p.dot(*q, 0.032, paint=c)
        p.dot(x1, h + 0.03, 0.026, paint="gold")


@kind("teapot", "teapot, tea pot, china teapot", tall=0.22, wide=1.5)
def teapot(p):
    for k in range(2):
        t = (p.phase + 0.5 * k) % 1.0
        r = 0.07 * math.sin(math.pi * t)
        if r > 0.012:
            p.oval(0.66 + 0.05 * t + 0.03 * p.wave(1, 0.3 * k), 0.82 + 0.24 * t, r, 0.8 * r, "cloth", "ball")
    p.line([(-0.4, 0.62), (-0.66, 0.66), (-0.72, 0.44), (-0.56, 0.25), (-0.4, 0.24)], "dark", 0.1, True)
    p.blob([(0.34, 0.46), (0.5, 0.54), (0.56, 0.72), (0.66, 0.78), (0.73, 0.72), (0.64, 0.6), (0.58, 0.34), (0.4, 0.2)], "main", "slope")
    p.rect(-0.26, 0.0, 0.26, 0.08, "dark", "pillar", 0.03)
    p.blob([(-0.3, 0.05), (-0.47, 0.22), (-0.5, 0.42), (-0.4, 0.62), (-0.2, 0.72), (0.2, 0.72), (0.4, 0.62), (0.5, 0.42), (0.47, 0.22), (0.3, 0.05),
            (0.0, 0.03)], "main", "ball")
    p.blob([(-0.47, 0.44), (-0.2, 0.36), (0.2, 0.36), (0.47, 0.44), (0.48, 0.34), (0.2, 0.26), (-0.2, 0.26), (-0.48, 0.34)], "trim", "slope")
    for x in (-0.3, -0.1, 0.1, 0.3):
        if p.look.style != "ink":
            p.poly(star(x, 0.315 + 0.3 * x * x, 0.045), "main")
        else:
            p.dot(x, 0.315 + 0.3 * x * x, 0.03, paint="main")
    p.blob([(-0.27, 0.7), (-0.16, 0.8), (0.0, 0.83), (0.16, 0.8), (0.27, 0.7), (0.0, 0.67)], "main", "ball")
    p.line([(-0.27, 0.7), (0.0, 0.67), (0.27, 0.7)], "trim", 0.03, True)
    p.oval(0, 0.89, 0.075, 0.07, "gold")
    p.oval(-0.24, 0.55, 0.05, 0.03, "light", "flat", turn=35)


@kind("clock", "clock, alarm clock, ringing clock", tall=0.23, wide=0.92)
def clock(p):
    ring_ = 0.02 * p.wave(4)
    for s in (-1, 1):
        p.line([(0.22 * s, 0.16), (0.32 * s, 0.02)], "iron", 0.07)
        p.line([(0.2 * s, 0.7), (0.27 * s, 0.85)], "iron", 0.05)
        p.wedge(0.24 * s, 0.77, 0.18, -28 * s, 180 - 28 * s, "main", "ball")
        p.line([(0.24 * s - 0.18 * math.cos(0.49), 0.77 + 0.085 * s), (0.24 * s + 0.18 * math.cos(0.49), 0.77 - 0.085 * s)], "dark", 0.03)
        p.dot(0.325 * s, 0.93, 0.028, paint="gold")
    p.line([(0.0, 0.8), (ring_, 0.96)], "iron", 0.03)
    p.oval(ring_ * 1.2, 0.97, 0.06, 0.045, "gold")
    p.oval(0, 0.45, 0.41, 0.41, "main", "ball")
    p.oval(0, 0.45, 0.275, 0.275, "chalk", "flat")
    for k, (a, b) in enumerate(zip(ring(0, 0.45, 0.24, 12, 90), ring(0, 0.45, 0.205, 12, 90))):
        p.line([a, b], "slate", 0.03 if k % 3 == 0 else 0.014)
    long, short = math.radians(90 - 360 * p.phase), math.radians(p.rng.choice((30, 150, 210, 330)) - 0.0)
    p.line([(0, 0.45), (0.12 * math.cos(short), 0.45 + 0.12 * math.sin(short))], "navy", 0.04)
    p.line([(0, 0.45), (0.19 * math.cos(long), 0.45 + 0.19 * math.sin(long))], "navy", 0.026)
    p.dot(0, 0.45, 0.032, paint="red")
    for s in (-1, 1):
        p.oval(0.31 * s, 0.02, 0.055, 0.035, "iron")


@kind("campfire", "campfire, bonfire, open fire", tall=0.24, wide=1.0, own="orange", moves="burn", lights=True,
      colours="orange red yellow pink purple blue turquoise green lime white")
def campfire(p):
    p.glow(0, 0.4, 1.3, "flame", 0.5)
    for k, x in enumerate((-0.4, -0.2, 0.0, 0.2, 0.4)):
        p.oval(x, 0.1 + 0.02 * (k % 2), 0.11, 0.07, "stone" if k % 2 else "slate", "ball")
    w = lambda k: 0.03 * p.wave(2, 0.23 * k)
    p.blob([(-0.3, 0.12), (-0.38, 0.34), (-0.33 + w(0), 0.56), (-0.24, 0.46), (-0.2 + w(1), 0.72), (-0.06, 0.8 + w(2)), (0.02 + w(3), 1.0), (0.1, 0.76),
            (0.19 + w(4), 0.62), (0.25, 0.48), (0.35 + w(5), 0.62), (0.38, 0.32), (0.29, 0.12)], "shine", "flat")
    p.blob([(-0.2, 0.12), (-0.25, 0.32), (-0.16 + w(1), 0.48), (-0.08, 0.42), (0.0 + w(2), 0.72 + w(0)), (0.08, 0.44), (0.18 + w(3), 0.46), (0.25, 0.3),
            (0.19, 0.12)], "sheen", "flat")
    p.blob([(-0.1, 0.12), (-0.13, 0.26), (-0.04, 0.3), (0.01 + w(4), 0.46), (0.07, 0.3), (0.13, 0.24), (0.1, 0.12)], "star", "flat")
    p.limb([(-0.46, 0.02), (0.32, 0.22)], (0.12, 0.1), "wood", "slope")
    p.limb([(0.46, 0.02), (-0.32, 0.22)], (0.12, 0.1), "bark", "slope")
    p.limb([(-0.22, 0.06), (0.26, 0.06)], (0.11, 0.11), "wood", "slope")
    for x, y in ((-0.46, 0.03), (0.46, 0.03), (0.28, 0.06)):
        p.dot(x, y, 0.042, 0.05, "sand")
    for k in range(3):
        t = (p.phase + k / 3 + 0.1) % 1.0
        p.dot(-0.2 + 0.2 * k + 0.05 * p.wave(1, 0.4 * k), 0.6 + 0.5 * t, 0.028 * math.sin(math.pi * t), paint="shine")
    if p.coin():
        p.line([(0.5, 0.5), (0.2, 0.66)], "bark", 0.02)
        p.oval(0.18, 0.67, 0.06, 0.045, "chalk", turn=-28)


@kind("snowman", "snowman, snow man, snowy fellow", plural="snowmen", tall=0.34, wide=0.74, own="white")
def snowman(p):
    tilt = 0.01 * p.wave()
    coat = other(p, "red", "turquoise")
    p.line([(0.16, 0.5), (0.36, 0.62 + tilt), (0.35, 0.7 + tilt)], "bark", 0.026)
    p.line([(0.3, 0.585 + tilt), (0.39, 0.6 + tilt)], "bark", 0.02)
    p.line([(-0.16, 0.5), (-0.34, 0.58), (-0.38, 0.68)], "bark", 0.026)
    p.line([(-0.33, 0.575), (-0.38, 0.56)], "bark", 0.02)
    p.oval(0, 0.2, 0.27, 0.215, "main", "ball")
    p.oval(0, 0.5, 0.2, 0.175, "main", "ball")
    p.oval(tilt, 0.75, 0.155, 0.14, "main", "ball")
    p.blob([(-0.14, 0.65), (0.0, 0.6), (0.14, 0.65), (0.15, 0.7), (0.0, 0.655), (-0.15, 0.7)], coat, "flat")
    p.poly([(0.06, 0.65), (0.13, 0.66), (0.15, 0.45 + tilt), (0.07, 0.44 + tilt)], coat, "slope")
    for x in (0.085, 0.11, 0.135):
        p.line([(x, 0.45 + tilt), (x, 0.42 + tilt)], coat, 0.014)
    for y in (0.54, 0.47, 0.4):
        p.dot(-0.01, y, 0.02, paint="iron")
    for x in (-0.05, 0.06):
        p.dot(x + tilt, 0.79, 0.02)
        p.dot(x + 0.006 + tilt, 0.797, 0.006, paint="chalk")
    for x in (-0.095, 0.115):
        p.dot(x + tilt, 0.735, 0.028, 0.018, "blush")
    p.poly([(0.0 + tilt, 0.77), (0.2 + tilt, 0.735), (0.0 + tilt, 0.73)], "fire")
    p.line([(-0.05 + tilt, 0.7), (0.0 + tilt, 0.682), (0.05 + tilt, 0.692)], "eye", 0.014, True)
    p.oval(tilt, 0.865, 0.18, 0.028, "iron", "flat")
    p.poly([(-0.105 + tilt, 0.87), (0.105 + tilt, 0.87), (0.115 + tilt, 1.03), (-0.115 + tilt, 1.03)], "iron", "pillar")
    p.rect(-0.106 + tilt, 0.88, 0.106 + tilt, 0.915, coat)
    p.blob([(-0.36, 0.0), (-0.26, 0.05), (0.0, 0.03), (0.26, 0.05), (0.36, 0.0)], "snow", "slope")


@kind("scarecrow", "scarecrow, straw man, field scarecrow", tall=0.4, wide=0.92, moves="sway")
def scarecrow(p):
    with afloat(p, 2.5, 0.0):
        w = 0.012 * p.wave()
        p.rect(-0.025, 0, 0.025, 0.6, "wood", "pillar")
        p.line([(-0.42, 0.6), (0.42, 0.6)], "wood", 0.035)
        for s in (-1, 1):
            for dy in (-0.045, -0.015, 0.015, 0.045):
                p.line([(0.36 * s, 0.59), (0.46 * s, 0.59 + dy)], "straw", 0.018)
        p.poly([(-0.14, 0.24), (-0.02, 0.24), (-0.035, 0.12 + w), (-0.15, 0.13)], "slate", "slope")
        p.poly([(0.14, 0.24), (0.02, 0.24), (0.035, 0.13), (0.15, 0.12 + w)], "slate", "slope")
        for x in (-0.13, -0.09, -0.05, 0.05, 0.09, 0.13):
            p.line([(x, 0.14), (x * 1.08, 0.07)], "straw", 0.018)
        p.poly([(-0.13, 0.68), (-0.38, 0.65 + w), (-0.39, 0.54 + w), (-0.16, 0.54), (-0.19, 0.22), (-0.1, 0.25), (-0.04, 0.2), (0.03, 0.25), (0.1, 0.2),
                (0.18, 0.23), (0.16, 0.54), (0.39, 0.54 - w), (0.38, 0.65 - w), (0.13, 0.68)], "main", "slope")
        p.line([(0, 0.66), (0, 0.24)], "dark", 0.012)
        p.rect(-0.15, 0.345, 0.15, 0.375, "straw")
        for y in (0.58, 0.5, 0.43):
            p.dot(0.025, y, 0.014, paint="trim")
        p.rect(-0.13, 0.39, -0.055, 0.475, "light")
        p.line([(-0.125, 0.4), (-0.06, 0.47)], "trim", 0.01)
        p.rect(0.06, 0.27, 0.13, 0.335, "blush")
        p.poly([(-0.12, 0.68), (-0.08, 0.62), (0, 0.66), (0.08, 0.62), (0.12, 0.68), (0, 0.71)], "straw")
        p.oval(0, 0.775, 0.115, 0.115, "sand", "ball")
        for s in (-1, 1):
            for k in range(3):
                p.line([(0.1 * s, 0.8), ((0.15 - 0.01 * k) * s, 0.76 - 0.04 * k)], "straw", 0.016)
            p.dot(0.042 * s, 0.79, 0.017)
            p.dot(0.07 * s, 0.75, 0.02, 0.014, "blush")
        p.poly([(-0.015, 0.775), (0.015, 0.775), (0, 0.75)], "fire")
        p.line([(-0.045, 0.73), (0, 0.71), (0.045, 0.73)], "eye", 0.012, True)
        p.blob([(-0.22, 0.84), (-0.1, 0.88), (0.1, 0.88), (0.23, 0.85), (0.1, 0.83), (-0.1, 0.83)], "main", "slope")
        p.blob([(-0.1, 0.86), (-0.09, 0.94), (-0.02 + w, 1.02), (0.06 + w, 0.99), (0.1, 0.86), (0, 0.85)], "main", "slope")
        p.line([(-0.098, 0.87), (0, 0.862), (0.098, 0.87)], "trim", 0.026, True)
        if p.coin(0.7):
            x, y = 0.33, 0.7 - w
            p.blob([(x - 0.1, y), (x - 0.03, y + 0.07), (x + 0.05, y + 0.06), (x + 0.05, y - 0.02), (x - 0.02, y - 0.035)], "iron")
            p.oval(x + 0.05, y + 0.085, 0.038, 0.038, "iron")
            p.poly([(x + 0.08, y + 0.1), (x + 0.13, y + 0.08), (x + 0.08, y + 0.07)], "beak")
            p.dot(x + 0.058, y + 0.095, 0.01, paint="chalk")


@kind("statue", "statue, sculpture, monument", tall=0.44, wide=0.62, own="grey")
def statue(p):
    p.rect(-0.27, 0, 0.27, 0.07, "main", "slope")
    p.rect(-0.2, 0.07, 0.2, 0.26, "dark", "pillar")
    p.rect(-0.24, 0.25, 0.24, 0.31, "main", "slope")
    p.rect(-0.11, 0.12, 0.11, 0.21, "gold")
    for y in (0.185, 0.15):
        p.line([(-0.08, y), (0.08, y)], "bark", 0.01)
    p.blob([(-0.13, 0.31), (-0.15, 0.5), (-0.1, 0.66), (-0.09, 0.76), (0.09, 0.76), (0.1, 0.66), (0.13, 0.5), (0.16, 0.31)], "main", "pillar")
    for x0, x1 in ((-0.05, -0.08), (0.02, 0.01), (0.08, 0.1)):
        p.line([(x0, 0.56), (x1, 0.33)], "dark", 0.014)
    p.limb([(-0.09, 0.73), (-0.18, 0.62), (-0.1, 0.53)], (0.07, 0.06, 0.05), "main")
    p.rect(-0.17, 0.47, -0.04, 0.6, "light", "slope", 0.01)
    p.limb([(0.09, 0.73), (0.2, 0.8), (0.21, 0.94)], (0.075, 0.065, 0.05), "main")
    p.poly([(0.165, 0.93), (0.255, 0.93), (0.23, 1.0), (0.19, 1.0)], "light")
    f = 0.012 * p.wave(3)
    p.blob([(0.18, 0.99), (0.19, 1.05), (0.215, 1.12 + f), (0.245, 1.04), (0.24, 0.99)], "flame" if p.look.lamps else "gold", "flat")
    p.glow(0.21, 1.04, 0.3, "flame", 0.6)
    p.rect(-0.035, 0.74, 0.035, 0.8, "main")
    p.oval(0, 0.86, 0.075, 0.085, "main", "ball")
    p.blob([(-0.08, 0.86), (-0.08, 0.94), (0.0, 0.97), (0.08, 0.94), (0.08, 0.88), (0.0, 0.915)], "dark", "flat")
    for a in (-60, -30, 0, 30, 60):
        q = math.radians(90 + a)
        p.line([(0.075 * math.cos(q), 0.88 + 0.075 * math.sin(q)), (0.13 * math.cos(q), 0.88 + 0.13 * math.sin(q))], "light", 0.018)
    for x in (-0.025, 0.03):
        p.dot(x, 0.865, 0.009, paint="dark")
    p.line([(-0.02, 0.82), (0.0, 0.813), (0.025, 0.82)], "dark", 0.01, True)
    if p.coin():
        p.oval(-0.16, 0.335, 0.035, 0.026, "metal")
        p.oval(-0.19, 0.36, 0.018, 0.018, "metal")
    p.fluff(-0.25, 0.03, 0.07, 0.045, 6, "leaf")
    p.fluff(0.24, 0.03, 0.08, 0.05, 6, "leaf")


@kind("flag", "flag, banner, waving flag", tall=0.38, wide=1.18, moves="sway")
def flag(p):
    p.oval(-0.46, 0.03, 0.13, 0.04, "stone")
    p.rect(-0.485, 0.02, -0.435, 0.98, "wood", "pillar")
    n = 14
    wave = lambda k: 0.05 * min(1.0, 2.0 * k) * p.wave(1, 0.9 * k)
    upper = [(-0.44 + 0.96 * i / n, 0.95 + wave(i / n)) for i in range(n + 1)]
    lower = [(x, y - 0.46) for x, y in upper]
    p.poly(upper + lower[::-1], "main", "slope")
    for a, b, paint in ((0.25, 0.42, "light"), (0.66, 0.8, "dark")):
        i, j = int(a * n), int(b * n)
        p.poly(upper[i:j + 1] + lower[i:j + 1][::-1], paint, "slope")
    pattern = p.rng.randrange(3)
    if pattern == 0:
        p.poly(star(0.04, 0.72 + wave(0.5), 0.15), "trim")
    elif pattern == 1:
        p.poly([(x, y - 0.18) for x, y in upper] + [(x, y - 0.28) for x, y in upper[::-1]], "trim")
    else:
        p.oval(0.04, 0.72 + wave(0.5), 0.12, 0.12, "trim", "flat")
    p.oval(-0.46, 1.01, 0.05, 0.05, "gold")
    for y in (0.93, 0.52):
        p.line([(-0.47, y), (-0.43, y)], "metal", 0.022)
    tuft(p, -0.56)
    tuft(p, -0.36, 0.06)


@kind("barrel", "barrel, wooden barrel, cask", tall=0.25, wide=0.84, own="brown")
def barrel(p):
    side = [(-0.3, 0.0), (-0.37, 0.24), (-0.39, 0.48), (-0.36, 0.74), (-0.3, 0.93)]
    p.poly(side + [(-x, y) for x, y in side[::-1]], "main", "pillar")
    for k in (-0.66, -0.34, 0.0, 0.34, 0.66):
        p.line([(k * -x, y) for x, y in side], "dark", 0.014, True)
    p.oval(0, 0.93, 0.3, 0.07, "light", "flat")
    p.oval(0, 0.925, 0.25, 0.05, "dark", "flat")
    for x in (-0.1, 0.06):
        p.line([(x, 0.89), (x + 0.01, 0.965)], "light", 0.012)
    for y, w in ((0.08, 0.325), (0.28, 0.375), (0.66, 0.37), (0.84, 0.33)):
        p.blob([(-w, y + 0.035), (0, y - 0.01), (w, y + 0.035), (w, y - 0.03), (0, y - 0.075), (-w, y - 0.03)], "iron", "pillar")
        p.dot(-0.12, y - 0.035, 0.014, paint="metal")
    p.rect(-0.04, 0.38, 0.04, 0.46, "gold", "slope", 0.01)
    p.line([(0.0, 0.42), (0.0, 0.35)], "gold", 0.05)
    p.line([(-0.05, 0.49), (0.05, 0.49)], "wood", 0.035)
    t = (p.phase + 0.3) % 1.0
    p.dot(0.0, 0.33 - 0.3 * t * t, 0.024 * math.sin(math.pi * t), 0.03 * math.sin(math.pi * t), "water")
    if p.coin():
        p.line([(0.14, 0.56), (0.26, 0.56)], "dark", 0.02)
        p.line([(0.16, 0.5), (0.24, 0.5)], "dark", 0.02)
    tuft(p, -0.32)


@kind("treasure chest", "treasure chest, chest of gold, pirate chest", tall=0.25, wide=1.2, own="brown")
def treasure_chest(p):
    p.poly([(-0.5, 0.5), (0.5, 0.5), (0.52, 0.94), (-0.52, 0.94)], "dark", "slope")
    p.blob([(-0.56, 0.82), (-0.52, 0.96), (-0.3, 1.02), (0.3, 1.02), (0.52, 0.96), (0.56, 0.82), (0.5, 0.78), (-0.5, 0.78)], "main", "slope")
    for x in (-0.36, 0.36):
        p.rect(x - 0.05, 0.52, x + 0.05, 1.01, "gold", "slope")
    p.rect(-0.46, 0.48, 0.46, 0.78, beside(p, k=0.6))
    p.glow(0, 0.6, 0.8, "gold", 0.35)
    p.blob([(-0.46, 0.46), (-0.36, 0.6), (-0.16, 0.68), (0.06, 0.72), (0.26, 0.65), (0.4, 0.58), (0.47, 0.46)], "gold", "slope")
    for k in range(12):
        x = -0.38 + 0.07 * k
        y = 0.49 + 0.15 * math.cos(1.5 * (x - 0.02)) * (0.45 + 0.5 * ((5 * k) % 7) / 7)
        p.oval(x, y, 0.05, 0.034, "gold", "ball", turn=((k * 47) % 60) - 30)
    p.poly([(-0.26, 0.62), (-0.19, 0.69), (-0.12, 0.62), (-0.19, 0.54)], "turquoise", "slope")
    p.poly([(0.2, 0.6), (0.27, 0.66), (0.34, 0.59), (0.27, 0.53)], "red", "slope")
    p.line([(0.02, 0.66), (0.1, 0.58), (0.12, 0.48), (0.06, 0.4)], "chalk", 0.03, True)
    p.poly([(-0.54, 0), (0.54, 0), (0.56, 0.48), (-0.56, 0.48)], "main", "slope")
    for y in (0.16, 0.32):
        p.line([(-0.54, y), (0.54, y)], "dark", 0.016)
    p.rect(-0.57, 0.43, 0.57, 0.5, "light", "slope", 0.02)
    for x in (-0.48, 0.48, -0.28, 0.28):
        p.rect(x - 0.05, 0.0, x + 0.05, 0.46, "gold" if abs(x) > 0.4 else "dark", "slope")
        for y in (0.06, 0.38):
            p.dot(x, y, 0.016, paint="bark")
    p.rect(-0.11, 0.24, 0.11, 0.5, "gold", "pillar", 0.04)
    p.dot(0, 0.39, 0.035, paint="bark")
    p.poly([(-0.018, 0.38), (0.018, 0.38), (0.028, 0.29), (-0.028, 0.29)], "bark")
    for k, (x, y) in enumerate(((-0.34, 0.72), (0.1, 0.8), (0.4, 0.7))):
        r = 0.06 * max(0.0, p.wave(1, k / 3))
        if r > 0.008:
            p.poly([q for i in range(4) for q in (ring(x, y, r, 4, 90)[i], ring(x, y, 0.25 * r, 4, 135)[i])], "star")


@kind("robot", "robot, android, friendly robot", tall=0.36, wide=0.84, moves="walk")
def robot(p):
    a = p.wave()
    lamp = ("flame", "star")[int(2 * p.phase + 1e-9) % 2]
    for s in (-1, 1):
        lift = 0.025 * max(0.0, s * a)
        p.line([(0.11 * s, 0.24), (0.11 * s, 0.08 + lift)], "metal", 0.065)
        p.rect(0.11 * s - 0.09, 0.0 + lift, 0.11 * s + 0.1, 0.09 + lift, "dark", "slope", 0.035)
        arm = [(0.22 * s, 0.54), (0.34 * s, 0.46), (0.36 * s + 0.02 * a, 0.34 + 0.02 * s * a)] if s < 0 or not p.coin(0.6) else [
            (0.22, 0.54), (0.34, 0.58), (0.37 + 0.03 * a, 0.72)]
        p.limb(arm, (0.06, 0.055, 0.055), "metal")
        x, y = arm[-1]
        up = 1 if y > 0.5 else -1
        p.oval(x, y + 0.03 * up, 0.05, 0.05, "main")
        for d in (-1, 1):
            p.line([(x + 0.025 * d, y + 0.05 * up), (x + 0.035 * d, y + 0.09 * up)], "iron", 0.026)
    p.rect(-0.06, 0.58, 0.06, 0.66, "metal", "pillar")
    p.rect(-0.23, 0.2, 0.23, 0.6, "main", "pillar", 0.07)
    p.rect(-0.15, 0.35, 0.15, 0.52, "trim", "slope", 0.03)
    p.wedge(-0.05, 0.39, 0.085, 20, 160, "glass")
    q = math.radians(90 + 55 * a)
    p.line([(-0.05, 0.39), (-0.05 + 0.07 * math.cos(q), 0.39 + 0.07 * math.sin(q))], "red", 0.016)
    for k, c in enumerate(("red", "gold", "lime")):
        p.dot(0.09, 0.39 + 0.045 * k, 0.018, paint=c)
    for x in (-0.16, 0.16):
        p.dot(x, 0.25, 0.016, paint="dark")
    p.line([(-0.08, 0.29), (0.08, 0.29)], "dark", 0.018)
    p.rect(-0.26, 0.72, 0.26, 0.82, "dark", "slope", 0.03)
    p.rect(-0.22, 0.63, 0.22, 0.93, "main", "pillar", 0.09)
    p.rect(-0.165, 0.69, 0.165, 0.87, "navy" if p.main[2] > 0.3 or p.main[0] > 0.3 else "slate", "flat", 0.06)
    for s in (-1, 1):
        p.oval(0.075 * s, 0.8, 0.036, 0.044, "lamp", "flat")
        p.glow(0.075 * s, 0.8, 0.14, "lamp", 0.4)
        p.dot(0.13 * s, 0.74, 0.022, 0.014, "blush")
    p.line([(-0.05, 0.735), (0, 0.715), (0.05, 0.735)], "lamp", 0.018, True)
    p.line([(0, 0.93), (0.01 * a, 1.0)], "metal", 0.022)
    p.oval(0.01 * a, 1.015, 0.032, 0.032, lamp, "flat")
    p.glow(0, 1.015, 0.2, "flame", 0.5)


@kind("fountain", "fountain, water fountain, stone fountain", tall=0.32, wide=1.12, own="grey", moves="fall")
def fountain(p):
    spray = "water" if p.look.style == "ink" else (0.84, 0.95, 1.0)
    drops = [(p.phase + k / 4) % 1.0 for k in range(4)]
    for s in (-1, 1):
        p.line([(0, 0.84), (0.07 * s, 1.0), (0.19 * s, 0.94), (0.27 * s, 0.62)], spray, 0.034, True)
        p.line([(0, 0.84), (0.03 * s, 0.94), (0.09 * s, 0.92), (0.15 * s, 0.62)], "water", 0.026, True)
        for t in drops:
            p.dot(s * (0.08 + 0.26 * t), 0.96 + 0.24 * t - 0.62 * t * t, 0.028 * math.sin(math.pi * (0.15 + 0.7 * t)), paint=spray)
    p.poly([(-0.09, 0.1), (0.09, 0.1), (0.055, 0.5), (-0.055, 0.5)], "main", "pillar")
    p.poly([(-0.05, 0.56), (0.05, 0.56), (0.03, 0.8), (-0.03, 0.8)], "main", "pillar")
    p.oval(0, 0.7, 0.07, 0.04, "light", "pillar")
    p.line([(0, 0.8), (0, 1.02 + 0.02 * p.wave(2))], spray, 0.05)
    for x, y, w in ((0.0, 0.59, 0.34),):
        p.oval(x, y, w, 0.045, "water", "flat")
        p.oval(x, y - 0.005, 0.5 * w, 0.02, spray, "flat")
    p.poly([(-0.38, 0.6), (-0.3, 0.565), (0, 0.55), (0.3, 0.565), (0.38, 0.6), (0.32, 0.5), (0.1, 0.42), (-0.1, 0.42), (-0.32, 0.5)], "main", "pillar")
    p.line([(-0.37, 0.59), (-0.2, 0.555), (0, 0.545), (0.2, 0.555), (0.37, 0.59)], "light", 0.035, True)
    p.oval(0, 0.28, 0.51, 0.06, "water", "flat")
    p.oval(0.02, 0.275, 0.2, 0.02, spray, "flat")
    for s in (-1, 1):
        for x in (0.34, 0.22):
            p.line([(x * s, 0.55), ((x + 0.05) * s, 0.44), ((x + 0.06) * s, 0.28)], spray, 0.034, True)
            p.oval((x + 0.06) * s, 0.28, 0.05 + 0.012 * p.wave(2, x), 0.016, spray, "flat")
    p.poly([(-0.55, 0.28), (-0.47, 0.245), (0, 0.215), (0.47, 0.245), (0.55, 0.28), (0.51, 0.06), (0.55, 0.0), (-0.55, 0.0), (-0.51, 0.06)], "main", "pillar")
    p.line([(-0.54, 0.265), (-0.25, 0.225), (0, 0.21), (0.25, 0.225), (0.54, 0.265)], "light", 0.05, True)
    for x in (-0.36, -0.12, 0.12, 0.36):
        p.oval(x, 0.115, 0.075, 0.045, "dark", "flat")
        p.oval(x, 0.115, 0.04, 0.022, "light", "flat")
    p.rect(-0.56, 0.0, 0.56, 0.045, "light", "slope", 0.01)


@kind("teddy", "teddy bear, teddy, toy bear", tall=0.26, wide=0.82, own="brown")
def teddy(p):
    w = 0.03 * p.wave()
    for s in (-1, 1):
        p.oval(0.21 * s, 0.92, 0.105, 0.105, "main", "ball")
        p.oval(0.21 * s, 0.92, 0.06, 0.06, "light", "flat")
        lift = w if s > 0 else 0.0
        p.limb([(0.17 * s, 0.48), (0.31 * s, 0.4 + lift), (0.35 * s, 0.3 + 2 * lift)], (0.15, 0.15, 0.14), "main", "slope")
    p.blob([(-0.2, 0.52), (-0.27, 0.3), (-0.22, 0.1), (0, 0.04), (0.22, 0.1), (0.27, 0.3), (0.2, 0.52)], "main", "ball")
    p.oval(0, 0.28, 0.15, 0.17, "light", "ball")
    p.line([(-0.03, 0.36), (0, 0.33), (0.03, 0.36)], "dark", 0.016)
    p.line([(0, 0.33), (0, 0.2)], "dark", 0.014)
    for s in (-1, 1):
        p.oval(0.24 * s, 0.13, 0.135, 0.13, "main", "ball")
        p.oval(0.25 * s, 0.125, 0.08, 0.075, "light", "flat")
        for dx in (-0.035, 0.0, 0.035):
            p.dot(0.25 * s + dx, 0.165 - abs(dx) * 0.3, 0.014, paint="dark")
    p.oval(0, 0.74, 0.29, 0.25, "main", "ball")
    p.oval(0, 0.66, 0.14, 0.11, "light", "ball")
    p.blob([(-0.05, 0.72), (0.05, 0.72), (0.0, 0.66)], "nose", "flat")
    p.line([(0, 0.67), (0, 0.63), (-0.04, 0.605)], "nose", 0.018, True)
    p.line([(0, 0.63), (0.04, 0.605)], "nose", 0.018)
    for s in (-1, 1):
        p.dot(0.115 * s, 0.79, 0.035, 0.04)
        p.dot(0.115 * s + 0.012, 0.803, 0.012, paint="chalk")
        p.dot(0.2 * s, 0.68, 0.04, 0.028, "blush")
    bow = other(p, "red", "turquoise")
    for s in (-1, 1):
        p.blob([(0.0, 0.5), (0.08 * s, 0.56), (0.14 * s, 0.54), (0.14 * s, 0.45), (0.08 * s, 0.44)], bow, "slope")
    p.oval(0, 0.5, 0.04, 0.045, bow)
    if p.coin(0.35):
        p.rect(-0.13, 0.2, -0.04, 0.29, "cream")
        p.line([(-0.13, 0.245), (-0.04, 0.245)], "bark", 0.01)


@kind("present", "present, gift, wrapped gift", tall=0.22, wide=1.06)
def present(p):
    r = other(p, "gold", "turquoise") if p.coin() else "trim"
    p.poly([(0.2, 0), (0.46, 0.08), (0.46, 0.58), (0.2, 0.56)], beside(p, k=0.3))
    p.rect(-0.44, 0, 0.22, 0.56, "main", "slope")
    for x, y in ((-0.34, 0.12), (-0.34, 0.4), (0.1, 0.12), (0.1, 0.4), (-0.26, 0.26), (0.02, 0.26)):
        p.dot(x, y, 0.03, paint="light")
    p.rect(-0.18, 0, -0.05, 0.56, r, "slope")
    p.poly([(0.3, 0.03), (0.37, 0.05), (0.37, 0.56), (0.3, 0.56)], beside(p, r, 0.25))
    p.poly([(0.23, 0.52), (0.5, 0.57), (0.5, 0.7), (0.23, 0.7)], beside(p, k=0.3))
    p.rect(-0.48, 0.52, 0.25, 0.7, "main", "slope", 0.015)
    p.poly([(-0.48, 0.7), (0.25, 0.7), (0.5, 0.7), (0.3, 0.77), (-0.3, 0.77)], "light")
    p.rect(-0.185, 0.52, -0.045, 0.7, r, "slope")
    w = 0.015 * p.wave()
    for s in (-1, 1):
        p.blob([(-0.06, 0.74), (-0.06 + 0.14 * s, 0.92 + w), (-0.06 + 0.3 * s, 0.94 + w), (-0.06 + 0.33 * s, 0.82), (-0.06 + 0.2 * s, 0.74)], r, "slope")
        p.blob([(-0.06 + 0.08 * s, 0.78), (-0.06 + 0.16 * s, 0.86 + w), (-0.06 + 0.25 * s, 0.87 + w), (-0.06 + 0.24 * s, 0.8)], beside(p, r, 0.35), "flat")
        p.poly([(-0.06, 0.74), (-0.06 + 0.16 * s, 0.6), (-0.06 + 0.2 * s, 0.66), (-0.06 + 0.26 * s, 0.63)], r)
    p.oval(-0.06, 0.77, 0.065, 0.055, r)


@kind("cake", "birthday cake, cake, party cake", tall=0.25, wide=1.16, own="pink")
def cake(p):
    p.oval(0, 0.05, 0.58, 0.06, "chalk")
    p.rect(-0.06, 0.0, 0.06, 0.05, "metal")
    p.rect(-0.46, 0.06, 0.46, 0.42, "main", "pillar", 0.05)
    drip = [(-0.47, 0.44)] + [(-0.47 + 0.94 * i / 12, (0.3, 0.36)[i % 2] + 0.02 * math.sin(2.3 * i)) for i in range(13)] + [(0.47, 0.44)]
    p.blob(drip, "trim", "slope")
    p.oval(0, 0.43, 0.465, 0.055, "light", "flat")
    p.rect(-0.3, 0.43, 0.3, 0.7, "main", "pillar", 0.04)
    p.blob([(-0.31, 0.71)] + [(-0.31 + 0.62 * i / 8, (0.61, 0.66)[i % 2]) for i in range(9)] + [(0.31, 0.71)], "trim", "slope")
    p.oval(0, 0.7, 0.305, 0.04, "light", "flat")
    for k in range(5):
        x = -0.36 + 0.18 * k
        p.oval(x, 0.13, 0.045, 0.045, "trim", "ball")
        p.dot(x, 0.22, 0.02, paint=("turquoise", "gold", "leaf")[k % 3])
    for k in range(3):
        p.dot(-0.16 + 0.16 * k, 0.53, 0.028, paint=("gold", "turquoise", "leaf")[k])
    for k, x in enumerate((-0.16, 0.0, 0.16)):
        p.rect(x - 0.022, 0.7, x + 0.022, 0.88, ("turquoise", "gold", "lime")[k], "pillar")
        p.line([(x - 0.02, 0.76), (x + 0.02, 0.8)], "chalk", 0.014)
        f = 0.012 * p.wave(3, 0.3 * k)
        p.blob([(x, 1.02 + f), (x + 0.035, 0.93), (x, 0.89), (x - 0.035, 0.93)], "flame", "flat")
        p.glow(x, 0.95, 0.26, "flame", 0.5)
    for x in (-0.25, 0.25):
        p.oval(x, 0.74, 0.045, 0.045, "red")
        p.line([(x, 0.77), (x + 0.02, 0.82)], "stem", 0.014)


@kind("guitar", "guitar, acoustic guitar, six-string guitar", tall=0.37, wide=0.56, own="orange")
def guitar(p):
    p.poly([(-0.028, 0.5), (0.028, 0.5), (0.022, 0.86), (-0.022, 0.86)], "bark", "pillar")
    p.poly([(-0.035, 0.85), (0.035, 0.85), (0.055, 0.98), (0.0, 1.0), (-0.055, 0.98)], "dark", "slope")
    for s in (-1, 1):
        for y in (0.88, 0.92, 0.96):
            p.line([(0.04 * s, y), (0.075 * s, y)], "gold", 0.022)
    p.blob([(0.0, 0.0), (-0.17, 0.02), (-0.26, 0.14), (-0.22, 0.28), (-0.15, 0.36), (-0.19, 0.47), (-0.14, 0.56), (0.0, 0.58), (0.14, 0.56), (0.19, 0.47),
            (0.15, 0.36), (0.22, 0.28), (0.26, 0.14), (0.17, 0.02)], "dark", "flat")
    p.blob([(0.0, 0.022), (-0.16, 0.04), (-0.235, 0.14), (-0.2, 0.27), (-0.13, 0.36), (-0.165, 0.46), (-0.125, 0.54), (0.0, 0.555), (0.125, 0.54),
            (0.165, 0.46), (0.13, 0.36), (0.2, 0.27), (0.235, 0.14), (0.16, 0.04)], "main", "ball")
    p.poly([(-0.026, 0.44), (0.026, 0.44), (0.024, 0.6), (-0.024, 0.6)], "bark", "pillar")
    p.oval(0, 0.37, 0.088, 0.088, "light", "flat")
    p.oval(0, 0.37, 0.068, 0.068, "nose", "flat")
    p.blob([(0.08, 0.33), (0.15, 0.29), (0.14, 0.2), (0.07, 0.26)], "wood", "flat")
    p.rect(-0.085, 0.13, 0.085, 0.165, "bark", radius=0.012)
    for k, x in enumerate((-0.016, 0.0, 0.016)):
        p.line([(x, 0.15), (x + 0.004 * p.wave(6, k / 3), 0.4), (0.8 * x, 0.94)], "cream", 0.006)
    for y in (0.64, 0.71, 0.78, 0.84):
        p.line([(-0.022, y), (0.022, y)], "metal", 0.01)
    for y in (0.675, 0.81):
        p.dot(0, y, 0.009, paint="chalk")
    p.oval(-0.15, 0.18, 0.035, 0.06, "light", "flat", turn=-15)
