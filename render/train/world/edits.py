"""Pairs of scenes with the instruction between them: edit(seed) -> (before, instruction, after). Knows scenes and words, no drawing.

What the instruction does not name stays as it was: the same seeds, the same places, the same light. So a light that is added
stands where the light on the things came from already, and what is removed was added to a scene that could do without it.
"""
import random

from . import edit_words as say
from . import load
from .kinds import KINDS
from .scene import SIZES, SPOTS, STYLES, WEATHERS, crowded, is_held, kinds_for, new_item, new_light, scene, set_down
from .terrain import PLACES
from .words import COUNT_WORDS

LOW = {"dawn", "sunset"}
SHARES = {"time": 1.4, "weather": 1.3, "style": 1.6, "place": 0.9, "add": 1.6, "remove": 1.5, "recolour": 1.8, "replace": 1.3, "count": 0.8, "size": 0.5,
          "turn": 0.4, "light": 0.9, "two": 0.9}


def set_time(s, time):
    """Changes the time; the sun becomes the moon at night, and stands low in the morning and in the evening."""
    was, s.time = s.time, time
    if not s.light:
        return
    kind = "moon" if time == "night" else "sun"
    if s.light["kind"] != kind:
        s.light.update(kind=kind, colour="white" if kind == "moon" else "yellow", told=False)
    if kind == "sun" and time in LOW and was not in LOW:
        s.light["height"] = 0.1 + 0.3 * s.light["height"]
    elif time not in LOW and was in LOW:
        s.light["height"] = min((s.light["height"] - 0.1) / 0.3, 0.8) if s.light["height"] > 0.25 else 0.6


def edit_time(r, s):
    if s.style == "neon" or not PLACES[s.place].weather:
        return None
    a, time = s.copy(), r.choice([t for t in say.TIMES if t != s.time])
    set_time(a, time)
    if r.random() < 0.25:
        return s, say.say(r, ("turn {a} into {b}", "change {a} to {b}", "make the {a} a {b}"), a=say.FROM_TIME[s.time], b=say.FROM_TIME[time]), a
    return s, say.say(r, say.TIMES[time]), a


def edit_weather(r, s):
    if not PLACES[s.place].weather:
        return None
    a, a_weather = s.copy(), r.choice([w for w in WEATHERS if w != s.weather])
    if s.light and a_weather in ("rain", "fog"):
        return None
    a.weather = a_weather
    ways = say.WEATHERS[a_weather]
    if a_weather == "clear":
        ways = say.CLEARING[s.weather] if r.random() < 0.6 or s.weather == "fog" else ways
    return s, say.say(r, ways), a


def edit_style(r, s):
    a = s.copy()
    a.style = r.choice([x for x in STYLES if x != s.style])
    if a.style == "neon":
        set_time(a, "night")
    return s, say.say(r, say.STYLES[a.style]), a


def edit_place(r, s):
    """The same things elsewhere: where they may be, as near and as far as before."""
    homes = {i.home for i in s.items}
    places = [p for p in sorted(PLACES) if p != s.place and homes <= set(PLACES[p].homes) and PLACES[p].weather == PLACES[s.place].weather]
    if not places or not PLACES[s.place].weather:
        return None
    a = s.copy()
    a.place = r.choice(places)
    low, high = PLACES[a.place].horizon
    a.horizon = min(max(s.horizon, low), high)
    for item in a.items:
        if item.home in ("ground", "water"):
            near, far = PLACES[s.place].bands[item.home]
            depth = (item.y - near) / (s.horizon + far - near)
            near, far = PLACES[a.place].bands[item.home]
            item.y = max(near + (a.horizon + far - near) * depth, item.tall * 0.9 + 0.02)
    if crowded(a):
        return None
    words = r.choice(PLACES[a.place].words)
    return s, say.say(r, say.PLACE, place=words, inside=say.inside(words)), a


def placed(r, s):
    """Where the newcomer (the last item) stands, in words that are true, or nothing."""
    item = s.items[-1]
    if item.count == 1 and r.random() < 0.35:
        middle = item.x[0]
        if abs(middle - SPOTS[item.spot]) < 0.09:
            return say.spot(r, item.spot)
    if len(s.items) == 2 and r.random() < 0.5:
        other = s.items[0]
        for side, one, two in (("left", item, other), ("right", other, item)):
            if max(one.x) + 0.14 < min(two.x):
                return r.choice((" to the {0} of ", " {0} of ")).format(side) + say.it(r, other)
    return ""


