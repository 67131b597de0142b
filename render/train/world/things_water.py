"""Boats and what else floats. y = 0 is the water line; what is below it the water hides.

Knows only the pen and the shared parts. The hulls rock with the phase.
"""
import math

from .kinds import kind
from .parts import afloat, beside, other, pennant, ring, smoke

SKIN = (0.93, 0.74, 0.6)


def ripples(p, x0, x1):
    """Foam where a hull meets the water."""
    n = max(3, int((x1 - x0) / 0.16))
    for k in range(n):
        x = x0 + (x1 - x0) * (k + 0.5) / n
        p.limb([(x - 0.07, -0.03), (x, -0.005 + 0.012 * p.wave(1, 0.31 * k)), (x + 0.07, -0.03)], (0.012, 0.03, 0.012), "chalk")


def porthole(p, x, y, r, frame="gold"):
    p.oval(x, y, r, r, frame, "flat")
    p.oval(x, y, 0.68 * r, 0.68 * r, "window", "flat")
    p.glow(x, y, 3 * r, "window", 0.3)


@kind("sailboat", "sailboat, sailing boat, boat", home="water", tall=0.36, wide=0.85, moves="sail")
def sailboat(p):
    b = 0.015 * p.wave(1, 0.2)
    with afloat(p, 3.0):
        p.line([(0.0, 0.1), (0.0, 1.0)], "wood", 0.026)
        p.blob([(0.03, 0.95), (0.13, 0.82), (0.3 + b, 0.54), (0.37 + b, 0.3), (0.2, 0.265), (0.03, 0.28), (0.05, 0.6)], "main", "slope")
        p.line([(0.045, 0.74), (0.18 + b, 0.73)], "dark", 0.01)
        p.line([(0.045, 0.52), (0.3 + b, 0.5)], "dark", 0.01)
        p.blob([(-0.03, 0.88), (-0.15, 0.62), (-0.36 - b, 0.29), (-0.2, 0.25), (-0.04, 0.28), (-0.06, 0.56)], "cloth", "slope")
        if p.coin():
            p.poly([q for i in range(5) for q in (ring(0.16, 0.41, 0.06, 5, 90)[i], ring(0.16, 0.41, 0.026, 5, 126)[i])], "trim")
        else:
            p.oval(0.16, 0.41, 0.045, 0.045, "trim", "flat")
        p.line([(0.0, 0.245), (0.38, 0.255)], "wood", 0.022)
        p.blob([(-0.44, 0.215), (-0.2, 0.19), (0.2, 0.19), (0.44, 0.215), (0.38, 0.08), (0.28, -0.05), (-0.28, -0.05), (-0.37, 0.06)], "main", "slope")
        p.line([(-0.41, 0.19), (-0.2, 0.17), (0.2, 0.17), (0.41, 0.19)], "trim", 0.028, True)
        for x in (-0.14, 0.0, 0.14):
            p.dot(x, 0.09, 0.024, paint="trim")
            p.dot(x, 0.09, 0.015, paint="window")
        pennant(p, 0.0, 1.07, 0.16, 0.07, "dark", True)
        p.line([(0.0, 0.98), (0.0, 1.08)], "wood", 0.016)
    ripples(p, -0.34, 0.36)


