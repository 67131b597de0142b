#!/usr/bin/python3
"""The proof of quality of the bundled model: the C engine draws, the oracle judges; prints a table and writes quality.tsv.

    ./quality.py --engine BUILD/gempix-image --oracle FOLDER --work FOLDER [--models FOLDER] [--parts single,pair…]
                 [--scale X] [--out quality.tsv] [--card FILE.md] [--sheets DIR]

FOLDER of --oracle is what oracle.py trained in. Pictures are kept in --work, so a run that was stopped goes on where it was,
and only what a new model changes is made again. --scale 0.1 takes a tenth of the prompts. A part whose model is missing
says so. --sheets writes contact sheets of what was judged, --card the table as Markdown for the model card.
"""
import argparse
import os
import sys
import time

import torch

import oracle
import quality_sheets
import world
from quality_engine import Engine
from quality_parts import PARTS, Lab, Row
from world import scene

# What the parts ask for -> where it lies in the folder of models.
MODELS = {
    "base": "gempix-tiny", "fast": "gempix-tiny-fast", "edit": "gempix-tiny-edit", "motion": "gempix-tiny-motion",
    "cleanup": "gempix-tiny-cleanup/model.safetensors",
}


def met(row):
    """"yes", "no", or nothing where there is no goal or no figure."""
    if not row.goal or isinstance(row.value, str):
        return ""
    return "yes" if (row.value >= row.goal[1] if row.goal[0] == "≥" else row.value <= row.goal[1]) else "no"


def goal_text(row):
    return f"{row.goal[0]} {row.goal[1]}" if row.goal else ""


def oracle_rows(judge, count):
    scenes = [oracle.scene_of(oracle.CHECK_SEEDS + i) for i in range(count)]
    return [Row(f"oracle itself, {name} %", round(100 * share, 1), None, n) for name, (share, n) in oracle.accuracy(judge, scenes).items()]


def table(rows):
    lines = [("", "value", "goal", "met", "n")] + [(r.name, str(r.value), goal_text(r), met(r), str(r.n)) for r in rows]
    wide = max(len(line[0]) for line in lines)
    return "\n".join(f"{a:{wide}}  {b:>8}  {c:>8}  {d:>4}  {e:>5}" for a, b, c, d, e in lines)


def write_tsv(path, rows):
    with open(path + ".part", "w", encoding="utf-8") as out:
        out.write("name\tvalue\tgoal\tn\n")
        for r in rows:
            out.write(f"{r.name}\t{r.value}\t{goal_text(r)}\t{r.n}\n")
    os.replace(path + ".part", path)


def write_card(path, rows):
    """The table as Markdown; figures that miss their goal stand out."""
    with open(path, "w", encoding="utf-8") as out:
        out.write("| | measured | goal | n |\n|---|---|---|---|\n")
        for r in rows:
            value = f"**{r.value}**" if met(r) == "no" else r.value
            out.write(f"| {r.name} | {value} | {goal_text(r)} | {r.n} |\n")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--engine", required=True, help="the program gempix-image")
    parser.add_argument("--oracle", required=True, help="folder in which oracle.py trained")
    parser.add_argument("--work", required=True, help="folder for the pictures")
    parser.add_argument("--models", default=os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "models"))
    for name, path in MODELS.items():
        parser.add_argument("--" + name, help=f"instead of MODELS/{path}")
    parser.add_argument("--parts", default=",".join(PARTS), help="with commas: " + ", ".join(PARTS))
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--plan", choices=list(scene.PLANS), default="core", help="prompts from scenes of this plan; as the models were trained on")
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--out", default="quality.tsv")
    parser.add_argument("--card", help="file for the table as Markdown")
    parser.add_argument("--sheets", help="folder for contact sheets")
    return parser.parse_args()


def main():
    args = arguments()
    wrong = [p for p in args.parts.split(",") if p not in PARTS]
    if wrong:
        sys.exit(f"no part “{wrong[0]}”; there are: {', '.join(PARTS)}")
    torch.set_num_threads(1)
    world.load()
    scene.plan(args.plan)
    models = {name: getattr(args, name) or os.path.join(args.models, path) for name, path in MODELS.items()}
    say = lambda text: print(text, file=sys.stderr, flush=True)
    lab = Lab(Engine(args.engine, args.work, models, args.threads), oracle.Judge(args.oracle), args.scale, say)
    rows = oracle_rows(lab.oracle, lab.many(300))
    for name in args.parts.split(","):
        start = time.time()
        rows += PARTS[name](lab)
        lab.say(f"{name}: {time.time() - start:.0f} s")
        write_tsv(args.out, rows)
    print(table(rows))
    if args.card:
        write_card(args.card, rows)
    if args.sheets:
        quality_sheets.write(args.sheets, lab.shown)


if __name__ == "__main__":
    main()
