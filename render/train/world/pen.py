"""The pen that draws one thing, whatever the style and the light.

A thing is drawn in its own units: 1 is its usual height, x goes right, y goes up, (0, 0) is the middle of its foot (of its
body if it floats or flies). The pen knows where the thing stands, how large it is, its colour, the light and the style; the
thing only says shapes and paints. So every thing can be drawn in every style without knowing one.

A paint is "main" (the colour asked for), "dark", "light" or "trim" (relatives of main; trim contrasts with it), the name
of a material or of something that shines (palette.py; "shine" and "sheen" are main and light that shine by themselves), a
colour's name, or (r, g, b). A form says how the light falls on a shape: "flat" evenly, "ball" with a highlight towards the
light, "pillar" from the lit side to the other, "slope" from above.
"""
import math

import cairo

from .palette import COLOURS, MATERIALS, SHINING, darker, lighter, luma, mix, times


class Look:
    """Style and light of a picture. `side`: where the light comes from, -1 left to 1 right; `lamps`: windows are lit."""

    def __init__(self, style="flat", light=(1, 1, 1), shade=(0.7, 0.74, 0.86), side=-0.6, lamps=False, haze=None):
        self.style, self.light, self.shade, self.side, self.lamps, self.haze = style, light, shade, side, lamps, haze