@kind("rowing boat", "rowing boat, rowboat, dinghy", home="water", tall=0.2, wide=2.0, moves="sail")
def rowing_boat(p):
    a = 2 * math.pi * p.phase
    dx, dy, lean = 0.12 * math.cos(a), 0.07 * math.sin(a), 0.05 * math.cos(a)
    shirt = other(p, "chalk", "navy")
    with afloat(p, 2.0):
        p.blob([(-0.86, 0.44), (-0.4, 0.35), (0.1, 0.33), (0.5, 0.38), (0.94, 0.54), (0.5, 0.5), (0, 0.46), (-0.4, 0.47)], "wood", "flat")
        p.rect(0.42, 0.36, 0.6, 0.54, "plank", "slope")
        p.line([(0.42, 0.45), (0.6, 0.45)], "wood", 0.02)
        p.fluff(0.51, 0.56, 0.1, 0.06, 5, "leaf", "flat")
        for x in (0.45, 0.53, 0.58):
            p.dot(x, 0.58, 0.03, paint="fire")
        p.limb([(-0.34, 0.3), (-0.3, 0.52), (-0.22 - lean, 0.7)], (0.28, 0.3, 0.2), shirt, "slope")
        for y, w in ((0.46, 0.13), (0.56, 0.13), (0.66, 0.09)):
            x = -0.31 + 0.4 * (y - 0.46) - lean * (y - 0.4) * 3
            p.line([(x - w, y + 0.01), (x + w, y - 0.02)], "brick" if shirt == "chalk" else "cream", 0.026)
        p.limb([(-0.22 - lean, 0.68), (-0.05, 0.58), (0.08 + dx, 0.57 + dy)], (0.11, 0.1, 0.08), shirt)
        p.oval(0.09 + dx, 0.58 + dy, 0.045, 0.045, SKIN)
        p.oval(-0.2 - lean, 0.86, 0.13, 0.135, SKIN, "ball")
        p.dot(-0.13 - lean, 0.87, 0.02)
        p.dot(-0.15 - lean, 0.8, 0.035, 0.022, "blush")
        p.blob([(-0.42 - lean, 0.92), (-0.2 - lean, 0.955), (0.04 - lean, 0.91), (-0.1 - lean, 0.885), (-0.28 - lean, 0.89)], "straw", "slope")
        p.blob([(-0.33 - lean, 0.93), (-0.28 - lean, 1.05), (-0.14 - lean, 1.05), (-0.08 - lean, 0.93)], "straw", "slope")
        p.line([(-0.325 - lean, 0.945), (-0.2 - lean, 0.965), (-0.085 - lean, 0.94)], "brick", 0.035, True)
        p.blob([(-0.9, 0.54), (-0.5, 0.4), (0.0, 0.36), (0.5, 0.41), (1.0, 0.64), (0.9, 0.3), (0.68, 0.04), (0.4, -0.06), (-0.5, -0.06), (-0.78, 0.1)],
               "main", "slope")
        p.line([(-0.89, 0.53), (-0.5, 0.395), (0.0, 0.355), (0.5, 0.405), (0.98, 0.625)], "trim", 0.065, True)
        p.line([(-0.82, 0.3), (-0.4, 0.22), (0.0, 0.2), (0.5, 0.23), (0.9, 0.4)], "dark", 0.022, True)
        p.line([(-0.74, 0.13), (-0.4, 0.08), (0.0, 0.07), (0.5, 0.09), (0.8, 0.22)], "dark", 0.022, True)
        tip = (-0.16 - 1.7 * dx, -0.02 - 1.2 * dy)
        p.line([(0.1 + dx, 0.6 + dy), tip], "plank", 0.05)
        p.limb([((0.1 + dx) * 0.35 + tip[0] * 0.65, (0.6 + dy) * 0.35 + tip[1] * 0.65), tip], (0.07, 0.16), "plank")
        p.dot(-0.01, 0.36, 0.04, paint="gold")
    ripples(p, -0.74, 0.8)


