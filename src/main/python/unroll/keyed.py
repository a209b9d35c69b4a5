"""A model for each key."""

from __future__ import annotations

import json
from typing import Any, List, Sequence

from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import StringType

import unroll
from unroll import interrupts
from unroll._params import KeyedPredictionsParams, KeyedTrainingParams
from unroll.frames import frame, plain, quoted, view_name
from unroll.model import Model
from unroll.stage import Estimator, Stage, Transformer


class KeyedModels:
    """A model for each key: a table with a row per key, which says how its training went and holds its files.

    ``results().write.parquet(path)`` keeps them, ``KeyedModels(spark.read.parquet(path))`` has them again.
    """

    def __init__(self, results: DataFrame):
        self._results = results
        view = view_name()
        results.createOrReplaceTempView(view)
        self._predictions = _Predictions(models=view)

    @classmethod
    def _trained(cls, estimator: Stage, dataset: DataFrame, keys: Sequence[str]) -> KeyedModels:
        view = view_name()
        own, default = ({param.name: value for param, value in of.items()} for of in (estimator._paramMap, estimator._defaultParamMap))
        described = json.dumps({"class": estimator._java_class, "uid": estimator.uid, "paramMap": own, "defaultParamMap": default})
        _Training(estimator=described, keyCols=list(keys), models=view).fit(dataset)
        return cls(dataset.sparkSession.table(view))

    def results(self) -> DataFrame:
        """The table: key, sequences, steps, skipped, missingTargets, iterations, loss, validation, stopReason, parameterHash, spec, tensors, error."""
        return self._results

    def keys(self) -> List[str]:
        """The columns of the key."""
        columns = self._results.columns
        return columns[: len(columns) - 1 - columns[::-1].index("sequences")]

    def failures(self) -> int:
        """How many keys have an error instead of a model."""
        return self._results.where("error is not null").count()

    def model(self, *key: Any) -> Any:
        """The model of one key, given as a value for each of its columns."""
        keys = self.keys()
        if len(key) != len(keys):
            raise ValueError(f"the key has the columns {keys}; given are the values {list(key)}")
        found = self._results
        for name, value in zip(keys, map(plain, key)):
            # A text is compared as text: as Spark compares it with a number, 007 would be 7.
            text = isinstance(self._results.schema[name].dataType, StringType) and value is not None
            found = found.where(F.col(quoted(name)).eqNullSafe(F.lit(str(value) if text else value)))
        return _OfKey().fit(found)

    def transform(self, dataset: DataFrame) -> DataFrame:
        """Adds to every row what its key's model predicts."""
        return self._predictions.transform(frame(dataset))


class _Predictions(Transformer, KeyedPredictionsParams):
    _java_class = "dev.unroll.ml.KeyedPredictions"


class _Training(Estimator, KeyedTrainingParams):
    _java_class = "dev.unroll.ml.KeyedTraining"

    def _create_model(self, java_model: Any) -> _Predictions:
        return _Predictions()  # what there is of it is the view

    def _fit_java(self, dataset: DataFrame) -> Any:
        call = lambda: super(_Training, self)._fit_java(dataset)
        saved = lambda: "nothing was saved, since models by key have no checkpoints"
        return interrupts.Training(dataset.sparkSession, call, None, saved, "the training by key was stopped").result()


class _OfKey(Estimator):
    _java_class = "dev.unroll.ml.KeyedModel"

    def _set_defaults(self) -> None:
        pass

    def _create_model(self, java_model: Any) -> Model:
        model = Model(java_model)
        metadata = json.loads(model._about.metadata)
        model.__class__ = getattr(unroll, metadata["class"].rpartition(".")[2])
        model._set(**{name: value for name, value in metadata["paramMap"].items() if name != "question"})
        return model
