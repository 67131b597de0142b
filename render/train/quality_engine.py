"""Runs the C engine's command for the proof of quality, and keeps what it made: the same order is never run twice.

A result is kept under a name that follows from the order: program's arguments, the model's files and the pictures that go in.
Knows nothing of prompts, of the oracle or of goals.
"""
import hashlib
import os
import shutil
import subprocess
import time

import numpy as np
from PIL import Image


class Missing(Exception):
    """A model that a part needs, or the command's way to use it, is not there."""


def read(path):
    return np.asarray(Image.open(path).convert("RGB"))


def write(path, picture):
    Image.fromarray(picture).save(path, compress_level=1)


def digest(*parts):
    h = hashlib.sha256()
    for p in parts:
        h.update(p if isinstance(p, bytes) else str(p).encode())
        h.update(b"\0")
    return h.hexdigest()[:20]


def identity(path):
    """What tells one version of a model from another: its sums and those of models that parts of it are links to, else names,
    sizes and times of its files."""
    folder = path if os.path.isdir(path) else os.path.dirname(path)
    homes = [folder] + sorted({os.path.dirname(os.path.realpath(e.path)) for e in os.scandir(folder) if e.is_symlink()})
    sums = [os.path.join(h, "SHA256SUMS") for h in homes]
    if all(os.path.exists(s) for s in sums):
        return b"".join(open(s, "rb").read() for s in sums)
    files = [path] if os.path.isfile(path) else sorted(os.path.join(d, f) for d, _, names in os.walk(path) for f in names)
    return repr([(f, os.stat(f).st_size, os.stat(f).st_mtime_ns) for f in files]).encode()


class Engine:
    """`program`: gempix-image; `work`: folder for what it makes; `models`: short name -> path; `threads`: 0 is one per core."""

    def __init__(self, program, work, models, threads=0):
        self.program, self.work, self.threads = program, work, threads
        self.models = {name: path for name, path in models.items() if path and os.path.exists(path)}
        self.known = {}
        os.makedirs(work, exist_ok=True)

    def model(self, name):
        if name not in self.models:
            raise Missing(f"no model “{name}”")
        return self.models[name]

    def identity(self, name):
        if name not in self.known:
            self.known[name] = identity(self.model(name))
        return self.known[name]

    def run(self, arguments):
        """Runs the command; its complaint is the error."""
        done = subprocess.run([self.program] + arguments, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, errors="replace")
        if done.returncode == 2:
            raise Missing("this build's command does not know " + " ".join(a for a in arguments if a.startswith("-"))[:80])
        if done.returncode:
            raise RuntimeError(f"{os.path.basename(self.program)} {' '.join(arguments)}: {done.stderr.strip()}")

    def keep(self, name, picture):
        """The path of a PNG with this picture, for the command to read."""
        path = os.path.join(self.work, f"{name}-{digest(picture.tobytes(), picture.shape)}.png")
        if not os.path.exists(path):
            write(path + ".part.png", picture)
            os.replace(path + ".part.png", path)
        return path

    def order(self, model, arguments, inputs, command, more=()):
        """(what is given on the command line, a path without an ending that stands for just this order). `inputs`: option ->
        picture or model name."""
        given, seen = [*command], [*command, *arguments, *more]
        if model is not None:
            given += ["-m", self.model(model)]
            seen.append(self.identity(model))
        else:
            seen.append(repr(os.stat(self.program)[6:9]))  # without weights the program is the model
        for option, thing in inputs:
            given += [option, self.model(thing) if isinstance(thing, str) else self.keep("in", thing)]
            seen += [option, self.identity(thing) if isinstance(thing, str) else digest(thing.tobytes())]
        return given + list(arguments), os.path.join(self.work, digest(*seen))

    def made(self, model, arguments, count=1, inputs=(), command=()):
        """uint8 pictures, `count` of them, by the command with these arguments."""
        given, path = self.order(model, arguments, inputs, command, (count,))
        files = [f"{path}.png"] if count == 1 else [f"{path}-{i + 1}.png" for i in range(count)]
        if not all(os.path.exists(f) for f in files):
            some = ["-c", str(count), "--batch", str(min(count, 4))] if count > 1 else []
            self.run([*given, *some, "-q", "-t", str(self.threads), "-o", f"{path}.png"])
        return [read(f) for f in files]

    def film(self, model, arguments, inputs, side):
        """uint8 [frames, side, side, 3] of a film by `animate`, as a player shows it."""
        given, path = self.order(model, arguments, inputs, ("animate",))
        if not os.path.exists(path + ".mp4"):
            self.run([*given, "-q", "-t", str(self.threads), "-o", path + ".mp4"])
        if not shutil.which("ffmpeg"):
            raise Missing("no ffmpeg to read films with")
        shown = subprocess.run(["ffmpeg", "-v", "error", "-i", path + ".mp4", "-f", "rawvideo", "-pix_fmt", "rgb24", "-"], stdout=subprocess.PIPE, check=True)
        return np.frombuffer(shown.stdout, np.uint8).reshape(-1, side, side, 3)

    def seconds(self, model, arguments, more=3):
        """Seconds a picture takes in a program that runs already: what `more` further pictures add to one."""
        took = []
        for count in (1, 1 + more):
            start = time.monotonic()
            self.run(["-m", self.model(model), *arguments, "-c", str(count), "-q", "-t", str(self.threads), "-o", os.path.join(self.work, "timed.png")])
            took.append(time.monotonic() - start)
        return (took[1] - took[0]) / more
