"""safetensors, written and read: 8 bytes of header length, a JSON header padded to 8 bytes, the tensors one after the other.

As F16, F32, or I8: then matrices and kernels are whole numbers with a factor per row in NAME.scale (F32), the rest F16; which
tensors, and how they are rounded, is what `gempix-image convert --dtype int8` does.
"""
import json
import struct

import numpy as np
import torch

KINDS = {"F16": np.float16, "F32": np.float32, "I8": np.int8}
ALONE = ("conv_in.", "conv_out.", "embedding", "text_projection", "quant_conv")


def rows_of_bytes(name, value):
    """(int8, scales) of a matrix or kernel with rows of 32 and more, else None."""
    if value.ndim < 2 or not name.endswith(".weight") or any(a in name for a in ALONE) or value[0].size < 32:
        return None
    flat = value.reshape(len(value), -1).astype(np.float32)
    scales = (np.abs(flat).max(1) / 127).astype(np.float32)
    whole = np.rint(flat / np.where(scales > 0, scales, 1)[:, None]).clip(-127, 127)
    return whole.astype(np.int8).reshape(value.shape), scales


def stored(state, dtype):
    """name -> (kind, array), sorted by name."""
    out = {}
    for name in sorted(state):
        value = state[name].detach().float().cpu().numpy()
        small = rows_of_bytes(name, value) if dtype == "I8" else None
        if small:
            out[name], out[name + ".scale"] = ("I8", small[0]), ("F32", small[1])
        else:
            kind = "F16" if dtype == "I8" else dtype
            out[name] = (kind, value.astype(KINDS[kind]))
    return dict(sorted(out.items()))


def write(path, state, dtype="F16"):
    """Every tensor of the state dict; factors first, so that each begins at a multiple of its size."""
    header, blobs, at = {"__metadata__": {"format": "pt"}}, [], 0
    parts = sorted(stored(state, dtype).items(), key=lambda p: (-p[1][1].itemsize, p[0]))
    for name, (kind, value) in parts:
        blob = value.tobytes()
        header[name] = {"dtype": kind, "shape": list(value.shape), "data_offsets": [at, at + len(blob)]}
        blobs.append(blob)
        at += len(blob)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as out:
        out.write(struct.pack("<Q", len(text)) + text + b"".join(blobs))


def read(path):
    """name -> f32 tensor, factors multiplied in."""
    raw = open(path, "rb").read()
    length = struct.unpack("<Q", raw[:8])[0]
    header = json.loads(raw[8 : 8 + length])
    header.pop("__metadata__", None)
    out = {}
    for name, h in header.items():
        a, b = (8 + length + x for x in h["data_offsets"])
        out[name] = torch.from_numpy(np.frombuffer(raw[a:b], KINDS[h["dtype"]]).astype(np.float32).reshape(h["shape"]))
    for name in [n for n in out if n.endswith(".scale") and n[:-6] in out]:
        scales = out.pop(name)
        out[name[:-6]] *= scales.view(-1, *[1] * (out[name[:-6]].ndim - 1))
    return out
