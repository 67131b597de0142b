#!/usr/bin/python3 -B
"""The reference data of the further families is what its script writes."""
import json
import os
import struct
import subprocess
import sys
import tempfile

try:
    import numpy as np
    import torch  # noqa: F401
except ImportError:
    print('1..0 # SKIP python3-torch and python3-numpy are not installed')
    sys.exit(0)

SOURCE = os.environ.get('GEMPIX_SRC', '.')
DATA = os.path.join(SOURCE, 't/data')
FAMILIES = ('tiny-sdxl/', 'tiny-lcm/', 'tiny-inpaint/', 'tiny-edit/', 'motion/')
ran = failed = 0


def ok(holds, what):
    global ran, failed
    ran += 1
    failed += not holds
    print(f'{"ok" if holds else "not ok"} {ran} - {what}', flush=True)


def read(path):
    with open(path, 'rb') as f:
        data = f.read()
    size = struct.unpack('<Q', data[:8])[0]
    out = {}
    for name, entry in json.loads(data[8:8 + size]).items():
        a, b = (8 + size + v for v in entry['data_offsets'])
        kind = {'F16': np.float16, 'F32': np.float32}[entry['dtype']]
        out[name] = np.frombuffer(data[a:b], kind).astype(np.float64)
    return out


def files(folder):
    return sorted(os.path.relpath(os.path.join(d, n), folder) for d, _, names in os.walk(folder) for n in names)


def same(a, b):
    """Libraries differ in the last bits from machine to machine."""
    return a.keys() == b.keys() and all(((a[k] - b[k])**2).sum() <= 1e-7 * max((b[k]**2).sum(), 1e-30) for k in a)


with tempfile.TemporaryDirectory() as folder:
    done = subprocess.run([sys.executable, '-B', os.path.join(SOURCE, 't/reference/dump_families.py'), folder],
                          stdout=subprocess.DEVNULL)
    ok(done.returncode == 0, 'dump_families.py runs')
    ok(files(folder) == [f for f in files(DATA) if f.startswith(FAMILIES)], 'it writes the files that are committed')
    for name in files(folder):
        mine, theirs = os.path.join(folder, name), os.path.join(DATA, name)
        if name.endswith('.safetensors'):
            ok(same(read(mine), read(theirs)), name)
        else:
            ok(open(mine, 'rb').read() == open(theirs, 'rb').read(), name)
print(f'1..{ran}')
sys.exit(failed > 0)
