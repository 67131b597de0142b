#!/usr/bin/python3 -B
"""The reference data is what its script writes, and the recipe's networks agree with it: a third implementation."""
import json
import os
import struct
import subprocess
import sys
import tempfile

try:
    import numpy as np
    import torch
except ImportError:
    print('1..0 # SKIP python3-torch and python3-numpy are not installed')
    sys.exit(0)

SOURCE = os.environ.get('GEMPIX_SRC', '.')
DATA = os.path.join(SOURCE, 't/data')
sys.path.insert(0, os.path.join(SOURCE, 'render/train'))
torch.set_num_threads(1)
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
        out[name] = np.frombuffer(data[a:b], kind).reshape(entry['shape'])
    return out


def error(got, want):
    got, want = (np.asarray(v, np.float64) for v in (got, want))
    return ((got - want)**2).sum() / max((want**2).sum(), 1e-30)


def files(folder):
    return sorted(os.path.relpath(os.path.join(d, n), folder) for d, _, names in os.walk(folder) for n in names)


def test_dump():
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run([sys.executable, '-B', os.path.join(SOURCE, 't/reference/dump.py'), folder],
                              stdout=subprocess.DEVNULL)
        ok(done.returncode == 0, 'dump.py runs')
        ok(files(folder) == [f for f in files(DATA) if f.startswith(('tiny-a/', 'tiny-b/'))], 'it writes the files that are committed')
        for name in files(folder):
            mine, theirs = os.path.join(folder, name), os.path.join(DATA, name)
            if not name.endswith('.safetensors'):
                ok(open(mine, 'rb').read() == open(theirs, 'rb').read(), name)
                continue
            # Libraries differ in the last bits from machine to machine.
            a, b = read(mine), read(theirs)
            ok(a.keys() == b.keys() and all(error(a[k], b[k]) < 1e-7 for k in a), name)


def load(kind, folder, part, stem):
    with open(f'{folder}/{part}/config.json') as f:
        net = kind(json.load(f))
    weights = {k: torch.from_numpy(v.astype(np.float32)) for k, v in read(f'{folder}/{part}/{stem}.safetensors').items()}
    net.load_state_dict(weights)
    return net.float().eval()


def test_recipe(name):
    import models
    folder = os.path.join(DATA, name)
    want = {k: torch.from_numpy(v.copy()) for k, v in read(folder + '/expect.safetensors').items()}

    def nchw(key):
        return want[key].permute(0, 3, 1, 2)
    with torch.no_grad():
        text = load(models.CLIPTextModel, folder, 'text_encoder', 'model')
        ok(error(text(want['tokens'][1:2].long())[0], want['clip.final']) < 1e-7, f'{name}: the recipe\'s text encoder')
        unet = load(models.UNet2DConditionModel, folder, 'unet', 'diffusion_pytorch_model')
        out = unet(nchw('unet.x'), torch.full((2,), 499.25), want['unet.context'])
        ok(error(out, nchw('unet.out')) < 1e-5, f'{name}: the recipe\'s U-Net')
        if name == 'tiny-a':
            vae = load(models.AutoencoderKL, folder, 'vae', 'diffusion_pytorch_model')
            ok(error(vae.decode(nchw('vae.z') / 0.18215), nchw('vae.image')) < 1e-7, f'{name}: the recipe\'s autoencoder')


test_dump()
test_recipe('tiny-a')
test_recipe('tiny-b')
print(f'1..{ran}')
sys.exit(failed > 0)
