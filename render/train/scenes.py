"""The world of the bundled model: scenes drawn by rule, with captions that say what is in them.

scene(seed) decides what is there, draw(scene) paints it at 128 x 128 with three times supersampling, caption(scene, seed)
says it in varied English. All three are functions of their arguments alone, so a data set is a range of seeds.
"""
import math
import random

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

SIDE = 128
SCALE = 3
BIG = SIDE * SCALE

COLOURS = {
    "red": (214, 48, 49), "orange": (240, 134, 40), "yellow": (250, 212, 66), "green": (62, 160, 85),
    "blue": (46, 110, 200), "purple": (134, 76, 176), "pink": (242, 132, 176), "white": (244, 244, 240),
    "black": (34, 34, 42), "brown": (134, 88, 56),
}
# Sky from top to horizon, and the light that falls on everything below it.
TIMES = {
    "day": ((64, 146, 222), (196, 228, 244), (1.0, 1.0, 1.0)),
    "sunset": ((88, 62, 130), (252, 156, 92), (1.0, 0.82, 0.74)),
    "dawn": ((150, 170, 220), (252, 206, 204), (1.0, 0.92, 0.92)),
    "night": ((10, 14, 42), (36, 50, 100), (0.46, 0.5, 0.72)),
}
PLACES = {
    "sea": (40, 110, 176), "hills": (88, 158, 84), "meadow": (124, 184, 84), "desert": (228, 188, 116), "snow": (232, 238, 246),
}
THINGS = {
    "boat": ("sea",), "lighthouse": ("sea", "hills"), "house": ("hills", "meadow", "snow", "desert"),
    "tree": ("hills", "meadow", "snow", "desert"), "flower": ("meadow", "hills"), "castle": ("hills", "meadow", "desert", "snow"),
    "balloon": tuple(PLACES), "bird": tuple(PLACES),
}
THING_COLOURS = {
    "boat": "red orange yellow green blue purple pink white black brown", "lighthouse": "red orange yellow green blue purple pink white",
    "house": "red orange yellow green blue purple pink white brown", "tree": "green red orange yellow pink purple blue white",
    "flower": "red orange yellow pink purple blue white", "castle": "red orange yellow blue purple pink white brown",
    "balloon": "red orange yellow green blue purple pink white", "bird": "red orange yellow blue black white pink",
}
PLACE_COLOURS = {
    "sea": "blue green purple red pink orange black", "hills": "green yellow orange purple blue red brown", "meadow": "green yellow orange pink purple",
    "desert": "yellow orange red pink", "snow": "white blue pink",
}
LIGHT_COLOURS = "red orange yellow pink white green blue purple"
DEFAULT_COLOUR = {"tree": "green"}


def scene(seed):
    """A dict: time, place, place_colour or None, light (sun, moon, None) with colour, x, size; thing with colour, x, size; clouds, stars, mountains."""
    r = random.Random(seed * 7919 + 17)
    s = {"seed": seed}
    s["time"] = r.choices(list(TIMES), (4, 2.5, 1.5, 3))[0]
    s["place"] = r.choices(list(PLACES), (4.5, 2.5, 2, 1.5, 1.2))[0]
    s["place_colour"] = r.choice(PLACE_COLOURS[s["place"]].split()) if r.random() < 0.4 else None
    s["light"] = None
    if r.random() < 0.66:
        s["light"] = "moon" if (r.random() < 0.9 if s["time"] == "night" else r.random() < 0.06) else "sun"
    s["light_colour"] = r.choice(LIGHT_COLOURS.split()) if r.random() < 0.62 else None
    s["light_x"] = r.choice(("left", "middle", "right"))
    s["light_size"] = r.choices(("small", "medium", "big"), (1, 2.4, 1.6))[0]
    s["low"] = s["light"] == "sun" and s["time"] in ("sunset", "dawn") and r.random() < 0.6
    s["thing"] = None
    if r.random() < (0.72 if s["light"] else 0.95):
        s["thing"] = r.choice([t for t in THINGS if s["place"] in THINGS[t]])
        s["thing_colour"] = r.choice(THING_COLOURS[s["thing"]].split())
        if s["thing"] in DEFAULT_COLOUR and r.random() < 0.35:
            s["thing_colour"] = DEFAULT_COLOUR[s["thing"]]
        s["thing_x"] = r.choice(("left", "middle", "right"))
        if s["light"] and s["thing_x"] == s["light_x"] and (s["thing"] in ("balloon", "bird") or r.random() < 0.75):
            s["thing_x"] = {"left": "right", "right": "left", "middle": r.choice(("left", "right"))}[s["light_x"]]
        s["thing_size"] = r.choices(("small", "medium", "big"), (1, 2.4, 1.6))[0]
    s["clouds"] = r.random() < (0.35 if s["time"] != "night" else 0.08)
    s["mountains"] = s["place"] in ("sea", "meadow", "snow") and r.random() < 0.22
    s["stars"] = s["time"] == "night" and r.random() < 0.8
    return s


