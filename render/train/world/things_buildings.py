"""Houses and all that is built to stay. y = 0 is the ground before them; windows are lit when lamps are.

Knows only the pen and the shared parts; where they stand, the scene says.
"""
import math

from .kinds import kind
from .parts import arched, beside, door, other, pennant, ring, smoke, window


def shrub(p, x, y, r):
    """A little bush at a wall."""
    p.fluff(x, y + 0.8 * r, r, 0.85 * r, 6, "leaf")
    for dx, dy in ((-0.4, 0.9), (0.3, 0.5), (0.1, 1.2)):
        p.dot(x + dx * r, y + dy * r, 0.14 * r, paint="cream")


def roofing(p):
    """The paint of a roof. Drawn in lines only, a grey roof would hide the colour of the house."""
    return "main" if p.look.style == "neon" else other(p, "slate", "brick")


def tiles(p, lines, paint):
    """Rows on a roof: short lines between two points each."""
    for a, b in lines:
        p.line([a, b], paint, 0.014)


@kind("house", "house, family house, home", tall=0.4, wide=1.12)
def house(p):
    roof = roofing(p)
    smoke(p, 0.31, 0.98, 0.06, 0.2, 0.1)
    p.rect(0.25, 0.7, 0.37, 0.98, "brick", "pillar")
    p.rect(0.235, 0.94, 0.385, 0.985, "stone")
    p.poly([(0.08, 0), (0.5, 0), (0.5, 0.53), (0.08, 0.53)], beside(p))
    p.poly([(-0.46, 0), (0.08, 0), (0.08, 0.52), (-0.19, 0.86), (-0.46, 0.52)], "main", "slope")
    p.poly([(-0.19, 0.9), (0.33, 0.9), (0.57, 0.48), (0.1, 0.48)], roof, "slope")
    tiles(p, [((-0.1, 0.79), (0.38, 0.79)), ((-0.01, 0.68), (0.44, 0.68)), ((0.06, 0.58), (0.5, 0.58))], beside(p, roof, 0.4))
    p.poly([(-0.19, 0.945), (0.135, 0.5), (0.09, 0.455), (-0.19, 0.855), (-0.47, 0.455), (-0.515, 0.5)], "trim")
    p.oval(-0.19, 0.63, 0.065, 0.065, "trim", "flat")
    p.oval(-0.19, 0.63, 0.046, 0.046, "window", "flat")
    window(p, -0.32, 0.27, 0.13, 0.17)
    window(p, -0.06, 0.27, 0.13, 0.17)
    window(p, 0.3, 0.22, 0.18, 0.18)
    door(p, -0.19, 0.0, 0.13, 0.21, other(p, "wood", "gold"), arch=False)
    p.rect(-0.3, 0.0, -0.08, 0.025, "stone")
    p.rect(0.2, 0.165, 0.4, 0.2, "wood")
    for k in range(4):
        p.dot(0.225 + 0.05 * k, 0.205, 0.022, paint=("cream", "blush")[k % 2])
    shrub(p, -0.41, 0, 0.085)
    if p.coin():
        shrub(p, 0.46, 0, 0.08)


@kind("cottage", "cottage, thatched cottage, cosy cottage", tall=0.32, wide=1.3)
def cottage(p):
    smoke(p, -0.36, 1.0, 0.065, 0.2, 0.1)
    p.poly([(-0.43, 0.6), (-0.29, 0.6), (-0.3, 0.99), (-0.42, 0.99)], "stone", "pillar")
    p.rect(-0.44, 0.96, -0.28, 1.0, "brick")
    p.poly([(-0.54, 0), (0.54, 0), (0.5, 0.7), (-0.5, 0.7)], "main", "slope")
    for x, y in ((-0.5, 0.0), (-0.38, 0.02), (0.36, 0.0), (0.47, 0.03), (-0.2, 0.0)):
        p.oval(x, y + 0.035, 0.06, 0.035, "stone", "flat")
    thatch = "main" if p.look.style == "neon" else other(p, (0.80, 0.62, 0.33), "wood")
    p.blob([(-0.64, 0.52), (-0.59, 0.68), (-0.44, 0.86), (-0.2, 0.92), (0.2, 0.92), (0.44, 0.86), (0.59, 0.68), (0.64, 0.52), (0.56, 0.51), (0.46, 0.58),
            (0.38, 0.68), (0.27, 0.71), (0.16, 0.68), (0.06, 0.58), (-0.2, 0.56), (-0.5, 0.52)], thatch, "slope")
    for x0, y0, x1, y1 in ((-0.42, 0.8, -0.5, 0.58), (-0.26, 0.84, -0.31, 0.58), (-0.08, 0.82, -0.1, 0.58), (0.08, 0.84, 0.08, 0.63), (0.42, 0.8, 0.51, 0.6)):
        p.line([(x0, y0), (x1, y1)], beside(p, thatch, 0.34), 0.016)
    p.blob([(-0.44, 0.9), (-0.2, 0.965), (0.2, 0.965), (0.44, 0.9), (0.4, 0.84), (0.2, 0.88), (-0.2, 0.88), (-0.4, 0.84)], "dark", "flat")
    window(p, 0.27, 0.36, 0.16, 0.23, arch=True)
    window(p, -0.33, 0.2, 0.17, 0.17)
    p.rect(-0.44, 0.14, -0.22, 0.18, "wood")
    for k in range(5):
        p.dot(-0.42 + 0.045 * k, 0.19, 0.025, paint=("blush", "cream", "gold")[k % 3])
    door(p, -0.04, 0, 0.19, 0.33, other(p, "wood", "turquoise"))
    p.oval(-0.04, 0.21, 0.035, 0.035, "window", "flat")
    shrub(p, 0.27, 0, 0.12)
    if p.coin():
        p.line([(0.5, 0.02), (0.47, 0.2), (0.5, 0.4)], "stem", 0.03, True)
        for x, y in ((0.46, 0.14), (0.51, 0.24), (0.46, 0.32), (0.52, 0.4)):
            p.dot(x, y, 0.035, paint="blush")


