"""How instructions are worded: for every sort of edit many ways to say it. Knows scenes, no drawing; see edits.py for what is done.

In the templates {it} is a thing of the picture ("the red boat", "the two cats"), {new} a new one ("a moon", "three trees"),
{colour} and {count} words, {spot} " on the left" or nothing.
"""
from .kinds import KINDS
from .words import COLOUR_WORDS, COUNT_WORDS, SIZE_WORDS, SPOT_WORDS, article, join

TIMES = {
    "day": ("make it day", "make it daytime", "turn it into day", "change it to daylight", "make it bright day", "show it by day", "let it be day",
            "the same at noon", "in bright daylight", "turn on the daylight", "make it a sunny day"),
    "dawn": ("make it dawn", "make it early morning", "turn it into sunrise", "show it at dawn", "make it daybreak", "the same at sunrise",
             "let the day break", "change the time to dawn", "in the early morning", "as it looks at dawn"),
    "sunset": ("make it sunset", "make it evening", "turn it into sunset", "show it at dusk", "give it a sunset", "the same at sunset",
               "change the time to evening", "in the evening light", "add a sunset sky", "make it dusk"),
    "night": ("make it night", "turn it into night", "make it dark", "show it at night", "let it be night", "the same by night", "change it to midnight",
              "at night", "make it a starry night", "change the time to night", "let night fall"),
}
FROM_TIME = {"day": "day", "dawn": "dawn", "sunset": "sunset", "night": "night"}
WEATHERS = {
    "clear": ("clear the sky", "make the weather clear", "remove the clouds", "make the sky clear", "stop the bad weather", "give it good weather",
              "let the sky clear up", "take the clouds away", "make it a clear sky"),
    "cloudy": ("make it cloudy", "add clouds", "add some clouds to the sky", "cover the sky with clouds", "put clouds in the sky", "make the sky cloudy",
               "give it a cloudy sky", "let clouds come up"),
    "rain": ("make it rain", "add rain", "let it rain", "make it rainy", "turn it into a rainy day", "show it in the rain", "make the weather rainy",
             "have it rain", "start the rain"),
    "snow": ("make it snow", "add snow", "let it snow", "make snow fall", "add falling snow", "have it snow", "show it while it snows", "add snowflakes",
             "make the weather snowy"),
    "fog": ("add fog", "make it foggy", "put it in the fog", "add some mist", "make it misty", "let fog come up", "fill it with fog", "cover it in fog",
            "show it in the mist"),
}
CLEARING = {"rain": ("stop the rain", "make it stop raining", "remove the rain"), "snow": ("stop the snow", "make it stop snowing", "remove the snowflakes"),
            "fog": ("remove the fog", "lift the fog", "take the mist away"), "cloudy": ("remove the clouds", "clear the clouds away", "no clouds")}
STYLES = {
    "flat": ("as a flat vector picture", "make it flat vector art", "turn it into vector art", "make it a flat illustration",
             "redraw it as a flat illustration",
             "in flat vector style", "as vector art"),
    "watercolour": ("as a watercolour", "as a watercolor", "make it a watercolour painting", "turn it into a watercolor painting", "paint it in watercolour",
                    "in watercolour style", "make it look like a watercolour", "redo it in watercolor"),
    "pixel": ("make it pixel art", "as pixel art", "turn it into pixel art", "in pixel art style", "pixelate it", "make it look like an old video game",
              "redraw it with pixels", "as a pixel art picture"),
    "ink": ("as an ink drawing", "make it an ink drawing", "turn it into a line drawing", "draw it in ink", "in ink line style", "redraw it with ink lines",
            "as a line drawing", "make it look drawn with a pen"),
    "lowpoly": ("make it low poly", "as low poly", "turn it into low-poly art", "in low-poly style", "make it a low-poly picture", "build it from triangles",
                "redraw it in low poly"),
    "neon": ("make it neon", "as neon art", "turn it into neon lights", "in neon style", "make it glow like neon", "give it glowing neon lines",
             "redraw it as neon at night"),
}
ADD = ("add {new}{spot}", "add {new}{spot}", "put {new}{spot}", "place {new}{spot}", "draw {new}{spot}", "insert {new}{spot}",
       "add {new} to the picture{spot}",
       "there should be {new}{spot}", "let there be {new}{spot}", "I want {new}{spot}", "include {new}{spot}", "put {new} into the picture{spot}")