# --- painting ---

def mix(a, b, k):
    return tuple(a[i] + (b[i] - a[i]) * k for i in range(3))


def lit(c, light):
    return tuple(int(max(0, min(255, c[i] * light[i]))) for i in range(3))


def gradient(top, bottom, h, w=BIG):
    k = np.linspace(0, 1, max(h, 1))[:, None, None] ** 0.9
    return np.broadcast_to(np.array(top)[None, None] * (1 - k) + np.array(bottom)[None, None] * k, (max(h, 1), w, 3))


class Painter:
    """One picture being painted, back to front."""

    def __init__(self, s):
        self.s = s
        self.r = random.Random(s["seed"] * 104729 + 5)
        self.top, self.low, self.light = TIMES[s["time"]]
        self.horizon = int(BIG * self.r.uniform(0.56, 0.66))
        self.ground = COLOURS[s["place_colour"]] if s["place_colour"] else PLACES[s["place"]]
        if s["place_colour"] == "white" or s["place_colour"] is None and s["place"] == "snow":
            self.ground = (232, 238, 246)

    def x_of(self, where):
        return BIG * {"left": 0.26, "middle": 0.5, "right": 0.74}[where] + self.r.uniform(-0.05, 0.05) * BIG

    def paint(self):
        img = np.zeros((BIG, BIG, 3), np.float32)
        img[: self.horizon + 4] = gradient(self.top, self.low, self.horizon + 4)
        img[self.horizon:] = lit(self.ground, self.light)
        self.im = Image.fromarray(img.astype(np.uint8))
        self.d = ImageDraw.Draw(self.im)
        if self.s["stars"]:
            self.paint_stars()
        if self.s["light"]:
            self.paint_light()
        if self.s["clouds"]:
            self.paint_clouds()
        if self.s["mountains"]:
            self.paint_mountains()
        getattr(self, "ground_" + self.s["place"])()
        if self.s["thing"]:
            x = self.x_of(self.s["thing_x"])
            k = {"small": 0.68, "medium": 1.0, "big": 1.4}[self.s["thing_size"]] * self.r.uniform(0.94, 1.06)
            getattr(self, "thing_" + self.s["thing"])(x, k)
        return np.asarray(self.im.resize((SIDE, SIDE), Image.LANCZOS if not hasattr(Image, "Resampling") else Image.Resampling.LANCZOS))

    def over(self, draw_on, blur=0, ink=(0, 0, 0)):
        """Paints through a layer with alpha; draw_on(draw) draws RGBA. `ink` is what a blur mixes in at the edge."""
        layer = Image.new("RGBA", (BIG, BIG), tuple(ink) + (0,))
        draw_on(ImageDraw.Draw(layer))
        if blur:
            layer = layer.filter(ImageFilter.GaussianBlur(blur))
        self.im.paste(layer, (0, 0), layer)
        self.d = ImageDraw.Draw(self.im)

    def paint_stars(self):
        for _ in range(self.r.randint(22, 40)):
            x, y, q = self.r.uniform(0, BIG), self.r.uniform(0, self.horizon * 0.92), self.r.choice((1.6, 2.2, 3.4))
            self.d.ellipse((x - q, y - q, x + q, y + q), fill=(250, 244, 214))

    def light_rgb(self):
        if self.s["light_colour"]:
            return COLOURS[self.s["light_colour"]]
        if self.s["light"] == "moon":
            return (244, 238, 208)
        return {"day": (255, 222, 88), "sunset": (255, 132, 58), "dawn": (255, 196, 120), "night": (255, 222, 88)}[self.s["time"]]

    def paint_light(self):
        c = self.light_rgb()
        rad = BIG * {"small": 0.075, "medium": 0.115, "big": 0.17}[self.s["light_size"]]
        x = self.light_x = self.x_of(self.s["light_x"])
        y = self.horizon - rad * 0.1 if self.s["low"] else self.horizon * self.r.uniform(0.3, 0.5)
        self.light_y, self.light_r = y, rad
        crescent_moon = self.s["light"] == "moon" and self.s["seed"] % 3 == 0
        glow, q = tuple(int(v) for v in mix(c, (255, 255, 240), 0.35)), rad * 1.45
        if not crescent_moon:
            self.over(lambda d: d.ellipse((x - q, y - q, x + q, y + q), fill=glow + (90,)), blur=rad * 0.22, ink=glow)
        if crescent_moon:
            self.over(lambda d: crescent(d, x, y, rad, tuple(c) + (255,)))
        else:
            self.d.ellipse((x - rad, y - rad, x + rad, y + rad), fill=c)
            if self.s["light"] == "moon":
                dark = tuple(int(v * 0.86) for v in c)
                for dx, dy, q in ((-0.35, -0.2, 0.22), (0.3, 0.25, 0.28), (0.2, -0.45, 0.14)):
                    self.d.ellipse((x + (dx - q) * rad, y + (dy - q) * rad, x + (dx + q) * rad, y + (dy + q) * rad), fill=dark)

    def paint_clouds(self):
        c = lit((252, 252, 252), self.light)
        for _ in range(self.r.randint(2, 3)):
            x, y, w = self.r.uniform(0.05, 0.95) * BIG, self.r.uniform(0.08, 0.3) * BIG, self.r.uniform(0.09, 0.15) * BIG
            for dx, dy, q in ((-0.8, 0.12, 0.36), (-0.25, -0.1, 0.52), (0.35, 0.0, 0.46), (0.9, 0.16, 0.3)):
                self.d.ellipse((x + (dx - q) * w, y + (dy - q) * w, x + (dx + q) * w, y + (dy + q) * w), fill=c)
            self.d.rectangle((x - w * 0.8, y + w * 0.1, x + w * 0.9, y + w * 0.46), fill=c)

    def paint_mountains(self):
        c = lit(mix((110, 122, 160), self.low, 0.3), self.light)
        cap = lit((240, 244, 250), self.light)
        for i in range(3):
            x, h, w = BIG * (0.1 + 0.4 * i) + self.r.uniform(-30, 30), BIG * self.r.uniform(0.16, 0.27), BIG * self.r.uniform(0.22, 0.3)
            y = self.horizon + 4
            self.d.polygon([(x - w, y), (x, y - h), (x + w, y)], fill=c)
            self.d.polygon([(x - w * 0.28, y - h * 0.72), (x, y - h), (x + w * 0.28, y - h * 0.72), (x + w * 0.1, y - h * 0.66), (x - w * 0.06, y - h * 0.74)], fill=cap)

    def shade(self, k):
        return lit(mix(self.ground, (255, 255, 255) if k > 0 else (8, 10, 36), abs(k)), self.light)

    def ground_sea(self):
        h = self.horizon
        arr = np.array(self.im)
        arr[h:] = gradient(self.shade(0.16), self.shade(-0.34), BIG - h).astype(np.uint8)
        self.im = Image.fromarray(arr)
        self.d = ImageDraw.Draw(self.im)
        for i in range(13):
            k = self.r.random()
            y, w, x = h + (BIG - h) * (0.06 + 0.92 * k), BIG * (0.05 + 0.13 * k), self.r.uniform(0, BIG)
            self.d.ellipse((x - w, y - 1.5 - 2 * k, x + w, y + 1.5 + 2 * k), fill=self.shade(0.22 - 0.3 * k))
        if self.s["light"]:
            c, x = self.light_rgb(), self.light_x
            def glitter(d):
                for i in range(9):
                    k = i / 9
                    y, w = h + (BIG - h) * (0.03 + 0.75 * k), self.light_r * (0.95 - 0.5 * k) * self.r.uniform(0.7, 1.1)
                    d.ellipse((x - w, y - 3.5, x + w, y + 3.5), fill=tuple(int(v) for v in mix(c, (255, 255, 255), 0.25)) + (175,))
            self.over(glitter)

    def ridge(self, base, amp, c):
        p1, p2, f = self.r.uniform(0, 6.3), self.r.uniform(0, 6.3), self.r.uniform(1.2, 2.0)
        pts = [(x, base - amp * math.sin(f * x / BIG * 6.283 + p1) - amp * 0.3 * math.sin(2.3 * f * x / BIG * 6.283 + p2)) for x in range(0, BIG + 8, 6)]
        self.d.polygon(pts + [(BIG, BIG), (0, BIG)], fill=c)

    def ground_hills(self):
        self.ridge(self.horizon - 6, BIG * 0.055, self.shade(0.3))
        self.ridge(self.horizon + BIG * 0.09, BIG * 0.04, self.shade(0.08))
        self.ridge(self.horizon + BIG * 0.22, BIG * 0.03, self.shade(-0.14))

    def ground_meadow(self):
        h = self.horizon
        arr = np.array(self.im)
        arr[h:] = gradient(self.shade(0.14), self.shade(-0.16), BIG - h).astype(np.uint8)
        self.im = Image.fromarray(arr)
        self.d = ImageDraw.Draw(self.im)
        for _ in range(46):
            k = self.r.random()
            x, y, q = self.r.uniform(0, BIG), h + (BIG - h) * (0.1 + 0.88 * k), 5 + 9 * k
            self.d.line((x, y, x + self.r.uniform(-4, 4), y - q), fill=self.shade(-0.26), width=3)

    def ground_desert(self):
        self.ridge(self.horizon, BIG * 0.03, self.shade(0.2))
        self.ridge(self.horizon + BIG * 0.13, BIG * 0.045, self.shade(-0.02))
        self.ridge(self.horizon + BIG * 0.27, BIG * 0.035, self.shade(-0.13))

    def ground_snow(self):
        self.ridge(self.horizon - 2, BIG * 0.02, self.shade(-0.06))
        self.ridge(self.horizon + BIG * 0.14, BIG * 0.025, self.shade(0.3))
        for _ in range(26):
            x, y = self.r.uniform(0, BIG), self.r.uniform(0, BIG)
            self.d.ellipse((x - 3, y - 3, x + 3, y + 3), fill=(250, 250, 255))

    # things stand on the ground at `foot`; c is their colour in this light, d darker, b brighter
    def paints(self):
        c = COLOURS[self.s["thing_colour"]]
        soft = tuple(0.35 + 0.65 * v for v in self.light)
        return lit(c, soft), lit(mix(c, (0, 0, 20), 0.3), soft), lit(mix(c, (255, 255, 255), 0.45), soft), soft

    def foot(self):
        return self.horizon + BIG * self.r.uniform(0.13, 0.2)

    def thing_boat(self, x, k):
        c, d, b, soft = self.paints()
        y, w = self.foot() + 10 * k, 72 * k
        sail = lit((250, 246, 234), soft)
        self.d.rectangle((x - 2.5 * k, y - 118 * k, x + 2.5 * k, y - 16 * k), fill=lit((110, 76, 50), soft))
        self.d.polygon([(x + 7 * k, y - 114 * k), (x + 7 * k, y - 30 * k), (x + 58 * k, y - 30 * k)], fill=sail)
        self.d.polygon([(x - 7 * k, y - 100 * k), (x - 7 * k, y - 30 * k), (x - 44 * k, y - 30 * k)], fill=c)
        self.d.polygon([(x - w, y - 24 * k), (x + w, y - 24 * k), (x + w * 0.68, y + 14 * k), (x - w * 0.68, y + 14 * k)], fill=c)
        self.d.polygon([(x - w * 0.84, y - 2 * k), (x + w * 0.84, y - 2 * k), (x + w * 0.68, y + 14 * k), (x - w * 0.68, y + 14 * k)], fill=d)

    def thing_lighthouse(self, x, k):
        c, d, b, soft = self.paints()
        y, h = self.foot() + 12, 165 * k
        if self.s["place"] == "sea":
            self.d.ellipse((x - 62 * k, y - 16 * k, x + 62 * k, y + 26 * k), fill=lit((92, 86, 84), soft))
        wall = lit((248, 246, 240), soft)
        for i in range(5):
            w0, w1 = 26 - 2.6 * i, 26 - 2.6 * (i + 1)
            self.d.polygon([(x - w0 * k, y - h * i / 6), (x + w0 * k, y - h * i / 6), (x + w1 * k, y - h * (i + 1) / 6), (x - w1 * k, y - h * (i + 1) / 6)], fill=c if i % 2 == 0 else (wall if self.s["thing_colour"] != "white" else lit((214, 218, 226), soft)))
        t = y - h * 5 / 6
        self.d.rectangle((x - 11 * k, t - 24 * k, x + 11 * k, t), fill=(255, 236, 150))
        self.d.polygon([(x - 17 * k, t - 24 * k), (x + 17 * k, t - 24 * k), (x, t - 46 * k)], fill=d)

    def thing_house(self, x, k):
        c, d, b, soft = self.paints()
        y, w, h = self.foot() + 14, 56 * k, 66 * k
        self.d.rectangle((x - w, y - h, x + w, y), fill=c)
        self.d.rectangle((x + w * 0.42, y - h * 2.0, x + w * 0.66, y - h * 1.2), fill=d)
        roof = lit((120, 66, 56) if self.s["thing_colour"] not in ("red", "brown", "orange") else (74, 72, 92), soft)
        self.d.polygon([(x - w * 1.22, y - h), (x + w * 1.22, y - h), (x, y - h * 1.85)], fill=roof)
        window = (255, 230, 130) if self.s["time"] in ("night", "sunset") else lit((200, 226, 240), soft)
        for dx in (-0.62, 0.62):
            self.d.rectangle((x + (dx - 0.2) * w, y - h * 0.76, x + (dx + 0.2) * w, y - h * 0.4), fill=window)
        self.d.rectangle((x - w * 0.18, y - h * 0.56, x + w * 0.18, y), fill=lit((90, 60, 44), soft))

    def thing_tree(self, x, k):
        c, d, b, soft = self.paints()
        y = self.foot() + 16
        self.d.polygon([(x - 11 * k, y), (x + 11 * k, y), (x + 6 * k, y - 84 * k), (x - 6 * k, y - 84 * k)], fill=lit((104, 70, 46), soft))
        for dx, dy, q, col in ((-34, -88, 38, d), (34, -90, 38, d), (0, -128, 44, c), (-22, -106, 36, c), (24, -108, 36, c), (-8, -138, 22, b)):
            self.d.ellipse((x + (dx - q) * k, y + (dy - q) * k, x + (dx + q) * k, y + (dy + q) * k), fill=col)

    def thing_flower(self, x, k):
        c, d, b, soft = self.paints()
        y, t = self.foot() + 46, -128
        self.d.line((x, y, x, y + t * k), fill=lit((48, 128, 62), soft), width=int(9 * k))
        for sx in (-1, 1):
            self.d.ellipse((x + (sx * 24 - 20) * k, y - 56 * k, x + (sx * 24 + 20) * k, y - 38 * k), fill=lit((62, 150, 74), soft))
        for i in range(7):
            a = i * 6.2832 / 7
            px, py, q = x + 33 * k * math.cos(a), y + t * k + 33 * k * math.sin(a), 22 * k
            self.d.ellipse((px - q, py - q, px + q, py + q), fill=c if i % 2 else lit(mix(COLOURS[self.s["thing_colour"]], (255, 255, 255), 0.12), soft))
        q = 19 * k
        mid = (250, 208, 60) if self.s["thing_colour"] not in ("yellow", "orange") else (122, 70, 34)
        self.d.ellipse((x - q, y + t * k - q, x + q, y + t * k + q), fill=lit(mid, soft))

    def thing_castle(self, x, k):
        c, d, b, soft = self.paints()
        y = self.foot() + 14
        self.d.rectangle((x - 54 * k, y - 78 * k, x + 54 * k, y), fill=c)
        for i in range(5):
            self.d.rectangle((x + (-54 + 24 * i) * k, y - 92 * k, x + (-42 + 24 * i) * k, y - 76 * k), fill=c)
        for sx in (-1, 1):
            tx = x + sx * 58 * k
            self.d.rectangle((tx - 19 * k, y - 118 * k, tx + 19 * k, y), fill=d)
            self.d.polygon([(tx - 25 * k, y - 118 * k), (tx + 25 * k, y - 118 * k), (tx, y - 164 * k)], fill=b)
        self.d.pieslice((x - 19 * k, y - 50 * k, x + 19 * k, y - 12 * k), 180, 360, fill=lit((60, 42, 38), soft))
        self.d.rectangle((x - 19 * k, y - 32 * k, x + 19 * k, y), fill=lit((60, 42, 38), soft))

    def thing_balloon(self, x, k):
        c, d, b, soft = self.paints()
        y, q = self.horizon * self.r.uniform(0.36, 0.46), 54 * k
        for sx in (-1, 1):
            self.d.line((x + sx * q * 0.5, y + q * 0.8, x + sx * 12 * k, y + q * 1.66), fill=lit((90, 70, 56), soft), width=3)
        self.d.polygon([(x - q * 0.86, y + q * 0.5), (x + q * 0.86, y + q * 0.5), (x + q * 0.24, y + q * 1.34), (x - q * 0.24, y + q * 1.34)], fill=c)
        self.d.ellipse((x - q, y - q, x + q, y + q), fill=c)
        self.d.ellipse((x - q * 0.42, y - q, x + q * 0.42, y + q), fill=b)
        self.d.rectangle((x - 15 * k, y + q * 1.66, x + 15 * k, y + q * 1.66 + 20 * k), fill=lit((132, 88, 52), soft))

    def thing_bird(self, x, k):
        c, d, b, soft = self.paints()
        y, k = self.horizon * self.r.uniform(0.4, 0.52), k * 1.15
        self.d.polygon([(x - 42 * k, y + 6 * k), (x - 76 * k, y - 8 * k), (x - 72 * k, y + 20 * k)], fill=d)
        self.d.ellipse((x - 50 * k, y - 22 * k, x + 40 * k, y + 26 * k), fill=c)
        self.d.ellipse((x + 18 * k, y - 34 * k, x + 60 * k, y + 8 * k), fill=c)
        self.d.polygon([(x + 56 * k, y - 20 * k), (x + 80 * k, y - 11 * k), (x + 56 * k, y - 4 * k)], fill=(246, 168, 50) if self.s["thing_colour"] not in ("orange", "yellow") else (120, 80, 40))
        self.d.polygon([(x - 22 * k, y - 6 * k), (x + 18 * k, y - 6 * k), (x - 30 * k, y - 66 * k)], fill=d)
        self.d.ellipse((x + 38 * k, y - 23 * k, x + 47 * k, y - 14 * k), fill=(16, 16, 22) if self.s["thing_colour"] != "black" else (240, 240, 240))


