"""What is in a picture: scene(seed) decides, compose.py paints it, words.py tells it. Knows kinds and places by name, no drawing.

Everything follows from the seed. Coordinates are shares of the width and of the height, y downwards, as in a picture.
"""
import copy
import random
import zlib

from . import load
from .kinds import CORE, KINDS
from .palette import COLOURS, TIMES
from .terrain import PLACES

STYLES = ("flat", "watercolour", "pixel", "ink", "lowpoly", "neon")
WEATHERS = ("clear", "cloudy", "rain", "snow", "fog")
SIZES = {"small": 0.68, "medium": 1.0, "big": 1.36}
SPOTS = {"left": 0.25, "middle": 0.5, "right": 0.75}
SUN_COLOURS = ("yellow", "yellow", "yellow", "orange", "red", "white", "pink")
MOON_COLOURS = ("white", "white", "yellow", "orange", "blue", "pink")
# How scenes are chosen. "whole" is all there is; "core" has fewer kinds, mostly one thing, mostly flat: what few hours of a CPU can teach.
PLANS = {
    "whole": dict(kinds=None, styles={"flat": 4, "watercolour": 1.2, "pixel": 1.2, "ink": 1.2, "lowpoly": 1.2, "neon": 1.2},
                  things={0: 2, 1: 5, 2: 2.6, 3: 0.4}, counts={1: 8, 2: 1.5, 3: 1.2, 4: 0.8}, sizes={"small": 1, "medium": 3, "big": 1.6}),
    "core": dict(kinds=frozenset(CORE), styles={"flat": 7, "watercolour": 0.8, "pixel": 0.8, "ink": 0.8, "lowpoly": 0.8, "neon": 0.8},
                 things={0: 1, 1: 7, 2: 2}, counts={1: 12, 2: 1, 3: 0.7, 4: 0.4}, sizes={"small": 0.6, "medium": 3, "big": 2.4}),
}
PLAN = dict(PLANS["whole"])
HELD_PARTS = 10  # of the combinations of kind, colour and place, one in so many is never trained on


class Item:
    """Things of one kind that stand together. `told`: captions must name the colour; `x`: where each stands, its middle;
    `y`: where the foot is (the middle of what flies); `tall`: height of each, a share of the picture's."""

    def __init__(self, kind, colour, told, size, count, spot, seed):
        self.kind, self.colour, self.told, self.size, self.count, self.spot, self.seed = kind, colour, told, size, count, spot, seed
        self.home, self.depth, self.flip, self.x, self.y, self.tall = None, 0.0, False, [], 0.0, 0.0

    def wide(self):
        """Of one of them, a share of the picture's width."""
        return self.tall * KINDS[self.kind].wide


class Scene:
    """See the module. `light`: None or dict(kind "sun" or "moon", colour, told, size, spot, x, height 0 horizon to 1 top);
    `relation`: None or (word, i, j): item i is word item j."""

    def __init__(self, seed):
        self.seed, self.style, self.time, self.weather, self.place = seed, "flat", "day", "clear", "sea"
        self.light, self.items, self.relation, self.horizon, self.mood = None, [], None, 0.6, seed

    def copy(self):
        return copy.deepcopy(self)


def is_held(kind, colour, place):
    """Is this combination kept for the proof of quality?"""
    return zlib.crc32(f"{kind}/{colour}/{place}".encode()) % HELD_PARTS == 0


def plan(name):
    """All scenes of this process follow the plan from now on."""
    PLAN.update(PLANS[name])


def pick(r, weighted):
    return r.choices(list(weighted), list(weighted.values()))[0]


def new_light(r, s):
    night = s.time == "night"
    kind = "moon" if r.random() < (0.93 if night else 0.06) else "sun"
    told = r.random() < 0.45
    colours = SUN_COLOURS if kind == "sun" else MOON_COLOURS
    spot = r.choice(list(SPOTS))
    low = kind == "sun" and s.time in ("dawn", "sunset")
    return dict(kind=kind, colour=r.choice(colours) if told else colours[0], told=told, size=pick(r, {"small": 1, "medium": 3, "big": 1.6}),
                spot=spot, x=SPOTS[spot] + r.uniform(-0.06, 0.06), height=r.uniform(0.08, 0.35) if low else r.uniform(0.5, 0.8))


def kinds_for(place, home=None):
    """Names of the kinds at home there, in a fixed order."""
    homes = PLACES[place].homes
    some = PLAN["kinds"] or KINDS
    return sorted(k.name for k in KINDS.values() if k.name in some and any(h in homes and (home is None or h == home) for h in k.homes))


def new_item(r, place, home=None, taken=()):
    names = [n for n in kinds_for(place, home) if n not in taken]
    if not names:
        return None
    k = KINDS[r.choice(names)]
    told = k.own is None or r.random() < 0.68
    item = Item(k.name, r.choice(k.colours) if told else k.own, told, pick(r, PLAN["sizes"]),
                pick(r, PLAN["counts"]), r.choice(list(SPOTS)), r.randrange(1 << 30))
    item.home = r.choice([h for h in k.homes if h in PLACES[place].homes and (home is None or h == home)])
    item.flip = r.random() < 0.5
    return item


def set_down(r, s, item):
    """Gives an item its height, its depth and the places of each of its things."""
    k, band = KINDS[item.kind], PLACES[s.place].bands[item.home]
    near, far = band
    item.depth = r.uniform(0.0, 0.5) if item.home in ("ground", "water") else r.uniform(0.0, 0.7)
    far_y = s.horizon + far if item.home in ("ground", "water") else far
    near_y = near
    item.y = near_y + (far_y - near_y) * item.depth
    item.tall = k.tall * SIZES[item.size] * (1 - 0.38 * item.depth) * r.uniform(0.95, 1.05)
    room = 0.92 if len(s.items) < 2 else 0.46
    item.tall *= min(1.0, room / (item.count * item.wide() * 1.06))
    if item.home in ("sky", "space"):
        item.y = min(max(item.y, 0.5 * item.tall + 0.03), 0.95 - 0.5 * item.tall)
    else:
        item.y = max(item.y, item.tall * 0.9 + 0.02)
    spread(r, item)


