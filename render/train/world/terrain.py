"""The places: what is at home there, between which heights it stands, where the horizon may be. places.py paints them.

A band is (near, far): for ground and water `near` is where things stand that are close, a share of the picture's height from
above, and `far` is how far below the horizon the most distant stand; for sky and space both are heights from above.
"""

SKY = (0.40, 0.14)


class Place:
    def __init__(self, words, bands, horizon=(0.5, 0.62), weather=True):
        self.words = tuple(w.strip() for w in words.split(","))
        self.bands, self.horizon, self.weather = bands, horizon, weather
        self.homes = tuple(bands)


PLACES = {
    "sea": Place("the sea, the ocean, the open sea", dict(water=(0.88, 0.06), sky=SKY)),
    "beach": Place("the beach, a beach, the sandy beach, the seashore", dict(ground=(0.95, 0.26), sky=SKY), horizon=(0.46, 0.54)),
    "lake": Place("a lake, the lake, a quiet lake", dict(water=(0.90, 0.10), sky=SKY), horizon=(0.48, 0.56)),
    "hills": Place("the hills, green hills, rolling hills", dict(ground=(0.94, 0.12), sky=SKY)),
    "meadow": Place("a meadow, the meadow, a field of grass, a flowering meadow", dict(ground=(0.94, 0.08), sky=SKY)),
    "mountains": Place("the mountains, high mountains, a mountain valley", dict(ground=(0.95, 0.10), sky=(0.30, 0.12)), horizon=(0.58, 0.68)),
    "forest": Place("a forest, the forest, the woods, a pine forest", dict(ground=(0.95, 0.12), sky=(0.26, 0.12)), horizon=(0.58, 0.66)),
    "desert": Place("the desert, a desert, the sand dunes", dict(ground=(0.94, 0.12), sky=SKY)),
    "town": Place("a town, the town, the village street, a little town", dict(ground=(0.95, 0.14), sky=(0.28, 0.10)), horizon=(0.62, 0.70)),
    "snow field": Place("the snow, a snow field, a snowy landscape, deep snow", dict(ground=(0.94, 0.10), sky=SKY)),
    "river": Place("a river valley, the river, the river bank", dict(ground=(0.95, 0.30), water=(0.80, 0.10), sky=SKY), horizon=(0.48, 0.56)),
    "moon base": Place("the surface of the moon, a moonscape, a cratered plain", dict(ground=(0.94, 0.10), space=(0.40, 0.16)), horizon=(0.58, 0.66), weather=False),
    "space": Place("outer space, space, the starry depths of space", dict(space=(0.66, 0.28)), horizon=(1.0, 1.0), weather=False),
}