def crescent(d, x, y, rad, c):
    d.ellipse((x - rad, y - rad, x + rad, y + rad), fill=c)
    d.ellipse((x - rad * 0.45, y - rad * 1.12, x + rad * 1.35, y + rad * 0.72), fill=(0, 0, 0, 0))


def draw(s):
    """uint8 [128, 128, 3]."""
    return Painter(s).paint()


# --- captions ---

WORDS = {
    "boat": ("boat", "boat", "sailboat", "sailing boat", "ship"), "house": ("house", "house", "cottage", "home"), "tree": ("tree",),
    "flower": ("flower", "flower", "blossom"), "castle": ("castle", "castle", "palace"), "balloon": ("balloon", "hot air balloon"), "bird": ("bird",),
    "lighthouse": ("lighthouse",), "sun": ("sun",), "moon": ("moon",),
    "big": ("big", "large", "huge", "giant"), "small": ("small", "little", "tiny"),
    "sea": ("sea", "sea", "ocean", "water"), "hills": ("hills", "hills", "hill"), "meadow": ("meadow", "field", "grass"),
    "desert": ("desert", "sand dunes", "sand"), "snow": ("snow", "snowy field"),
}
WHEN = {
    "day": ("by day", "in the daytime", "on a bright day", "at noon", "", "", ""), "sunset": ("at sunset", "in the evening", "at dusk"),
    "dawn": ("at dawn", "in the early morning", "at sunrise"), "night": ("at night", "at night", "in the dark", "at midnight", "by night"),
}
SKY = {"day": "blue sky", "sunset": "orange evening sky", "dawn": "pale morning sky", "night": "night sky"}


