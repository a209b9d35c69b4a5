"""The best of several settings, each trained in one task on rows that are read once."""

from __future__ import annotations

from typing import Any, Callable, Dict, Iterable, List, Sequence, Tuple, Type

from pyspark.ml.param import Param
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.utils import is_remote

from unroll import interrupts
from unroll.frames import frame, plain
from unroll.keyed import KeyedModels
from unroll.model import Model
from unroll.stages import _Estimator

Settings = Dict[Param[Any], Any]


def _classic() -> Any:
    """The active session, if it is a classic one; what it has of the JVM no stub knows."""
    if is_remote():
        raise RuntimeError("a search needs a classic session of Spark; through Spark Connect a CrossValidator does")
    return SparkSession.active()


def _array(kind: Any, values: Iterable[Any]) -> Any:
    """A Java array."""
    elements = list(values)
    array = _classic()._sc._gateway.new_array(kind, len(elements))
    for i, element in enumerate(elements):
        array[i] = element
    return array


class ParamSpace:
    """The settings among which a search looks: for each Param of an estimator some values, or a range.

    ``grid()`` has all that there are, ``sample(count, seed)`` draws some (Bergstra and Bengio 2012). Both are what Spark's
    ``ParamGridBuilder`` builds: a list of dicts by Param.
    """

    def __init__(self, estimator: _Estimator):
        self._estimator = estimator
        self._java = _classic()._jvm.dev.unroll.ml.ParamSpace()
        self._params: List[Param[Any]] = []

    def choice(self, param: Param[Any], *values: Any) -> ParamSpace:
        """One of some values, each as probable as the others."""
        if any(isinstance(value, (list, tuple)) for value in map(plain, values)):
            raise TypeError(f"{param.name} has lists to choose from; allowed are single values, and lists in Spark's ParamGridBuilder")
        array = _array(_classic()._jvm.java.lang.Object, (param.typeConverter(plain(value)) for value in values))
        return self._add(param, lambda java: self._java.choice(java, array))

    def uniform(self, param: Param[Any], low: float, high: float) -> ParamSpace:
        """A number from ``low`` to below ``high``, or a whole number up to ``high``, each as probable as the others."""
        return self._add(param, lambda java: self._java.uniform(java, *self._range(param, low, high)))

    def logUniform(self, param: Param[Any], low: float, high: float) -> ParamSpace:
        """As ``uniform``, but it is the logarithm that is as probable as any other: for learning rates and sizes."""
        return self._add(param, lambda java: self._java.logUniform(java, *self._range(param, low, high)))

    @staticmethod
    def _range(param: Param[Any], low: float, high: float) -> Tuple[Any, Any]:
        return param.typeConverter(plain(low)), param.typeConverter(plain(high))

    def _add(self, param: Param[Any], add: Callable[[Any], Any]) -> ParamSpace:
        add(self._estimator._java_obj.getParam(param.name))
        self._params.append(param)
        return self

    def grid(self) -> List[Settings]:
        """All settings, the values of the last Param changing fastest."""
        return self._python(self._java.grid())

    def sample(self, count: int, seed: int = 1) -> List[Settings]:
        """Draws settings: same seed, same settings."""
        return self._python(self._java.sample(plain(count), plain(seed)))

    def _python(self, maps: Any) -> List[Settings]:
        java = self._estimator._java_obj
        return [{param: setting.get(java.getParam(param.name)).get() for param in self._params} for setting in maps]


class SearchResult:
    """What came of a search."""

    def __init__(self, java: Any, candidates: Sequence[Settings], model: Type[Model]):
        self._java = java
        self._candidates = candidates
        self._model = model

    @property
    def best(self) -> Settings:
        """The Params of the best candidate that it was given."""
        return self._candidates[self._java.bestCandidate()]

    @property
    def bestMetric(self) -> float:
        """The metric of the best candidate, of folds the mean."""
        return self._java.bestMetric()

    @property
    def model(self) -> Model:
        """The model of the best candidate, trained as by ``fit``."""
        return self._model._from_java(self._java.model())

    def candidates(self) -> DataFrame:
        """A row for each candidate, the best first: rank, candidate, params, metric, deviation, iterations, error."""
        return DataFrame(self._java.candidates(), SparkSession.active())

    def trainings(self) -> DataFrame:
        """A row for each candidate and fold: sequences, iterations, loss, validation, stopReason, parameterHash, error."""
        return DataFrame(self._java.trainings(), SparkSession.active())


