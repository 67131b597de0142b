"""What drives, rolls and flies with a motor, a flame or the wind. All look to the right.

Those that drive stand on y = 0; (0, 0) is the middle of those that fly. Knows only the pen and the shared parts.
"""
import math

from .kinds import kind
from .parts import beside, other, pennant, ring, smoke, wheel

SKIN = ((0.93, 0.74, 0.6), (0.66, 0.46, 0.34), (0.96, 0.8, 0.68))


def pane(p, points):
    """A window of a vehicle: glass by day, lit at night, with a stripe of light across it."""
    p.poly(points, "window", "slope")
    if not p.look.lamps and p.look.style != "neon":
        (x0, y0), (x1, y1) = min(points), max(points)
        p.line([(x0 + 0.3 * (x1 - x0), y0 + 0.25 * (y1 - y0)), (x0 + 0.5 * (x1 - x0), y0 + 0.72 * (y1 - y0))], "chalk", 0.02)


def headlamp(p, x, y, r):
    p.oval(x, y, r, r, "lamp", "flat")
    p.glow(x + 0.08, y, 0.26, "lamp", 0.6)


def hop(p):
    """How far a car's body rides up and down on its springs."""
    return 0.012 * p.wave(3)


@kind("car", "car, motor car, automobile", tall=0.23, wide=1.9, moves="drive")
def car(p):
    h = hop(p)
    p.rect(-0.9, 0.2, 0.92, 0.3, "iron", radius=0.05)
    p.blob([(-0.56, 0.52 + h), (-0.46, 0.82 + h), (-0.26, 0.98 + h), (0.08, 1.0 + h), (0.3, 0.86 + h), (0.48, 0.52 + h)], "main", "slope")
    p.blob([(-0.9, 0.26 + h), (-0.93, 0.5 + h), (-0.8, 0.63 + h), (-0.4, 0.62 + h), (0.0, 0.6 + h), (0.42, 0.62 + h), (0.8, 0.56 + h), (0.94, 0.42 + h),
            (0.92, 0.25 + h), (0.4, 0.22 + h), (-0.4, 0.22 + h)], "main", "slope")
    pane(p, [(-0.46, 0.6 + h), (-0.06, 0.6 + h), (-0.06, 0.9 + h), (-0.26, 0.9 + h), (-0.38, 0.8 + h)])
    pane(p, [(0.02, 0.6 + h), (0.37, 0.6 + h), (0.22, 0.84 + h), (0.09, 0.91 + h), (0.02, 0.91 + h)])
    p.line([(-0.02, 0.28 + h), (-0.02, 0.6 + h)], "dark", 0.016)
    p.line([(-0.5, 0.57 + h), (0.4, 0.57 + h)], "dark", 0.016)
    p.line([(0.08, 0.5 + h), (0.18, 0.5 + h)], "metal", 0.03)
    p.rect(-0.96, 0.24 + h, -0.76, 0.32 + h, "metal", radius=0.04)
    p.rect(0.78, 0.24 + h, 0.98, 0.32 + h, "metal", radius=0.04)
    p.dot(-0.88, 0.48 + h, 0.045, 0.06, "fire")
    for x in (-0.52, 0.52):
        p.wedge(x, 0.24 + h, 0.275, 0, 180, "dark")
        wheel(p, x, 0.21, 0.215, rim="trim")
    headlamp(p, 0.84, 0.46 + h, 0.075)
    if p.coin(0.4):
        p.line([(-0.34, 1.02 + h), (0.12, 1.02 + h)], "iron", 0.02)
        p.rect(-0.3, 1.03 + h, 0.06, 1.15 + h, "plank", "slope", 0.03)
        p.line([(-0.16, 1.04 + h), (-0.16, 1.14 + h)], "wood", 0.02)


