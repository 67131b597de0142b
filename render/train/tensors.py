"""safetensors, written and read: 8 bytes of header length, a JSON header padded to 8 bytes, the tensors one after the other."""
import json
import struct

import numpy as np
import torch

KINDS = {"F16": np.float16, "F32": np.float32}


def write(path, state, dtype="F16"):
    """Every tensor of the state dict as `dtype`, sorted by name."""
    header, blobs, at = {"__metadata__": {"format": "pt"}}, [], 0
    for name in sorted(state):
        blob = state[name].detach().float().cpu().numpy().astype(KINDS[dtype]).tobytes()
        header[name] = {"dtype": dtype, "shape": list(state[name].shape), "data_offsets": [at, at + len(blob)]}
        blobs.append(blob)
        at += len(blob)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as out:
        out.write(struct.pack("<Q", len(text)) + text + b"".join(blobs))


def read(path):
    """name -> f32 tensor."""
    raw = open(path, "rb").read()
    length = struct.unpack("<Q", raw[:8])[0]
    header = json.loads(raw[8 : 8 + length])
    header.pop("__metadata__", None)
    out = {}
    for name, h in header.items():
        a, b = (8 + length + x for x in h["data_offsets"])
        out[name] = torch.from_numpy(np.frombuffer(raw[a:b], KINDS[h["dtype"]]).astype(np.float32).reshape(h["shape"]))
    return out