def battlements(p, x0, x1, y, n, paint, h=0.06):
    """n teeth on a wall."""
    w = (x1 - x0) / (2 * n - 1)
    p.rect(x0, y - 0.01, x1, y + 0.4 * h, paint)
    for i in range(n):
        p.rect(x0 + 2 * i * w, y, x0 + (2 * i + 1) * w, y + h, paint)


@kind("castle", "castle, fortress, fairytale castle", tall=0.46, wide=1.2)
def castle(p):
    roof = roofing(p)
    for x, top, w in ((0.0, 0.74, 0.15),):
        p.rect(x - w, 0.3, x + w, top, beside(p, k=0.16))
        battlements(p, x - w - 0.02, x + w + 0.02, top, 4, "main")
    p.rect(-0.05, 0.74, 0.1, 0.86, "main", "pillar")
    p.poly([(-0.08, 0.86), (0.13, 0.86), (0.025, 1.02)], roof, "pillar")
    p.line([(0.025, 1.0), (0.025, 1.12)], "wood", 0.016)
    pennant(p, 0.025, 1.12, 0.17, 0.08, "main")
    p.rect(-0.42, 0, 0.42, 0.42, "main", "slope")
    battlements(p, -0.42, 0.42, 0.42, 9, "main")
    for s, top in ((-1, 0.62), (1, 0.54)):
        x = 0.45 * s
        p.rect(x - 0.13, 0, x + 0.13, top, "main", "pillar")
        p.rect(x - 0.15, top - 0.03, x + 0.15, top + 0.03, "light", "pillar")
        p.poly([(x - 0.17, top + 0.03), (x + 0.17, top + 0.03), (x, top + 0.31)], roof, "pillar")
        p.dot(x, top + 0.31, 0.022, paint="gold")
        window(p, x, 0.34, 0.06, 0.12, arch=True, bars=False)
    p.line([(-0.45, 0.93), (-0.45, 1.02)], "wood", 0.014)
    pennant(p, -0.45, 1.03, 0.13, 0.06, "main")
    for x in (-0.08, 0.08):
        window(p, x, 0.55, 0.05, 0.11, arch=True, bars=False)
    for x in (-0.24, 0.24):
        window(p, x, 0.22, 0.05, 0.1, arch=True, bars=False)
    arched(p, 0, 0, 0.27, 0.31, "light")
    arched(p, 0, 0, 0.21, 0.27, "wood", "slope")
    for x in (-0.05, 0.0, 0.05):
        p.line([(x, 0), (x, 0.25)], "iron", 0.012)
    p.line([(-0.1, 0.12), (0.1, 0.12)], "iron", 0.012)
    for x, y in ((-0.33, 0.12), (-0.2, 0.07), (0.2, 0.12), (0.3, 0.34), (-0.34, 0.33), (-0.48, 0.18), (0.46, 0.14), (0.02, 0.35)):
        p.rect(x - 0.03, y, x + 0.03, y + 0.025, "dark")