@kind("truck", "truck, lorry, delivery truck", tall=0.26, wide=1.72, moves="drive")
def truck(p):
    h = hop(p)
    load = p.rng.randrange(3)
    p.rect(-0.82, 0.2, 0.84, 0.3, "iron")
    fruit = (("fire", "leaf"), ("red", "leaf"), ("straw", "sand"))[load]
    for k in range(8):
        x, y = -0.7 + 0.12 * k, 0.78 + 0.09 * math.sin(math.pi * (k + 0.5) / 8) + 0.03 * (k % 2) + h
        if load < 2:
            p.oval(x, y, 0.1, 0.1, fruit[0], "ball")
            p.dot(x + 0.01, y + 0.08, 0.03, 0.018, fruit[1], 30)
        elif k % 2 == 0:
            p.rect(x - 0.06, 0.7 + h, x + 0.2, 0.84 + h + 0.1 * (k % 4 == 2), fruit[0], "slope", 0.05)
            p.line([(x + 0.07, 0.72 + h), (x + 0.07, 0.83 + h + 0.1 * (k % 4 == 2))], "wood", 0.02)
    p.rect(-0.84, 0.3 + h, 0.24, 0.76 + h, "main", "slope", 0.03)
    for y in (0.45, 0.6):
        p.line([(-0.82, y + h), (0.22, y + h)], "dark", 0.02)
    for x in (-0.78, -0.48, -0.16, 0.17):
        p.rect(x - 0.03, 0.31 + h, x + 0.03, 0.8 + h, "light", "slope", 0.015)
    p.poly([(0.28, 0.26 + h), (0.86, 0.26 + h), (0.87, 0.5 + h), (0.82, 0.58 + h), (0.7, 0.62 + h), (0.62, 0.92 + h), (0.56, 0.97 + h), (0.28, 0.97 + h)],
           "main", "slope")
    p.rect(0.26, 0.93 + h, 0.62, 1.0 + h, "dark", "slope", 0.03)
    pane(p, [(0.36, 0.62 + h), (0.62, 0.62 + h), (0.55, 0.88 + h), (0.36, 0.88 + h)])
    p.blob([(0.38, 0.62 + h), (0.38, 0.68 + h), (0.5, 0.68 + h), (0.51, 0.62 + h)], "navy", "flat")
    p.dot(0.44, 0.72 + h, 0.05, paint=SKIN[0])
    p.poly([(0.385, 0.74 + h), (0.54, 0.74 + h), (0.49, 0.79 + h), (0.39, 0.79 + h)], "brick")
    p.line([(0.32, 0.3 + h), (0.32, 0.92 + h)], "dark", 0.016)
    p.line([(0.38, 0.52 + h), (0.46, 0.52 + h)], "metal", 0.028)
    p.line([(0.68, 0.56 + h), (0.84, 0.53 + h)], "trim", 0.025)
    p.rect(0.76, 0.2 + h, 0.93, 0.29 + h, "metal", radius=0.03)
    p.line([(0.26, 0.36), (0.26, 1.06 + h)], "metal", 0.035)
    p.dot(-0.82, 0.36 + h, 0.028, paint="fire")
    for x in (-0.54, 0.56):
        p.wedge(x, 0.2, 0.25, 0, 180, "dark")
        wheel(p, x, 0.19, 0.195, rim="trim")
    headlamp(p, 0.83, 0.4 + h, 0.055)


@kind("bus", "bus, city bus, double-decker bus", plural="buses", tall=0.3, wide=1.46, own="red", moves="drive")
def bus(p):
    h = hop(p)
    p.rect(-0.7, 0.13 + h, 0.7, 1.0 + h, "main", "slope", 0.12)
    p.rect(-0.7, 0.13 + h, 0.7, 0.2 + h, "dark", radius=0.03)
    p.line([(-0.62, 0.945 + h), (0.6, 0.945 + h)], "light", 0.03)
    p.rect(-0.695, 0.555 + h, 0.695, 0.59 + h, "trim")
    for k in range(5):
        x = -0.61 + 0.235 * k
        pane(p, [(x, 0.68 + h), (x + 0.175, 0.68 + h), (x + 0.175, 0.86 + h), (x, 0.86 + h)])
    pane(p, [(0.59, 0.68 + h), (0.695, 0.68 + h), (0.695, 0.86 + h), (0.59, 0.86 + h)])
    for k in range(3):
        x = -0.61 + 0.235 * k
        pane(p, [(x, 0.35 + h), (x + 0.175, 0.35 + h), (x + 0.175, 0.51 + h), (x, 0.51 + h)])
        if p.coin(0.6):
            p.dot(x + 0.09, 0.385 + h, 0.042, 0.048, SKIN[k])
            p.dot(x + 0.085, 0.415 + h, 0.044, 0.028, ("wood", "iron", "straw")[k])
    p.rect(0.125, 0.16 + h, 0.315, 0.51 + h, "trim")
    for x in (0.14, 0.225):
        pane(p, [(x, 0.19 + h), (x + 0.075, 0.19 + h), (x + 0.075, 0.48 + h), (x, 0.48 + h)])
    pane(p, [(0.42, 0.33 + h), (0.695, 0.33 + h), (0.695, 0.51 + h), (0.42, 0.51 + h)])
    p.dot(0.58, 0.38 + h, 0.048, paint=SKIN[0])
    p.rect(0.53, 0.405 + h, 0.63, 0.435 + h, "navy")
    p.rect(0.42, 0.605 + h, 0.66, 0.655 + h, "lamp" if p.look.lamps else "slate", radius=0.01)
    p.dot(-0.67, 0.27 + h, 0.028, paint="fire")
    p.line([(0.7, 0.5 + h), (0.76, 0.48 + h), (0.76, 0.41 + h)], "iron", 0.022)
    for x in (-0.44, 0.47):
        p.wedge(x, 0.15, 0.18, 0, 180, "dark")
        wheel(p, x, 0.135, 0.14, rim="trim")
    headlamp(p, 0.66, 0.24 + h, 0.042)


