"""The parts of the proof of quality: each makes pictures with the C engine, judges them, and gives rows of the table.

A row is (name, value, goal, n); the name ends in its unit. A goal is ("≥" or "≤", number) or None. Values are numbers, or a
sentence where a part could not be measured. Knows nothing of how the table is printed.
"""
import collections

import cairo
import numpy as np

import quality_finding
import quality_measures as measure
import quality_prompts as prompts
import textures
from oracle_labels import judge, plain, score
from quality_engine import Missing
from world import clips, compose, edits, scene

Row = collections.namedtuple("Row", "name value goal n")
SIDE = 256
PAINTERS = (  # name, model, arguments: the two ways to a picture. What is not given is what the command takes to suit the model.
    ("fast", "fast", ("-s", "4")),
    ("base", "base", ()),
)


class Lab:
    """What the parts share: engine, oracle, how much of everything, and pictures for the sheets (name -> list of rows)."""

    def __init__(self, engine, oracle, scale=1.0, say=print):
        self.engine, self.oracle, self.scale, self.say = engine, oracle, scale, say
        self.shown = {}

    def many(self, count):
        return max(2, round(count * self.scale))

    def show(self, name, rows):
        """rows: lists of (picture, text under it)."""
        self.shown.setdefault(name, []).extend(rows)

    def paint(self, painter, cases, seeds=1):
        """Pictures of each case's prompt, [cases * seeds], and the cases beside them."""
        _, model, arguments = painter
        pictures, beside = [], []
        for n, case in enumerate(cases):
            order = ["-p", case.prompt, "-S", str(1000 + 10 * n), *arguments]
            pictures += self.engine.made(model, order, seeds)
            beside += [case] * seeds
            if n % 16 == 15:
                self.say(f"  {n + 1} of {len(cases)} prompts")
        return pictures, beside


def percent(x):
    return round(100 * x, 1)


def attempt(name, goal, action):
    """The rows of action(), or one that says what is missing."""
    try:
        return action()
    except Missing as why:
        return [Row(name, str(why), goal, 0)]


# --- prompts ---

def ceiling(lab, name, cases):
    """What the oracle gives rendered pictures of the same scenes: more than this no model can reach."""
    verdicts, _ = lab.oracle.look([compose.draw(c.scene, SIDE) for c in cases])
    return Row(f"{name} rendered, all right %", percent(score(verdicts, [c.wish for c in cases])[0]), None, len(cases))


def judged(lab, name, goal, cases, seeds=1, shown=6):
    """Rows of one set of cases: all right and each attribute, by both painters, and the ceiling."""
    rows = []
    for painter in PAINTERS:
        def go():
            pictures, beside = lab.paint(painter, cases, seeds)
            verdicts, _ = lab.oracle.look(pictures)
            wishes = [c.wish for c in beside]
            whole, each, n = score(verdicts, wishes)
            marks = ["" if all(judge(v, w).values()) else "  ✗" for v, w in zip(verdicts, wishes)]
            lab.show(f"{name}-{painter[0]}", [[(p, c.prompt + m) for p, c, m in zip(pictures, beside, marks)][:shown]])
            parts = [Row(f"{name} {painter[0]}, {key} %", percent(value), None, n) for key, value in each.items()]
            return [Row(f"{name} {painter[0]}, all right %", percent(whole), goal, n)] + (parts if len(parts) > 1 else [])

        rows += attempt(f"{name} {painter[0]}, all right %", goal, go)
    return rows + [ceiling(lab, name, cases)]


def single(lab):
    return judged(lab, "single", ("≥", 95), prompts.single(lab.many(64)), 2, 12) + \
        judged(lab, "single, styled", None, prompts.single_styled(lab.many(30)), 1, 12)


def pair(lab):
    return judged(lab, "pair", ("≥", 80), prompts.pair(lab.many(48)), 1, 12)


def style(lab):
    styles = lab.oracle.heads.single["style"]
    return judged(lab, "style", ("≥", 95), prompts.style(lab.many(6 * len(styles)), styles), 1, 12)


def surroundings(lab):
    return judged(lab, "time", None, prompts.when(lab.many(24))) + judged(lab, "weather", None, prompts.weather(lab.many(24)))


