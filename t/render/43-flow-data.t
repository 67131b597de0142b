#!/usr/bin/python3 -B
"""The reference data of whole runs is what its script writes."""
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
NAME = 'flow/expect.safetensors'


def read(path):
    with open(path, 'rb') as f:
        data = f.read()
    size, out = struct.unpack('<Q', data[:8])[0], {}
    for name, entry in json.loads(data[8:8 + size]).items():
        a, b = (8 + size + v for v in entry['data_offsets'])
        out[name] = np.frombuffer(data[a:b], {'F16': np.float16, 'F32': np.float32}[entry['dtype']]).astype(np.float64)
    return out


with tempfile.TemporaryDirectory() as folder:
    done = subprocess.run([sys.executable, '-B', os.path.join(SOURCE, 't/reference/dump_flow.py'), DATA, folder])
    good = done.returncode == 0
    a, b = (read(os.path.join(d, NAME)) for d in (folder, DATA)) if good else ({}, {})
    # Libraries differ in the last bits from machine to machine.
    same = good and a.keys() == b.keys() and all(((a[k] - b[k])**2).sum() <= 1e-7 * (b[k]**2).sum() for k in a)
print(f'{"ok" if good else "not ok"} 1 - dump_flow.py runs')
print(f'{"ok" if same else "not ok"} 2 - it writes what is committed')
print('1..2')
sys.exit(not (good and same))