@kind("tractor", "tractor, farm tractor", tall=0.29, wide=1.42, own="green", moves="drive")
def tractor(p):
    h = hop(p)
    smoke(p, 0.36, 0.95, 0.06, 0.17, -0.16, 3, "metal")
    p.line([(0.36, 0.6), (0.36, 0.92 + h)], "iron", 0.05)
    p.line([(0.33, 0.93 + h), (0.4, 0.95 + h)], "iron", 0.03)
    p.rect(-0.5, 0.24, 0.5, 0.36, "iron")
    p.poly([(-0.44, 0.42 + h), (-0.4, 0.93 + h), (0.02, 0.93 + h), (0.12, 0.62 + h), (0.12, 0.42 + h)], "main", "slope")
    pane(p, [(-0.33, 0.56 + h), (-0.3, 0.86 + h), (-0.03, 0.86 + h), (0.06, 0.56 + h)])
    p.blob([(-0.26, 0.56 + h), (-0.25, 0.68 + h), (-0.16, 0.7 + h), (-0.1, 0.56 + h)], "navy", "flat")
    p.dot(-0.17, 0.73 + h, 0.055, paint=SKIN[0])
    p.poly([(-0.25, 0.76 + h), (-0.05, 0.76 + h), (-0.1, 0.775 + h), (-0.13, 0.82 + h), (-0.22, 0.82 + h)], "straw")
    p.rect(-0.46, 0.92 + h, 0.07, 0.99 + h, "main", "slope", 0.03)
    p.blob([(0.02, 0.34 + h), (0.02, 0.62 + h), (0.3, 0.66 + h), (0.56, 0.62 + h), (0.64, 0.5 + h), (0.63, 0.34 + h)], "main", "slope")
    for x in (0.24, 0.33, 0.42):
        p.line([(x, 0.42 + h), (x, 0.54 + h)], "dark", 0.025)
    p.line([(0.06, 0.6 + h), (0.52, 0.6 + h)], "trim", 0.025)
    p.poly([(-0.7, 0.38), (-0.66, 0.6), (-0.46, 0.7), (-0.24, 0.67), (-0.08, 0.5), (-0.04, 0.36)], "main", "slope")
    wheel(p, -0.36, 0.29, 0.29, rim=other(p, "gold", "red"), spokes=6, turns=1)
    for q in ring(-0.36, 0.29, 0.25, 10, -60 * p.phase * 6):
        p.dot(*q, 0.03, paint="iron")
    wheel(p, 0.45, 0.19, 0.19, rim=other(p, "gold", "red"), turns=2)
    headlamp(p, 0.61, 0.52 + h, 0.045)


@kind("train", "train, steam train, steam engine", tall=0.28, wide=1.8, moves="drive")
def train(p):
    smoke(p, 0.55, 1.0, 0.085, 0.17, -0.5, 4)
    p.rect(-0.88, 0.15, 0.82, 0.27, "iron")
    p.poly([(0.74, 0.27), (0.74, 0.06), (0.92, 0.02), (0.82, 0.27)], "iron")
    p.line([(0.78, 0.22), (0.88, 0.04)], "metal", 0.016)
    p.poly([(0.5, 0.6), (0.6, 0.6), (0.67, 0.97), (0.43, 0.97)], "dark", "pillar")
    p.rect(0.42, 0.94, 0.68, 0.99, "main", "pillar")
    p.rect(0.1, 0.66, 0.24, 0.8, "gold", "pillar", 0.06)
    p.rect(-0.16, 0.27, 0.74, 0.7, "main", "slope", 0.09)
    p.rect(0.66, 0.28, 0.76, 0.68, "dark", "slope", 0.05)
    for x in (0.0, 0.3, 0.56):
        p.rect(x - 0.018, 0.27, x + 0.018, 0.7, "gold")
    p.rect(-0.86, 0.25, -0.12, 0.9, "main", "slope")
    pane(p, [(-0.44, 0.56), (-0.2, 0.56), (-0.2, 0.8), (-0.44, 0.8)])
    pane(p, [(-0.78, 0.56), (-0.54, 0.56), (-0.54, 0.8), (-0.78, 0.8)])
    p.blob([(-0.4, 0.56), (-0.38, 0.62), (-0.3, 0.64), (-0.24, 0.56)], "navy", "flat")
    p.dot(-0.32, 0.68, 0.05, paint=SKIN[0])
    p.rect(-0.38, 0.715, -0.26, 0.75, "navy")
    p.rect(-0.8, 0.32, -0.18, 0.48, "light")
    p.rect(-0.77, 0.345, -0.21, 0.455, "main")
    p.blob([(-0.94, 0.89), (-0.8, 0.97), (-0.5, 1.0), (-0.2, 0.97), (-0.06, 0.89)], "dark", "slope")
    for x, r in ((-0.66, 0.19), (-0.24, 0.19), (0.18, 0.15), (0.52, 0.15)):
        wheel(p, x, r, r, "iron", other(p, "red", "gold"), 6, 1 if r > 0.17 else 2, 0.74)
    dx, dy = 0.1 * math.cos(2 * math.pi * p.phase), -0.1 * math.sin(2 * math.pi * p.phase)
    p.line([(-0.66 + dx, 0.19 + dy), (-0.24 + dx, 0.19 + dy), (0.3, 0.24)], "metal", 0.035)
    headlamp(p, 0.78, 0.56, 0.06)