def counted(lab):
    return judged(lab, "count", None, prompts.counted(lab.many(24)))


def strange(lab):
    known, odd = prompts.strange(lab.many(16))
    return judged(lab, "known words", None, known) + judged(lab, "with unknown words", None, odd)


# --- distance to the rendered ---

FRECHET_SEEDS = prompts.SEEDS + 100_000_000


def frechet(lab):
    """Distance of generated from rendered pictures, of as many rendered from other rendered, and of the rendered from noise."""
    n = lab.many(192)
    draw = lambda first: lab.oracle.look([compose.draw(scene.scene(first + i), SIDE) for i in range(n)])[1]
    truth, other = draw(FRECHET_SEEDS), draw(FRECHET_SEEDS + 1_000_000)
    rows = [Row("Fréchet floor, rendered to rendered", round(measure.frechet(truth, other), 2), None, n)]
    for painter in PAINTERS:
        def go():
            pictures, _ = lab.paint(painter, prompts.any_scenes(n, FRECHET_SEEDS + 2_000_000))
            return [Row(f"Fréchet {painter[0]}", round(measure.frechet(truth, lab.oracle.look(pictures)[1]), 2), None, n)]

        rows += attempt(f"Fréchet {painter[0]}", None, go)
    return rows


# --- edits ---

def wish_of_edit(before, after):
    """What an instruction asks for: the difference of two scenes' labels. Neon brings the night with it, and the night its moon:
    nobody told so."""
    a, b = plain(before), plain(after)
    wish = {key: b[key] for key in ("style", "time", "weather", "place", "light") if a[key] != b[key]}
    for leads, follows in (("style", "time"), ("style", "light"), ("time", "light")):
        if leads in wish:
            wish.pop(follows, None)
    had, has = ({i["kind"]: i for i in l["items"]} for l in (a, b))
    wish["absent"] = [k for k in had if k not in has]
    wish["items"] = [{key: i[key] for key in ("kind", "colour", "count") if key == "kind" or k not in had or had[k][key] != i[key]}
        for k, i in has.items() if k not in had or any(had[k][key] != i[key] for key in ("colour", "count"))]
    return {key: value for key, value in wish.items() if value}


EDIT_SEEDS = 4_100_000_000
EDIT = ()


def outside(a, b):
    """Where two drawings are the same, away from where they differ: float [h, w]."""
    return 1.0 - measure.reach(np.abs(a.astype(int) - b.astype(int)).max(2) > 6, 8)


def edited(lab):
    made = [edits.edit(EDIT_SEEDS + i) for i in range(lab.many(48))]
    pairs = [(compose.draw(a, SIDE), text, compose.draw(b, SIDE), wish_of_edit(a, b)) for a, text, b in made]
    pairs = [p for p in pairs if p[3]]
    wishes = [p[3] for p in pairs]
    best = score(lab.oracle.look([p[2] for p in pairs])[0], wishes)
    rows = [Row("edit rendered, carried out %", percent(best[0]), None, best[2])]

    def go():
        out = [lab.engine.made("edit", ["--edit", "-p", text, "-S", str(n), *EDIT], inputs=[("-i", a)])[0] for n, (a, text, _, _) in enumerate(pairs)]
        done = score(lab.oracle.look(out)[0], wishes)
        rest = [(measure.psnr(a, o, where), where.mean()) for (a, _, b, _), o in zip(pairs, out) for where in (outside(a, b),)]
        local = [db for db, share in rest if share >= 0.2]
        lab.show("edit", [[(a, ""), (o, text)] for (a, text, _, _), o in zip(pairs, out)][:16])
        return [Row("edit, carried out %", percent(done[0]), ("≥", 90), done[2]), Row("edit, rest unchanged dB", mean(local), ("≥", 28), len(local))]

    return rows + attempt("edit, carried out %", ("≥", 90), go)


def mean(values):
    return round(float(np.mean(values)), 2) if len(values) else "nothing to measure"


# --- clean-up ---