@kind("ship", "ship, ocean liner, steamship", home="water", tall=0.3, wide=1.66, moves="sail")
def ship(p):
    for k, x in enumerate((-0.24, 0.02, 0.28)):
        smoke(p, x - 0.06, 0.96, 0.055, 0.14, -0.24, 2)
    with afloat(p, 1.2):
        p.line([(0.5, 0.5), (0.5, 0.92)], "wood", 0.02)
        p.line([(-0.5, 0.5), (-0.5, 0.86)], "wood", 0.02)
        p.line([(-0.5, 0.84), (0.5, 0.9)], "iron", 0.008)
        for k in range(8):
            x = -0.42 + 0.12 * k
            p.dot(x, 0.84 + 0.06 * (x + 0.5) - 0.01, 0.016, paint="lamp" if p.look.lamps else "gold")
        for x in (-0.24, 0.02, 0.28):
            p.poly([(x - 0.07, 0.6), (x + 0.07, 0.6), (x + 0.045, 0.95), (x - 0.095, 0.95)], "main", "pillar")
            p.poly([(x + 0.052, 0.86), (x + 0.045, 0.95), (x - 0.095, 0.95), (x - 0.09, 0.86)], "iron", "pillar")
        p.rect(-0.4, 0.52, 0.46, 0.68, "chalk", "slope", 0.03)
        p.rect(-0.58, 0.36, 0.6, 0.55, "chalk", "slope", 0.03)
        for k in range(9):
            p.rect(-0.5 + 0.12 * k, 0.43, -0.44 + 0.12 * k, 0.49, "window")
        for k in range(6):
            p.rect(-0.32 + 0.13 * k, 0.58, -0.25 + 0.13 * k, 0.63, "window")
        p.glow(0, 0.5, 0.7, "window", 0.25)
        p.blob([(-0.8, 0.41), (-0.5, 0.36), (0.0, 0.34), (0.5, 0.37), (0.86, 0.47), (0.78, 0.26), (0.66, -0.05), (0.0, -0.06), (-0.64, -0.05), (-0.74, 0.16)],
               "main", "slope")
        p.line([(-0.8, 0.39), (-0.5, 0.345), (0.0, 0.325), (0.5, 0.355), (0.83, 0.445)], "trim", 0.035, True)
        p.line([(-0.7, 0.05), (0, 0.04), (0.68, 0.05)], "trim", 0.026)
        for k in range(9):
            p.dot(-0.56 + 0.135 * k, 0.21, 0.032, paint="trim")
            p.dot(-0.56 + 0.135 * k, 0.21, 0.022, paint="window")
        p.line([(0.7, 0.28), (0.7, 0.17)], "iron", 0.022)
        p.line([(0.66, 0.2), (0.7, 0.165), (0.74, 0.2)], "iron", 0.022, True)
        p.line([(-0.76, 0.4), (-0.78, 0.62)], "wood", 0.016)
        pennant(p, -0.78, 0.62, -0.16, 0.1, "main")
    ripples(p, -0.62, 0.66)


@kind("tugboat", "tugboat, tug, harbour tug", home="water", tall=0.27, wide=1.22, moves="sail")
def tugboat(p):
    smoke(p, -0.2, 0.93, 0.075, 0.15, -0.28, 3)
    with afloat(p, 2.4):
        p.rect(-0.29, 0.56, -0.1, 0.96, "main", "pillar")
        p.rect(-0.31, 0.88, -0.08, 0.96, "iron", "pillar")
        p.rect(-0.29, 0.74, -0.1, 0.8, "trim", "pillar")
        p.rect(-0.44, 0.36, 0.36, 0.62, "main", "slope", 0.03)
        for x in (-0.32, -0.16):
            porthole(p, x, 0.49, 0.06)
        p.rect(-0.02, 0.4, 0.36, 0.88, "trim", "slope", 0.03)
        p.poly([(-0.08, 0.86), (0.44, 0.86), (0.4, 0.94), (-0.05, 0.94)], "dark", "slope")
        p.rect(0.04, 0.64, 0.16, 0.8, "window")
        p.rect(0.2, 0.64, 0.33, 0.8, "window")
        p.glow(0.18, 0.72, 0.4, "window", 0.35)
        p.blob([(0.06, 0.64), (0.06, 0.7), (0.15, 0.7), (0.15, 0.64)], "navy", "flat")
        p.dot(0.1, 0.735, 0.036, paint=SKIN)
        p.rect(0.055, 0.76, 0.145, 0.785, "navy")
        p.line([(0.3, 0.94), (0.3, 1.06)], "iron", 0.02)
        p.dot(0.3, 1.06, 0.028, paint="flame" if p.look.lamps else "fire")
        p.blob([(-0.62, 0.46), (-0.3, 0.38), (0.1, 0.37), (0.4, 0.42), (0.64, 0.56), (0.58, 0.26), (0.48, -0.06), (-0.46, -0.06), (-0.56, 0.14)],
               "main", "slope")
        p.line([(-0.61, 0.43), (-0.3, 0.36), (0.1, 0.35), (0.4, 0.4), (0.62, 0.52)], "trim", 0.05, True)
        p.line([(-0.5, 0.06), (0.5, 0.06)], "dark", 0.03)
        for x, y in ((-0.36, 0.19), (-0.06, 0.17), (0.24, 0.19)):
            p.oval(x, y, 0.09, 0.09, "rubber", "flat")
            p.oval(x, y, 0.04, 0.04, "main", "flat")
            p.line([(x, y + 0.09), (x, y + 0.18)], "straw", 0.016)
        if p.look.style != "neon":
            p.dot(0.5, 0.33, 0.028, 0.035, "chalk")
            p.dot(0.51, 0.33, 0.015, 0.02)
    ripples(p, -0.48, 0.52)


