"""Many hands for drawing: a process per core where a GPU does the computing, else the worker itself.

each(function, items) -> list; the function must stand at the top of a module. Results do not depend on the number of hands.
"""
import multiprocessing
import os

import world
from world import scene

POOL = None


def ready(plan):
    os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
    scene.PLAN.update(plan)
    world.load()


def hire(worker):
    """Call once a stage draws for a GPU; workers on a CPU have no idle cores to give."""
    global POOL
    if worker.device.type == "cuda" and POOL is None:
        POOL = multiprocessing.get_context("spawn").Pool(os.cpu_count(), ready, (dict(scene.PLAN),))


def each(function, items):
    items = list(items)
    if POOL is None or len(items) < 8:
        return [function(i) for i in items]
    return POOL.map(function, items, chunksize=max(1, len(items) // (4 * os.cpu_count())))
