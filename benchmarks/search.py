"""Search beside Spark's CrossValidator: the same settings of a classifier of names, the same cores.

    benchmarks/data.sh
    python3 -m venv target/venv && target/venv/bin/pip install pyspark==4.1.0 pandas "$(submit/wheel target/venv/bin/python)"
    target/venv/bin/python benchmarks/search.py [--rounds 3] [--rows 4000] [--epochs 4]

32 settings, drawn from ranges; 3 folds. Prints for each round the seconds of Search, of Search with halving=3 and of
CrossValidator with parallelism 2, which trains the settings of a fold at once, or as Spark's own estimators do one by one; each with the
setting that it found and its cross-validated metric, and in the end ratios of medians to the last way.
"""

import argparse
import functools
import json
import statistics
import time

import unroll
from command import HOME
from pyspark.ml import Estimator
from pyspark.ml.evaluation import MulticlassClassificationEvaluator
from pyspark.ml.tuning import CrossValidator

NAMES = HOME / "target" / "data" / "names-language" / "train.tsv"
SETTINGS = 32
FOLDS = 3


def shown(setting):
    return {param.name: value for param, value in setting.items()}


def by_search(rnn, settings, names, halving):
    found = unroll.Search(rnn, settings, metric="accuracy", folds=FOLDS, halving=halving).run(names)
    return found.best, found.bestMetric, found.model


def one_by_one(rnn):
    """The estimator, which is fitted with each setting by itself, as Spark's own estimators are."""
    alone = rnn.copy()
    alone.fitMultiple = functools.partial(Estimator.fitMultiple, alone)
    return alone


def by_cross_validator(rnn, settings, names):
    evaluator = MulticlassClassificationEvaluator(labelCol="label", metricName="accuracy")
    tuned = CrossValidator(
        estimator=rnn, estimatorParamMaps=settings, evaluator=evaluator, numFolds=FOLDS, parallelism=2, seed=1
    ).fit(names)
    best = max(range(SETTINGS), key=lambda n: tuned.avgMetrics[n])
    return settings[best], tuned.avgMetrics[best], tuned.bestModel


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--rows", type=int, default=4000)
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--only", default="")
    given = parser.parse_args()
    spark = unroll.start(master="local[2]", conf={"spark.ui.enabled": "false", "spark.ui.showConsoleProgress": "false"})
    rows = [line.split("\t") for line in NAMES.read_text(encoding="utf-8").splitlines()[1:]]
    languages = sorted({language for _, language in rows})
    rows = rows[:: max(1, len(rows) // given.rows)]
    names = spark.createDataFrame([(name, float(languages.index(language))) for name, language in rows], ["features", "label"]).repartition(2).cache()
    rnn = unroll.RnnClassifier(epochs=given.epochs, batchSize=32, seed=1)
    space = unroll.ParamSpace(rnn).choice(rnn.cell, "gru", "lstm", "elman").logUniform(rnn.hiddenSize, 16, 64).logUniform(rnn.stepSize, 0.0005, 0.05)
    settings = space.sample(SETTINGS, seed=1)
    ways = {
        "search": lambda: by_search(rnn, settings, names, 0),
        "halving": lambda: by_search(rnn, settings, names, 3),
        "crossValidatorAtOnce": lambda: by_cross_validator(rnn, settings, names),
        "crossValidator": lambda: by_cross_validator(one_by_one(rnn), settings, names),
    }
    seconds = {way: [] for way in ways}
    for _ in range(given.rounds):
        for way, run in ways.items():
            start = time.monotonic()
            best, metric, model = run()
            seconds[way].append(time.monotonic() - start)
            print(json.dumps({"way": way, "seconds": round(seconds[way][-1], 1), "best": shown(best), "accuracy": round(metric, 4), "hash": model.parameterHash[:12]}), flush=True)
    median = {way: statistics.median(times) for way, times in seconds.items()}
    print(json.dumps({"rows": names.count(), **{f"crossValidator/{way}": round(median["crossValidator"] / median[way], 2) for way in ways}}))
    spark.stop()


if __name__ == "__main__":
    main()
