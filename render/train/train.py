#!/usr/bin/python3
"""Trains the bundled model, stage by stage, in the order of README.md.

    ./train.py STAGE... --work FOLDER [--preset cpu|gpu|toy] [--workers N] [--minutes M]

Everything a stage leaves behind lies in FOLDER (keep it outside the repository): STAGE.pt, a log, the sets in shards. A stage
that was stopped goes on from its last checkpoint. On a CPU each worker is one process with one thread (two threads of one
process are slower than one on these narrow layers) and gradients are averaged; on a GPU there is one worker.
"""
import argparse
import os
import time

import torch.multiprocessing as mp

import recipe
from fit import Worker
from stages import STAGES
from world import scene


def run(rank, args):
    scene.plan(recipe.PLANS[args.preset])
    STAGES[args.stage](Worker(rank, args.workers, args, recipe.PRESETS[args.preset][args.stage]))


def start(args):
    if args.workers == 1:
        return run(0, args)
    os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
    mp.spawn(run, (args,), args.workers)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("stages", choices=list(STAGES), nargs="+", metavar="STAGE", help=", ".join(STAGES))
    parser.add_argument("--work", required=True, help="folder of checkpoints and logs, outside the repository")
    parser.add_argument("--preset", choices=list(recipe.PRESETS), default="cpu")
    parser.add_argument("--workers", type=int, default=0, help="processes (default: one per core, one with a GPU)")
    parser.add_argument("--minutes", type=float, help="instead of the preset's length of the stage")
    args = parser.parse_args()
    os.makedirs(args.work, exist_ok=True)
    args.workers = args.workers or (1 if args.preset != "cpu" else os.cpu_count())
    args.meet = f"{os.getpid()}-{int(time.time())}"
    for args.stage in args.stages:
        start(args)


if __name__ == "__main__":
    main()