@kind("submarine", "submarine, sub, yellow submarine", home="water", tall=0.25, wide=1.72, own="yellow", moves="sail")
def submarine(p):
    spin = 0.05 + 0.13 * abs(math.cos(4 * math.pi * p.phase))
    with afloat(p, 1.5, 0.02):
        p.line([(0.1, 0.7), (0.1, 1.0), (0.24, 1.0)], "metal", 0.055)
        p.oval(0.26, 1.0, 0.035, 0.055, "window", "flat")
        p.line([(-0.06, 0.7), (-0.06, 0.92)], "iron", 0.02)
        p.dot(-0.06, 0.93, 0.028, paint="flame" if p.look.lamps else "fire")
        p.blob([(-0.22, 0.5), (-0.2, 0.74), (-0.1, 0.8), (0.16, 0.8), (0.26, 0.72), (0.34, 0.5)], "main", "slope")
        p.line([(-0.2, 0.74), (0.26, 0.74)], "trim", 0.03)
        porthole(p, 0.02, 0.64, 0.06)
        p.oval(-0.9, 0.2, 0.035, spin, "metal", "flat")
        p.poly([(-0.62, 0.3), (-0.86, 0.54), (-0.92, 0.5), (-0.82, 0.2), (-0.92, -0.06), (-0.7, -0.04)], "dark", "slope")
        p.blob([(-0.84, 0.2), (-0.66, 0.4), (-0.3, 0.54), (0.2, 0.56), (0.6, 0.5), (0.84, 0.32), (0.88, 0.12), (0.76, -0.08), (0.3, -0.1), (-0.4, -0.1),
                (-0.72, 0.04)], "main", "slope")
        p.line([(-0.74, 0.14), (-0.2, 0.09), (0.3, 0.09), (0.86, 0.14)], "trim", 0.045, True)
        for x in (-0.34, -0.02, 0.3):
            porthole(p, x, 0.3, 0.1)
        p.blob([(0.58, 0.44), (0.72, 0.38), (0.81, 0.24), (0.66, 0.2), (0.54, 0.3)], "window", "slope")
        for x in (-0.56, -0.18, 0.14, 0.46):
            p.dot(x, 0.44 - 0.08 * abs(x), 0.018, paint="dark")
        p.line([(-0.5, 0.0), (-0.3, -0.02)], "dark", 0.03)
        if p.coin(0.6):
            x = p.rng.choice((-0.34, -0.02, 0.3))
            p.dot(x, 0.285, 0.045, paint=SKIN)
            p.dot(x, 0.325, 0.05, 0.022, "navy")
    ripples(p, -0.72, 0.84)


