"""Trees, flowers and other plants; y = 0 is the ground (reeds and water lilies: the water line). "main" is what a viewer
would call the plant's colour: the leaves of a tree, the petals of a flower, the cap of a mushroom.

Knows only the pen; which plant grows where, the scene says.
"""
import math

from .kinds import kind


def leaf(p, x, y, dx, dy, width=0.08, paint="stem", vein="moss"):
    """A pointed leaf from (x, y) to (x + dx, y + dy)."""
    n = math.hypot(dx, dy)
    nx, ny = -dy / n * width, dx / n * width
    p.blob([(x, y), (x + 0.35 * dx + nx, y + 0.35 * dy + ny), (x + 0.75 * dx + 0.6 * nx, y + 0.75 * dy + 0.6 * ny), (x + dx, y + dy),
            (x + 0.75 * dx - 0.6 * nx, y + 0.75 * dy - 0.6 * ny), (x + 0.35 * dx - nx, y + 0.35 * dy - ny)], paint, "slope")
    p.line([(x + 0.1 * dx, y + 0.1 * dy), (x + 0.85 * dx, y + 0.85 * dy)], vein, 0.012)


def tuft(p, x, high=0.09, paint="grass"):
    """Three blades of grass."""
    for k in (-1, 0, 1):
        p.limb([(x + 0.02 * k, 0.01), (x + 0.05 * k, high * (1 if k == 0 else 0.7))], (0.024, 0.006), paint)


def trunk(p, low, high, top, paint="bark"):
    p.blob([(-1.7 * low, 0.0), (-low, 0.1), (-high, 0.5 * top), (-high, top), (high, top), (high, 0.5 * top), (low, 0.1), (1.7 * low, 0.0), (0, 0.015)], paint,
           "pillar")


def petals(p, x, y, count, reach, width, paint="main", turn=0.0, form="slope"):
    for k in range(count):
        a = turn + 360 * k / count
        c, s = math.cos(math.radians(a)), math.sin(math.radians(a))
        p.oval(x + 0.55 * reach * c, y + 0.55 * reach * s, 0.5 * reach, width, paint, form, turn=a)


@kind("tree", "tree, broad tree, leafy tree", tall=0.46, wide=0.9, own="green", moves="sway")
def tree(p):
    s, v = 0.015 * p.wave(), p.rng.uniform(-0.02, 0.02)
    nest = p.coin(0.35)
    trunk(p, 0.07, 0.06, 0.46)
    p.limb([(0.02, 0.3), (0.14, 0.42), (0.18, 0.52)], (0.07, 0.06, 0.04), "bark")
    p.limb([(-0.02, 0.26), (-0.14, 0.38), (-0.18, 0.5)], (0.07, 0.05, 0.04), "bark")
    p.dot(0.005, 0.2, 0.022, 0.032, "nose")
    p.fluff(s, 0.62, 0.43, 0.27, 13, "dark", turn=0.3)
    p.fluff(-0.2 + s, 0.63 + v, 0.25, 0.22, 8, "main")
    p.fluff(0.21 + s, 0.62 - v, 0.24, 0.22, 8, "main", turn=0.4)
    p.fluff(1.6 * s, 0.77, 0.3, 0.23, 9, "main")
    for x, y in ((-0.26, 0.68), (-0.13, 0.84), (0.02, 0.68), (0.16, 0.78), (0.26, 0.6), (-0.1, 0.55)):
        x += p.rng.uniform(-0.03, 0.03) + s
        p.line([(x - 0.035, y), (x, y + 0.022), (x + 0.035, y)], "light", 0.018, True)
    if nest:
        for k in (-1, 0, 1):
            p.oval(0.04 + 0.035 * k + s, 0.555, 0.024, 0.03, "ice", "flat")
        p.blob([(-0.06 + s, 0.55), (0.04 + s, 0.535), (0.14 + s, 0.55), (0.1 + s, 0.49), (0.04 + s, 0.475), (-0.02 + s, 0.49)], "straw", "slope")
    tuft(p, -0.13)
    tuft(p, 0.14, 0.07)


