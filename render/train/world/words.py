"""Tells a scene: caption(scene, n) in one of many natural ways, labels(scene) as data. A caption says only what is true and leaves
out a little, as people do; it never says "left" where a thing is not on the left.
"""
import random

from .kinds import KINDS
from .terrain import PLACES

COLOUR_WORDS = {"red": ("red", "red", "red", "bright red"), "grey": ("grey", "gray"), "navy": ("navy", "navy blue", "dark blue"), "lime": ("lime", "lime green"),
                "turquoise": ("turquoise", "turquoise", "teal"), "purple": ("purple", "purple", "violet"), "pink": ("pink", "pink", "rosy pink")}
SIZE_WORDS = {"small": ("small", "little", "tiny"), "big": ("big", "large", "huge", "giant"), "medium": ("",)}
COUNT_WORDS = {2: ("two", "two", "a pair of", "a couple of"), 3: ("three", "three", "3"), 4: ("four", "four", "4")}
TIME_WORDS = {
    "day": ("by day", "in the daytime", "at noon", "in bright daylight", "", "", ""),
    "dawn": ("at dawn", "at sunrise", "in the early morning", "at daybreak"),
    "sunset": ("at sunset", "in the evening", "at dusk", "in the evening light"),
    "night": ("at night", "by night", "at midnight", "in the dark", "on a starry night"),
}
WEATHER_WORDS = {
    "clear": ("", "", "", "under a clear sky"),
    "cloudy": ("under a cloudy sky", "on a cloudy day", "with many clouds", "cloudy"),
    "rain": ("in the rain", "on a rainy day", "while it rains", "rainy"),
    "snow": ("in the snowfall", "while it snows", "with snow falling", "snowy weather"),
    "fog": ("in the fog", "on a foggy day", "in the mist", "foggy"),
}
STYLE_WORDS = {
    "flat": (("", ""), ("", ""), ("", ""), ("an illustration of ", ""), ("", ", flat vector"), ("", ", vector art")),
    "watercolour": (("a watercolour of ", ""), ("a watercolor of ", ""), ("", ", watercolour"), ("", " as a watercolour"), ("a watercolour painting of ", ""), ("", ", watercolor painting")),
    "pixel": (("pixel art of ", ""), ("", ", pixel art"), ("", " as pixel art"), ("a pixel art picture of ", "")),
    "ink": (("an ink drawing of ", ""), ("", ", ink line"), ("", " in ink"), ("", ", ink drawing"), ("a line drawing of ", "")),
    "lowpoly": (("a low-poly picture of ", ""), ("", ", low poly"), ("", " in low-poly style")),
    "neon": (("", ", neon"), ("neon art of ", ""), ("", " in neon lights"), ("", ", glowing neon style")),
}
SPOT_WORDS = {"left": ("on the left", "to the left", "on the left side"), "right": ("on the right", "to the right", "on the right side"), "middle": ("in the middle", "in the centre", "in the center")}
RELATION_WORDS = {"left of": ("to the left of", "left of"), "right of": ("to the right of", "right of"), "above": ("above", "over"), "below": ("below", "under", "beneath"),
                  "in front of": ("in front of",), "behind": ("behind",)}
PREPOSITIONS = {"ground": {"meadow": ("in", "on"), "hills": ("on", "in"), "mountains": ("in",), "forest": ("in",), "desert": ("in",), "town": ("in",), "snow field": ("in",),
                           "beach": ("on", "at"), "river": ("in", "by"), "moon base": ("on",)},
                "water": {"sea": ("on", "on"), "lake": ("on", "on"), "river": ("in",)}}


def article(words):
    return ("an " if words[0] in "aeiou" else "a ") + words


def join(*parts):
    return " ".join(p for p in parts if p)


def noun(r, item):
    """"a big red cat", "two cats": the kind, its colour where it must be told, now and then its size."""
    k = KINDS[item.kind]
    colour = r.choice(COLOUR_WORDS.get(item.colour, (item.colour,))) if item.told or r.random() < 0.25 else ""
    size = r.choice(SIZE_WORDS[item.size]) if r.random() < 0.55 else ""
    if item.count > 1:
        return join(r.choice(COUNT_WORDS[item.count]), size, colour, k.plural)
    word = k.words[0] if r.random() < 0.72 or len(k.words) < 2 else r.choice(k.words[1:])
    return article(join(size, colour, word))