@kind("lighthouse", "lighthouse, beacon tower", home="ground", tall=0.52, wide=0.64)
def lighthouse(p):
    p.blob([(-0.31, 0.0), (-0.3, 0.07), (-0.17, 0.13), (0.05, 0.1), (0.22, 0.13), (0.31, 0.05), (0.3, 0.0)], "stone", "slope")
    p.poly([(0.1, 0.04), (0.27, 0.04), (0.27, 0.17), (0.1, 0.17)], beside(p, k=0.12))
    p.poly([(0.08, 0.16), (0.3, 0.16), (0.25, 0.25), (0.08, 0.25)], "dark", "slope")
    window(p, 0.2, 0.075, 0.05, 0.06)
    edge = lambda y: 0.19 - 0.085 * y / 0.7
    cuts = (0.04, 0.2, 0.29, 0.45, 0.54, 0.7)
    for i in range(5):
        a, b = cuts[i], cuts[i + 1]
        p.poly([(-edge(a), a), (edge(a), a), (edge(b), b), (-edge(b), b)], "trim" if i % 2 else "main", "pillar")
    p.poly([(-0.105, 0.68), (0.105, 0.68), (0.15, 0.72), (-0.15, 0.72)], "dark", "pillar")
    for x in (-0.145, -0.09, 0.09, 0.145):
        p.line([(x, 0.72), (x, 0.79)], "iron", 0.012)
    p.line([(-0.15, 0.79), (0.15, 0.79)], "iron", 0.016)
    p.rect(-0.085, 0.72, 0.085, 0.87, "lamp" if p.look.lamps else "cream", "pillar")
    p.oval(0, 0.79, 0.035, 0.05, "lamp" if p.look.lamps else "gold", "ball")
    for x in (-0.085, -0.04, 0.04, 0.085):
        p.line([(x, 0.72), (x, 0.87)], "iron", 0.012)
    swing = p.wave()
    for s in (-1, 1):
        p.glow(0.14 * s + 0.05 * swing, 0.8, 0.3, "lamp", 0.4)
    p.glow(0, 0.8, 0.5, "lamp", 0.6)
    p.wedge(0, 0.865, 0.125, 0, 180, "main", "pillar")
    p.line([(-0.125, 0.868), (0.125, 0.868)], "dark", 0.02)
    p.line([(0, 0.98), (0, 1.05)], "iron", 0.016)
    p.dot(0, 1.045, 0.022, paint="gold")
    for x, y in ((0.03, 0.56), (-0.035, 0.33)):
        window(p, x, y, 0.05, 0.085, arch=True, bars=False)
    door(p, -0.02, 0.05, 0.1, 0.15, other(p, "wood", "navy"))
    for k in range(3):
        p.rect(-0.1 - 0.02 * k, 0.035 - 0.018 * k, 0.05, 0.055 - 0.018 * k, "light")


@kind("windmill", "windmill, mill, old mill", tall=0.48, wide=0.98, moves="sway")
def windmill(p):
    p.poly([(-0.26, 0), (0.26, 0), (0.16, 0.6), (-0.16, 0.6)], "main", "pillar")
    p.poly([(-0.28, 0), (0.28, 0), (0.26, 0.06), (-0.26, 0.06)], "stone", "pillar")
    p.rect(-0.25, 0.25, 0.25, 0.28, "wood")
    for x in (-0.24, -0.12, 0.0, 0.12, 0.24):
        p.line([(x, 0.28), (x, 0.34)], "wood", 0.012)
    p.line([(-0.25, 0.34), (0.25, 0.34)], "wood", 0.014)
    roof = roofing(p)
    p.blob([(-0.19, 0.6), (-0.14, 0.7), (0, 0.77), (0.14, 0.7), (0.19, 0.6), (0.0, 0.585)], roof, "slope")
    window(p, 0.0, 0.4, 0.07, 0.1, arch=True, bars=False)
    door(p, 0, 0, 0.13, 0.2, other(p, "wood", "turquoise"))
    start = 18 + 90 * p.phase
    for i in range(4):
        a = math.radians(start + 90 * i)
        ux, uy, vx, vy = math.cos(a), math.sin(a), -math.sin(a), math.cos(a)
        q = lambda r, s: (0.0 + ux * r + vx * s, 0.62 + uy * r + vy * s)
        p.poly([q(0.1, 0.012), q(0.46, 0.012), q(0.46, 0.115), q(0.12, 0.1)], "light")
        p.line([q(0, 0), q(0.47, 0)], "wood", 0.022)
        for r in (0.19, 0.28, 0.37):
            p.line([q(r, 0.0), q(r, 0.11)], "wood", 0.012)
        p.line([q(0.12, 0.06), q(0.46, 0.065)], "wood", 0.01)
    p.oval(0, 0.62, 0.035, 0.035, "iron")


