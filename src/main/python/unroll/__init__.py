"""Unroll: recurrent networks by back-propagation through time on Apache Spark.

    import unroll
    spark = unroll.start()
    names = spark.createDataFrame([("anna", "F"), ("otto", "M")], ["name", "sex"])
    model = unroll.RnnClassifier(featuresCol="name", labelCol="sex", hiddenSize=32, maxIter=50).fit(names)
    model.transform(names).show()
    model.summary.history().toPandas().plot("iteration", "loss")

Estimators, their models and transformers are those of the Java library, with the Params of Spark ML's style; docs/keys.md lists them.
"""

import sys

from unroll.evaluation import EvaluationResult
from unroll.interrupts import TrainingError
from unroll.session import jar, start
from unroll.stages import (
    Backtest,
    BacktestResult,
    KeyedModels,
    RnnClassifier,
    RnnClassifierModel,
    RnnLanguageModel,
    RnnLanguageModelModel,
    RnnRegressor,
    RnnRegressorModel,
    RnnTagger,
    RnnTaggerModel,
    SequenceAssembler,
    SlidingWindows,
    TrainingSummary,
)

__all__ = [
    "Backtest",
    "BacktestResult",
    "EvaluationResult",
    "KeyedModels",
    "RnnClassifier",
    "RnnClassifierModel",
    "RnnLanguageModel",
    "RnnLanguageModelModel",
    "RnnRegressor",
    "RnnRegressorModel",
    "RnnTagger",
    "RnnTaggerModel",
    "SequenceAssembler",
    "SlidingWindows",
    "TrainingError",
    "TrainingSummary",
    "jar",
    "start",
]

# PySpark finds the Python class of a stage in a loaded pipeline by the name of its Java class; also where another package is called dev.
sys.modules.setdefault("dev.unroll.ml", sys.modules[__name__])
