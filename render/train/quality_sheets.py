"""Contact sheets of the proof of quality: rows of pictures with what was asked for written below. Knows only pictures and texts."""
import os

import cairo
import numpy as np

CELL, GAP, LINE = 192, 8, 13
PER_ROW = 6


def wrapped(ctx, text, width):
    """The text in lines that are not wider than `width`, two at most."""
    lines = [""]
    for word in text.split():
        longer = (lines[-1] + " " + word).strip()
        if lines[-1] and ctx.text_extents(longer).x_advance > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines if len(lines) <= 3 else lines[:2] + [lines[2] + " …"]


def paste(ctx, picture, x, y):
    h, w = picture.shape[:2]
    rows = np.zeros((h, w, 4), np.uint8)
    rows[:, :, :3] = picture[:, :, ::-1]
    surface = cairo.ImageSurface.create_for_data(bytearray(rows.tobytes()), cairo.FORMAT_RGB24, w, h, 4 * w)
    ctx.save()
    ctx.translate(x, y)
    ctx.scale(CELL / w, CELL / w)
    ctx.set_source_surface(surface, 0, 0)
    ctx.get_source().set_filter(cairo.FILTER_GOOD)
    ctx.paint()
    ctx.restore()


def sheet(path, rows):
    """rows: lists of (picture uint8 [h, w, 3] square, text). Rows longer than PER_ROW are broken, short ones joined."""
    together = min(max(len(r) for r in rows), PER_ROW)
    cells = [cell for r in rows for cell in r]
    rows = [cells[i : i + PER_ROW] for i in range(0, len(cells), PER_ROW)] if together in (1, 2, 3, 6) else rows
    text = 3 * LINE + 6 if any(t for _, t in cells) else 0
    wide, high = max(len(r) for r in rows) * (CELL + GAP) + GAP, len(rows) * (CELL + GAP + text) + GAP
    surface = cairo.ImageSurface(cairo.FORMAT_RGB24, wide, high)
    ctx = cairo.Context(surface)
    ctx.set_source_rgb(0.985, 0.98, 0.965)
    ctx.paint()
    ctx.select_font_face("sans-serif")
    ctx.set_font_size(11)
    for i, row in enumerate(rows):
        for j, (picture, told) in enumerate(row):
            x, y = GAP + j * (CELL + GAP), GAP + i * (CELL + GAP + text)
            paste(ctx, picture, x, y)
            ctx.set_source_rgb(0.15, 0.15, 0.2)
            for k, line in enumerate(wrapped(ctx, told, CELL)):
                ctx.move_to(x, y + CELL + LINE * (k + 1))
                ctx.show_text(line)
    surface.write_to_png(path)


def write(folder, shown):
    """A sheet NAME.png for each set of rows."""
    os.makedirs(folder, exist_ok=True)
    for name, rows in shown.items():
        sheet(os.path.join(folder, name.replace(" ", "-") + ".png"), rows)