@kind("church", "church, chapel, village church", plural="churches", tall=0.46, wide=0.98)
def church(p):
    roof = roofing(p)
    p.rect(-0.14, 0, 0.46, 0.46, beside(p, k=0.14), "slope")
    p.poly([(-0.14, 0.64), (0.4, 0.64), (0.5, 0.43), (-0.14, 0.43)], roof, "slope")
    tiles(p, [((-0.1, 0.575), (0.43, 0.575)), ((-0.1, 0.505), (0.46, 0.505))], beside(p, roof, 0.4))
    for x in (0.05, 0.2, 0.35):
        window(p, x, 0.15, 0.075, 0.2, arch=True, bars=False, edge=0.014)
        p.line([(x, 0.15), (x, 0.34)], "trim", 0.01)
        p.line([(x - 0.037, 0.25), (x + 0.037, 0.25)], "trim", 0.01)
        p.rect(x - 0.06, 0.12, x + 0.06, 0.14, "dark")
    p.rect(-0.42, 0, -0.08, 0.68, "main", "pillar")
    for x in (-0.42, -0.08):
        p.poly([(x - 0.035, 0), (x + 0.035, 0), (x + 0.02, 0.36), (x - 0.02, 0.36)], "main", "pillar")
    p.rect(-0.44, 0.665, -0.06, 0.7, "trim", "pillar")
    p.poly([(-0.45, 0.7), (-0.05, 0.7), (-0.25, 1.0)], roof, "pillar")
    p.line([(-0.25, 0.98), (-0.25, 1.11)], "gold", 0.022)
    p.line([(-0.29, 1.065), (-0.21, 1.065)], "gold", 0.022)
    arched(p, -0.25, 0.5, 0.15, 0.14, "slate")
    swing = 0.02 * p.wave(2)
    p.poly([(-0.285 + swing, 0.52), (-0.215 + swing, 0.52), (-0.232 + 0.5 * swing, 0.59), (-0.268 + 0.5 * swing, 0.59)], "gold")
    p.oval(-0.25, 0.385, 0.065, 0.065, "trim", "flat")
    p.oval(-0.25, 0.385, 0.05, 0.05, "window", "flat")
    for turn in (0, 90):
        p.line(ring(-0.25, 0.385, 0.05, 2, turn), "trim", 0.012)
    door(p, -0.25, 0, 0.15, 0.24, other(p, "wood", "gold"))
    p.line([(-0.25, 0), (-0.25, 0.23)], "bark", 0.012)
    p.rect(-0.37, 0, -0.13, 0.02, "stone")
    shrub(p, 0.12, 0, 0.06)
    shrub(p, 0.42, 0, 0.08)


@kind("barn", "barn, farm barn, hay barn", tall=0.34, wide=1.2, own="red")
def barn(p):
    roof = roofing(p)
    p.rect(0.14, 0, 0.54, 0.52, beside(p), "slope")
    for x in (0.24, 0.34, 0.44):
        p.line([(x, 0.02), (x, 0.5)], beside(p, k=0.44), 0.012)
    p.poly([(-0.16, 0.98), (0.34, 0.98), (0.48, 0.78), (0.58, 0.48), (0.14, 0.48), (0.06, 0.78)], roof, "slope")
    p.poly([(-0.52, 0), (0.14, 0), (0.14, 0.52), (0.05, 0.77), (-0.19, 0.94), (-0.43, 0.77), (-0.52, 0.52)], "main", "slope")
    for k in range(1, 7):
        x = -0.52 + 0.66 * k / 7
        p.line([(x, 0.02), (x, 0.52 + 0.3 * math.sin(math.pi * k / 7))], "dark", 0.01)
    p.line([(-0.55, 0.5), (-0.45, 0.77), (-0.19, 0.97), (0.07, 0.77), (0.17, 0.5)], "trim", 0.05)
    p.rect(-0.265, 0.62, -0.115, 0.77, "trim")
    p.rect(-0.245, 0.62, -0.135, 0.75, "slate")
    p.fluff(-0.19, 0.635, 0.075, 0.035, 5, "straw", "flat")
    p.rect(-0.41, 0, 0.03, 0.43, "trim")
    p.rect(-0.385, 0.0, -0.2, 0.405, "main")
    p.rect(-0.18, 0.0, 0.005, 0.405, "main")
    for x0, x1 in ((-0.385, -0.2), (-0.18, 0.005)):
        p.line([(x0, 0.02), (x1, 0.4)], "trim", 0.03)
        p.line([(x0, 0.4), (x1, 0.02)], "trim", 0.03)
    window(p, 0.34, 0.22, 0.15, 0.15)
    p.oval(0.42, 0.06, 0.1, 0.075, "straw", "ball")
    p.line([(0.36, 0.07), (0.42, 0.09), (0.47, 0.06)], "sand", 0.012, True)
    p.line([(-0.19, 0.97), (-0.19, 1.1)], "iron", 0.018)
    p.poly([(-0.27, 1.06), (-0.19, 1.09), (-0.11, 1.06), (-0.19, 1.04)], "iron")