@kind("bicycle", "bicycle, bike, push-bike", tall=0.25, wide=1.62, moves="drive")
def bicycle(p):
    frame = 0.075
    for x in (-0.5, 0.52):
        for r, w, paint in ((0.29, 0.06, "rubber"), (0.245, 0.035, "main")):
            p.line(ring(x, 0.32, r, 28) + ring(x, 0.32, r, 1), paint, w)
        for a, b in zip(ring(x, 0.32, 0.24, 8, -180 * p.phase), ring(x, 0.32, 0.03, 8, -180 * p.phase)):
            p.line([a, b], "metal", 0.012)
    for x, s in ((-0.5, 1), (0.52, -1)):
        p.line([(x + 0.34 * math.cos(math.radians(a)), 0.33 + 0.34 * math.sin(math.radians(a))) for a in (range(30, 171, 14) if s > 0 else range(60, 181, 12))],
               "main", 0.05)
    dx, dy = 0.12 * math.cos(-2 * math.pi * p.phase), 0.12 * math.sin(-2 * math.pi * p.phase)
    p.line([(-0.04, 0.3), (-0.04 - dx, 0.3 - dy), (0.02 - dx, 0.3 - dy)], "iron", 0.035)
    for a, b in (((-0.04, 0.3), (-0.5, 0.32)), ((-0.5, 0.32), (-0.17, 0.7)), ((-0.04, 0.3), (-0.2, 0.76)), ((-0.04, 0.3), (0.36, 0.64)),
                 ((-0.17, 0.66), (0.34, 0.72))):
        p.limb([a, b], (frame, frame), "main")
    p.limb([(0.52, 0.32), (0.4, 0.56), (0.31, 0.9)], (frame, frame, frame), "main")
    p.line([(0.31, 0.9), (0.44, 0.95), (0.4, 0.83), (0.32, 0.85)], "iron", 0.04, True)
    p.dot(0.3, 0.86, 0.035, paint="wood")
    p.line([(-0.2, 0.76), (-0.22, 0.82)], "metal", 0.04)
    p.blob([(-0.38, 0.86), (-0.34, 0.8), (-0.18, 0.81), (-0.06, 0.84), (-0.14, 0.88), (-0.28, 0.87)], "wood")
    p.oval(-0.04, 0.3, 0.1, 0.1, "main", "flat")
    p.dot(-0.04, 0.3, 0.05, paint="trim")
    p.line([(-0.04, 0.3), (-0.04 + dx, 0.3 + dy), (0.02 + dx, 0.3 + dy)], "iron", 0.035)
    p.poly([(0.36, 0.58), (0.72, 0.58), (0.78, 0.82), (0.36, 0.82)], "straw", "slope")
    for x in (0.46, 0.56, 0.66):
        p.line([(x, 0.6), (x + 0.03, 0.8)], "plank", 0.016)
    p.line([(0.38, 0.7), (0.74, 0.7)], "plank", 0.016)
    for x, c in ((0.44, "blush"), (0.56, "cream"), (0.67, "gold")):
        p.fluff(x, 0.87, 0.07, 0.06, 5, "leaf", "flat")
        p.dot(x, 0.9, 0.04, paint=c)
    if p.coin():
        p.line([(-0.66, 0.7), (-0.22, 0.66)], "iron", 0.03)
        p.rect(-0.64, 0.7, -0.38, 0.84, "plank", "slope", 0.02)


@kind("balloon", "hot-air balloon, hot air balloon", home="sky", tall=0.36, wide=0.78, moves="fly")
def balloon(p):
    y = 0.012 * p.wave()
    c = [(0, 0.5), (0.2, 0.47), (0.34, 0.34), (0.36, 0.16), (0.28, 0.0), (0.12, -0.17), (0.08, -0.21)]
    edge = lambda k: [(k * x, v + y) for x, v in c]
    p.line([(-0.075, -0.2 + y), (-0.07, -0.38 + y)], "wood", 0.012)
    p.line([(0.075, -0.2 + y), (0.07, -0.38 + y)], "wood", 0.012)
    p.blob(edge(1) + [(-x, v) for x, v in edge(1)[:0:-1]], "main", "ball")
    for k0, k1 in ((-0.62, -0.2), (0.2, 0.62)):
        p.poly(edge(k0) + edge(k1)[::-1], "trim", "slope")
    p.line(edge(-0.98)[1:6], "dark", 0.012, True)
    for k in range(7):
        x = -0.315 + 0.105 * k
        q = 0.04 - 0.1 * (1 - (x / 0.34) ** 2)
        p.dot(x, q + 0.1 + y, 0.03, paint="dark" if k % 2 else "gold")
    p.rect(-0.075, -0.24 + y, 0.075, -0.205 + y, "dark")
    p.oval(0, -0.275 + y, 0.028, 0.04 + 0.008 * p.wave(4), "flame", "flat")
    p.glow(0, -0.2 + y, 0.4, "flame", 0.55)
    p.dot(-0.035, -0.355 + y, 0.032, paint=SKIN[0])
    p.dot(0.035, -0.36 + y, 0.03, paint=SKIN[1])
    p.dot(-0.035, -0.335 + y, 0.03, 0.018, "wood")
    p.poly([(-0.095, -0.38 + y), (0.095, -0.38 + y), (0.075, -0.51 + y), (-0.075, -0.51 + y)], "plank", "pillar")
    for v in (-0.42, -0.46):
        p.line([(-0.085, v + y), (0.085, v + y)], "wood", 0.01)
    p.rect(-0.105, -0.395 + y, 0.105, -0.37 + y, "wood", radius=0.012)
    p.dot(-0.1, -0.44 + y, 0.026, 0.034, "cloth")
    p.dot(0.1, -0.44 + y, 0.026, 0.034, "cloth")


