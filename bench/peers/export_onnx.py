#!/usr/bin/python3
"""Exports parts as ONNX graphs: bench/peers/export_onnx.py MODELS OUT [--fused] PART…

OUT/PART/graph.onnx, weights beside it in OUT/PART/weights (a graph alone may not exceed 2 GB), and inputs.json with raw
inputs. --fused: attention by the runtime's own operator. Batch sizes and sides are fixed, constants folded: what the runtime can optimise best. Needs python3-torch and
python3-onnx.
"""
import json
import os
import shutil
import sys
import tempfile

import onnx
import torch

import parts


def export(models, out, name):
    part = parts.Part(models, name).eval()
    inputs, names = part.inputs(), parts.input_names(part)
    final = os.path.join(out, name)
    os.makedirs(out, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out) as work:
        with torch.no_grad():
            torch.onnx.export(part, inputs, work + '/graph.onnx', opset_version=17, do_constant_folding=True,
                              custom_opsets={'com.microsoft': 1}, input_names=names, output_names=['out'])
        del part
        graph = onnx.load(work + '/graph.onnx')
        shutil.rmtree(final, ignore_errors=True)
        os.makedirs(final)
        onnx.save_model(graph, final + '/graph.onnx', save_as_external_data=True, all_tensors_to_one_file=True,
                        location='weights', size_threshold=1024)
    about = []
    for key, value in zip(names, inputs):
        value.contiguous().numpy().tofile(f'{final}/{key}.raw')
        about.append({'name': key, 'shape': list(value.shape), 'type': {torch.int64: 'int64'}.get(value.dtype, 'float32')})
    with open(final + '/inputs.json', 'w') as f:
        json.dump(about, f)


def main():
    if len(sys.argv) < 4:
        print(__doc__, file=sys.stderr)
        return 2
    names = [a for a in sys.argv[3:] if a != '--fused']
    if '--fused' in sys.argv:
        parts.fuse_attention()
    for name in names:
        if not os.path.exists(os.path.join(sys.argv[2], name, 'inputs.json')):
            export(sys.argv[1], sys.argv[2], name)
            print(name, flush=True)
    return 0


if __name__ == '__main__':
    sys.exit(main())