def marked(picture, seed):
    """A picture under a tiled, slanted, semi-transparent text, and where that is: (uint8 [h, w, 3], bool [h, w])."""
    rng, side = np.random.default_rng(seed), picture.shape[0]
    layer = cairo.ImageSurface(cairo.FORMAT_A8, side, side)
    ctx = cairo.Context(layer)
    ctx.select_font_face("sans-serif", cairo.FONT_SLANT_NORMAL, cairo.FONT_WEIGHT_BOLD)
    ctx.set_font_size(side * rng.uniform(0.055, 0.085))
    text = str(rng.choice(["EVALUATION", "not for sale", "© studio", "archive"]))
    wide = ctx.text_extents(text).x_advance * 1.35
    ctx.translate(side / 2, side / 2)
    ctx.rotate(-rng.uniform(0.3, 0.65))
    high = side * rng.uniform(0.17, 0.23)
    for row in range(-6, 7):
        for column in range(-6, 7):
            ctx.move_to((column + 0.5 * (row % 2)) * wide, row * high)
            ctx.show_text(text)
    cover = np.frombuffer(layer.get_data(), np.uint8).reshape(side, -1)[:, :side, None] / 255.0
    cover = cover * rng.uniform(0.3, 0.5)
    ink = 255.0 if picture.mean() < 150 else 20.0
    return (picture * (1 - cover) + ink * cover + 0.5).astype(np.uint8), cover[:, :, 0] > 0


CLEAN_SEEDS = 4_200_000_000
CLEANERS = (  # name, model, further arguments, whether the true mask is given
    ("what fits", None, (), True),
    ("texture alone", None, ("--fill",), True),
    ("network alone", "cleanup", ("--fill",), True),
)