@kind("airplane", "airplane, aeroplane, propeller plane", home="sky", tall=0.26, wide=1.72, moves="fly")
def airplane(p):
    y = 0.02 * p.wave()
    spin = abs(math.cos(4 * math.pi * p.phase))
    p.blob([(0.06, 0.14 + y), (-0.1, 0.44 + y), (-0.02, 0.5 + y), (0.14, 0.47 + y), (0.32, 0.14 + y)], "dark", "slope")
    p.blob([(-0.62, 0.06 + y), (-0.8, 0.42 + y), (-0.74, 0.5 + y), (-0.6, 0.46 + y), (-0.4, 0.14 + y)], "main", "slope")
    p.line([(-0.75, 0.4 + y), (-0.58, 0.4 + y)], "trim", 0.055)
    for x in (0.3, 0.1):
        p.line([(0.22, -0.24 + y), (x + 0.04, -0.36 + y)], "iron", 0.03)
        p.oval(x + 0.05, -0.41 + y, 0.075, 0.085, "rubber", "flat")
        p.dot(x + 0.05, -0.41 + y, 0.03, paint="metal")
    p.blob([(-0.8, 0.16 + y), (-0.4, 0.24 + y), (0.1, 0.28 + y), (0.46, 0.26 + y), (0.68, 0.12 + y), (0.7, -0.06 + y), (0.54, -0.22 + y), (0.2, -0.28 + y),
            (-0.2, -0.2 + y), (-0.6, 0.0 + y)], "main", "slope")
    p.blob([(-0.76, 0.12 + y), (-0.3, 0.06 + y), (0.2, 0.0 + y), (0.7, 0.05 + y), (0.71, -0.03 + y), (0.2, -0.08 + y), (-0.3, 0.0 + y)], "trim", "flat")
    for x in (-0.4, -0.22, -0.04):
        p.oval(x, 0.14 + y, 0.058, 0.058, "trim", "flat")
        p.oval(x, 0.14 + y, 0.042, 0.042, "window", "flat")
    p.blob([(0.16, 0.26 + y), (0.2, 0.4 + y), (0.34, 0.44 + y), (0.48, 0.36 + y), (0.56, 0.2 + y), (0.36, 0.2 + y)], "window", "slope")
    p.dot(0.34, 0.28 + y, 0.066, paint=SKIN[0])
    p.dot(0.33, 0.32 + y, 0.07, 0.042, "wood")
    p.line([(0.36, 0.295 + y), (0.4, 0.295 + y)], "gold", 0.03)
    p.poly([(0.26, 0.2 + y), (0.24, 0.15 + y), (0.04, 0.2 + 0.03 * p.wave(2) + y), (0.06, 0.25 + 0.03 * p.wave(2) + y)], other(p, "red", "gold"))
    p.blob([(0.34, -0.06 + y), (0.1, -0.04 + y), (-0.24, -0.38 + y), (-0.2, -0.46 + y), (-0.06, -0.46 + y), (0.3, -0.14 + y)], "main", "slope")
    p.line([(0.3, -0.08 + y), (0.08, -0.1 + y), (-0.2, -0.38 + y)], "light", 0.025, True)
    p.oval(-0.03, -0.33 + y, 0.055, 0.04, "trim", "flat", turn=38)
    p.blob([(-0.5, 0.12 + y), (-0.66, 0.12 + y), (-0.86, -0.02 + y), (-0.8, -0.07 + y), (-0.6, -0.02 + y)], "main", "slope")
    p.oval(0.71, 0.02 + y, 0.075, 0.11, "dark")
    p.oval(0.78, 0.02 + y, 0.032, 0.12 + 0.22 * spin, "metal", "flat")
    p.oval(0.79, 0.02 + y, 0.045, 0.05, "gold")
    p.dot(-0.2, -0.43 + y, 0.024, paint="flame" if p.look.lamps else "fire")


@kind("helicopter", "helicopter, chopper", home="sky", tall=0.3, wide=1.56, moves="fly")
def helicopter(p):
    y = 0.015 * p.wave()
    reach = 0.36 + 0.3 * abs(math.cos(4 * math.pi * p.phase))
    p.limb([(-0.1, 0.02 + y), (-0.42, 0.1 + y), (-0.7, 0.16 + y)], (0.3, 0.15, 0.08), "main", "slope")
    p.blob([(-0.56, 0.12 + y), (-0.76, 0.14 + y), (-0.78, 0.38 + y), (-0.7, 0.42 + y)], "main", "slope")
    p.line([(-0.73, 0.32 + y), (-0.69, 0.32 + y)], "trim", 0.07)
    p.poly([(-0.5, 0.09 + y), (-0.66, 0.13 + y), (-0.7, 0.02 + y), (-0.58, 0.0 + y)], "dark")
    a = 2 * math.pi * p.phase
    for q in (0.4, 0.4 + math.pi / 2):
        dx, dy = 0.12 * math.cos(2 * a + q), 0.12 * math.sin(2 * a + q)
        p.line([(-0.72 - dx, 0.18 + y - dy), (-0.72 + dx, 0.18 + y + dy)], "iron", 0.03)
    p.dot(-0.72, 0.18 + y, 0.035, paint="gold")
    for x in (0.04, 0.36):
        p.line([(x, -0.3 + y), (x - 0.03, -0.46 + y)], "iron", 0.035)
    p.line([(-0.2, -0.46 + y), (-0.1, -0.48 + y), (0.46, -0.48 + y), (0.58, -0.42 + y)], "iron", 0.045, True)
    p.rect(0.04, 0.24 + y, 0.28, 0.37 + y, "dark", "slope", 0.05)
    p.blob([(-0.26, 0.0 + y), (-0.16, 0.22 + y), (0.14, 0.32 + y), (0.44, 0.27 + y), (0.63, 0.1 + y), (0.68, -0.1 + y), (0.56, -0.28 + y), (0.2, -0.36 + y),
            (-0.14, -0.26 + y)], "main", "slope")
    p.blob([(0.34, 0.25 + y), (0.54, 0.16 + y), (0.65, -0.04 + y), (0.52, -0.1 + y), (0.34, -0.07 + y), (0.28, 0.1 + y)], "window", "slope")
    p.blob([(0.34, -0.07 + y), (0.36, 0.0 + y), (0.48, 0.0 + y), (0.53, -0.09 + y)], "navy", "flat")
    p.dot(0.43, 0.05 + y, 0.062, paint=SKIN[0])
    p.dot(0.42, 0.085 + y, 0.068, 0.045, "iron")
    p.oval(0.08, 0.08 + y, 0.105, 0.105, "trim", "flat")
    p.oval(0.08, 0.08 + y, 0.078, 0.078, "window", "flat")
    p.line([(-0.06, -0.3 + y), (-0.06, 0.2 + y)], "dark", 0.016)
    p.line([(0.21, -0.33 + y), (0.22, 0.24 + y)], "dark", 0.016)
    p.blob([(-0.22, -0.1 + y), (0.2, -0.14 + y), (0.67, -0.13 + y), (0.63, -0.2 + y), (0.2, -0.22 + y), (-0.18, -0.18 + y)], "trim", "flat")
    p.line([(0.16, 0.34 + y), (0.16, 0.46 + y)], "iron", 0.045)
    p.limb([(0.16 - reach, 0.48 + y), (0.16, 0.475 + y), (0.16 + min(reach, 0.58), 0.48 + y)], (0.03, 0.05, 0.03), "iron")
    p.oval(0.16, 0.48 + y, 0.055, 0.035, "gold")
    headlamp(p, 0.54, -0.29 + y, 0.04)