def with_new(r, s):
    """A copy with one more item, or None where there is no room."""
    if len(s.items) > 2:
        return None
    a = s.copy()
    item = new_item(r, s.place, taken=[i.kind for i in s.items])
    if item is None:
        return None
    item.count = min(item.count, 2) if s.items else item.count
    set_down(r, a, item)
    a.items.append(item)
    return None if crowded(a) else a


def edit_add(r, s):
    a = with_new(r, s)
    if a is None:
        return None
    where = placed(r, a)
    return s, say.say(r, say.ADD, new=say.new(r, a.items[-1]), spot=where), a


def edit_remove(r, s):
    b = with_new(r, s)
    if b is None:
        return None
    return b, say.say(r, say.REMOVE, it=say.it(r, b.items[-1])), s


def lit_alike(r, s):
    """A copy with a light that leaves the light on the things as it was, or None."""
    if s.light or "sky" not in PLACES[s.place].homes or s.weather in ("rain", "fog"):
        return None
    a = s.copy()
    a.light = new_light(r, s)
    if (a.light["kind"] == "moon") != (s.time == "night"):
        return None
    side = random.Random(s.mood + 3).choice((-0.7, 0.7))  # as compose.py chooses it for a scene without sun and moon
    a.light.update(x=0.5 + side / 2.6, spot="left" if side < 0 else "right", height=r.uniform(0.46, 0.8))
    return a


def edit_light(r, s):
    """Adds, removes or colours the sun or the moon."""
    a = lit_alike(r, s)
    if a is None:
        if not s.light:
            return None
        a = s.copy()
        a.light["colour"] = r.choice([c for c in ("yellow", "orange", "red", "white", "pink", "blue") if c != s.light["colour"]])
        a.light["told"] = True
        return s, say.say(r, say.RECOLOUR, it="the " + s.light["kind"], colour=say.colour(r, a.light["colour"])), a
    if r.random() < 0.5:
        return a, say.say(r, say.REMOVE, it=say.light(r, a.light, True)), s
    words = say.light(r, a.light, False)
    where = r.choice((" to the sky", " in the sky", say.spot(r, a.light["spot"]), "", "", ""))
    return s, say.say(r, ("put {new}{spot}", "add {new}{spot}") if where == " to the sky" else say.ADD, new=words, spot=where), a


def edit_recolour(r, s):
    if not s.items:
        return None
    a, n = s.copy(), r.randrange(len(s.items))
    item = a.items[n]
    item.colour, item.told = r.choice([c for c in KINDS[item.kind].colours if c != item.colour]), True
    return s, say.say(r, say.RECOLOUR, it=say.it(r, s.items[n]), colour=say.colour(r, item.colour)), a


def edit_replace(r, s):
    """Another kind in the same places. Its colour: as it was; if that was the kind's own, the new kind's own; or one that is told."""
    if not s.items:
        return None
    a, n = s.copy(), r.randrange(len(s.items))
    old, item = s.items[n], a.items[n]
    was = KINDS[old.kind]
    kind = KINDS[r.choice([k for k in kinds_for(s.place, old.home) if k not in [i.kind for i in s.items]])]
    item.kind, item.tall = kind.name, old.tall * kind.tall / was.tall
    room = min([2 * old.x[0], 2 * (1 - old.x[-1])] + [b - x for x, b in zip(old.x, old.x[1:])])
    item.tall = min(item.tall, room * 0.98 / kind.wide, 1.6 * old.tall)
    if item.home in ("ground", "water"):
        item.tall = min(item.tall, (item.y - 0.02) / 0.9)
    told = r.random() < 0.3
    if told:
        item.colour, item.told = r.choice([c for c in kind.colours if c != old.colour]), True
    elif old.colour == was.own and kind.own:
        item.colour, item.told = kind.own, False
    elif old.colour not in kind.colours:
        return None
    if crowded(a) or item.tall < 0.5 * old.tall:
        return None
    item.size = "medium"
    words = say.new(r, item, told)
    item.size = old.size
    return s, say.say(r, say.REPLACE, it=say.it(r, old), new=words), a


