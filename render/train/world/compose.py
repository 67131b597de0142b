"""Paints a scene: draw(scene) -> pixels, masks(scene) -> where its things are. Back to front: sky, light, clouds, ground, things with
their shadows, weather, and the finish of the style. Every part has random numbers of its own, so that changing one leaves the rest.
"""
import random

import cairo
import numpy as np

from . import load, places, sky, styles
from .kinds import KINDS
from .palette import darker, lighter, mix
from .pen import Look, Pen
from .terrain import PLACES


class Painting:
    """One picture being painted. `shift`: how far clouds have drifted; `pan`: how far the camera has turned, in widths."""

    def __init__(self, scene, side, phase=0.0, shift=0.0):
        load()
        self.s, self.side, self.phase, self.shift = scene, side, phase, shift
        self.open = "space" in PLACES[scene.place].homes
        self.air = sky.Air(scene.time, scene.weather, self.open)
        self.look = Look(styles.pen_style(scene.style), self.air.light, self.air.shade, self.light_side(), self.air.lamps, self.air.haze)
        self.surface = cairo.ImageSurface(cairo.FORMAT_RGB24, side, side)
        self.ctx = cairo.Context(self.surface)

    def light_side(self):
        if self.s.light:
            return max(-1.0, min(1.0, (self.s.light["x"] - 0.5) * 2.6)) or -0.2
        return random.Random(self.s.mood + 3).choice((-0.7, 0.7))

    def backdrop(self):
        s, ctx, side = self.s, self.ctx, self.side
        sky.paint_sky(ctx, self.look.style, self.air, side, s.horizon)
        if self.open or s.time == "night":
            count = 130 if s.place == "space" else 70 if s.weather == "clear" else 12
            sky.stars(ctx, self.look.style, side, random.Random(s.mood + 7), count, 1.0 if s.place == "space" else s.horizon)
        if s.light:
            sky.paint_light(ctx, self.look, s, side)
        if PLACES[s.place].weather:
            sky.paint_clouds(ctx, self.look, s, self.air, side, self.shift)

    def ground(self):
        g = places.Ground(self.ctx, self.look, self.air, self.side, self.s.horizon, random.Random(self.s.mood + 31), self.phase)
        places.PAINTERS[self.s.place](g)
        if self.s.light and "water" in PLACES[self.s.place].homes:
            self.glitter()

    def glitter(self):
        """The light's path on the water."""
        s, side, ctx, rng = self.s, self.side, self.ctx, random.Random(self.s.mood + 41)
        x, _, r = sky.light_place(s, side)
        near = {"sea": 1.0, "lake": 0.95}.get(s.place, s.horizon + 0.19)
        c = lighter(sky.light_colour(s), 0.3)
        for i in range(11):
            k = (i + 0.4) / 11
            y = side * (s.horizon + (near - s.horizon) * (0.02 + 0.9 * k))
            w = r * (1.0 - 0.45 * k) * rng.uniform(0.6, 1.1)
            ctx.set_source_rgba(*c, 0.75 - 0.5 * k)
            ctx.save()
            ctx.translate(x + rng.uniform(-0.25, 0.25) * r, y)
            ctx.scale(w, side * 0.0055)
            ctx.arc(0, 0, 1, 0, 7)
            ctx.restore()
            ctx.fill()

    def thing(self, ctx, item, number, x):
        k = KINDS[item.kind]
        rng = random.Random(item.seed + number)
        size = item.tall * self.side
        far = 0.55 * item.depth if item.home in ("ground", "water") else 0.25 * item.depth
        flip = item.flip
        k.draw(Pen(ctx, self.look, x * self.side, item.y * self.side, size, item.colour, rng, self.phase, flip, far))

    def shadow(self, item, number, x):
        """Flat on the ground, away from the light; long when it stands low."""
        if item.home != "ground" or KINDS[item.kind].lights or self.look.style in ("neon", "ink") or self.s.weather in ("fog", "rain"):
            return
        ctx, low = self.ctx, self.s.time in ("dawn", "sunset")
        lean = -self.look.side * (1.1 if low else 0.55)
        ctx.push_group()
        ctx.save()
        x0, y0 = x * self.side, item.y * self.side
        ctx.translate(x0, y0 - 0.01 * self.side * item.tall)
        ctx.transform(cairo.Matrix(1, 0, -lean, 0.2 if not low else 0.26, 0, 0))
        ctx.transform(cairo.Matrix(1, 0, 0, -1, 0, 0) if self.s.light and self.s.light["height"] < 0.45 else cairo.Matrix(1, 0, 0, 1, 0, 0))
        ctx.translate(-x0, -y0)
        self.thing(ctx, item, number, x)
        ctx.restore()
        form = ctx.pop_group()
        strength = {"clear": 0.30, "cloudy": 0.16, "snow": 0.16}.get(self.s.weather, 0.2)
        ctx.set_source_rgba(*darker(mix(self.air.shade, (0.1, 0.1, 0.25), 0.7), 0.4), strength if self.s.time != "night" else 0.22)
        ctx.mask(form)

    def mirror(self, item, number, x):
        """Its picture in the water below it."""
        if item.home != "water" or self.look.style in ("ink", "neon"):
            return
        ctx, y = self.ctx, item.y * self.side
        ctx.push_group()
        ctx.save()
        ctx.translate(0, y)
        ctx.scale(1, -0.45)
        ctx.translate(0, -y)
        self.thing(ctx, item, number, x)
        ctx.restore()
        ctx.pop_group_to_source()
        ctx.paint_with_alpha(0.26)

    def order(self):
        """Far things first; what flies after what stands."""
        return sorted(range(len(self.s.items)), key=lambda i: (self.s.items[i].home in ("sky", "space"), self.s.items[i].y))

    def things(self):
        for i in self.order():
            item = self.s.items[i]
            for number, x in enumerate(item.x):
                self.shadow(item, number, x)
                self.mirror(item, number, x)
            for number, x in enumerate(item.x):
                self.thing(self.ctx, item, number, x)

    def pixels(self):
        self.surface.flush()
        raw = np.frombuffer(self.surface.get_data(), np.uint8).reshape(self.side, self.surface.get_stride() // 4, 4)[:, : self.side]
        return np.ascontiguousarray(raw[:, :, 2::-1])


def draw(scene, side=256, phase=0.0, shift=0.0):
    """uint8 [side, side, 3]. `phase`: 0 to 1 through movements that repeat; `shift`: drift of the clouds in widths."""
    p = Painting(scene, side, phase, shift)
    p.backdrop()
    p.ground()
    p.things()
    if PLACES[scene.place].weather:
        sky.paint_weather(p.ctx, p.look, scene, p.air, side, phase)
    return styles.finish(p.pixels(), scene.style, scene.mood)


def masks(scene, side=256, phase=0.0):
    """float32 [items, side, side]: how much of each pixel each item covers, were it alone."""
    out = np.zeros((len(scene.items), side, side), np.float32)
    for i, item in enumerate(scene.items):
        p = Painting(scene, side, phase)
        surface = cairo.ImageSurface(cairo.FORMAT_ARGB32, side, side)
        ctx = cairo.Context(surface)
        for number, x in enumerate(item.x):
            p.thing(ctx, item, number, x)
        surface.flush()
        raw = np.frombuffer(surface.get_data(), np.uint8).reshape(side, surface.get_stride() // 4, 4)[:, :side, 3]
        out[i] = raw.astype(np.float32) / 255
    return out
