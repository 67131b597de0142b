"""How motions are told. Knows kinds and words, nothing of frames; see clips.py for what moves.

{it} is what moves ("the red boat", "the ducks"), {go}, {goes}, {going} its verb, {side} "to the left".
"""
from .edit_words import it
from .kinds import KINDS
from .words import COLOUR_WORDS, join

# How a kind goes by what its register says: (base, third person, -ing form).
GOING = {
    "walk": (("walk", "walks", "walking"), ("walk", "walks", "walking"), ("go", "goes", "going"), ("run", "runs", "running"), ("move", "moves", "moving")),
    "drive": (("drive", "drives", "driving"), ("drive", "drives", "driving"), ("roll", "rolls", "rolling"), ("go", "goes", "going"), ("move", "moves",
                                                                                                                                      "moving")),
    "sail": (("sail", "sails", "sailing"), ("sail", "sails", "sailing"), ("glide", "glides", "gliding"), ("move", "moves", "moving")),
    "fly": (("fly", "flies", "flying"), ("fly", "flies", "flying"), ("glide", "glides", "gliding"), ("move", "moves", "moving")),
    "float": (("float", "floats", "floating"), ("drift", "drifts", "drifting"), ("glide", "glides", "gliding"), ("move", "moves", "moving")),
}
SWIMMING = (("swim", "swims", "swimming"), ("swim", "swims", "swimming"), ("glide", "glides", "gliding"), ("move", "moves", "moving"))
SWIMMERS = ("duck", "swan", "fish", "whale", "dolphin", "octopus", "turtle", "shark", "seal", "goose")
TURNING = ("windmill", "water mill", "mill", "pinwheel", "ferris wheel", "wind turbine")
UPRIGHT = ("rocket",)  # what flies, but never sideways
FLOATERS = ("balloon", "airship", "kite")
CRAWLERS = ("snail", "turtle", "caterpillar", "worm")
SIDES = {"left": ("to the left", "to the left", "left", "towards the left", "from right to left", "leftwards"),
         "right": ("to the right", "to the right", "right", "towards the right", "from left to right", "rightwards")}
TRAVEL = ("{it} {goes} {side}", "{it} {goes} {side}", "{it} {going} {side}", "{it} {going} {side}", "make {it} {go} {side}", "let {it} {go} {side}",
          "{it} {is} {going} {side}", "{going} {side}", "move {it} {side}")
CLIMB = {-1: (("{it} goes up", "{it} rises", "{it} rising", "make {it} rise", "{it} moves upwards", "{it} climbs into the sky", "let {it} go up",
               "{it} moving up"),
              ("{it} go up", "{it} rise", "{it} rising", "make {it} rise", "{it} move upwards", "{it} climb higher", "let {it} go up", "{it} moving up")),
         1: (("{it} goes down", "{it} sinks", "{it} sinking", "make {it} sink", "{it} moves downwards", "{it} comes down", "let {it} go down",
              "{it} moving down"),
             ("{it} go down", "{it} sink", "{it} sinking", "make {it} sink", "{it} move downwards", "{it} come down", "let {it} go down",
              "{it} moving down"))}
FALL = (("{it} falls", "{it} falling", "{it} falls down", "let {it} fall", "{it} comes down"), ("{it} fall", "{it} falling", "{it} fall down",
                                                                                                "let {it} fall", "{it} come down"))
LIGHT = {True: ("{it} rises", "{it} rises", "{it} rising", "{it} comes up", "{it} is rising", "let {it} rise", "make {it} rise",
                "{it} climbs over the horizon", "{it} goes up"),
         False: ("{it} sets", "{it} sets", "{it} setting", "{it} goes down", "{it} is setting", "let {it} set", "make {it} set",
                 "{it} sinks below the horizon", "{it} sinking")}
WEATHER = {"snow": ("snow falls", "snow falling", "it snows", "it is snowing", "snowflakes fall", "let it snow", "falling snow", "snowflakes come down"),
           "rain": ("rain falls", "rain falling", "it rains", "it is raining", "raindrops fall", "let it rain", "falling rain", "rain pours down")}
CLOUDS = ("clouds drift {side}", "clouds drifting {side}", "the clouds move {side}", "clouds moving {side}", "the wind blows the clouds {side}",
          "let the clouds drift {side}",
          "the clouds pass {side}", "the clouds are drifting {side}", "clouds float {side}")
PAN = ("the camera pans {side}", "the camera pans {side}", "the camera moves {side}", "camera panning {side}", "pan {side}", "camera moving {side}",
       "the view moves {side}",
       "we look {side}", "turn the camera {side}")
ZOOM = {True: ("zoom in", "the camera zooms in", "camera zooming in", "the camera moves closer", "we come closer"),
        False: ("zoom out", "the camera zooms out", "camera zooming out", "the camera moves away", "we go back")}
SWAY = (("{it} sways in the wind", "{it} swaying", "the wind moves {it}", "{it} sways gently", "let {it} sway", "a light wind blows",
         "{it} moves in the breeze"),
        ("{it} sway in the wind", "{it} swaying", "the wind moves {it}", "{it} sway gently", "let {it} sway", "a light wind blows",
         "{it} move in the breeze"))
TURN = (("{it} turns in the wind", "{it} turns", "{it} turning", "let {it} turn", "the wind turns {it}"),
        ("{it} turn in the wind", "{it} turn", "{it} turning", "let {it} turn", "the wind turns {it}"))
BURN = (("{it} burns", "{it} flickers", "{it} burning", "{it} flickering", "the flames flicker", "let {it} burn"),
        ("{it} burn", "{it} flicker", "{it} burning", "{it} flickering", "the flames flicker", "let {it} burn"))
FLOW = (("{it} splashes", "the water of {it} falls", "{it} flows", "water splashing", "{it} splashing", "let the water flow"),
        ("{it} splash", "the water of {it} falls", "{it} flow", "water splashing", "{it} splashing", "let the water flow"))
DUSK = {True: ("night falls", "night falling", "it gets dark", "it is getting dark", "the day ends", "let night fall", "the light fades",
               "day turns into night", "dusk comes"),
        False: ("day breaks", "day breaking", "it gets light", "it is getting light", "the night ends", "a new day begins", "let the day break",
                "night turns into day", "morning comes")}


def verb(r, item):
    """How an item goes, in the forms that the templates want."""
    ways = GOING[KINDS[item.kind].moves]
    if item.home == "water" and item.kind in SWIMMERS:
        ways = SWIMMING
    elif item.kind in FLOATERS:
        ways = GOING["float"]
    elif item.kind in CRAWLERS:
        ways = (("crawl", "crawls", "crawling"), ("creep", "creeps", "creeping"), ("move", "moves", "moving"))
    go, goes, going = r.choice(ways)
    many = item.count > 1
    return dict(go=go, goes=go if many else goes, going=going, **{"is": "are" if many else "is"})


def to(r, side):
    return r.choice(SIDES[side])


def light(r, told):
    shade = r.choice(COLOUR_WORDS.get(told["colour"], (told["colour"],))) if told["told"] else ""
    return join("the", shade, told["kind"])


def zoomed(r, item, goes_in):
    """Behind "zoom in": " on the boat"; behind "zoom out": " from the boat"."""
    return join(r.choice(("on", "to", "towards")) if goes_in else "from", it(r, item))