@kind("pine", "pine tree, fir tree, spruce", tall=0.46, wide=0.58, own="green", moves="sway")
def pine(p):
    s = 0.012 * p.wave()
    trunk(p, 0.05, 0.045, 0.2)
    tiers = ((0.12, 0.46, 0.32), (0.3, 0.64, 0.27), (0.48, 0.82, 0.21), (0.65, 1.0, 0.145))
    for i, (low, top, half) in enumerate(tiers):
        x, n = s * i, 6 - i
        edge = []
        for k in range(2 * n + 1):
            t = 1 - k / n
            edge.append((x + half * t * (1.0 if k % 2 == 0 else 0.98), low + (0.0 if k % 2 == 0 else 0.045) + 0.035 * t * t))
        p.poly([(x + 0.7 * s, top), (x + 0.38 * half, low + 0.5 * (top - low))] + edge + [(x - 0.38 * half, low + 0.5 * (top - low))], "main", "slope")
        p.line([(x - 0.4 * half, low + 0.1), (x - 0.1 * half, low + 0.08), (x + 0.12 * half, low + 0.09)], "light", 0.018, True)
    for i, (x, y) in enumerate(((-0.16, 0.22), (0.12, 0.21), (-0.05, 0.38), (0.14, 0.4), (-0.1, 0.56), (0.05, 0.57)) if p.coin(0.4) else ()):
        p.oval(x + s * (i // 2), y - 0.015, 0.02, 0.038, "plank")
    tuft(p, 0.1, 0.06)


@kind("palm", "palm tree, palm, coconut palm", tall=0.46, wide=1.04, own="green", moves="sway")
def palm(p):
    s = 0.03 * p.wave()
    top = (0.06 + s, 0.7)
    p.limb([(-0.12, 0.06), (-0.1, 0.25), (-0.02, 0.48), top], (0.13, 0.1, 0.085, 0.075), "plank", "pillar")
    for t in (0.1, 0.2, 0.3, 0.4, 0.5, 0.6):
        x = -0.115 + 0.03 * t + 0.34 * t * t
        p.line([(x - 0.045, t + 0.012), (x, t - 0.008), (x + 0.045, t + 0.012)], "bark", 0.016, True)
    fronds = ((-1, 0.4, -0.28), (1, 0.36, -0.28), (-1, 0.15, -0.2), (1, 0.15, -0.22), (-1, 0.3, 0.22), (1, 0.28, 0.22), (-1, 0.5, -0.04), (1, 0.46, -0.06))
    for i, (q, reach, drop) in enumerate(fronds):
        x, y = top
        b = 0.02 * p.wave(1, 0.13 * i)
        tip = (x + q * reach, y + drop + b)
        mid = (x + 0.5 * q * reach, y + 0.15 + 0.42 * drop)
        p.limb([(x, y), mid, tip], (0.06, 0.15, 0.015), "main" if i > 3 else "dark", "slope")
        p.line([(x, y), (mid[0], mid[1] + 0.01), tip], "light" if i > 3 else "main", 0.014, True)
    for x, y in ((-0.04, -0.02), (0.045, -0.03), (0.0, -0.06))[:p.rng.choice((0, 2, 3))]:
        p.oval(top[0] + x, top[1] + y, 0.042, 0.044, "bark")


@kind("apple tree", "apple tree, fruit tree, tree full of apples", plural="apple trees", tall=0.42, wide=0.88, own="green", moves="sway")
def apple_tree(p):
    s = 0.012 * p.wave()
    trunk(p, 0.07, 0.055, 0.4)
    p.limb([(0.0, 0.24), (-0.12, 0.36), (-0.16, 0.48)], (0.06, 0.05, 0.03), "bark")
    p.fluff(s, 0.64, 0.43, 0.35, 15, "main", turn=p.rng.uniform(0, 0.4))
    p.fluff(-0.05 + s, 0.74, 0.26, 0.19, 10, "light", "slope", depth=0.2)
    p.fluff(-0.03 + s, 0.71, 0.27, 0.2, 10, "main", depth=0.2)
    fruit = "yellow" if p.main[0] > 0.7 and p.main[1] < 0.4 else "red"
    for x, y in ((-0.28, 0.6), (-0.12, 0.82), (-0.1, 0.58), (0.08, 0.7), (0.25, 0.76), (0.28, 0.54), (0.06, 0.46), (-0.24, 0.76)):
        x, y = x + p.rng.uniform(-0.02, 0.02) + s, y + p.rng.uniform(-0.015, 0.015)
        p.line([(x, y + 0.03), (x + 0.015, y + 0.065)], "bark", 0.014)
        p.oval(x, y, 0.047, 0.045, fruit)
        p.dot(x - 0.016, y + 0.016, 0.011, paint="chalk")
    p.oval(0.2, 0.035, 0.042, 0.038, fruit)
    tuft(p, -0.16)


@kind("willow", "willow, weeping willow", tall=0.44, wide=1.08, own="green", moves="sway")
def willow(p):
    s = p.wave()
    trunk(p, 0.08, 0.06, 0.55)
    p.fluff(0, 0.74, 0.4, 0.25, 11, "dark")
    for i, (x, low) in enumerate(((-0.46, 0.2), (0.46, 0.22), (-0.36, 0.1), (0.36, 0.12), (-0.24, 0.2), (0.25, 0.22), (-0.13, 0.34), (0.14, 0.36),
                                  (0.0, 0.46))):
        sway = 0.035 * p.wave(1, 0.07 * i) + p.rng.uniform(-0.01, 0.01)
        p.limb([(0.45 * x, 0.86), (0.9 * x, 0.7), (x + 0.5 * sway, 0.45), (x + sway, low)], (0.14, 0.17, 0.14, 0.03), "main", "slope")
        p.line([(0.9 * x - 0.02, 0.66), (x - 0.02 + 0.5 * sway, 0.46), (x + sway, low + 0.08)], "light" if i % 3 else "dark", 0.016, True)
    p.fluff(0.01 * s, 0.83, 0.33, 0.17, 10, "main")
    for x, y in ((-0.16, 0.86), (0.02, 0.91), (0.17, 0.85), (0.0, 0.8)):
        p.line([(x - 0.04, y), (x, y + 0.02), (x + 0.04, y)], "light", 0.018, True)


@kind("cactus", "cactus, saguaro, desert cactus", plural="cacti", tall=0.34, wide=0.72, own="green")
def cactus(p):
    up, down = p.rng.uniform(-0.06, 0.06), p.rng.uniform(-0.04, 0.1)
    p.limb([(0.06, 0.4), (0.26, 0.42), (0.28, 0.52), (0.28, 0.72 + up)], (0.13, 0.13, 0.13, 0.12), "main", "pillar")
    p.limb([(-0.06, 0.28), (-0.25, 0.3), (-0.27, 0.4), (-0.27, 0.56 + down)], (0.12, 0.12, 0.12, 0.11), "main", "pillar")
    p.limb([(0, 0.1), (0, 0.5), (0, 0.82)], (0.2, 0.23, 0.2), "main", "pillar")
    for x in (-0.055, 0.0, 0.055):
        p.line([(x, 0.04), (1.1 * x, 0.5), (0.9 * x, 0.86)], "dark", 0.014, True)
    p.line([(0.28, 0.5), (0.28, 0.7 + up)], "dark", 0.012)
    p.line([(-0.27, 0.4), (-0.27, 0.55 + down)], "dark", 0.012)
    for x, y in ((-0.03, 0.2), (0.03, 0.34), (-0.03, 0.46), (0.03, 0.6), (-0.03, 0.74), (0.255, 0.6), (-0.25, 0.48)):
        y += p.rng.uniform(-0.03, 0.03)
        p.line([(x - 0.016, y + 0.016), (x + 0.016, y - 0.016)], "cream", 0.013)
        p.line([(x - 0.016, y - 0.016), (x + 0.016, y + 0.016)], "cream", 0.013)
    for x, y in ((0.0, 0.92), (0.28, 0.795 + up)):
        bloom = "pink" if p.main[1] > 0.3 or p.main[2] > 0.4 else "yellow"
        petals(p, x, y, 5, 0.075, 0.032, bloom, 90, "flat")
        p.dot(x, y, 0.022, paint="gold")
    tuft(p, 0.18, 0.07)
    p.oval(-0.2, 0.02, 0.07, 0.035, "stone", "slope")


@kind("flower", "flower, daisy, blossom", tall=0.24, wide=0.62, own="pink", moves="sway")
def flower(p):
    s = 0.03 * p.wave()
    x, y = s, 0.68
    p.limb([(0.0, 0.0), (-0.02, 0.3), (x, y)], (0.05, 0.045, 0.04), "stem")
    leaf(p, -0.01, 0.1, -0.24, 0.17, 0.07)
    leaf(p, 0.0, 0.16, 0.24, 0.14, 0.065)
    turn, count = p.rng.uniform(0, 40), p.rng.choice((7, 8, 9))
    petals(p, x, y, count, 0.33, 0.9 / count, "dark", turn + 180 / count)
    petals(p, x, y, count, 0.32, 0.86 / count, "main", turn)
    p.oval(x, y, 0.105, 0.105, "gold")
    for k in range(6):
        p.dot(x + 0.055 * math.cos(k * 1.047), y + 0.055 * math.sin(k * 1.047), 0.013, paint="orange")
    p.dot(x + 0.2, y + 0.12, 0.024, 0.03, "ice")


@kind("tulip", "tulip, spring tulip", tall=0.24, wide=0.56, own="red", moves="sway")
def tulip(p):
    s = 0.035 * p.wave()
    p.limb([(0.0, 0.0), (0.01, 0.3), (s, 0.56)], (0.06, 0.05, 0.05), "stem", "pillar")
    for q, high in ((-1, 0.5), (1, 0.4)):
        p.blob([(0.0, 0.0), (0.16 * q, 0.14), (0.25 * q, high), (0.1 * q, 0.26), (0.02 * q, 0.1)], "stem" if q < 0 else "leaf", "slope")
    p.poly([(s - 0.15, 0.72), (s - 0.06, 0.98), (s + 0.04, 0.8), (s + 0.09, 0.98), (s + 0.16, 0.72)], "dark")
    p.blob([(s, 0.5), (s - 0.18, 0.56), (s - 0.24, 0.76), (s - 0.21, 0.97), (s - 0.1, 0.88), (s - 0.02, 0.68)], "main", "slope")
    p.blob([(s, 0.5), (s + 0.18, 0.56), (s + 0.24, 0.76), (s + 0.21, 0.97), (s + 0.1, 0.88), (s + 0.02, 0.68)], "main", "slope")
    p.blob([(s, 0.49), (s - 0.13, 0.6), (s - 0.12, 0.78), (s, 0.94), (s + 0.12, 0.78), (s + 0.13, 0.6)], "main")
    if p.coin(0.4):
        p.line([(s, 0.52), (s, 0.76)], "dark", 0.016)
    p.line([(s - 0.05, 0.64), (s - 0.055, 0.74), (s - 0.02, 0.82)], "light", 0.025, True)
    p.dot(s + 0.06, 0.66, 0.022, 0.028, "ice")


@kind("sunflower", "sunflower, tall sunflower", tall=0.36, wide=0.66, own="yellow", moves="sway")
def sunflower(p):
    s = 0.025 * p.wave()
    x, y = s, 0.67
    p.limb([(0.0, 0.0), (0.02, 0.3), (x, y)], (0.055, 0.05, 0.05), "stem", "pillar")
    leaf(p, 0.01, 0.12, -0.27, 0.14, 0.085)
    leaf(p, 0.015, 0.24, 0.26, 0.12, 0.08)
    turn = p.rng.uniform(0, 25)
    for paint, n, reach, shift in (("dark", 15, 0.325, 12), ("main", 15, 0.32, 0)):
        for k in range(n):
            a = math.radians(turn + shift + 360 * k / n)
            c, w = (math.cos(a), math.sin(a)), 0.052
            p.poly([(x + 0.12 * c[0] - w * c[1], y + 0.12 * c[1] + w * c[0]), (x + 0.22 * c[0] - 1.1 * w * c[1], y + 0.22 * c[1] + 1.1 * w * c[0]),
                    (x + reach * c[0], y + reach * c[1]), (x + 0.22 * c[0] + 1.1 * w * c[1], y + 0.22 * c[1] - 1.1 * w * c[0]),
                    (x + 0.12 * c[0] + w * c[1], y + 0.12 * c[1] - w * c[0])], paint, "slope")
    p.oval(x, y, 0.13, 0.13, "bark")
    for k in range(12):
        r, a = 0.03 * math.sqrt(k + 0.5), 2.4 * k
        p.dot(x + r * math.cos(a), y + r * math.sin(a), 0.013, paint="plank")


@kind("rose", "rose, garden rose", tall=0.25, wide=0.76, own="red", moves="sway")
def rose(p):
    s = 0.025 * p.wave()
    x, y = s, 0.72
    p.limb([(0.02, 0.0), (-0.02, 0.28), (x, y - 0.2)], (0.05, 0.045, 0.045), "stem", "pillar")
    for ty, q in ((0.18, 1), (0.34, -1), (0.42, 1)):
        p.poly([(0.015 * q, ty), (0.06 * q, ty + 0.035), (0.01 * q, ty + 0.045)], "moss")
    leaf(p, 0.0, 0.14, -0.27, 0.14, 0.085)
    leaf(p, -0.01, 0.24, 0.26, 0.1, 0.08)
    if p.coin(0.4):
        p.limb([(0.0, 0.22), (-0.14, 0.34), (-0.19, 0.42)], (0.035, 0.03, 0.03), "stem")
        p.blob([(-0.19, 0.4), (-0.25, 0.45), (-0.2, 0.56), (-0.14, 0.46)], "main")
    for q in (-1, 0, 1):
        leaf(p, x, y - 0.2, 0.22 * q, -0.06 - 0.05 * (q == 0), 0.04)
    for q in (-1, 1):
        p.blob([(x, y - 0.24), (x + 0.2 * q, y - 0.18), (x + 0.34 * q, y - 0.02), (x + 0.37 * q, y + 0.13), (x + 0.24 * q, y + 0.14), (x + 0.1 * q, y)],
               "dark", "slope")
    p.blob([(x, y - 0.25), (x - 0.22, y - 0.17), (x - 0.31, y + 0.03), (x - 0.22, y + 0.2), (x, y + 0.27), (x + 0.22, y + 0.2), (x + 0.31, y + 0.03),
            (x + 0.22, y - 0.17)], "main")
    p.blob([(x - 0.31, y + 0.03), (x - 0.16, y + 0.06), (x + 0.02, y - 0.08), (x, y - 0.25), (x - 0.22, y - 0.17)], "main", "slope")
    p.blob([(x + 0.31, y + 0.05), (x + 0.16, y + 0.06), (x - 0.06, y - 0.1), (x, y - 0.25), (x + 0.22, y - 0.17)], "main", "slope")
    p.oval(x, y + 0.12, 0.17, 0.12, "dark", "slope")
    p.oval(x, y + 0.09, 0.155, 0.1, "main")
    p.line([(x + 0.1, y + 0.1), (x + 0.02, y + 0.16), (x - 0.08, y + 0.12), (x - 0.04, y + 0.05), (x + 0.04, y + 0.07), (x + 0.01, y + 0.11)], "dark", 0.022,
           True)
    p.line([(x - 0.3, y + 0.04), (x - 0.15, y + 0.05), (x - 0.01, y - 0.06)], "light", 0.016, True)
    p.line([(x + 0.29, y + 0.06), (x + 0.15, y + 0.05), (x + 0.0, y - 0.09)], "light", 0.016, True)
    p.dot(x - 0.14, y - 0.08, 0.02, 0.027, "ice")


@kind("mushroom", "mushroom, toadstool", tall=0.2, wide=1.06, own="red")
def mushroom(p):
    for x, k in ((0.4, 1.0), (-0.36, 0.8)) if p.coin() else ((0.4, 1.0),):
        p.blob([(x - 0.05 * k, 0.01), (x - 0.07 * k, 0.14 * k), (x - 0.06 * k, 0.24 * k), (x + 0.04 * k, 0.24 * k), (x + 0.05 * k, 0.14 * k),
                (x + 0.06 * k, 0.01)],
               "cream", "pillar")
        p.blob([(x - 0.16 * k, 0.24 * k), (x - 0.11 * k, 0.36 * k), (x, 0.41 * k), (x + 0.1 * k, 0.35 * k), (x + 0.14 * k, 0.24 * k), (x, 0.2 * k)], "main")
        p.dot(x - 0.04 * k, 0.32 * k, 0.03 * k, 0.026 * k, "cream")
        p.dot(x + 0.05 * k, 0.28 * k, 0.022 * k, 0.02 * k, "cream")
    p.blob([(-0.2, 0.02), (-0.18, 0.2), (-0.14, 0.45), (0.08, 0.45), (0.12, 0.2), (0.15, 0.02), (-0.02, -0.005)], "cream", "pillar")
    p.blob([(-0.15, 0.36), (-0.03, 0.31), (0.1, 0.36), (0.08, 0.42), (-0.13, 0.42)], "cloth", "slope")
    p.blob([(-0.52, 0.46), (-0.5, 0.66), (-0.3, 0.9), (-0.03, 0.99), (0.25, 0.9), (0.45, 0.66), (0.47, 0.46), (0.25, 0.39), (-0.03, 0.36), (-0.3, 0.39)],
           "main")
    p.blob([(-0.4, 0.43), (-0.03, 0.46), (0.35, 0.43), (0.22, 0.395), (-0.03, 0.375), (-0.28, 0.395)], "cream", "flat")
    for x, y, r in ((-0.3, 0.66, 0.075), (-0.06, 0.82, 0.085), (0.22, 0.72, 0.075), (-0.06, 0.57, 0.055), (0.34, 0.54, 0.045), (-0.41, 0.51, 0.04),
                    (-0.27, 0.84, 0.035)):
        p.dot(x + p.rng.uniform(-0.015, 0.015), y, r * p.rng.uniform(0.9, 1.1), 0.8 * r, "cream")
    tuft(p, -0.26, 0.12)
    tuft(p, 0.24, 0.1)


@kind("bush", "bush, shrub, berry bush", plural="bushes", tall=0.19, wide=1.5, own="green", moves="sway")
def bush(p):
    s, v = 0.015 * p.wave(), p.rng.uniform(-0.03, 0.03)
    p.fluff(0, 0.38, 0.74, 0.38, 15, "dark")
    p.fluff(-0.42 + s, 0.36 + v, 0.34, 0.34, 9, "main")
    p.fluff(0.44 + s, 0.34 - v, 0.32, 0.32, 9, "main", turn=0.3)
    p.fluff(s, 0.52, 0.46, 0.46, 11, "main")
    blooms = p.coin(0.4)
    berry = "red" if p.main[0] < 0.7 or p.main[1] > 0.6 else "cream"
    for x, y in ((-0.5, 0.42), (-0.34, 0.22), (-0.16, 0.72), (-0.1, 0.42), (0.16, 0.58), (0.12, 0.24), (0.4, 0.42), (0.56, 0.26), (-0.6, 0.24)):
        x += s + p.rng.uniform(-0.03, 0.03)
        if blooms:
            petals(p, x, y, 5, 0.075, 0.034, "chalk", 90, "flat")
            p.dot(x, y, 0.026, paint="gold")
        else:
            p.dot(x, y, 0.045, paint=berry)
    for x, y in ((-0.3, 0.56), (0.02, 0.84), (0.28, 0.72), (-0.02, 0.58), (0.46, 0.56), (-0.46, 0.28), (0.3, 0.3)):
        p.line([(x + s - 0.06, y), (x + s, y + 0.035), (x + s + 0.06, y)], "light", 0.03, True)


@kind("pumpkin", "pumpkin, gourd", tall=0.2, wide=1.22, own="orange")
def pumpkin(p):
    p.limb([(0.02, 0.72), (0.0, 0.88), (0.1, 0.97)], (0.13, 0.1, 0.08), "stem", "pillar")
    for x, rx, paint in ((-0.38, 0.21, "dark"), (0.38, 0.21, "dark"), (-0.22, 0.25, "main"), (0.22, 0.25, "main"), (0, 0.24, "main")):
        p.oval(x, 0.4, rx, 0.4 if abs(x) < 0.3 else 0.35, paint)
    for q in (-1, 1):
        p.line([(0.13 * q, 0.76), (0.215 * q, 0.58), (0.215 * q, 0.22), (0.13 * q, 0.04)], "dark", 0.026, True)
        p.line([(0.34 * q, 0.7), (0.43 * q, 0.54), (0.43 * q, 0.24), (0.35 * q, 0.08)], "dark", 0.022, True)
    p.line([(-0.12, 0.62), (-0.15, 0.45), (-0.13, 0.3)], "light", 0.035, True)
    if p.coin(0.35):
        for q in (-1, 1):
            p.poly([(0.07 * q, 0.46), (0.23 * q, 0.46), (0.17 * q, 0.6)], "lamp" if p.look.lamps else "nose")
        p.blob([(-0.25, 0.32), (-0.1, 0.26), (0, 0.3), (0.1, 0.26), (0.25, 0.32), (0.12, 0.15), (0, 0.12), (-0.12, 0.15)], "lamp" if p.look.lamps else "nose",
               "flat")
    p.line([(0.04, 0.8), (-0.16, 0.88), (-0.3, 0.84), (-0.32, 0.92), (-0.24, 0.93), (-0.25, 0.86)], "stem", 0.028, True)
    leaf(p, 0.05, 0.78, 0.36, 0.08, 0.11)
    tuft(p, -0.5, 0.14)
    tuft(p, 0.52, 0.11)


@kind("bamboo", "bamboo, bamboo plant, clump of bamboo", plural="bamboos", tall=0.46, wide=0.7, own="lime", moves="sway")
def bamboo(p):
    a, b = p.rng.uniform(-0.06, 0.06), p.rng.uniform(-0.08, 0.08)
    for i, (x, top) in enumerate(((-0.17, 0.84 + a), (0.18, 0.72 + b), (0.0, 0.96))):
        s, lean = 0.035 * p.wave(1, 0.1 * i), 0.18 * x
        joints = [(x + (s + lean) * (k / 5) ** 2, 0.035 + (top - 0.06) * k / 5) for k in range(6)]
        p.limb(joints, (0.1, 0.1, 0.095, 0.09, 0.08, 0.06), "main" if i != 1 else "dark", "pillar")
        for k, (u, v) in enumerate(joints[1:5]):
            p.line([(u - 0.05, v - 0.012), (u, v - 0.018), (u + 0.05, v - 0.012)], "dark" if i != 1 else "main", 0.016, True)
            p.line([(u - 0.046, v + 0.008), (u + 0.046, v + 0.008)], "light", 0.016)
            q = 1 if (k + i) % 2 else -1
            for dx, dy in ((0.17, 0.07), (0.15, -0.07)) if k else ():
                leaf(p, u + 0.035 * q, v, dx * q, dy + 0.6 * s, 0.026, "main", "dark")
        u, v = joints[-1]
        for dx, dy in ((-0.15, 0.0), (-0.08, 0.07), (0.08, 0.06), (0.16, -0.01)):
            leaf(p, u, v - 0.01, dx, dy + 0.5 * s, 0.026, "main", "dark")
    tuft(p, -0.27, 0.08)
    tuft(p, 0.28, 0.07)


@kind("cattail", "cattail, bulrush, clump of reeds", home="water", tall=0.34, wide=0.72, own="green", moves="sway")
def cattail(p):
    for x, lean, high in ((-0.26, -0.1, 0.5), (0.28, 0.12, 0.46), (-0.14, -0.16, 0.7), (0.16, 0.16, 0.66), (0.02, -0.1, 0.62), (-0.05, 0.12, 0.54)):
        s = 0.03 * p.wave(1, x)
        p.limb([(x, -0.03), (x + 0.3 * lean, 0.6 * high), (x + lean + s, high)], (0.06, 0.065, 0.01), "main" if lean < 0 else "dark", "slope")
    a, b = p.rng.uniform(-0.1, 0.08), p.rng.uniform(-0.08, 0.1)
    for i, (x, high) in enumerate(((-0.17, 0.8 + a), (0.02, 0.98), (0.2, 0.74 + b))):
        s = 0.04 * p.wave(1, 0.1 * i)
        p.limb([(x, -0.03), (x + 0.3 * s, 0.5 * high), (x + s, high)], (0.03, 0.026, 0.016), "main")
        p.limb([(x + 0.75 * s, high - 0.24), (x + 0.95 * s, high - 0.06)], (0.085, 0.08), "bark", "pillar")
    for x, lean, high in ((-0.2, 0.06, 0.4), (0.1, -0.05, 0.36), (0.22, 0.1, 0.34)):
        p.limb([(x, -0.03), (x + 0.4 * lean, 0.6 * high), (x + lean, high)], (0.07, 0.065, 0.01), "main", "slope")
    p.line([(-0.34, -0.02), (-0.05, -0.045), (0.34, -0.02)], "ice", 0.022, True)


@kind("water lily", "water lily, lotus, lotus flower", plural="water lilies", home="water", tall=0.15, wide=1.7, own="pink", moves="float")
def water_lily(p):
    b = 0.02 * p.wave()
    p.oval(0.28, 0.06, 0.54, 0.13, "leaf", "slope")
    p.oval(-0.42, 0.04, 0.4, 0.11, "stem", "slope")
    p.poly([(-0.42, 0.05), (-0.8, 0.12), (-0.72, 0.0)], "water")
    p.line([(0.3, 0.06), (0.7, 0.1)], "moss", 0.02)
    p.line([(0.3, 0.06), (0.62, -0.02)], "moss", 0.02)
    rows = (((-0.62, 0.5), (0.62, 0.5), (-0.36, 0.84), (0.36, 0.84), (0.0, 0.98)),
            ((-0.66, 0.28), (0.66, 0.28), (-0.44, 0.56), (0.44, 0.56), (-0.2, 0.74), (0.2, 0.74)),
            ((-0.4, 0.3), (0.4, 0.3), (0.0, 0.5)))
    for paint, row in zip(("dark", "main", "light"), rows):
        for x, y in row:
            leaf(p, 0.25 * x, 0.1 + b, 0.75 * x, y - 0.1, 0.15, paint if paint != "light" else "main", "light")
    p.dot(0, 0.2 + b, 0.12, 0.09, "gold")
    p.dot(0.5, 0.07, 0.03, 0.02, "ice")
    if p.coin(0.4):
        p.blob([(-0.62, 0.08 + b), (-0.54, 0.34 + b), (-0.46, 0.08 + b)], "main", "slope")
        p.line([(-0.54, 0.1 + b), (-0.54, 0.28 + b)], "light", 0.02)