REMOVE = ("remove {it}", "remove {it}", "take {it} away", "delete {it}", "erase {it}", "get rid of {it}", "make {it} disappear", "take out {it}",
          "the picture without {it}", "without {it}", "leave out {it}", "remove {it} from the picture")
RECOLOUR = ("turn {it} {colour}", "make {it} {colour}", "paint {it} {colour}", "colour {it} {colour}", "color {it} {colour}", "change {it} to {colour}",
            "change the colour of {it} to {colour}", "change the color of {it} to {colour}", "let {it} have the colour {colour}",
            "{it} should be {colour}", "let {it} be {colour}")
REPLACE = ("turn {it} into {new}", "turn {it} into {new}", "replace {it} with {new}", "replace {it} by {new}", "change {it} into {new}",
           "swap {it} for {new}",
           "make {it} {new}", "exchange {it} for {new}", "put {new} in place of {it}", "{new} instead of {it}", "transform {it} into {new}")
PLACE = ("move it to {place}", "change the place to {place}", "change the background to {place}", "make the background {place}", "take it to {place}",
         "replace the background with {place}", "put it {inside}", "set it {inside}", "the same {inside}", "let it be {inside}", "show it {inside}")
COUNT = ("make it {count} {kind}", "make them {count} {kind}", "change it to {count} {kind}", "there should be {count} {kind}", "show {count} {kind}",
         "I want {count} {kind}", "let there be {count} {kind}", "turn {it} into {count} {kind}")
FEWER = ("leave only {count} of {it}", "keep just {count} of {it}", "make it only {count} {kind}", "{count} {kind} are enough", "only {count} {kind}")
SIZE = {"big": ("make {it} bigger", "make {it} larger", "enlarge {it}", "let {it} grow", "scale {it} up"),
        "small": ("make {it} smaller", "shrink {it}", "let {it} shrink", "scale {it} down", "make {it} little")}
TURN = ("turn {it} around", "flip {it}", "mirror {it}", "let {it} face the other way", "make {it} look the other way", "turn {it} to the other side")


def colour(r, name):
    return r.choice(COLOUR_WORDS.get(name, (name,)))


def kind_word(r, name):
    words = KINDS[name].words
    return words[0] if len(words) < 2 or r.random() < 0.72 else r.choice(words[1:])


def it(r, item):
    """"the boat", "the red boat", "the two boats", "all boats": a thing that is in the picture."""
    tint = colour(r, item.colour) if r.random() < (0.4 if item.told else 0.12) else ""
    if item.count == 1:
        return join("the", tint, kind_word(r, item.kind))
    plural = KINDS[item.kind].plural
    plain = join("the", tint, plural)
    return r.choice((plain, plain, join("the", r.choice(COUNT_WORDS[item.count][:1]), tint, plural), join("all", tint, plural)))


def new(r, item, tint=True):
    """"a boat", "a big red boat", "three cats": a thing that is to come; its colour where it must be told."""
    shade = colour(r, item.colour) if tint and item.told else ""
    size = r.choice(SIZE_WORDS[item.size]) if r.random() < 0.5 else ""
    if item.count > 1:
        return join(r.choice(COUNT_WORDS[item.count]), size, shade, KINDS[item.kind].plural)
    return article(join(size, shade, kind_word(r, item.kind)))


def light(r, told, known):
    """"a moon", "a red sun"; `known`: it is in the picture already ("the moon")."""
    shade = colour(r, told["colour"]) if told["told"] else ""
    size = "" if known or r.random() < 0.6 else r.choice(SIZE_WORDS[told["size"]])
    words = join(size, shade, told["kind"])
    return "the " + words if known else article(words)


def spot(r, name):
    return " " + r.choice(SPOT_WORDS[name])


def inside(place):
    """"on the beach", "in the desert", of the words for a place."""
    on = any(w in place for w in ("sea", "ocean", "beach", "shore", "lake", "bank")) or place == "rolling hills"
    return ("by " if place == "the river" else "on " if on else "in ") + place


def say(r, templates, **parts):
    """One of the templates, filled in; politely now and then."""
    text = r.choice(templates).format(**parts)
    chance = r.random()
    if chance < 0.06:
        return "please " + text
    return text + ", please" if chance < 0.09 else text