def spread(r, item):
    """The things of an item side by side around its spot, inside the picture."""
    step, half = item.wide() * r.uniform(1.06, 1.2), item.wide() * 0.5
    span = step * (item.count - 1)
    low, high = half + 0.01 + span / 2, 1 - half - 0.01 - span / 2
    middle = min(max(SPOTS[item.spot] + r.uniform(-0.05, 0.05), min(low, 0.5)), max(high, 0.5))
    item.x = [middle + (i - (item.count - 1) / 2) * step for i in range(item.count)]


RELATIONS = {"left of": ("left", "right"), "right of": ("right", "left")}


def relate(r, s):
    """A relation between the first two items, and what makes it true."""
    a, b = s.items[:2]
    flying = [i.home in ("sky",) for i in (a, b)]
    if flying[0] != flying[1]:
        s.relation = ("above", 0, 1) if flying[0] else ("below", 0, 1)
        up = a if flying[0] else b
        down = b if flying[0] else a
        for item in (a, b):
            set_down(r, s, item)
        up.y = min(up.y, max(down.y - down.tall - up.tall * 0.55, up.tall * 0.55))
        return
    if a.home == b.home and a.home in ("ground", "water") and r.random() < 0.3:
        return stagger(r, s, a, b)
    word = r.choice(list(RELATIONS))
    a.spot, b.spot = RELATIONS[word]
    for item in (a, b):
        set_down(r, s, item)
    b.y += 0 if a.home != b.home else (a.y - b.y) * 0.5
    s.relation = (word, 0, 1)


def stagger(r, s, a, b):
    """One before the other, a little aside, so that both are seen."""
    word = r.choice(("in front of", "behind"))
    front, back = (a, b) if word == "in front of" else (b, a)
    front.count = back.count = 1
    spot = r.choice(("left", "right"))
    front.spot, back.spot = spot, "middle"
    for item in (a, b):
        set_down(r, s, item)
    near, far = PLACES[s.place].bands[a.home]
    front.y, back.y = near - 0.01, near + (s.horizon + far - near) * 0.62
    back.tall = min(back.tall * 1.15, back.y - 0.03)
    front.tall *= 0.85
    side = -1 if spot == "left" else 1
    front.x = [back.x[0] + side * (0.36 * back.wide() + 0.3 * front.wide())]
    half = front.wide() / 2
    front.x = [min(max(front.x[0], half), 1 - half)]
    s.relation = (word, 0, 1)


def settle(r, s):
    """Puts all items where they belong."""
    if len(s.items) >= 2:
        relate(r, s)
        for item in s.items[2:]:
            set_down(r, s, item)
    elif s.items:
        set_down(r, s, s.items[0])


def crowded(s):
    """Do things cover one another where no relation wants it?"""
    for i, a in enumerate(s.items):
        for b in s.items[i + 1 :]:
            if s.relation and s.relation[0] in ("in front of", "behind"):
                continue
            for xa in a.x:
                for xb in b.x:
                    top = max(a.y - a.tall, b.y - b.tall) if a.home not in ("sky", "space") else max(a.y - a.tall / 2, b.y - b.tall)
                    low = min(a.y, b.y)
                    if abs(xa - xb) < 0.42 * (a.wide() + b.wide()) and low - top > 0.25 * min(a.tall, b.tall):
                        return True
    return False


def begin(r, seed):
    s = Scene(seed)
    s.style = pick(r, PLAN["styles"])
    s.time = "night" if s.style == "neon" else pick(r, {"day": 4, "dawn": 1.5, "sunset": 2.2, "night": 2.5})
    s.place = r.choice(sorted(PLACES))
    if not PLACES[s.place].weather:
        s.time = "night"
    s.weather = "clear" if not PLACES[s.place].weather else pick(r, {"clear": 5, "cloudy": 2.4, "rain": 0.9, "snow": 0.9, "fog": 0.8})
    s.horizon = r.uniform(*PLACES[s.place].horizon)
    s.mood = r.randrange(1 << 30)
    shines = {"clear": 0.62, "cloudy": 0.3, "rain": 0.0, "snow": 0.15, "fog": 0.1}[s.weather]
    if "sky" in PLACES[s.place].homes and r.random() < shines:
        s.light = new_light(r, s)
    return s


def furnish(r, s):
    """Up to three items; a second one often comes from another home, so that there is something above and below."""
    for _ in range(pick(r, PLAN["things"])):
        item = new_item(r, s.place, taken=[i.kind for i in s.items])
        if item:
            s.items.append(item)
    if len(s.items) > 1:
        for item in s.items:
            item.count = min(item.count, 2)
    settle(r, s)


def scene(seed, held=False):
    """The scene of this seed. held=False never has a combination of kind, colour and place that held=True is made of."""
    load()
    for attempt in range(4000):
        r = random.Random(seed * 1_000_003 + attempt * 7919 + (1 if held else 0))
        s = begin(r, seed)
        furnish(r, s)
        kept = [is_held(i.kind, i.colour, s.place) for i in s.items]
        if crowded(s) or (held and (not s.items or not kept[0])) or (not held and any(kept)):
            continue
        return s
    raise ValueError(f"no scene of seed {seed}")
