"""Exponential smoothing of births, 28 days ahead: what benchmarks/forecasts.py births is measured beside.

    benchmarks/data.sh
    python3 benchmarks/births_ets.py

Needs statsmodels. The best of three forms by AICc, fitted to all but the last 730 days, forecasts from every day on of which 28 are
left within these; its parameters stay. Prints a JSON line: mean absolute errors of it and of the same weekday of the last week.
"""

import csv
import json
from pathlib import Path

import numpy
from statsmodels.tsa.exponential_smoothing.ets import ETSModel

HOME = Path(__file__).resolve().parents[1]
LAST, AHEAD, WEEK = 730, 28, 7
FORMS = ({"trend": None}, {"trend": "add"}, {"trend": "add", "damped_trend": True})


def model(values, form):
    return ETSModel(values, error="add", seasonal="add", seasonal_periods=WEEK, **form)


def main():
    with (HOME / "target" / "data" / "us-births-daily" / "all.csv").open() as file:
        births = numpy.array([float(row["births"]) for row in csv.DictReader(file)])
    first = len(births) - LAST
    fitted = {n: model(births[:first], form).fit(disp=False, maxiter=1000) for n, form in enumerate(FORMS)}
    best = min(fitted, key=lambda n: fitted[n].aicc)
    states = model(births, FORMS[best]).smooth(fitted[best].params)
    trend = FORMS[best]["trend"]
    damping = fitted[best].damping_trend if FORMS[best].get("damped_trend") else 1.0
    errors, naive = [], []
    for origin in range(first - 1, len(births) - AHEAD):
        steps = numpy.arange(1, AHEAD + 1)
        week = origin - WEEK + 1 + (steps - 1) % WEEK
        slope = states.slope[origin] * numpy.cumsum(damping**steps) if trend else 0
        future = births[origin + steps]
        errors.append(numpy.abs(states.level[origin] + slope + states.season[week] - future).mean())
        naive.append(numpy.abs(births[week] - future).mean())
    print(json.dumps({"form": FORMS[best], "ets": round(float(numpy.mean(errors)), 1), "seasonalNaive": round(float(numpy.mean(naive)), 1)}))


main()