@kind("skyscraper", "skyscraper, office tower, high-rise", tall=0.62, wide=0.56)
def skyscraper(p):
    lit = [p.coin(0.72) for i in range(64)]
    tiers = ((0.25, 0.0, 0.46), (0.19, 0.46, 0.72), (0.125, 0.72, 0.86))
    for n, (w, y0, y1) in enumerate(tiers):
        split = w - 0.11
        p.poly([(split, y0), (w, y0), (w, y1 - 0.025), (split, y1)], beside(p, k=0.32))
        p.rect(-w, y0, split, y1, "main", "slope")
        p.poly([(-w - 0.012, y1 - 0.005), (split, y1 - 0.005), (split, y1 + 0.02), (-w - 0.012, y1 + 0.02)], "light")
        p.poly([(split, y1 - 0.005), (w + 0.01, y1 - 0.03), (w + 0.01, y1 - 0.01), (split, y1 + 0.02)], "main")
        columns = (5, 4, 2)[n]
        gap = (split + w) / columns
        for k in range(columns):
            x = -w + gap * (k + 0.5)
            for row in range(int((y1 - y0 - (0.14 if n == 0 else 0.03)) / 0.062)):
                y = y0 + (0.125 if n == 0 else 0.03) + 0.062 * row
                p.rect(x - 0.018, y, x + 0.018, y + 0.038, "window" if lit[(11 * n + 7 * k + 5 * row) % 64] else "slate")
        for row in range(int((y1 - y0 - 0.06) / 0.062)):
            y = y0 + 0.035 + 0.062 * row
            if y > 0.1 or n:
                p.line([(split + 0.025, y + 0.014), (w - 0.02, y + 0.004)], "window" if lit[(9 * n + 3 * row) % 64] else "slate", 0.024)
    p.poly([(-0.1, 0.875), (0.05, 0.875), (0.0, 0.96), (-0.05, 0.96)], "dark", "pillar")
    p.line([(-0.025, 0.95), (-0.025, 1.07)], "metal", 0.018)
    p.dot(-0.025, 1.07, 0.022, paint="flame" if p.look.lamps else "fire")
    p.glow(-0.025, 1.07, 0.13, "flame", 0.5)
    p.rect(-0.23, 0.0, 0.13, 0.1, "dark")
    for k in range(4):
        p.rect(-0.215 + 0.088 * k, 0.0, -0.148 + 0.088 * k, 0.085, "window")
    p.poly([(-0.15, 0.1), (0.05, 0.1), (0.08, 0.065), (-0.18, 0.065)], "trim")
    p.glow(-0.05, 0.04, 0.3, "window", 0.3)
    shrub(p, 0.19, 0, 0.045)


@kind("tent", "tent, camping tent", tall=0.28, wide=1.5)
def tent(p):
    flap = 0.015 * p.wave(2)
    p.line([(0.36, 0.84), (0.73, 0.02)], "cloth", 0.014)
    p.poly([(-0.1, 0.97), (0.02, 0.91), (0.14, 0.875), (0.26, 0.86), (0.37, 0.86), (0.43, 0.66), (0.53, 0.34), (0.68, 0), (0.22, 0)],
           beside(p, k=0.22), "slope")
    p.line([(0.02, 0.7), (0.24, 0.66), (0.42, 0.64)], beside(p, k=0.42), 0.016, True)
    p.poly([(0.28, 0.2), (0.48, 0.22), (0.44, 0.46), (0.26, 0.48)], "trim")
    p.poly([(0.305, 0.23), (0.455, 0.245), (0.42, 0.43), (0.285, 0.45)], "window")
    p.line([(0.37, 0.23), (0.35, 0.44)], "trim", 0.016)
    p.glow(0.37, 0.34, 0.26, "window", 0.3)
    p.poly([(-0.62, 0), (0.26, 0), (-0.1, 0.97)], "main", "slope")
    p.poly([(-0.4, 0), (0.08, 0), (-0.11, 0.74)], "window" if p.look.lamps else "slate")
    p.glow(-0.14, 0.3, 0.6, "window", 0.4)
    p.rect(-0.3, 0.0, -0.02, 0.1, other(p, "brick", "turquoise"), "slope", 0.05)
    p.line([(-0.2, 0.02), (-0.2, 0.09)], "cream", 0.02)
    p.oval(-0.29, 0.11, 0.07, 0.045, "chalk")
    p.line([(-0.11, 0.68), (-0.11 + 0.5 * flap, 0.5)], "iron", 0.012)
    p.oval(-0.11 + 0.5 * flap, 0.46, 0.04, 0.055, "lamp" if p.look.lamps else "gold", "ball")
    for s, foot in ((-1, -0.4), (1, 0.08)):
        x = foot + 0.13 * s
        p.blob([(-0.11, 0.75), (foot * 0.5 - 0.06, 0.36), (foot, 0.0), (x + flap * s, 0.0), (x + 0.02 * s, 0.2), (0.55 * x - 0.05 + 0.02 * s, 0.44)],
               "light", "slope")
        p.line([(0.6 * x - 0.05, 0.34), (0.6 * x - 0.05 + 0.1 * s, 0.32)], "trim", 0.03)
    p.line([(-0.62, 0), (-0.1, 0.97), (0.26, 0)], "trim", 0.034)
    p.line([(-0.1, 0.93), (-0.1, 1.05)], "wood", 0.034)
    p.line([(-0.12, 0.98), (-0.7, 0.02)], "cloth", 0.014)
    for x in (-0.71, 0.74):
        p.line([(x, 0.01), (x - 0.03 * (1 if x > 0 else -1), 0.09)], "wood", 0.034)
    shrub(p, 0.6, 0, 0.06)