@kind("rocket", "rocket, rocket ship, spaceship", home="space sky", tall=0.38, wide=0.7, moves="fly")
def rocket(p):
    f = 0.03 * p.wave(3)
    p.blob([(-0.09, -0.26), (-0.13, -0.37), (-0.06, -0.42 + f), (0.0, -0.56 - f), (0.06, -0.42 - f), (0.13, -0.37), (0.09, -0.26)], "flame", "flat")
    p.blob([(-0.05, -0.26), (-0.07, -0.35), (0.0, -0.46 + f), (0.07, -0.35), (0.05, -0.26)], "star", "flat")
    p.glow(0, -0.4, 0.42, "flame", 0.6)
    for s in (-1, 1):
        p.blob([(0.14 * s, 0.02), (0.26 * s, -0.08), (0.33 * s, -0.24), (0.31 * s, -0.4), (0.22 * s, -0.32), (0.1 * s, -0.26)], "dark", "slope")
        p.line([(0.17 * s, -0.05), (0.25 * s, -0.14), (0.29 * s, -0.28)], "light", 0.022, True)
    p.poly([(-0.1, -0.24), (0.1, -0.24), (0.12, -0.32), (-0.12, -0.32)], "iron", "pillar")
    p.blob([(0.0, 0.5), (0.08, 0.42), (0.16, 0.26), (0.2, 0.06), (0.18, -0.12), (0.12, -0.27), (0.0, -0.285), (-0.12, -0.27), (-0.18, -0.12), (-0.2, 0.06),
            (-0.16, 0.26), (-0.08, 0.42)], "main", "pillar")
    p.blob([(0.0, 0.505), (0.07, 0.43), (0.125, 0.335), (0.0, 0.3), (-0.125, 0.335), (-0.07, 0.43)], "trim", "pillar")
    p.blob([(-0.175, -0.13), (0.0, -0.165), (0.175, -0.13), (0.155, -0.19), (0.0, -0.225), (-0.155, -0.19)], "trim", "pillar")
    p.oval(0, 0.14, 0.105, 0.105, "gold", "flat")
    p.oval(0, 0.14, 0.078, 0.078, "window", "ball")
    pilot = p.rng.randrange(3)
    if pilot < 2:
        p.dot(0.0, 0.12, 0.052, paint=SKIN[pilot])
        p.dot(0.0, 0.155, 0.052, 0.026, ("wood", "iron")[pilot])
        for x in (-0.02, 0.02):
            p.dot(x, 0.125, 0.009)
    p.line([(-0.045, 0.17), (-0.02, 0.195)], "chalk", 0.016)
    p.oval(0, -0.045, 0.045, 0.045, "gold", "flat")
    p.oval(0, -0.045, 0.031, 0.031, "window", "flat")
    for k in range(8):
        a = math.radians(22.5 + 45 * k)
        p.dot(0.092 * math.cos(a), 0.14 + 0.092 * math.sin(a), 0.008, paint="bark")
    p.poly([(-0.026, -0.1), (0.026, -0.1), (0.04, -0.3), (0.0, -0.38), (-0.04, -0.3)], "dark", "slope")
    p.line([(0, 0.49), (0, 0.54)], "metal", 0.014)
    p.dot(0, 0.545, 0.017, paint="flame")