@kind("buoy", "buoy, sea buoy, bell buoy", home="water", tall=0.27, wide=0.76, own="red", moves="float")
def buoy(p):
    with afloat(p, 6.0, 0.02):
        for s in (-1, 1):
            p.line([(0.2 * s, 0.34), (0.09 * s, 0.84)], "main", 0.05)
        p.line([(0.19, 0.42), (-0.12, 0.68), (0.11, 0.7), (-0.18, 0.42)], "dark", 0.024)
        swing = 0.05 * p.wave(1, 0.2)
        p.blob([(-0.105 + swing, 0.5), (-0.06 + 0.6 * swing, 0.56), (-0.04, 0.68), (0.04, 0.68), (0.06 + 0.6 * swing, 0.56), (0.105 + swing, 0.5),
                (swing, 0.49)],
               "gold", "pillar")
        p.dot(swing * 1.4, 0.475, 0.03, paint="iron")
        p.rect(-0.14, 0.82, 0.14, 0.865, "dark", radius=0.015)
        p.rect(-0.07, 0.865, 0.07, 0.97, "lamp" if p.look.lamps else "cream", "pillar", 0.02)
        p.glow(0, 0.91, 0.42, "lamp", 0.65)
        p.wedge(0, 0.965, 0.1, 0, 180, "main", "pillar")
        p.dot(0, 1.075, 0.024, paint="gold")
        p.blob([(-0.36, 0.12), (-0.33, 0.27), (-0.2, 0.37), (0.2, 0.37), (0.33, 0.27), (0.36, 0.12), (0.3, -0.06), (-0.3, -0.06)], "main", "ball")
        p.blob([(-0.36, 0.2), (-0.18, 0.165), (0.18, 0.165), (0.36, 0.2), (0.365, 0.12), (0.18, 0.075), (-0.18, 0.075), (-0.365, 0.12)], "trim", "pillar")
        p.line([(-0.31, -0.01), (0.0, -0.03), (0.31, -0.01)], "moss", 0.03, True)
        p.oval(0.0, 0.29, 0.03, 0.03, "iron")
        if p.coin():
            p.line([(-0.27, 0.32), (-0.3, 0.24), (-0.26, 0.15)], "straw", 0.024, True)
            p.line([(0.27, 0.32), (0.3, 0.24), (0.26, 0.15)], "straw", 0.024, True)
        else:
            for x, y in ((-0.22, 0.02), (-0.14, 0.0), (0.16, 0.01), (0.23, 0.04)):
                p.dot(x, y, 0.02, paint="cream")
    ripples(p, -0.33, 0.33)


@kind("pirate ship", "pirate ship, galleon, corsair", home="water", tall=0.44, wide=1.06, own="brown", moves="sail")
def pirate_ship(p):
    b = 0.012 * p.wave(1, 0.2)
    with afloat(p, 2.4):
        sails = other(p, "cloth", "wood")
        p.line([(0.36, 0.3), (0.58, 0.46)], "wood", 0.03)
        p.line([(0.56, 0.45), (0.02, 0.94)], "wood", 0.008)
        p.line([(-0.48, 0.4), (0.02, 0.94), (0.36, 0.3)], "wood", 0.008)
        p.blob([(0.54, 0.45), (0.24, 0.68), (0.3 + b, 0.46)], sails, "slope")
        for x, top in ((-0.26, 0.86), (0.04, 1.0)):
            p.line([(x, 0.25), (x, top)], "wood", 0.03)
        for x, y, w, h in ((-0.26, 0.44, 0.14, 0.16), (-0.26, 0.63, 0.11, 0.14), (0.04, 0.4, 0.19, 0.24), (0.04, 0.67, 0.14, 0.18)):
            p.blob([(x - w, y + h), (x, y + h + 0.005), (x + w, y + h), (x + w + 0.02 + b, y + 0.45 * h), (x + w + 0.015, y), (x, y + 0.03),
                    (x - w + 0.015, y), (x - w + 0.025 + b, y + 0.45 * h)], "main", "slope")
            p.line([(x - w - 0.015, y + h + 0.004), (x + w + 0.015, y + h + 0.004)], "wood", 0.018)
        p.oval(0.06, 0.54, 0.058, 0.052, "chalk", "flat")
        p.rect(0.03, 0.475, 0.09, 0.51, "chalk", radius=0.01)
        for s in (-1, 1):
            p.dot(0.06 + 0.024 * s, 0.535, 0.017)
            p.line([(0.06 - 0.07 * s, 0.45), (0.06 + 0.07 * s, 0.49)], "chalk", 0.014)
        pennant(p, 0.04, 1.08, 0.15, 0.085, "rubber")
        p.line([(0.04, 0.98), (0.04, 1.09)], "wood", 0.016)
        p.dot(0.095, 1.037 + 0.005 * p.wave(1, 0.2), 0.017, paint="chalk")
        pennant(p, -0.26, 0.93, 0.1, 0.05, "main")
        p.line([(-0.26, 0.84), (-0.26, 0.94)], "wood", 0.014)
        p.poly([(-0.54, 0.46), (-0.3, 0.43), (-0.28, 0.26), (-0.5, 0.26)], "main", "slope")
        p.blob([(-0.54, 0.3), (-0.3, 0.27), (0.0, 0.23), (0.26, 0.25), (0.46, 0.36), (0.42, 0.18), (0.3, -0.05), (-0.38, -0.05), (-0.46, 0.08)],
               "main", "slope")
        p.line([(-0.53, 0.29), (-0.3, 0.255), (0.0, 0.215), (0.26, 0.235), (0.44, 0.34)], "gold", 0.026, True)
        p.line([(-0.45, 0.06), (-0.1, 0.03), (0.37, 0.07)], "dark", 0.014, True)
        p.line([(-0.55, 0.46), (-0.29, 0.43)], "gold", 0.022)
        for x in (-0.46, -0.38):
            p.rect(x - 0.02, 0.335, x + 0.025, 0.39, "window")
        p.glow(-0.42, 0.36, 0.2, "window", 0.4)
        for x in (-0.3, -0.14, 0.02, 0.18):
            p.rect(x - 0.03, 0.11, x + 0.03, 0.165, "nose")
            p.line([(x, 0.135), (x + 0.045, 0.13)], "iron", 0.026)
        p.oval(-0.57, 0.52, 0.028, 0.036, "lamp", "flat")
        p.glow(-0.57, 0.52, 0.18, "lamp", 0.55)
    ripples(p, -0.42, 0.38)