@kind("igloo", "igloo, snow house", tall=0.24, wide=1.5, own="white")
def igloo(p):
    dome = [(0.12 + 0.62 * math.cos(math.radians(a)), 0.98 * math.sin(math.radians(a)) ** 0.9) for a in range(0, 181, 12)]
    p.poly(dome, "main", "ball")
    joint = "ice" if p.colour("main")[0][0] > 0.9 and p.colour("main")[0][2] > 0.9 else "light"
    for h in (0.24, 0.48, 0.7, 0.88):
        w = 0.62 * math.sqrt(max(0.0, 1 - (h / 0.99) ** 2.2))
        p.line([(0.12 - w, h - 0.02), (0.12, h + 0.015), (0.12 + w, h - 0.02)], joint, 0.022, True)
    for x, y0, y1 in ((0.3, 0.0, 0.24), (0.55, 0.0, 0.23), (0.18, 0.25, 0.48), (0.42, 0.25, 0.47), (0.62, 0.23, 0.45), (-0.02, 0.5, 0.7), (0.26, 0.5, 0.71),
                      (0.48, 0.48, 0.66), (-0.3, 0.44, 0.55), (0.12, 0.72, 0.88)):
        p.line([(x, y0), (x - 0.12 * (x - 0.12), y1)], joint, 0.022)
    arched(p, -0.36, 0, 0.6, 0.52, "main", "pillar")
    p.line([(-0.36 + 0.28 * math.cos(math.radians(a)), 0.22 + 0.28 * math.sin(math.radians(a))) for a in range(0, 181, 15)], joint, 0.03)
    arched(p, -0.38, 0, 0.38, 0.38, "slate" if not p.look.lamps else "window")
    p.glow(-0.38, 0.18, 0.5, "window", 0.45)
    p.blob([(-0.74, 0.0), (-0.66, 0.08), (-0.5, 0.05), (-0.4, 0.0)], "snow")
    p.blob([(0.42, 0.0), (0.55, 0.09), (0.7, 0.05), (0.75, 0.0)], "snow")
    if p.coin():
        p.line([(0.5, 0.7), (0.5, 1.02)], "wood", 0.024)
        pennant(p, 0.5, 1.02, 0.2, 0.14, "main")


@kind("temple", "temple, Greek temple, temple with columns", tall=0.36, wide=1.36, own="white")
def temple(p):
    p.rect(-0.5, 0.16, 0.5, 0.64, beside(p, k=0.46))
    door(p, 0, 0.16, 0.16, 0.34, "wood", "light", False)
    p.glow(0, 0.34, 0.4, "window", 0.4)
    for k, (w, y) in enumerate(((0.66, 0.0), (0.61, 0.055), (0.56, 0.11))):
        p.rect(-w, y, w, y + 0.055, "light" if k % 2 else "main")
    for x in (-0.47, -0.29, -0.13, 0.13, 0.29, 0.47):
        p.poly([(x - 0.056, 0.18), (x + 0.056, 0.18), (x + 0.046, 0.62), (x - 0.046, 0.62)], "main", "pillar")
        p.rect(x - 0.068, 0.165, x + 0.068, 0.2, "light")
        p.rect(x - 0.068, 0.6, x + 0.068, 0.64, "light")
        p.line([(x + 0.012, 0.22), (x + 0.01, 0.58)], "dark", 0.01)
    p.rect(-0.58, 0.635, 0.58, 0.715, "main", "slope")
    for k in range(11):
        p.rect(-0.53 + 0.1 * k, 0.655, -0.49 + 0.1 * k, 0.7, "dark")
    p.poly([(-0.63, 0.715), (0.63, 0.715), (0, 1.0)], "main", "slope")
    p.poly([(-0.46, 0.745), (0.46, 0.745), (0, 0.95)], "dark", "slope")
    p.oval(0, 0.815, 0.065, 0.065, "gold")
    for s in (-1, 1):
        p.blob([(0.1 * s, 0.79), (0.2 * s, 0.83), (0.3 * s, 0.77), (0.2 * s, 0.77)], "light", "flat")
        p.dot(0.62 * s, 0.74, 0.03, paint="gold")
    p.dot(0, 1.01, 0.035, paint="gold")
    if p.look.lamps:
        for x in (-0.38, 0.38):
            p.oval(x, 0.3, 0.03, 0.05, "flame", "flat")
            p.glow(x, 0.3, 0.25, "flame", 0.5)


