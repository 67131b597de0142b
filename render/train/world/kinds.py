"""The register of the kinds of things: what each is called, where it belongs, how tall it stands, which colours suit it.

The drawings are in things_*.py, one function a kind:

    @kind("sailboat", "sailboat, sailing boat, boat", home="water", tall=0.34, wide=0.9)
    def sailboat(p): ...
"""
KINDS = {}
HOMES = ("ground", "water", "sky", "space")
# What a model learns that is trained on a CPU: few enough for each to be seen often in a night, something for every place.
CORE = ("sailboat whale duck fish house castle lighthouse windmill tree pine palm cactus flower mushroom snowman cat horse rabbit car pumpkin elephant "
        "balloon bird butterfly rocket planet kite airplane").split()
ANY = "red orange yellow lime green turquoise blue navy purple pink brown white grey black"


class Kind:
    """`words`: what captions call it, the plainest first; `homes`: where it may be; `tall`: its height as a share of the
    picture's side where it is near and of medium size; `wide`: width / height; `colours`: those it comes in; `own`: the
    colour it has when none is told (None: any); `moves`: how it moves in a clip: "sail", "fly", "walk", "drive", "float",
    "sway", "burn", "fall", "still"; `lights`: it shines, so no shadow falls from it."""

    def __init__(self, draw, name, words, plural, homes, tall, wide, colours, own, moves, lights):
        self.draw, self.name, self.words, self.plural, self.homes = draw, name, words, plural, homes
        self.tall, self.wide, self.colours, self.own, self.moves, self.lights = tall, wide, colours, own, moves, lights


def kind(name, words=None, plural=None, home="ground", tall=0.25, wide=1.0, colours=ANY, own=None, moves="still", lights=False):
    """Registers the function below it, which draws with a Pen (pen.py). `home`: one or more of HOMES, with spaces."""
    words = tuple(w.strip() for w in (words or name).split(","))
    homes = tuple(home.split())
    assert name not in KINDS and all(h in HOMES for h in homes), name

    def register(draw):
        KINDS[name] = Kind(draw, name, words, plural or words[0] + "s", homes, tall, wide, tuple(colours.split()), own, moves, lights)
        return draw

    return register