class Pen:
    """`size`: pixels of one unit; `phase`: 0 to 1 through a movement that repeats; `far`: 0 near to 1 in the haze; `flip`:
    drawn mirrored (the light is not); `rng`: a random.Random for what differs between two things of a kind; `edge`: how heavy outlines
    are, where a style has them."""

    def __init__(self, ctx, look, x, y, size, colour, rng, phase=0.0, flip=False, far=0.0, edge=1.0):
        self.edge = edge
        self.ctx, self.look, self.size, self.rng, self.phase, self.far = ctx, look, size, rng, phase, far
        self.main = COLOURS[colour] if isinstance(colour, str) else colour
        self.x, self.y, self.flip = x, y, -1.0 if flip else 1.0

    # --- paints ---

    def colour(self, paint):
        """The unlit colour of a paint, and whether it shines."""
        if not isinstance(paint, str):
            return paint, False
        if paint in SHINING:
            if paint == "window" and not self.look.lamps:
                return MATERIALS["glass"], False
            return SHINING[paint], True
        if paint in ("shine", "sheen"):
            return (self.main if paint == "shine" else lighter(self.main, 0.5)), True
        if paint == "trim" and self.look.style == "neon":
            return lighter(self.main, 0.45), False  # lines of cream would drown those of the thing's own colour
        if paint in ("main", "dark", "light", "trim"):
            bright = luma(self.main)
            warm = self.main[0] - self.main[2] > 0.5
            deep = mix(self.main, (0.40, 0.14, 0.06), 0.42) if warm else darker(self.main, 0.34)
            return {
                "main": self.main, "dark": deep if bright > 0.16 else lighter(self.main, 0.14),
                "light": mix(self.main, (1.0, 0.93, 0.82), 0.42) if self.main[0] - self.main[2] > 0.25 else lighter(self.main, 0.38),
                "trim": MATERIALS["cream"] if bright < 0.72 else darker(MATERIALS["slate"], 0.1),
            }[paint], False
        return MATERIALS.get(paint) or COLOURS[paint], False

    def lit(self, c, amount):
        """A colour in the light (amount 1) or the shade (0), and in the haze of the distance."""
        c = times(c, mix(self.look.shade, self.look.light, amount))
        return mix(c, self.look.haze, 0.75 * self.far) if self.look.haze and self.far else c

    def pattern(self, c, form, box):
        x0, y0, x1, y1 = box
        if form == "ball":
            r = max(x1 - x0, y1 - y0) / 2
            cx, cy = (x0 + x1) / 2, (y0 + y1) / 2
            p = cairo.RadialGradient(cx + 0.42 * r * self.look.side, cy - 0.4 * r, 0.05 * r, cx, cy, 1.25 * r)
            stops = ((0, lighter(self.lit(c, 1), 0.22)), (0.45, self.lit(c, 0.95)), (1, self.lit(c, 0.15)))
        elif form == "pillar":
            p = cairo.LinearGradient(x0, 0, x1, 0)
            a, b = (1.0, 0.1) if self.look.side < 0 else (0.1, 1.0)
            stops = ((0, self.lit(c, a)), (0.5, self.lit(c, 0.75)), (1, self.lit(c, b)))
        elif form == "slope":
            p = cairo.LinearGradient(0, y0, 0, y1)
            stops = ((0, self.lit(c, 1)), (1, self.lit(c, 0.25)))
        else:
            return cairo.SolidPattern(*self.lit(c, 0.85))
        for at, s in stops:
            p.add_color_stop_rgb(at, *s)
        return p

    # --- shapes ---

    def at(self, x, y):
        """A point of the thing in pixels of the picture."""
        return self.x + self.flip * x * self.size, self.y - y * self.size

    def outline(self, least, share, box):
        """Sets the width of an outline; small shapes get a finer one, so that they stay visible."""
        width = max(least, share * self.size) * self.edge
        self.ctx.set_line_width(min(width, 0.5 + 0.16 * min(box[2] - box[0], box[3] - box[1])))

    def lay(self, paint, form):
        """Fills the current path, in the way of the style."""
        ctx, style = self.ctx, self.look.style
        c, shines = self.colour(paint)
        box = ctx.path_extents()
        if style == "neon":
            tint = 0.55 if shines else 0.22 if paint in ("main", "dark", "light") else 0.10
            ctx.set_source_rgb(*mix((0.02, 0.02, 0.06), c, tint))
            ctx.fill_preserve()
            ctx.set_source_rgb(*lighter(c if luma(c) > 0.2 else mix(c, (0.45, 0.5, 0.9), 0.7), 0.12))
            self.outline(1.6, 0.018, box)
            ctx.stroke()
            return
        if style == "ink":
            ctx.set_source_rgb(*mix((0.98, 0.965, 0.93), self.lit(c, 1), 0.62 if luma(c) > 0.14 else 0.86))
            ctx.fill_preserve()
            ctx.set_source_rgb(0.10, 0.09, 0.12)
            self.outline(1.3, 0.014 * (1 - 0.4 * self.far), box)
            ctx.stroke()
            return
        ctx.set_source(cairo.SolidPattern(*c) if shines else self.pattern(c, "flat" if style == "plain" else form, box))
        ctx.fill()

    def poly(self, points, paint="main", form="flat"):
        """A closed polygon."""
        for i, p in enumerate(points):
            (self.ctx.line_to if i else self.ctx.move_to)(*self.at(*p))
        self.ctx.close_path()
        self.lay(paint, form)

    def trace(self, points, closed):
        """A smooth path through the points (Catmull-Rom as Bézier curves)."""
        n = len(points)
        q = [self.at(*p) for p in points]
        get = (lambda i: q[i % n]) if closed else (lambda i: q[max(0, min(n - 1, i))])
        self.ctx.move_to(*q[0])
        for i in range(n if closed else n - 1):
            a, b, c, d = get(i - 1), get(i), get(i + 1), get(i + 2)
            self.ctx.curve_to(b[0] + (c[0] - a[0]) / 6, b[1] + (c[1] - a[1]) / 6, c[0] - (d[0] - b[0]) / 6, c[1] - (d[1] - b[1]) / 6, *c)

    def blob(self, points, paint="main", form="ball"):
        """A closed smooth shape through the points."""
        self.trace(points, True)
        self.ctx.close_path()
        self.lay(paint, form)

    def oval(self, x, y, rx, ry=None, paint="main", form="ball", turn=0.0):
        """An ellipse; `turn` in degrees against the clock."""
        ctx = self.ctx
        ctx.save()
        ctx.translate(*self.at(x, y))
        ctx.rotate(-self.flip * math.radians(turn))
        ctx.scale(max(rx * self.size, 0.01), max((rx if ry is None else ry) * self.size, 0.01))
        ctx.new_sub_path()
        ctx.arc(0, 0, 1, 0, 2 * math.pi)
        ctx.restore()
        ctx.close_path()
        self.lay(paint, form)

    def rect(self, x0, y0, x1, y1, paint="main", form="flat", radius=0.0):
        """An upright rectangle between two corners; `radius` rounds it."""
        (ax, ay), (bx, by) = self.at(min(x0, x1), max(y0, y1)), self.at(max(x0, x1), min(y0, y1))
        ax, bx = min(ax, bx), max(ax, bx)
        r, ctx = min(radius * self.size, (bx - ax) / 2, (by - ay) / 2), self.ctx
        ctx.new_sub_path()
        if r <= 0:
            ctx.rectangle(ax, ay, bx - ax, by - ay)
        else:
            for cx, cy, a in ((bx - r, ay + r, -90), (bx - r, by - r, 0), (ax + r, by - r, 90), (ax + r, ay + r, 180)):
                ctx.arc(cx, cy, r, math.radians(a), math.radians(a + 90))
            ctx.close_path()
        self.lay(paint, form)

    def wedge(self, x, y, r, start, end, paint="main", form="flat"):
        """A piece of a disc from angle `start` to `end`, degrees against the clock from the right."""
        n = max(3, int(abs(end - start) / 8))
        arc = [(x + r * math.cos(math.radians(start + (end - start) * i / n)),
                y + r * math.sin(math.radians(start + (end - start) * i / n))) for i in range(n + 1)]
        self.poly(([] if abs(end - start) >= 360 else [(x, y)]) + arc, paint, form)

    def line(self, points, paint="dark", width=0.03, smooth=False):
        """An open line; `width` in units."""
        if smooth:
            self.trace(points, False)
        else:
            for i, p in enumerate(points):
                (self.ctx.line_to if i else self.ctx.move_to)(*self.at(*p))
        c, shines = self.colour(paint)
        style = self.look.style
        if style == "neon":
            c = lighter(c if luma(c) > 0.2 else mix(c, (0.45, 0.5, 0.9), 0.7), 0.1)
        elif style == "ink":
            c = mix((0.10, 0.09, 0.12), c, 0.35)
        elif not shines:
            c = self.lit(c, 0.8)
        self.ctx.set_source_rgb(*c)
        self.ctx.set_line_width(max(width * self.size, 0.8))
        self.ctx.set_line_cap(cairo.LINE_CAP_ROUND)
        self.ctx.set_line_join(cairo.LINE_JOIN_ROUND)
        self.ctx.stroke()

    def coin(self, chance=0.5):
        """Whether this thing has what only some of its kind have."""
        return self.rng.random() < chance

    def wave(self, times=1, lag=0.0):
        """-1 to 1: `times` swings in one movement."""
        return math.sin(2 * math.pi * (times * self.phase - lag))

    def limb(self, points, widths, paint="main", form="flat"):
        """A smooth thick stroke with round ends that is filled as a shape: legs, tails, necks. `widths`: its width at each
        point, in units."""
        n, middle = len(points), []
        for i in range(n - 1):
            a, b, c, d = (points[max(0, min(n - 1, j))] for j in (i - 1, i, i + 1, i + 2))
            for k in range(5 if i < n - 2 else 6):
                t = k / 5
                h = (-0.5 * t + t * t - 0.5 * t ** 3, 1 - 2.5 * t * t + 1.5 * t ** 3, 0.5 * t + 2 * t * t - 1.5 * t ** 3, -0.5 * t * t + 0.5 * t ** 3)
                middle.append((*(sum(w * q[j] for w, q in zip(h, (a, b, c, d))) for j in (0, 1)), (widths[i] + (widths[i + 1] - widths[i]) * t) / 2))
        left, right, last = [], [], len(middle) - 1
        for i, (x, y, r) in enumerate(middle):
            (x0, y0, _), (x1, y1, _) = middle[max(0, i - 1)], middle[min(last, i + 1)]
            length = math.hypot(x1 - x0, y1 - y0) or 1.0
            dx, dy = (x1 - x0) / length, (y1 - y0) / length
            left.append((x - dy * r, y + dx * r))
            right.append((x + dy * r, y - dx * r))
            if i in (0, last):
                s = -1 if i == 0 else 1
                cap = [(x + r * (s * dx * math.sin(v) - s * dy * math.cos(v)), y + r * (s * dy * math.sin(v) + s * dx * math.cos(v)))
                       for v in (math.pi * k / 6 for k in range(1, 6))]
                first, end = (cap, None) if i == 0 else (first, cap)
        self.poly(left + end + right[::-1] + first, paint, form)

    def fluff(self, x, y, rx, ry, bumps=9, paint="main", form="ball", depth=0.14, turn=0.0):
        """An ellipse with a scalloped edge: leaves, wool, a mane."""
        n = 7 * bumps
        points = []
        for i in range(n):
            a = 2 * math.pi * i / n
            r = 1 - depth + depth * abs(math.sin(bumps * a / 2)) ** 0.8
            points.append((x + rx * r * math.cos(a + turn), y + ry * r * math.sin(a + turn)))
        self.poly(points, paint, form)

    def dot(self, x, y, rx, ry=None, paint="eye", turn=0.0):
        """A small mark without an outline in any style: eyes, spots, blush."""
        c, shines = self.colour(paint)
        if self.look.style == "neon":
            c = lighter(c if luma(c) > 0.2 else mix(c, (0.45, 0.5, 0.9), 0.7), 0.12)
        elif not shines:
            c = self.lit(c, 0.9)
        ctx = self.ctx
        ctx.save()
        ctx.translate(*self.at(x, y))
        ctx.rotate(-self.flip * math.radians(turn))
        ctx.scale(max(rx * self.size, 0.01), max((rx if ry is None else ry) * self.size, 0.01))
        ctx.new_sub_path()
        ctx.arc(0, 0, 1, 0, 2 * math.pi)
        ctx.restore()
        ctx.set_source_rgb(*c)
        ctx.fill()

    def glow(self, x, y, r, paint="lamp", strength=0.5):
        """Light in the air around a lamp; nothing by day."""
        if not self.look.lamps or self.look.style == "ink":
            return
        c, (px, py) = self.colour(paint)[0], self.at(x, y)
        p = cairo.RadialGradient(px, py, 0, px, py, r * self.size)
        p.add_color_stop_rgba(0, *c, strength)
        p.add_color_stop_rgba(1, *c, 0)
        self.ctx.set_source(p)
        self.ctx.arc(px, py, r * self.size, 0, 2 * math.pi)
        self.ctx.fill()