@kind("bridge", "bridge, stone bridge, arched bridge", tall=0.24, wide=2.1)
def bridge(p):
    top = lambda x: 0.78 - 0.34 * x * x
    spans = [-1 + 0.1 * i for i in range(21)]
    hole = lambda x, w, h: [(x + w * math.cos(math.radians(a)), h * math.sin(math.radians(a))) for a in range(180, -1, -15)]
    body = [(x, top(x)) for x in spans] + [(1, 0)] + hole(0.62, 0.2, 0.3)[::-1] + hole(0, 0.34, 0.52)[::-1] + hole(-0.62, 0.2, 0.3)[::-1] + [(-1, 0)]
    p.poly(body, "main", "slope")
    for x, w, h in ((0.62, 0.2, 0.3), (0, 0.34, 0.52), (-0.62, 0.2, 0.3)):
        arch = hole(x, w + 0.035, h + 0.04)
        p.line(arch, "light", 0.05)
        for a, b in list(zip(arch, hole(x, w, h)))[1:-1:2]:
            p.line([a, b], "dark", 0.014)
    for x, y in ((-0.86, 0.3), (-0.9, 0.14), (-0.4, 0.46), (-0.36, 0.2), (0.38, 0.28), (0.42, 0.52), (0.88, 0.26), (-0.62, 0.46), (0.64, 0.44), (0.18, 0.64)):
        p.rect(x - 0.05, y, x + 0.05, y + 0.045, "dark")
    p.line([(x, top(x) + 0.005) for x in spans], "light", 0.06)
    for i in range(1, 20, 2):
        p.rect(spans[i] - 0.03, top(spans[i]), spans[i] + 0.03, top(spans[i]) + 0.14, "main")
    p.line([(x, top(x) + 0.15) for x in spans], "light", 0.055)
    for x in (-0.52, 0.52):
        p.line([(x, top(x) + 0.1), (x, top(x) + 0.34)], "iron", 0.03)
        p.oval(x, top(x) + 0.36, 0.06, 0.065, "lamp" if p.look.lamps else "cream", "ball")
        p.dot(x, top(x) + 0.44, 0.035, 0.02, "iron")
        p.glow(x, top(x) + 0.36, 0.3, "lamp", 0.55)
    shrub(p, -0.98, 0, 0.1)
    shrub(p, 0.97, 0, 0.12)


@kind("well", "well, wishing well, draw well", tall=0.26, wide=0.94)
def well(p):
    for x in (-0.3, 0.3):
        p.rect(x - 0.03, 0.3, x + 0.03, 0.74, "wood", "pillar")
    p.line([(-0.34, 0.62), (0.38, 0.62)], "plank", 0.05)
    turn = 2 * math.pi * p.phase
    p.line([(0.38, 0.62), (0.43, 0.62 + 0.07 * math.cos(turn)), (0.47, 0.62 + 0.07 * math.cos(turn))], "iron", 0.024)
    drop = 0.03 * p.wave()
    p.line([(0, 0.62), (0, 0.5 + drop)], "straw", 0.016)
    p.line([(-0.07, 0.43 + drop), (0, 0.52 + drop), (0.07, 0.43 + drop)], "iron", 0.014)
    p.poly([(-0.08, 0.44 + drop), (0.08, 0.44 + drop), (0.06, 0.3 + drop), (-0.06, 0.3 + drop)], "plank", "pillar")
    p.poly([(-0.36, 0), (0.36, 0), (0.38, 0.34), (-0.38, 0.34)], "main", "pillar")
    for row in range(3):
        y = 0.11 * row
        p.line([(-0.37, y + 0.11), (0, y + 0.095), (0.37, y + 0.11)], "dark", 0.014, True)
        for k in range(4):
            x = -0.27 + 0.18 * k + 0.09 * (row % 2)
            p.line([(x, y + 0.01), (x, y + 0.095)], "dark", 0.014)
    p.rect(-0.42, 0.31, 0.42, 0.39, "light", "pillar", 0.03)
    p.poly([(-0.46, 0.7), (0.46, 0.7), (0.3, 0.98), (-0.3, 0.98)], "main", "slope")
    for y, w in ((0.79, 0.4), (0.885, 0.345)):
        p.line([(-w, y), (w, y)], "dark", 0.016)
    p.rect(-0.33, 0.95, 0.33, 1.0, "light", radius=0.02)
    p.fluff(-0.36, 0.06, 0.1, 0.08, 6, "leaf")
    for x, y in ((-0.4, 0.1), (-0.33, 0.06), (-0.36, 0.13)):
        p.dot(x, y, 0.02, paint="cream")


