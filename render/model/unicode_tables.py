#!/usr/bin/python3
"""Writes unicode_tables.c from Python's copy of the Unicode character database.

Run it in this folder after the database of the interpreter has grown; the output is committed, so that
the build needs no Python.
"""
import sys
import unicodedata

TOP = 0x110000


def ranges(kind):
    out, start = [], None
    for c in range(TOP + 1):
        yes = c < TOP and unicodedata.category(chr(c))[0] == kind
        if yes and start is None:
            start = c
        if not yes and start is not None:
            out.append((start, c - 1))
            start = None
    return out


def lower_ranges():
    """(first, last, step, delta): characters that lower-case to one other character."""
    pairs = [(c, ord(chr(c).lower())) for c in range(TOP) if len(chr(c).lower()) == 1 and chr(c).lower() != chr(c)]
    out = []
    for c, low in pairs:
        if out:
            first, last, step, delta = out[-1]
            gap = c - last
            if delta == low - c and gap in (1, 2) and (step == 0 or step == gap):
                out[-1] = (first, c, gap, delta)
                continue
        out.append((c, c, 0, low - c))
    return [(f, l, s or 1, d) for f, l, s, d in out]


def compositions():
    """(base, mark, composed) below U+2000, the scripts written with combining marks after letters."""
    out = []
    for c in range(0xC0, 0x2000):
        parts = unicodedata.decomposition(chr(c)).split()
        if len(parts) == 2 and not parts[0].startswith('<'):
            base, mark = (int(p, 16) for p in parts)
            if unicodedata.normalize('NFC', chr(base) + chr(mark)) == chr(c):
                out.append((base, mark, c))
    return sorted(out)


def table(out, comment, declaration, rows, per_line):
    out.write(f'\n/* {comment} */\n{declaration} = {{\n')
    for i in range(0, len(rows), per_line):
        cells = ', '.join('{' + ', '.join(str(v) if v < 0 else hex(v) for v in r) + '}' for r in rows[i:i + per_line])
        out.write(f'    {cells},\n')
    out.write('};\n')


def main():
    out = open('unicode_tables.c', 'w')
    out.write('/*\n * Written by unicode_tables.py from the Unicode character database, version '
              f'{unicodedata.unidata_version}. Read next: unicode.c.\n */\n'
              '#include "render/model/unicode_tables.h"\n')
    sets = [('Letters, first and last.', 'unicode_letters', ranges('L'), 4),
            ('Numbers, first and last.', 'unicode_numbers', ranges('N'), 4)]
    for comment, name, rows, per_line in sets:
        table(out, comment, f'const struct unicode_range {name}[]', rows, per_line)
        out.write(f'const size_t {name}_count = sizeof {name} / sizeof *{name};\n')
    table(out, 'Upper to lower case: first, last, step, distance.', 'const struct unicode_lower unicode_lowers[]',
          lower_ranges(), 3)
    out.write('const size_t unicode_lowers_count = sizeof unicode_lowers / sizeof *unicode_lowers;\n')
    table(out, 'Base, mark, composed; sorted.', 'const struct unicode_pair unicode_pairs[]', compositions(), 3)
    out.write('const size_t unicode_pairs_count = sizeof unicode_pairs / sizeof *unicode_pairs;\n')
    return 0


if __name__ == '__main__':
    sys.exit(main())
