"""A table of events with all that real ones have, and a best possible accuracy that is known: with everything, and without its parts.

    python3 benchmarks/events.py [--sequences 80000] [--seed 1] [--key=value ...]

Trains on a table of `synthesize --problem events` and evaluates on another: with all columns; without the facts of the whole
sequence; and without masks, where each missing number is the mean of its column and each missing category a category of its own.
Further keys go to the training. Prints a JSON line for each.
"""

import argparse
import json
import tempfile
from pathlib import Path

from command import unroll

NUMBERS, CATEGORIES = ("a", "b", "c", "d"), ("page", "device", "action")

STEPS = {
    "task": "classification", "format": "json", "prepare": "sequences", "key-cols": "id", "time-col": "time", "label-col": "label",
    "numeric-cols": ",".join(NUMBERS), "categorical-cols": ",".join(CATEGORIES), "scale": "standard",
    "cell": "lstm", "hidden-size": 32, "batch-size": 128, "epochs": 8, "step-size": 0.01, "schedule": "cosine", "clip-norm": 1,
}
STATICS = {"static-numeric-cols": "base", "static-categorical-cols": "region"}


def filled(path):
    """The table without a hole."""
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    for column in NUMBERS:
        there = [row[column] for row in rows if row[column] is not None]
        mean = sum(there) / len(there)
        for row in rows:
            row[column] = mean if row[column] is None else float(row[column])
    for row in rows:
        row.update({column: row[column] or "none" for column in CATEGORIES})
    whole = path.with_name("filled-" + path.name)
    whole.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return whole


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--sequences", type=int, default=80000)
    parser.add_argument("--seed", type=int, default=1)
    given, further = parser.parse_known_args()
    keys = {**STEPS, **dict(pair.removeprefix("--").split("=", 1) for pair in further), "seed": given.seed}
    with tempfile.TemporaryDirectory() as folder:
        tables = []
        for name, count, seed in (("train", given.sequences, 1), ("test", 10000, 2)):
            path = Path(folder) / f"{name}.json"
            best = unroll("synthesize", {"problem": "events", "steps": 16, "sequences": count, "seed": seed, "output": path})
            tables.append(path)
        runs = {
            "all": (tables, {**STATICS, "missing": "mask"}),
            "without statics": (tables, {"missing": "mask"}),
            "without masks": ([filled(path) for path in tables], STATICS),
        }
        for name, ((train, test), more) in runs.items():
            model = f"{folder}/{name}"
            unroll("train", {**keys, **more, "train": train, "model": model})
            metrics = unroll("evaluate", {"model": model, "input": test, "format": "json"})["metrics"]
            print(json.dumps({"run": name, "accuracy": metrics["accuracy"], "loss": metrics["loss"], "best": best["bestAccuracy"]}), flush=True)


main()
