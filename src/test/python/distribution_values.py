"""Distributions as SciPy has them: F, quantiles, and the CRPS as its integral over F, for the losses that are likelihoods."""

LEVELS = [1e-9, 0.001, 0.1, 0.3, 0.5, 0.75, 0.9, 0.999, 1 - 1e-9]
NUMBERS = {
    "gaussian": [[0, 1], [-3.5, 0.01], [1e6, 250]],
    "student-t": [[0, 1, 2.0001], [2, 3, 2.5], [0, 1, 4], [-1e3, 20, 30], [0, 1, 9_000], [5, 2, 1e5], [0, 1, 1e9]],
}
COUNTS = {
    "poisson": [[1e-6], [0.03], [0.7], [4], [37.5], [1200], [1e6]],
    "negative-binomial": [
        *([mean, dispersion] for mean in (0.4, 6, 350) for dispersion in (1e-4, 0.2, 1, 30)),
        [1e-6, 1], [3, 1e-7], [1e5, 1e-3], [2e4, 1.5],
    ],
}
OUTCOMES = [-6, -1.5, -0.2, 0, 0.5, 1, 3, 9]  # in deviations


def negative_binomial(mean, dispersion):
    from scipy import stats

    return stats.nbinom(1 / dispersion, 1 / (1 + dispersion * mean))


def of_numbers(name, parameters):
    import numpy as np
    from scipy import integrate, stats

    mean, scale = parameters[:2]
    z = stats.norm() if name == "gaussian" else stats.t(parameters[2])

    def crps(outcome):
        parts = [
            integrate.quad(lambda x: side(x) ** 2, *ends, epsabs=0, epsrel=1e-13, limit=500)[0]
            for side, ends in ((z.cdf, (-np.inf, min(outcome, 0))), (z.cdf, (min(outcome, 0), outcome)), (z.sf, (outcome, max(outcome, 0))), (z.sf, (max(outcome, 0), np.inf)))
            if ends[0] < ends[1]
        ]
        return scale * sum(parts)

    return {
        "cdf": [[mean + scale * at, z.cdf(at)] for at in OUTCOMES],
        "quantiles": [[level, mean + scale * (z.ppf(level) if level <= 0.5 else z.isf(1 - level))] for level in LEVELS],
        "crps": [[mean + scale * at, crps(at)] for at in OUTCOMES],
    }


def of_counts(name, parameters):
    import numpy as np
    from scipy import stats

    count = stats.poisson(parameters[0]) if name == "poisson" else negative_binomial(*parameters)
    outcomes = sorted({max(0, round(count.mean() + at * count.std())) for at in OUTCOMES} | {0, 1, 2})
    end = outcomes[-1] + 2
    while count.sf(end) > 1e-18:
        end *= 2
    every = np.arange(end)
    below, above = count.cdf(every) ** 2, count.sf(every) ** 2
    return {
        "cdf": [[y, count.cdf(y)] for y in outcomes],
        "quantiles": [[level, count.ppf(level)] for level in LEVELS if abs(count.cdf(count.ppf(level)) - level) > 1e-12],
        "crps": [[y, below[:y].sum() + above[y:].sum()] for y in outcomes],
    }


def cases():
    """The head of the file, and the cases."""
    import scipy

    made = [
        {"loss": name, "parameters": parameters, **{key: [[float(x) for x in pair] for pair in pairs] for key, pairs in work(name, parameters).items()}}
        for work, families in ((of_numbers, NUMBERS), (of_counts, COUNTS))
        for name, some in families.items()
        for parameters in some
    ]
    return {"scipy": scipy.__version__}, made