def edit_count(r, s):
    """More of them beside those that are there, or only some of them left."""
    if not s.items:
        return None
    a, n = s.copy(), r.randrange(len(s.items))
    old, item = s.items[n], a.items[n]
    item.count = r.choice([c for c in (1, 2, 3, 4) if c != old.count])
    kind, number = KINDS[item.kind], r.choice(COUNT_WORDS[item.count]) if item.count > 1 else r.choice(("one", "a single"))
    if item.count < old.count:
        item.x = old.x[: item.count]
        ways = say.FEWER
    else:
        step = old.x[1] - old.x[0] if old.count > 1 else old.wide() * 1.12
        while len(item.x) < item.count:
            side = item.x[-1] + step
            item.x.append(side if side < 0.98 - old.wide() / 2 else min(item.x) - step)
        if min(item.x) < old.wide() / 2 or crowded(a):
            return None
        ways = say.COUNT[:1] + say.COUNT[2:] if old.count == 1 else say.COUNT[1:2] + say.COUNT[3:]
    item.spot = min(SPOTS, key=lambda k: abs(SPOTS[k] - sum(item.x) / len(item.x)))
    if number.startswith("a single") and ways is say.FEWER:
        number = "one"
    words = kind.plural if item.count > 1 else kind.words[0]
    if item.count == 1:
        ways = say.FEWER[:3] + say.FEWER[4:]
    elif s.relation and n < 2 and s.relation[0] in ("in front of", "behind"):
        return None
    return s, say.say(r, ways, count=number, kind=words, it=say.it(r, old)), a


def edit_size(r, s):
    """Half as large again, or two thirds."""
    if not s.items:
        return None
    a, n = s.copy(), r.randrange(len(s.items))
    item, grown = a.items[n], r.random() < 0.5
    if item.count > 1 or item.size == ("big" if grown else "small"):
        return None
    item.tall *= 1.5 if grown else 0.66
    names = sorted(SIZES, key=SIZES.get)
    item.size = names[names.index(item.size) + (1 if grown else -1)]
    half = item.wide() / 2
    if crowded(a) or item.x[0] < half or item.x[0] > 1 - half or item.y - item.tall < 0.02:
        return None
    return s, say.say(r, say.SIZE["big" if grown else "small"], it=say.it(r, s.items[n])), a


def edit_turn(r, s):
    lively = [n for n, i in enumerate(s.items) if KINDS[i.kind].moves in ("walk", "sail", "drive")]
    if not lively:
        return None
    a, n = s.copy(), r.choice(lively)
    a.items[n].flip = not a.items[n].flip
    return s, say.say(r, say.TURN, it=say.it(r, s.items[n])), a


def edit_two(r, s):
    """Two edits in one instruction."""
    one, two = r.choice(("time", "weather", "style", "place", "recolour", "replace")), r.choice(("time", "weather", "style", "add", "recolour"))
    first = EDITS[one](r, s) if one != two else None
    second = EDITS[two](r, first[2]) if first else None
    if not second or "please" in first[1] + second[1] or one == "time" and second[2].time != first[2].time:
        return None
    return s, first[1] + r.choice((" and ", " and ", ", then ", ", ")) + second[1], second[2]


EDITS = {"time": edit_time, "weather": edit_weather, "style": edit_style, "place": edit_place, "add": edit_add, "remove": edit_remove,
         "recolour": edit_recolour, "replace": edit_replace, "count": edit_count, "size": edit_size, "turn": edit_turn, "light": edit_light, "two": edit_two}


def sort_of(seed):
    """The name of the edit of this seed, a key of EDITS."""
    return random.Random(seed * 7_777_777 + 5).choices(list(SHARES), list(SHARES.values()))[0]


def edit(seed, sort=None):
    """(before, instruction, after). `sort`: a key of EDITS; the seed's own when None. No scene of it is one that is held out."""
    load()
    make = EDITS[sort or sort_of(seed)]
    for attempt in range(2000):
        r = random.Random(seed * 1_000_033 + attempt)
        made = make(r, scene(seed + attempt * 1_000_000_007))
        if made and not any(is_held(i.kind, i.colour, s.place) for s in (made[0], made[2]) for i in s.items):
            return made
    raise ValueError(f"no edit of seed {seed}")