def where(r, s, item):
    """"on the sea", "over the hills"."""
    place = r.choice(PLACES[s.place].words)
    if item.home == "sky":
        return join(r.choice(("over", "above", "in the sky over")), place)
    if item.home == "space":
        return join("in", place) if s.place == "space" else join(r.choice(("over", "above")), place)
    if item.home == "ground" and s.place == "river":
        return join("on" if "bank" in place else "in" if "valley" in place else "by", place)
    if s.place == "river":
        return "in the river"
    return join(r.choice(PREPOSITIONS[item.home].get(s.place, ("in",))), place)


def light_words(r, s):
    light = s.light
    size = r.choice(SIZE_WORDS[light["size"]]) if r.random() < 0.4 else ""
    colour = r.choice(COLOUR_WORDS.get(light["colour"], (light["colour"],))) if light["told"] else ""
    words = join(size, colour, light["kind"])
    return article(words) if size or colour or r.random() < 0.3 else "the " + words


def things(r, s):
    """The items and what stands between them, as one phrase with the place."""
    items = s.items
    if not items:
        place = r.choice(PLACES[s.place].words)
        return r.choice((place, place, join("a view of", place), join("a picture of", place) if s.style == "flat" else place))
    first = items[0]
    if len(items) >= 2 and s.relation and r.random() < 0.8:
        word, i, j = s.relation
        out = join(noun(r, items[i]), r.choice(RELATION_WORDS[word]), noun(r, items[j]))
        if r.random() < 0.85:
            anchor = items[j] if items[j].home in ("ground", "water") else items[i]
            out += " " + where(r, s, anchor)
    else:
        out = join(noun(r, first), where(r, s, first)) if r.random() < 0.9 else f"{r.choice(PLACES[s.place].words)} with {noun(r, first)}"
        if len(items) == 1 and first.count == 1 and not s.relation and r.random() < 0.16:
            out += " " + r.choice(SPOT_WORDS[first.spot])
        if len(items) >= 2:
            out += r.choice((" and ", " with ", ", ")) + noun(r, items[1])
    if len(items) > 2 and r.random() < 0.9:
        out += r.choice((" and ", ", ", " with ")) + noun(r, items[2])
    return out


def tags(r, s):
    """"red boat, sea, sunset": how people write who have done it often."""
    parts = [noun(r, i).removeprefix("a ").removeprefix("an ") for i in s.items]
    parts.append(r.choice(PLACES[s.place].words).removeprefix("the ").removeprefix("a "))
    parts.append({"day": "day", "dawn": "dawn", "sunset": "sunset", "night": "night"}[s.time])
    if s.weather != "clear":
        parts.append({"cloudy": "clouds", "rain": "rain", "snow": "snowfall", "fog": "fog"}[s.weather])
    if s.light:
        parts.append(join(s.light["colour"] if s.light["told"] else "", s.light["kind"]))
    return ", ".join(parts)


def caption(s, n):
    """One of many ways to tell the scene; n chooses."""
    r = random.Random(s.seed * 31 + n * 977 + 3)
    if r.random() < 0.14:
        out = tags(r, s)
    else:
        out = things(r, s)
        time = r.choice(TIME_WORDS[s.time]) if PLACES[s.place].weather or r.random() < 0.2 else ""
        if s.light and r.random() < 0.8:
            out += r.choice((" under ", " with ", " and ")) + light_words(r, s)
        weather = r.choice(WEATHER_WORDS[s.weather]) if PLACES[s.place].weather else ""
        parts = [p for p in (time, weather) if p]
        r.shuffle(parts)
        for p in parts:
            out += ("" if p.split()[0] in ("at", "by", "in", "on", "under", "with", "while") and r.random() < 0.8 else ",") + " " + p
    if s.style == "neon" and r.random() < 0.1:
        return "neon " + out.removeprefix("a ").removeprefix("an ")
    before, after = r.choice(STYLE_WORDS[s.style])
    return before + out + after


def labels(s):
    """What is true of the scene, for those who judge pictures."""
    return dict(style=s.style, time=s.time, weather=s.weather, place=s.place, light=s.light["kind"] if s.light else None,
                light_colour=s.light["colour"] if s.light else None, relation=s.relation,
                items=[dict(kind=i.kind, colour=i.colour, count=i.count, size=i.size, spot=i.spot, x=list(i.x), y=i.y) for i in s.items])
