"""Forecasts of many steps: monthly series 12 months ahead from three origins by one model of all, and births 28 days ahead.

    benchmarks/data.sh
    python3 benchmarks/forecasts.py months|births [--seeds 3] [--earlier N] [--series NAME] [--key=value ...]

Further keys go to the training. months: rows from an origin on (36, 24 and 12 before the end of each series; with --earlier N so
many more) are seen by no training, and each origin has a model of its own. The error is MASE as in the README of the data: the mean
absolute error of the 12 months over the mean absolute seasonal difference before the origin, meaned over origins and series. Months
that are missing are left out of the series. --series takes one of them alone: of counts, as prescriptions, for a loss of counts. births: the last 730 days (with --earlier N the 730 days N before the end); metrics of
train. Prints a JSON line for each seed and their mean. With --loss=quantile:0.1,0.5,0.9 it shows the coverage of the interval
too, and the mean pinball loss, of the months in the units of MASE and meaned over series.
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
ORIGINS = (36, 24, 12)
LEVELS = (0.1, 0.5, 0.9)

# Windows extend over the horizon: the calendar and the values a season (a year of weeks) before are known there.
MONTHS = {
    "prepare": "windows", "key-cols": "series", "time-col": "month", "numeric-cols": "value", "known-cols": "month", "lags": SEASON,
    "time-features": "month", "window-length": 36, "horizon": AHEAD, "season": SEASON, "scale": "window", "loss": "absolute",
    "cell": "lstm", "hidden-size": 16, "batch-size": 64, "step-size": 0.005, "schedule": "cosine", "epochs": 15, "clip-norm": 1,
}
BIRTHS = {
    "prepare": "windows", "time-col": "date", "numeric-cols": "births", "known-cols": "date", "lags": 364, "time-features": "weekday,month",
    "window-length": 56, "horizon": 28, "season": 7, "scale": "window", "loss": "absolute",
    "cell": "lstm", "hidden-size": 32, "batch-size": 64, "step-size": 0.005, "schedule": "cosine", "epochs": 20, "clip-norm": 1,
}


def series(only=None):
    rows = defaultdict(list)
    with (DATA / "monthly-series" / "monthly.csv").open() as file:
        for row in csv.DictReader(file):
            rows[row["series"]].append((row["month"], row["value"]))
    return {only: rows[only]} if only else rows


def following(month):
    """The months of the horizon."""
    first = int(month[:4]) * 12 + int(month[5:7])
    return [f"{at // 12}-{at % 12 + 1:02}-01" for at in range(first, first + AHEAD)]


def write(path, parts):
    lines = ["series,month,value", *(f"{name},{month},{value}" for name, rows in parts.items() for month, value in rows)]
    path.write_text("\n".join(lines) + "\n")


class Intervals:
    """Quantiles of LEVELS, beside what came."""

    def __init__(self):
        self.count = self.covered = self.crossing = 0
        self.pinball = 0.0

    def add(self, quantiles, future, scale=1):
        for levels, y in zip(quantiles, future):
            self.count += 1
            self.covered += levels[0] <= y <= levels[-1]
            self.crossing += list(levels) != sorted(levels)
            self.pinball += sum(max(q * (y - o), (q - 1) * (y - o)) for q, o in zip(LEVELS, levels)) / len(LEVELS) / scale

    @staticmethod
    def of_all(series):
        series = list(series)
        return {
            "coverage": round(float(sum(one.covered for one in series) / sum(one.count for one in series)), 4),
            "crossing": int(sum(one.crossing for one in series)),
            "pinballLoss": round(float(sum(one.pinball / one.count for one in series) / len(series)), 4),
        }


def seasonal_change(past):
    """The mean absolute seasonal difference, in whose units the errors of months are."""
    return sum(abs(past[t] - past[t - SEASON]) for t in range(SEASON, len(past))) / (len(past) - SEASON)


def scaled_error(predicted, future, past):
    """MASE."""
    return sum(abs(p - y) for p, y in zip(predicted, future)) / len(future) / seasonal_change(past)


def forecasts(keys, before, seed):
    """What a model of the rows before the origin predicts at it, by series."""
    # The months of the horizon, without a value, let windows end up to the last month, also in training.
    ahead = {name: rows + [(month, "") for month in following(rows[-1][0])] for name, rows in before.items()}
    with tempfile.TemporaryDirectory() as folder:
        table, model, output = folder + "/ahead.csv", folder + "/model", folder + "/predicted"
        write(Path(table), ahead)
        unroll("train", {**keys, "task": "regression", "train": table, "seed": seed, "model": model})
        unroll("predict", {"model": model, "input": table, "output": output, "output-format": "json"})
        latest = {}
        for part in sorted(Path(output).glob("*.json")):
            for line in part.read_text().splitlines():
                row = json.loads(line)
                if row["series"] not in latest or row["month"] > latest[row["series"]]["month"]:
                    latest[row["series"]] = row
        return latest


def months(keys, seed, earlier, only):
    every = series(only)
    errors, naive, intervals = defaultdict(list), defaultdict(list), defaultdict(Intervals)
    for origin in ORIGINS:
        before = {name: rows[: len(rows) - origin - earlier] for name, rows in every.items()}
        latest = forecasts(keys, before, seed)
        for name, rows in every.items():
            past = [float(value) for _, value in before[name]]
            assert latest[name]["month"][:7] == before[name][-1][0][:7], "the last window ends at the origin"
            future = [float(value) for _, value in rows[len(past) : len(past) + AHEAD]]
            errors[name].append(scaled_error(latest[name]["prediction"], future, past))
            naive[name].append(scaled_error(past[-SEASON:], future, past))
            if "quantiles" in latest[name]:
                intervals[name].add(latest[name]["quantiles"], future, seasonal_change(past))
    scores = {name: sum(found) / len(found) for name, found in errors.items()}
    others = [sum(found) / len(found) for found in naive.values()]
    shown = {name: round(score, 3) for name, score in scores.items()}
    more = {"series": shown, "seasonalNaive": round(sum(others) / len(others), 4)}
    return sum(scores.values()) / len(scores), {**more, **(Intervals.of_all(intervals.values()) if intervals else {})}


def births_rows():
    with (DATA / "us-births-daily" / "all.csv").open() as file:
        return list(csv.DictReader(file))


def births(keys, seed, earlier, _):
    rows = births_rows()
    rows = rows[: len(rows) - earlier]
    first = datetime.date.fromisoformat(rows[-1]["date"]) - datetime.timedelta(days=729)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "days.csv"
        path.write_text("\n".join(["date,births", *(f"{row['date']},{row['births']}" for row in rows)]) + "\n")
        keys = {**keys, "task": "regression", "train": path, "validation-from": first, "seed": seed, "model": folder + "/model"}
        metrics = unroll("train", keys)["validation"]
    return metrics["meanAbsoluteError"], {name: round(value, 3) for name, value in metrics.items() if "bsolute" in name or name in ("coverage", "pinballLoss")}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("job", choices=["months", "births"])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--earlier", type=int, default=0)
    parser.add_argument("--series")
    given, further = parser.parse_known_args()
    work, keys = {"months": (months, MONTHS), "births": (births, BIRTHS)}[given.job]
    keys = {**keys, **dict(pair.removeprefix("--").split("=", 1) for pair in further)}
    scores = []
    for seed in range(1, given.seeds + 1):
        score, more = work(keys, seed, given.earlier, given.series)
        scores.append(score)
        print(json.dumps({"job": given.job, "seed": seed, "score": round(score, 4), **more}), flush=True)
    print(json.dumps({"job": given.job, "scores": [round(score, 4) for score in scores], "mean": round(sum(scores) / len(scores), 4)}))


if __name__ == "__main__":
    main()