@kind("pagoda", "pagoda, Japanese pagoda, tiered tower", tall=0.5, wide=0.8)
def pagoda(p):
    p.rect(-0.34, 0, 0.34, 0.05, "stone", "slope")
    p.rect(-0.29, 0.045, 0.29, 0.08, "light")
    y = 0.08
    for k, w in enumerate((0.25, 0.19, 0.14)):
        h = 0.16 - 0.02 * k
        p.rect(-w, y, w, y + h, "cream" if k != 3 else "main", "slope")
        for s in (-1, 1):
            p.rect(s * w - 0.02, y, s * w + 0.02, y + h, "main")
        if k == 0:
            arched(p, 0, y, 0.13, 0.14, "main")
            arched(p, 0, y, 0.09, 0.115, "wood")
        else:
            window(p, 0, y + 0.03, 0.08, 0.07, "main", bars=False)
        for s in (-1, 1):
            window(p, s * 0.62 * w, y + 0.045, 0.05, 0.06, "main", bars=False)
        y += h
        e, t = w + 0.14, w - 0.03
        p.poly([(-e, y + 0.05), (-e + 0.06, y - 0.01), (-w, y - 0.02), (w, y - 0.02), (e - 0.06, y - 0.01), (e, y + 0.05), (w, y + 0.05), (t, y + 0.13),
                (-t, y + 0.13), (-w, y + 0.05)], "main", "slope")
        p.line([(-e + 0.03, y + 0.02), (-w, y - 0.005), (w, y - 0.005), (e - 0.03, y + 0.02)], "light", 0.018, True)
        for s in (-1, 1):
            p.line([(s * (e - 0.03), y + 0.01), (s * (e - 0.03) + 0.006 * p.wave(2), y - 0.045)], "gold", 0.012)
            p.dot(s * (e - 0.03) + 0.008 * p.wave(2), y - 0.05, 0.018, paint="lamp" if p.look.lamps else "gold")
        y += 0.125
    p.poly([(-0.03, y - 0.01), (0.03, y - 0.01), (0.008, y + 0.14), (-0.008, y + 0.14)], "gold")
    for d in (0.03, 0.06, 0.09):
        p.line([(-0.032 + 0.2 * d, y + d), (0.032 - 0.2 * d, y + d)], "gold", 0.016)


@kind("fence", "fence, picket fence, garden fence", tall=0.17, wide=2.2, own="white")
def fence(p):
    for y in (0.26, 0.62):
        p.rect(-1.08, y, 1.08, y + 0.1, "dark", "slope")
    for k in range(8):
        x = -0.98 + 0.28 * k
        h = 0.88 + (0.06 if k % 2 else 0.0)
        p.poly([(x - 0.09, 0), (x + 0.09, 0), (x + 0.09, h - 0.12), (x, h), (x - 0.09, h - 0.12)], "main", "slope")
        for y in (0.31, 0.67):
            p.dot(x, y, 0.018, paint="iron")
    for k in range(9):
        x = -1.04 + 0.26 * k
        h = 0.1 + 0.1 * p.rng.random()
        p.poly([(x - 0.05, 0), (x - 0.05, h), (x - 0.01, 0.04), (x + 0.02, h + 0.05), (x + 0.05, 0)], "leaf")
    x = p.rng.choice((-0.7, 0.14, 0.7))
    p.line([(x, 0), (x + 0.02, 0.4 + 0.02 * p.wave())], "stem", 0.03)
    for q in ring(x + 0.02, 0.48, 0.075, 6):
        p.dot(*q, 0.05, paint="blush")
    p.dot(x + 0.02, 0.48, 0.045, paint="gold")