def cleaned(lab):
    n = lab.many(12)
    surfaces = lambda names, count: [textures.texture(names[i % len(names)], 100 + i, SIDE) for i in range(count)]
    return cleaned_of(lab, "scenes", ("≥", 34), [compose.draw(scene.scene(CLEAN_SEEDS + i), SIDE) for i in range(n)]) + \
        cleaned_of(lab, "photo-like", ("≥", 30), surfaces(textures.NAMES, n)) + \
        cleaned_of(lab, "photo-like of unseen sorts", None, surfaces(textures.UNSEEN, n // 2))


def cleaned_of(lab, name, goal, truths):
    dirty = [marked(t, i) for i, t in enumerate(truths)]
    rows = [Row(f"clean-up {name}, before dB", mean([measure.psnr(t, d) for t, (d, _) in zip(truths, dirty)]), None, len(truths))]
    for way, model, arguments, known in CLEANERS:
        def go():
            out = []
            for d, where in dirty:
                inputs = [("-i", d)] + ([("-k", np.repeat(where[:, :, None] * np.uint8(255), 3, 2))] if known else [])
                out += lab.engine.made(model, list(arguments), inputs=inputs, command=("cleanup",))
            lab.show("clean-up", [[(d, ""), (o, f"{name}, {way}"), (t, "truth")] for t, (d, _), o in zip(truths, dirty, out)][:6])
            inside = [measure.psnr(t, o, where) for t, (_, where), o in zip(truths, dirty, out)]
            return [Row(f"clean-up {name} by {way}, dB", mean([measure.psnr(t, o) for t, o in zip(truths, out)]), goal, len(truths)),
                Row(f"clean-up {name} by {way}, under the mark dB", mean(inside), None, len(truths)),
                Row(f"clean-up {name} by {way}, SSIM", mean([measure.ssim(t, o) for t, o in zip(truths, out)]), None, len(truths))]

        rows += attempt(f"clean-up {name} by {way}, dB", goal, go)
    return rows


def sought(lab):
    return attempt("marks found", None, lambda: quality_finding.rows(lab, Row))


# --- clips ---

CLIP_SEEDS = 4_150_000_000
FILM = ()
STEPS = (1, 2, 5)  # frames between those that are compared: quick movements, slow ones
AHEAD = {"left": (-1, 0), "right": (1, 0), "up": (0, -1), "down": (0, 1)}


class Watched:
    """A clip's motion as it was told, and how it shows in the rendered frames: the region where they change, and the step that
    suits its speed. `way`: left, right, up, down, in, out, in place, darker or lighter."""

    def __init__(self, motion, way, frames):
        self.way = {"left": "right", "right": "left"}[way] if motion == "pan" else way
        self.where = measure.reach(np.abs(frames[1:].astype(int) - frames[:1]).max((0, 3)) > 12, 8)
        self.step = max(STEPS, key=lambda s: self.along(frames, s)) if self.way in AHEAD else STEPS[1]
        self.stir = stirring(frames, self.where)

    def along(self, frames, step):
        """How much of the movement that is seen at this step goes the told way, -1 to 1, and a little for what share moves."""
        dx, dy, share = measure.movement(frames, step, where=self.where)
        ahead, size = AHEAD[self.way], max(abs(dx), abs(dy), 1e-9)
        return (dx * ahead[0] + dy * ahead[1]) / size + 0.5 * min(share, 0.5)

    def found(self, frames):
        """What these frames show of it, in the same words; "still" for nothing."""
        if self.way in ("darker", "lighter"):
            change = float(measure.grey(frames[-1]).mean() - measure.grey(frames[0]).mean())
            return "still" if abs(change) < 5 else "lighter" if change > 0 else "darker"
        if self.way in ("in", "out"):
            speed = measure.spreading(frames, self.step)
            return "still" if abs(speed) < 1e-4 else "in" if speed > 0 else "out"
        if self.way == "in place":
            here, elsewhere = stirring(frames, self.where), stirring(frames, ~self.where)
            return "still" if here < 0.3 * self.stir else "in place" if here > 2 * elsewhere else "everywhere"
        dx, dy, share = measure.movement(frames, self.step, where=self.where)
        if share < 0.02:
            return "still"
        return ("right" if dx > 0 else "left") if abs(dx) >= abs(dy) else ("down" if dy > 0 else "up")


def stirring(frames, where):
    """Mean change of brightness from frame to frame, in a region."""
    light = [measure.grey(f) for f in frames]
    return float(np.mean([(np.abs(b - a) * where).sum() for a, b in zip(light, light[1:])]) / max(where.sum(), 1))


def moved(lab):
    """Motion as told. Clips whose motion block matching cannot tell from the rendered frames say nothing about a model and are
    left out; how many are told stands in a row of its own."""
    made = []
    for seed in range(CLIP_SEEDS, CLIP_SEEDS + lab.many(36)):
        _, text, frames = clips.clip(seed, SIDE)
        said = clips.clip_labels(seed)
        made.append((text, frames, Watched(said["motion"], said["direction"], frames)))
    clear = [m for m in made if m[2].found(m[1]) == m[2].way]
    rows = [Row("motion rendered, found as told %", percent(len(clear) / len(made)), None, len(made))]

    def go():
        right = []
        for n, (text, frames, watched) in enumerate(clear):
            order = ["--frames", str(len(frames)), "-p", text, "-S", str(n), *FILM]
            out = lab.engine.film("base", order, [("--motion", "motion"), ("-f", frames[0])], SIDE)
            found = watched.found(out)
            right.append(found == watched.way)
            lab.show("clips", [[(out[i], f"{text}: {watched.way}, seen: {found}" if i == 0 else "") for i in range(0, len(out), 3)]])
        return [Row("motion as told %", percent(np.mean(right)), ("≥", 85), len(right))]

    return rows + attempt("motion as told %", ("≥", 85), go)


# --- time ---

def timed(lab):
    _, model, arguments = PAINTERS[0]
    order = ["-p", "a red sailboat on the sea at sunset", "-S", "1", *arguments, "-W", str(SIDE), "-H", str(SIDE)]
    return attempt("a picture of 256 px in 4 steps, s", ("≤", 1.5), lambda: [
        Row("a picture of 256 px in 4 steps, s", round(lab.engine.seconds(model, order), 2), ("≤", 1.5), 3)])


PARTS = {
    "single": single, "pair": pair, "style": style, "surroundings": surroundings, "count": counted, "strange": strange, "frechet": frechet,
    "edit": edited, "clean-up": cleaned, "marks": sought, "clips": moved, "time": timed,
}
