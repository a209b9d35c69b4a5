"""Exponential smoothing (ETS) of the series of benchmarks/forecasts.py: what its forecasts and intervals are measured beside.

    benchmarks/data.sh
    python3 benchmarks/ets.py months|births

Needs statsmodels. months: for each series and origin the best of four forms by AICc, two thousand simulated paths for intervals that
are not known in closed form. births: the best of three forms, fitted to all but the last 730 days, forecasts from every day on of
which 28 are left within these; its parameters stay. Prints a JSON line: errors as benchmarks/forecasts.py has them, and of the
quantiles 0.1, 0.5 and 0.9 the coverage of the interval and the pinball loss (the median is the mean).
"""

import argparse
import json
import warnings
from statistics import NormalDist

import numpy
import pandas
from statsmodels.tsa.exponential_smoothing.ets import ETSModel

from forecasts import AHEAD, LEVELS, ORIGINS, SEASON, Intervals, births_rows, scaled_error, seasonal_change, series

DAYS, DAYS_AHEAD, WEEK = 730, 28, 7
ADDITIVE = [{"error": "add", "seasonal": "add", **trend} for trend in ({"trend": None}, {"trend": "add"}, {"trend": "add", "damped_trend": True})]
FORMS = [*ADDITIVE, {"error": "mul", "seasonal": "mul", "trend": "add"}]
NORMAL = numpy.array([NormalDist().inv_cdf(level) for level in LEVELS])


def fitted(values, forms, season):
    usable = [form for form in forms if form["error"] == "add" or min(values) > 0]
    return min((ETSModel(pandas.Series(values), seasonal_periods=season, **form).fit(disp=False, maxiter=1000) for form in usable), key=lambda fit: fit.aicc)


def months():
    errors, intervals = {}, {}
    for name, rows in series().items():
        values = numpy.array([float(value) for _, value in rows])
        errors[name], intervals[name] = [], Intervals()
        for origin in ORIGINS:
            end = len(values) - origin
            fit = fitted(values[:end], FORMS, SEASON)
            ahead = fit.get_prediction(start=end, end=end + AHEAD - 1, simulate_repetitions=2000, rng=numpy.random.default_rng(1))
            frame = ahead.summary_frame(alpha=2 * LEVELS[0])
            mean, low, high = (frame[column].to_numpy() for column in ("mean", "pi_lower", "pi_upper"))
            future = values[end : end + AHEAD]
            errors[name].append(scaled_error(mean, future, values[:end]))
            intervals[name].add(numpy.stack([low, mean, high], axis=1), future, seasonal_change(values[:end]))
    return {"series": {name: round(float(numpy.mean(found)), 3) for name, found in errors.items()}, "mase": round(float(numpy.mean([numpy.mean(found) for found in errors.values()])), 4), **Intervals.of_all(intervals.values())}


def births():
    values = numpy.array([float(row["births"]) for row in births_rows()])
    first = len(values) - DAYS
    fit = fitted(values[:first], ADDITIVE, WEEK)
    model = ETSModel(values, seasonal_periods=WEEK, error="add", seasonal="add", trend=fit.model.trend, damped_trend=fit.model.damped_trend)
    states = model.smooth(fit.params)
    steps = numpy.arange(1, DAYS_AHEAD + 1)
    damped = numpy.cumsum((fit.damping_trend if fit.model.damped_trend else 1.0) ** steps)
    # Of an error j steps before, this much is left (Hyndman et al. 2008, Forecasting with exponential smoothing, table 6.2).
    left = fit.smoothing_level + fit.smoothing_seasonal * (steps % WEEK == 0) + (fit.smoothing_trend * damped if fit.model.trend else 0)
    deviation = numpy.std(fit.resid) * numpy.sqrt(1 + numpy.concatenate([[0], numpy.cumsum(left[:-1] ** 2)]))
    errors, naive, intervals = [], [], Intervals()
    for origin in range(first - 1, len(values) - DAYS_AHEAD):
        week = origin - WEEK + 1 + (steps - 1) % WEEK
        slope = states.slope[origin] * damped if fit.model.trend else 0
        mean = states.level[origin] + slope + states.season[week]
        future = values[origin + steps]
        errors.append(numpy.abs(mean - future).mean())
        naive.append(numpy.abs(values[week] - future).mean())
        intervals.add(mean[:, None] + deviation[:, None] * NORMAL, future)
    return {"ets": round(float(numpy.mean(errors)), 1), "seasonalNaive": round(float(numpy.mean(naive)), 1), **Intervals.of_all([intervals])}


parser = argparse.ArgumentParser()
parser.add_argument("job", choices=["months", "births"])
warnings.simplefilter("ignore")
print(json.dumps({"months": months, "births": births}[parser.parse_args().job]()))
