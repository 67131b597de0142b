#!/usr/bin/python3
"""Times one part in PyTorch: bench/peers/torch_bench.py MODELS PART RUNS [VARIANT…]

A variant is a word of: channels_last, jit (traced and frozen), optimize (traced, frozen and optimised for inference).
Prints PART, seconds of the best run after a warm-up, and the peak resident MiB, tab-separated. bench/run sets the
environment that makes it fast.
"""
import sys
import time

import torch

import parts


def main():
    if len(sys.argv) < 4:
        print(__doc__, file=sys.stderr)
        return 2
    variants = sys.argv[4:]
    part = parts.Part(sys.argv[1], sys.argv[2], 'channels_last' in variants).eval()
    inputs, call = part.inputs(), part
    with torch.no_grad():
        if 'jit' in variants or 'optimize' in variants:
            call = torch.jit.freeze(torch.jit.trace(part, inputs, check_trace=False))
            if 'optimize' in variants:
                call = torch.jit.optimize_for_inference(call)
            call(*inputs)
        call(*inputs)
        best = None
        for _ in range(int(sys.argv[3])):
            began = time.monotonic()
            call(*inputs)
            took = time.monotonic() - began
            best = took if best is None or took < best else best
    with open('/proc/self/status') as f:
        peak = [int(line.split()[1]) // 1024 for line in f if line.startswith('VmHWM')][0]
    print(f'{sys.argv[2]}\t{best:.4f}\t{peak}')
    return 0


if __name__ == '__main__':
    sys.exit(main())