class KeyedSearchResult:
    """What came of a search for each key."""

    def __init__(self, java: Any):
        self._java = java
        self._models = KeyedModels(DataFrame(java.models().results(), SparkSession.active()))

    @property
    def models(self) -> KeyedModels:
        """The best model of each key; a key of which no candidate could be trained has the error of the first."""
        return self._models

    def candidates(self) -> DataFrame:
        """A row for each key and candidate: the key's columns, candidate, params, metric, iterations, best, error."""
        return DataFrame(self._java.candidates(), SparkSession.active())

    def unpersist(self) -> None:
        """Frees the cached results, of which the tables here are made; they are computed again where they are asked for after that."""
        self._java.unpersist()


class Search:
    """The best of several settings of an estimator: each candidate is trained in one task, as many at once as Spark has cores, and the
    rows are read once. Every candidate has the bits that ``fit`` with its Params gives.

    :param candidates: dicts by Param, as ``ParamSpace`` or Spark's ``ParamGridBuilder`` make them
    :param metric: what decides: a metric of the validation, such as loss or accuracy
    :param folds: parts of the rows, of which each is held out once; 0: what the estimator's Params hold out
    :param halving: 3: all make a part of their updates, a third continues with three times as many, and so forth; 0: all make all updates
    :param refit: whether the best candidate is trained on the cluster in the end
    """

    def __init__(
        self, estimator: _Estimator, candidates: Sequence[Settings], metric: str = "loss", folds: int = 0, halving: int = 0, refit: bool = True
    ):
        self.estimator = estimator
        self.candidates = list(candidates)
        self.metric = metric
        self.folds = folds
        self.halving = halving
        self.refit = refit

    def run(self, dataset: DataFrame) -> SearchResult:
        """Trains the candidates.

        :raises unroll.TrainingError: if none of them could be trained
        :raises RuntimeError: through Spark Connect
        """
        result = self._searched(dataset, lambda search, rows: search.run(rows._jdf))
        return SearchResult(result, self.candidates, self.estimator.modelClass)

    def runByKey(self, dataset: DataFrame, *keys: str) -> KeyedSearchResult:
        """Searches for every key by itself, the values of some columns: all candidates are trained on its rows in one task, and the best is
        the key's model, with the bits that ``fitByKey`` with its Params gives. It takes no folds and no halving, and asks for no refit.

        :raises unroll.TrainingError: if not a single key has a model
        :raises RuntimeError: through Spark Connect
        """
        names = _array(_classic()._jvm.java.lang.String, keys)
        return KeyedSearchResult(self._searched(dataset, lambda search, rows: search.runByKey(rows._jdf, names)))

    def _searched(self, dataset: DataFrame, run: Callable[[Any, Any], Any]) -> Any:
        """What comes of Java's search."""
        session = _classic()
        rows = frame(dataset)
        self.estimator._transfer_params_to_java()
        java = self.estimator._java_obj.copy(self.estimator._empty_java_param_map())
        switch = session._jvm.dev.unroll.train.StopSwitch()
        java.addListener(switch)
        maps = _array(session._jvm.org.apache.spark.ml.param.ParamMap, map(self.estimator._transfer_param_map_to_java, self.candidates))
        search = session._jvm.dev.unroll.ml.RnnSearch(java, maps)
        search.setMetric(self.metric).setFolds(plain(self.folds)).setHalving(plain(self.halving)).setRefit(self.refit)
        saved = lambda: "nothing was saved, since a search has no checkpoints"
        return interrupts.Training(session, lambda: run(search, rows), switch, saved, "the search was stopped").result()