@kind("ufo", "UFO, flying saucer, alien craft", home="space sky", tall=0.25, wide=1.7, own="grey", moves="fly")
def ufo(p):
    y = 0.03 * p.wave()
    if p.look.style not in ("ink",):
        p.glow(0, -0.38 + y, 0.55, "lime", 0.5)
    p.oval(0, -0.28 + y, 0.3, 0.14, "dark")
    p.oval(0, -0.33 + y, 0.15, 0.075, "lamp", "flat")
    for s in (-1, 1):
        p.line([(0.42 * s, -0.24 + y), (0.54 * s, -0.44 + y)], "iron", 0.035)
        p.dot(0.54 * s, -0.45 + y, 0.045, paint="iron")
    p.wedge(0, 0.03 + y, 0.37, 0, 180, "glass", "ball")
    p.oval(0, 0.1 + y, 0.14, 0.17, "lime" if p.main[1] < 0.8 or p.main[0] > 0.8 else "purple", "ball")
    for s in (-1, 1):
        p.oval(0.06 * s, 0.13 + y, 0.04, 0.055, "eye", "flat", turn=-20 * s)
        p.dot(0.07 * s, 0.15 + y, 0.013, paint="chalk")
        p.line([(0.07 * s, 0.25 + y), (0.11 * s, 0.33 + y)], "lime", 0.02)
        p.dot(0.11 * s, 0.34 + y, 0.026, paint="lime")
    p.line([(-0.04, 0.04 + y), (0, 0.02 + y), (0.04, 0.04 + y)], "eye", 0.016, True)
    p.line([(-0.25, 0.22 + y), (-0.17, 0.31 + y)], "chalk", 0.03)
    p.oval(0, -0.12 + y, 0.82, 0.2, "main", "ball")
    p.blob([(-0.46, 0.0 + y), (-0.3, 0.07 + y), (0.3, 0.07 + y), (0.46, 0.0 + y), (0.3, -0.055 + y), (-0.3, -0.055 + y)], "light", "slope")
    for k in range(7):
        x = -0.66 + 0.22 * k
        on = int(7 * p.phase + 1e-6) % 7 == k or (k + 1) % 2
        p.oval(x, -0.2 + 0.14 * (x * x) + y, 0.055, 0.045, ("lamp", "star")[k % 2] if on else "dark", "flat")
        p.glow(x, -0.18 + y, 0.14, "lamp", 0.4)
    p.line([(0, 0.38 + y), (0, 0.46 + y)], "metal", 0.02)
    p.dot(0, 0.47 + y, 0.035, paint="flame")


@kind("kite", "kite, paper kite, flying kite", home="sky", tall=0.31, wide=0.94, moves="fly")
def kite(p):
    y, turn = 0.02 * p.wave(), 0.03 * p.wave(1, 0.25)
    q = lambda a, b: (0.12 + 0.94 * a + (0.34 + turn) * b, 0.13 + 0.94 * b - 0.34 * a + y)
    face = p.coin()
    end = q(0, -0.4)
    tail = [end] + [(end[0] - 0.075 * k + 0.07 * math.sin(1.5 * k - 2 * math.pi * p.phase) * k / 5, end[1] - 0.05 * k + 0.02 * p.wave(1, 0.2 * k))
                    for k in range(1, 6)]
    p.line([q(0, 0.02), (0.12, -0.2), (0.0, -0.5)], "cloth", 0.012, True)
    p.line(tail, "wood", 0.018, True)
    for k in (1, 3, 5):
        x, v = tail[k]
        for s in (-1, 1):
            p.poly([(x, v), (x + 0.075 * s, v + 0.055), (x + 0.075 * s, v - 0.045)], "trim" if k == 3 else "main")
        p.dot(x, v, 0.018, paint="gold")
    p.poly([q(0, 0.38), q(0.31, 0.1), q(0, -0.4), q(-0.31, 0.1)], "main", "slope")
    p.poly([q(0, 0.38), q(0.31, 0.1), q(0, 0.1)], "dark", "slope")
    p.poly([q(-0.31, 0.1), q(0, 0.1), q(0, -0.4)], "light", "slope")
    p.line([q(0, 0.37), q(0, -0.39)], "wood", 0.018)
    p.line([q(-0.3, 0.1), q(0.3, 0.1)], "wood", 0.018)
    p.line([q(0, 0.38), q(0.31, 0.1), q(0, -0.4), q(-0.31, 0.1), q(0, 0.38)], "trim", 0.02)
    for s in (-1, 1):
        if face:
            p.oval(*q(0.1 * s, 0.01), 0.045, 0.05, "chalk", "flat")
            p.dot(*q(0.1 * s + 0.01, 0.005), 0.025)
            p.dot(*q(0.13 * s, -0.075), 0.03, 0.02, "blush")
        x, v = q(0.31 * s, 0.1)
        for k in (-1, 0, 1):
            p.line([(x, v), (x + (0.05 + 0.012 * p.wave(2, 0.2 * k)) * s, v - 0.05 + 0.04 * k)], "gold", 0.016)
    if face:
        p.line([q(-0.06, -0.09), q(0, -0.13), q(0.06, -0.09)], "eye", 0.02, True)
    else:
        p.oval(*q(0, 0.06), 0.1, 0.1, "gold", "flat")
        p.oval(*q(0, 0.06), 0.06, 0.06, "trim", "flat")