@kind("raft", "raft, log raft, wooden raft", home="water", tall=0.27, wide=1.3, moves="float")
def raft(p):
    with afloat(p, 3.0):
        b = 0.03 * p.wave(1, 0.2)
        p.line([(-0.05, 0.1), (-0.05, 1.04)], "wood", 0.05)
        p.line([(-0.42, 0.94), (0.42, 0.94)], "wood", 0.04)
        p.line([(-0.05, 1.0), (-0.58, 0.26)], "straw", 0.014)
        p.line([(-0.05, 1.0), (0.56, 0.26)], "straw", 0.014)
        p.blob([(-0.36, 0.94), (-0.05, 0.95), (0.38, 0.94), (0.44 + b, 0.74), (0.37, 0.46), (0.18, 0.5), (0.02, 0.45), (-0.16, 0.5), (-0.35, 0.46),
                (-0.3 + b, 0.72)], "main", "slope")
        p.line([(-0.32 + b, 0.8), (0.0, 0.81), (0.43 + b, 0.8)], "light", 0.07, True)
        p.line([(-0.31 + b, 0.6), (0.0, 0.62), (0.42 + b, 0.6)], "light", 0.07, True)
        p.rect(0.16, 0.65, 0.3, 0.77, "dark")
        for x0, y0, x1, y1 in ((0.15, 0.71, 0.31, 0.71), (0.23, 0.64, 0.23, 0.78)):
            p.line([(x0, y0), (x1, y1)], "trim", 0.014)
        p.poly([(-0.56, 0.27), (0.54, 0.27), (0.64, 0.12), (-0.64, 0.12)], "dark", "slope")
        for y, w in ((0.17, 0.6), (0.22, 0.58)):
            p.line([(-w, y), (w, y)], beside(p, k=0.5), 0.016)
        for k in range(8):
            x = -0.56 + 0.16 * k
            p.oval(x, 0.07, 0.082, 0.1, "main", "ball")
            p.oval(x, 0.07, 0.052, 0.064, "sand", "flat")
            p.dot(x, 0.07, 0.02, 0.026, "plank")
        for x in (-0.48, 0.48):
            p.line([(x, 0.27), (x * 1.1, 0.1), (x * 1.1, 0.0)], "straw", 0.04)
        p.rect(-0.46, 0.2, -0.2, 0.42, "plank", "pillar", 0.05)
        for y in (0.25, 0.37):
            p.line([(-0.46, y), (-0.2, y)], "iron", 0.025)
        p.oval(0.3, 0.29, 0.1, 0.06, "leaf", "ball")
        p.oval(0.22, 0.25, 0.07, 0.06, "cloth")
        pennant(p, -0.05, 1.14, 0.22, 0.1, "main", True)
        p.line([(-0.05, 1.0), (-0.05, 1.15)], "wood", 0.025)
    ripples(p, -0.6, 0.62)
