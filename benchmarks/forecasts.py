"""Forecasts of many steps: monthly series 12 months ahead from three origins by one model of all, and births 28 days ahead.

    benchmarks/data.sh
    python3 benchmarks/forecasts.py months|births [--seeds 3] [--earlier N] [--key=value ...]

Further keys go to the training. months: rows from an origin on (36, 24 and 12 before the end of each series; with --earlier N so
many more) are seen by no training, and each origin has a model of its own. The error is MASE as in the README of the data: the mean
absolute error of the 12 months over the mean absolute seasonal difference before the origin, meaned over origins and series. Months
that are missing are left out of the series. births: the last 730 days (with --earlier N the 730 days N before the end); metrics of
train. Prints a JSON line for each seed and their mean.
"""

import argparse
import csv
import datetime
import json
import tempfile
from collections import defaultdict
from pathlib import Path

from command import HOME, unroll

DATA = HOME / "target" / "data"
AHEAD, SEASON = 12, 12

# Windows extend over the horizon: the calendar and the values a season (a year of weeks) before are known there.
MONTHS = {
    "prepare": "windows", "key-cols": "series", "time-col": "month", "numeric-cols": "value", "known-cols": "month", "lags": SEASON,
    "time-features": "month", "window-length": 48, "horizon": AHEAD, "season": SEASON, "scale": "window", "loss": "absolute",
    "cell": "lstm", "hidden-size": 32, "batch-size": 64, "step-size": 0.005, "schedule": "cosine", "epochs": 40, "clip-norm": 1,
}
BIRTHS = {
    "prepare": "windows", "time-col": "date", "numeric-cols": "births", "known-cols": "date", "lags": 364, "time-features": "weekday,month",
    "window-length": 56, "horizon": 28, "season": 7, "scale": "window", "loss": "absolute",
    "cell": "lstm", "hidden-size": 32, "batch-size": 64, "step-size": 0.005, "schedule": "cosine", "epochs": 20, "clip-norm": 1,
}


def series():
    rows = defaultdict(list)
    with (DATA / "monthly-series" / "monthly.csv").open() as file:
        for row in csv.DictReader(file):
            rows[row["series"]].append((row["month"], row["value"]))
    return rows


def following(month):
    """The months of the horizon."""
    first = int(month[:4]) * 12 + int(month[5:7])
    return [f"{at // 12}-{at % 12 + 1:02}-01" for at in range(first, first + AHEAD)]


def write(path, parts):
    lines = ["series,month,value", *(f"{name},{month},{value}" for name, rows in parts.items() for month, value in rows)]
    path.write_text("\n".join(lines) + "\n")


def months(keys, seed, earlier):
    every = series()
    errors, naive = defaultdict(list), defaultdict(list)
    for origin in (36, 24, 12):
        with tempfile.TemporaryDirectory() as folder:
            before = {name: rows[: len(rows) - origin - earlier] for name, rows in every.items()}
            write(Path(folder) / "before.csv", before)
            model = folder + "/model"
            unroll("train", {**keys, "task": "regression", "train": folder + "/before.csv", "seed": seed, "model": model})
            output = folder + "/predicted"
            ahead = {name: rows + [(month, "") for month in following(rows[-1][0])] for name, rows in before.items()}
            write(Path(folder) / "ahead.csv", ahead)
            unroll("predict", {"model": model, "input": folder + "/ahead.csv", "output": output, "output-format": "json"})
            latest = {}
            for part in sorted(Path(output).glob("*.json")):
                for line in part.read_text().splitlines():
                    row = json.loads(line)
                    if row["month"][:10] >= latest.get(row["series"], ("",))[0]:
                        latest[row["series"]] = (row["month"][:10], row["prediction"])
        for name, rows in every.items():
            past = [float(value) for _, value in before[name]]
            assert latest[name][0][:7] == before[name][-1][0][:7], "the last window ends at the origin"
            future = [float(value) for _, value in rows[len(past) : len(past) + AHEAD]]
            change = sum(abs(past[t] - past[t - SEASON]) for t in range(SEASON, len(past))) / (len(past) - SEASON)
            predicted = latest[name][1]
            errors[name].append(sum(abs(p - y) for p, y in zip(predicted, future)) / AHEAD / change)
            naive[name].append(sum(abs(past[k - SEASON] - y) for k, y in enumerate(future)) / AHEAD / change)
    scores = {name: sum(found) / len(found) for name, found in errors.items()}
    others = [sum(found) / len(found) for found in naive.values()]
    shown = {name: round(score, 3) for name, score in scores.items()}
    return sum(scores.values()) / len(scores), {"series": shown, "seasonalNaive": round(sum(others) / len(others), 4)}


def births(keys, seed, earlier):
    with (DATA / "us-births-daily" / "all.csv").open() as file:
        rows = list(csv.DictReader(file))
    rows = rows[: len(rows) - earlier]
    first = datetime.date.fromisoformat(rows[-1]["date"]) - datetime.timedelta(days=729)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "days.csv"
        path.write_text("\n".join(["date,births", *(f"{row['date']},{row['births']}" for row in rows)]) + "\n")
        keys = {**keys, "task": "regression", "train": path, "validation-from": first, "seed": seed, "model": folder + "/model"}
        metrics = unroll("train", keys)["validation"]
    return metrics["meanAbsoluteError"], {name: round(value, 3) for name, value in metrics.items() if "bsolute" in name}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("job", choices=["months", "births"])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--earlier", type=int, default=0)
    given, further = parser.parse_known_args()
    work, keys = {"months": (months, MONTHS), "births": (births, BIRTHS)}[given.job]
    keys = {**keys, **dict(pair.removeprefix("--").split("=", 1) for pair in further)}
    scores = []
    for seed in range(1, given.seeds + 1):
        score, more = work(keys, seed, given.earlier)
        scores.append(score)
        print(json.dumps({"job": given.job, "seed": seed, "score": round(score, 4), **more}), flush=True)
    print(json.dumps({"job": given.job, "scores": [round(score, 4) for score in scores], "mean": round(sum(scores) / len(scores), 4)}))


main()