@kind("airship", "airship, zeppelin, blimp", home="sky", tall=0.24, wide=1.84, moves="fly")
def airship(p):
    y = 0.02 * p.wave()
    spin = 0.03 + 0.09 * abs(math.cos(6 * math.pi * p.phase))
    for s in (1, -1):
        p.poly([(-0.6, 0.16 + y + 0.14 * s), (-0.9, 0.16 + y + 0.34 * s), (-0.88, 0.16 + y + 0.1 * s), (-0.72, 0.16 + y)], "dark", "slope")
    p.rect(-0.24, -0.38 + y, 0.34, -0.2 + y, beside(p, k=0.4), radius=0.05)
    for k in range(3):
        p.line([(-0.14 + 0.2 * k, -0.14 + y), (-0.14 + 0.2 * k, -0.3 + y)], "iron", 0.03)
    body = [(-0.86, 0.16 + y), (-0.62, 0.34 + y), (-0.2, 0.47 + y), (0.3, 0.47 + y), (0.68, 0.36 + y), (0.88, 0.16 + y), (0.68, -0.04 + y), (0.3, -0.16 + y),
            (-0.2, -0.16 + y), (-0.62, -0.02 + y)]
    p.blob(body, "main", "slope")
    p.blob([(-0.74, 0.24 + y), (-0.2, 0.3 + y), (0.3, 0.3 + y), (0.83, 0.24 + y), (0.85, 0.1 + y), (0.3, 0.06 + y), (-0.2, 0.06 + y), (-0.74, 0.1 + y)],
           "trim", "slope")
    for x in (-0.36, 0.06, 0.46):
        w = 0.31 * math.cos(1.1 * (x - 0.05))
        p.line([(x, 0.155 + w + y), (x + 0.05, 0.16 + y), (x, 0.155 - w + y)], "dark", 0.014, True)
    p.blob([(0.78, 0.27 + y), (0.88, 0.16 + y), (0.78, 0.05 + y), (0.8, 0.16 + y)], "gold", "flat")
    p.poly([(-0.64, 0.16 + y), (-0.92, 0.2 + y), (-0.92, 0.12 + y)], "main")
    p.rect(-0.26, -0.42 + y, 0.38, -0.24 + y, "main", "slope", 0.07)
    for k in range(4):
        p.oval(-0.15 + 0.15 * k, -0.32 + y, 0.045, 0.045, "window", "flat")
        p.glow(-0.15 + 0.15 * k, -0.32 + y, 0.14, "window", 0.35)
    p.oval(-0.3, -0.33 + y, 0.02, spin, "metal", "flat")
    p.dot(-0.29, -0.33 + y, 0.03, paint="iron")
    if p.coin():
        p.line([(-0.9, 0.44 + y), (-0.9, 0.4 + y)], "iron", 0.02)
        pennant(p, -1.0, 0.16 + y, 0.1, 0.06, "main")


@kind("scooter", "scooter, motor scooter, moped", tall=0.25, wide=1.22, moves="drive")
def scooter(p):
    h = hop(p)
    smoke(p, -0.62, 0.14, 0.05, 0.08, -0.08, 2)
    p.line([(-0.2, 0.16), (-0.54, 0.14)], "metal", 0.06)
    wheel(p, 0.42, 0.17, 0.17, rim="trim")
    wheel(p, -0.34, 0.17, 0.17, rim="trim")
    p.limb([(0.42, 0.17), (0.36, 0.5), (0.26, 0.92 + h)], (0.05, 0.07, 0.05), "metal")
    p.blob([(-0.58, 0.3 + h), (-0.6, 0.46 + h), (-0.46, 0.58 + h), (-0.2, 0.6 + h), (-0.06, 0.5 + h), (-0.02, 0.22 + h), (-0.14, 0.18 + h), (-0.2, 0.32 + h),
            (-0.34, 0.4 + h), (-0.48, 0.32 + h)], "main", "slope")
    p.rect(-0.1, 0.13 + h, 0.3, 0.22 + h, "main", "slope", 0.04)
    p.blob([(0.16, 0.15 + h), (0.18, 0.5 + h), (0.13, 0.8 + h), (0.25, 0.86 + h), (0.36, 0.74 + h), (0.38, 0.42 + h), (0.3, 0.16 + h)], "main", "slope")
    p.line([(0.22, 0.3 + h), (0.23, 0.74 + h)], "trim", 0.035)
    p.wedge(0.42, 0.19, 0.21, 10, 170, "main", "slope")
    p.blob([(-0.56, 0.6 + h), (-0.5, 0.68 + h), (-0.3, 0.68 + h), (-0.1, 0.7 + h), (-0.04, 0.62 + h), (-0.3, 0.58 + h)], "wood", "slope")
    p.line([(0.26, 0.9 + h), (0.12, 0.96 + h)], "iron", 0.05)
    p.rect(0.22, 0.82 + h, 0.38, 0.94 + h, "main", "slope", 0.04)
    headlamp(p, 0.36, 0.88 + h, 0.05)
    p.line([(0.26, 0.93 + h), (0.18, 1.06 + h)], "iron", 0.016)
    p.oval(0.18, 1.08 + h, 0.04, 0.045, "metal", "flat")
    p.dot(-0.58, 0.44 + h, 0.035, 0.05, "fire")
    p.dot(-0.4, 0.5 + h, 0.04, paint="trim")
    p.dot(-0.28, 0.5 + h, 0.02, paint="trim")
    if p.coin():
        p.line([(-0.4, 0.62 + h), (-0.64, 0.71 + h), (-0.34, 0.71 + h)], "metal", 0.025)
        p.rect(-0.62, 0.72 + h, -0.34, 0.92 + h, "plank", "slope", 0.03)
        p.line([(-0.62, 0.82 + h), (-0.34, 0.82 + h)], "wood", 0.016)
