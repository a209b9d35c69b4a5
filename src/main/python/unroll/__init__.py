"""Unroll: recurrent networks by back-propagation through time on Apache Spark.

    import unroll
    spark = unroll.start()
    names = spark.createDataFrame([("anna", "F"), ("otto", "M")], ["name", "sex"])
    model = unroll.RnnClassifier(featuresCol="name", labelCol="sex", hiddenSize=32, maxIter=50).fit(names)
    model.transform(names).show()
    model.summary.history().toPandas().plot("iteration", "loss")

Estimators, their models and transformers are those of the Java library, with the Params of Spark ML's style; docs/keys.md lists them.
``load_local`` reads a saved model without Spark.
"""

import importlib
import sys
from typing import TYPE_CHECKING, Any, List

if TYPE_CHECKING:
    from unroll.backtest import Backtest, BacktestResult
    from unroll.bar import progress
    from unroll.evaluation import EvaluationResult
    from unroll.explanations import ExplanationPlot
    from unroll.interrupts import TrainingError
    from unroll.keyed import KeyedModels
    from unroll.local import LocalModel, load_local
    from unroll.picture import Picture
    from unroll.search import KeyedSearchResult, ParamSpace, Search, SearchResult
    from unroll.session import jar, start
    from unroll.stages import (
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
    )
    from unroll.summary import TrainingSummary

__version__ = "0.1.0"

__all__ = [
    "Backtest",
    "BacktestResult",
    "EvaluationResult",
    "ExplanationPlot",
    "KeyedModels",
    "KeyedSearchResult",
    "LocalModel",
    "ParamSpace",
    "Picture",
    "RnnClassifier",
    "RnnClassifierModel",
    "RnnLanguageModel",
    "RnnLanguageModelModel",
    "RnnRegressor",
    "RnnRegressorModel",
    "RnnTagger",
    "RnnTaggerModel",
    "Search",
    "SearchResult",
    "SequenceAssembler",
    "SlidingWindows",
    "TrainingError",
    "TrainingSummary",
    "jar",
    "load_local",
    "progress",
    "start",
]

_MODULES = ("backtest", "bar", "evaluation", "explanations", "frames", "interrupts", "keyed", "local", "mlflow", "model", "picture", "search", "session", "several", "stage", "stages", "streams", "summary")
_HOMES = {
    "Backtest": "backtest",
    "BacktestResult": "backtest",
    "EvaluationResult": "evaluation",
    "ExplanationPlot": "explanations",
    "KeyedModels": "keyed",
    "KeyedSearchResult": "search",
    "LocalModel": "local",
    "ParamSpace": "search",
    "Picture": "picture",
    "Search": "search",
    "SearchResult": "search",
    "TrainingError": "interrupts",
    "TrainingSummary": "summary",
    "jar": "session",
    "load_local": "local",
    "progress": "bar",
    "start": "session",
}  # of the others stages


def __getattr__(name: str) -> Any:
    """A name is imported when it is used first: what predicts without Spark needs no PySpark."""
    if name in _MODULES:
        return importlib.import_module(f"{__name__}.{name}")
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{_HOMES.get(name, 'stages')}"), name)
    globals()[name] = value
    return value


def __dir__() -> List[str]:
    return sorted({*globals(), *__all__})


# PySpark finds the Python class of a stage in a loaded pipeline by the name of its Java class; also where another package is called dev.
sys.modules.setdefault("dev.unroll.ml", sys.modules[__name__])