def article(words):
    return ("an " if words[0] in "aeiou" else "a ") + words


def caption(s, seed=0):
    """One of many ways to say it; each says only what is true, and leaves out a little at random."""
    r = random.Random(s["seed"] * 31 + seed * 977 + 3)
    def adj(*parts):
        return " ".join(p for p in parts if p)
    def size(z):
        return r.choice(WORDS[z]) if z != "medium" and r.random() < 0.75 else ""
    place = adj(s["place_colour"], r.choice(WORDS[s["place"]]))
    light = thing = None
    if s["light"]:
        light = adj(size(s["light_size"]), s["light_colour"], r.choice(WORDS[s["light"]]))
        light = article(light) if s["light_colour"] or r.random() < 0.5 else "the " + light
    if s["thing"]:
        colour = "" if s["thing"] in DEFAULT_COLOUR and s["thing_colour"] == DEFAULT_COLOUR[s["thing"]] and r.random() < 0.3 else s["thing_colour"]
        thing = article(adj(size(s["thing_size"]), colour, r.choice(WORDS[s["thing"]])))
    one = place.split()[-1] in ("sea", "ocean", "hill", "meadow", "field", "desert")
    the = r.choice(("the ", "the ", article(place)[: -len(place)] if one else ""))
    on = "over" if s["thing"] in ("balloon", "bird") else r.choice(("on", "on", "by") if s["place"] == "sea" else ("on", "in"))
    when = r.choice(WHEN[s["time"]])
    if thing and light:
        out = r.choice((f"{thing} {on} {the}{place} under {light}", f"{light} over {the}{place} with {thing}", f"{thing} and {light}, {place}", f"{light} and {thing} {on} {the}{place}"))
    elif thing:
        out = r.choice((f"{thing} {on} {the}{place}", f"{thing} {on} {the}{place}", f"{thing}, {place}", f"{the}{place} with {thing}"))
    elif light:
        out = r.choice((f"{light} over {the}{place}", f"{light} above {the}{place}", f"{the}{place} under {light}", f"{light}, {place}"))
    else:
        out = r.choice((f"{the}{place}", f"a view of {the}{place}"))
    if s["thing"] and r.random() < 0.16 and s["thing_x"] != "middle":
        out += f", {s['thing'] if r.random() < 0.5 else r.choice(WORDS[s['thing']])} on the {s['thing_x']}"
    if when and not (s["light"] == "moon" and s["time"] == "night" and r.random() < 0.4):
        out = f"{out} {when}" if r.random() < 0.8 else f"{out}, {SKY[s['time']]}"
    if s["clouds"] and r.random() < 0.6:
        out += r.choice((", clouds", " with white clouds", ", cloudy sky"))
    if s["stars"] and r.random() < 0.6:
        out += r.choice((", stars", " with stars", ", starry sky"))
    if s["mountains"] and r.random() < 0.7:
        out += r.choice((", mountains", " with mountains behind", ", mountains in the distance"))
    return out
