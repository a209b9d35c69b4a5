"""The stages: thin wrappers of the Java ones."""

from __future__ import annotations

import difflib
import re
from typing import Any, Dict, List, Optional, Sequence, Type, Union

from pyspark.ml.param import Param
from pyspark.ml.util import JavaMLReadable, JavaMLReader, JavaMLWritable
from pyspark.ml.wrapper import JavaEstimator, JavaModel, JavaTransformer
from pyspark.sql import DataFrame, SparkSession

from unroll import interrupts
from unroll._params import RnnParams, SequenceAssemblerParams, SlidingWindowsParams
from unroll.evaluation import EvaluationResult


def _plain(value: Any) -> Any:
    """A value of NumPy or pandas as one of Python, alone or in a list."""
    if hasattr(value, "dtype") and hasattr(value, "tolist"):
        return value.tolist()
    return [_plain(element) for element in value] if isinstance(value, (list, tuple)) else value


def _frame(dataset: Any) -> DataFrame:
    if isinstance(dataset, DataFrame):
        return dataset
    kind = f"{type(dataset).__module__.split('.')[0]}.{type(dataset).__name__}"
    raise TypeError(
        f"the data are a {kind}; allowed is a DataFrame of Spark: spark.createDataFrame(data) makes one of a pandas DataFrame,"
        " with NumPy arrays inside of cells as lists (array.tolist())"
    )


class _Reader(JavaMLReader):
    @classmethod
    def _java_loader_class(cls, clazz):
        return clazz._java_class


class _Stage(JavaMLReadable, JavaMLWritable):
    """What a stage needs whose Java class is not one of Spark's."""

    _java_class: str  # not derived from the name of the Python class: a subclass is the same stage under another name

    def _set(self, **params: Any):
        for name in params:
            if not self.hasParam(name):
                camel = re.sub(r"_(\w)", lambda match: match.group(1).upper(), name)
                near = camel if self.hasParam(camel) else next(iter(difflib.get_close_matches(camel, [p.name for p in self.params], 1)), None)
                raise AttributeError(f"{type(self).__name__} has no Param {name}" + (f"; there is {near}" if near else ""))
        return super()._set(**{name: _plain(value) for name, value in params.items()})

    def copy(self, extra: Optional[Dict[Param, Any]] = None):
        interrupts.listen()
        return super().copy({param: _plain(value) for param, value in (extra or {}).items()})

    @classmethod
    def read(cls):
        return _Reader(cls)

    @classmethod
    def _from_java(cls, java_stage):
        stage = cls(java_stage) if issubclass(cls, JavaModel) else cls()
        stage._java_obj = java_stage
        stage._resetUid(java_stage.uid())
        stage._transfer_params_from_java()
        return stage


class _Estimator(_Stage, JavaEstimator, RnnParams):
    modelClass: Type[_Model]
    """The class of what ``fit`` returns; a subclass of an estimator may name a subclass of it."""

    def __init__(self, **params: Any):
        super().__init__()
        interrupts.listen()
        self._java_obj = self._new_java_obj(self._java_class, self.uid)
        self._set_defaults()
        self._set(**params)

    def setParams(self, **params: Any):
        """Sets several Params at once, by name."""
        return self._set(**params)

    def _create_model(self, java_model):
        return self.modelClass(java_model)

    def _fit_java(self, dataset: DataFrame):
        session = _frame(dataset).sparkSession
        self._transfer_params_to_java()
        java = self._java_obj.copy(self._empty_java_param_map())
        switch = session._jvm.dev.unroll.train.StopSwitch()
        java.addListener(switch)
        return interrupts.Training(session, lambda: java.fit(dataset._jdf), switch, lambda: self._saved(session)).result()

    def _saved(self, session: SparkSession) -> str:
        """What there is to go on from after a training was stopped."""
        directory = self.getOrDefault("checkpointDir")
        if not directory:
            return "nothing was saved, since it has no checkpointDir"
        jvm = session._jvm
        hadoop = session._jsc.hadoopConfiguration()
        latest = jvm.dev.unroll.train.Checkpoints.latestIteration(jvm.dev.unroll.format.Directory.of(directory, hadoop))
        if latest.isEmpty():
            return f"nothing was saved in checkpointDir {directory} yet"
        return f"with resume=True it goes on from iteration {latest.get()}, in checkpointDir {directory}"

    def fitByKey(self, dataset: DataFrame, *keys: str) -> KeyedModels:
        """Trains a model of its own for every key, the values of some columns: each in one task, with the bits of ``fit`` on its rows alone."""
        session = _frame(dataset).sparkSession
        self._transfer_params_to_java()
        java = self._java_obj.copy(self._empty_java_param_map())
        names = _strings(keys)
        call = lambda: java.fitByKey(dataset._jdf, names)
        return KeyedModels._of(interrupts.Training(session, call, None, lambda: "nothing was saved, since models by key have no checkpoints").result())


class KeyedModels:
    """A model for each key: a table with a row per key, which says how its training went and holds its files.

    ``results().write.parquet(path)`` keeps them, ``KeyedModels(spark.read.parquet(path))`` has them again.
    """

    def __init__(self, results: DataFrame):
        self._java = _jvm().dev.unroll.ml.KeyedModels(results._jdf)

    @classmethod
    def _of(cls, java) -> KeyedModels:
        models = cls.__new__(cls)
        models._java = java
        return models

    def results(self) -> DataFrame:
        """The table: key, sequences, steps, skipped, missingTargets, iterations, loss, validation, stopReason, parameterHash, spec, tensors, error."""
        return DataFrame(self._java.results(), SparkSession.builder.getOrCreate())

    def keys(self) -> List[str]:
        """The columns of the key."""
        return list(self._java.keys())

    def failures(self) -> int:
        """How many keys have an error instead of a model."""
        return self._java.failures()

    def model(self, *key: Any) -> _Model:
        """The model of one key, given as a value for each of its columns."""
        values = _jvm().java.util.ArrayList()
        for value in key:
            values.add(_plain(value))
        java = self._java.model(values.toArray())
        return globals()[java.getClass().getSimpleName()]._from_java(java)

    def transform(self, dataset: DataFrame) -> DataFrame:
        """Adds to every row what its key's model predicts."""
        return DataFrame(self._java.transform(_frame(dataset)._jdf), dataset.sparkSession)


def _jvm():
    return SparkSession.builder.getOrCreate()._jvm


def _strings(names: Sequence[str]):
    """Names as an array of Java."""
    array = SparkSession.builder.getOrCreate()._sc._gateway.new_array(_jvm().java.lang.String, len(names))
    for i, name in enumerate(names):
        array[i] = name
    return array


class TrainingSummary:
    """How a training went."""

    def __init__(self, java_summary):
        self._java = java_summary

    def _frame(self, java_frame) -> DataFrame:
        return DataFrame(java_frame, SparkSession.builder.getOrCreate())

    @property
    def objectiveHistory(self) -> List[float]:
        """The mean loss of every update's batch, before the update."""
        return list(self._java.objectiveHistory())

    @property
    def totalIterations(self) -> int:
        """Updates that were made."""
        return self._java.totalIterations()

    @property
    def stopReason(self) -> str:
        """Why it ended."""
        return self._java.result().stopReason().text()

    @property
    def missingTargets(self) -> int:
        """Steps without a label or target in rows that have others, those to validate on included."""
        return self._java.missingTargets()

    @property
    def engine(self) -> str:
        """Where its updates were computed: local (in the driver) or spark."""
        return self._java.engine().key()

    @property
    def kernel(self) -> str:
        """Which kernel ran, and where some executors lack the Vector API, on how many."""
        return self._java.kernels().sentence()

    @property
    def stillFalling(self) -> Optional[str]:
        """What to do where a limit ended the training while the loss was still falling fast; None where it was not."""
        sentence = self._java.stillFalling()
        return sentence.get() if sentence.isPresent() else None

    @property
    def validation(self) -> Dict[str, float]:
        """Metrics of the model on the rows held out; empty without such."""
        return dict(self._java.result().validation())

    @property
    def iterationMs(self) -> Optional[float]:
        """The median ms of an update; None where there was none."""
        return self._number(self._java.iterationMs())

    @property
    def predictedIterationMs(self) -> Optional[float]:
        """What was predicted for it before."""
        return self._number(self._java.predictedIterationMs())

    @staticmethod
    def _number(optional) -> Optional[float]:
        return optional.getAsDouble() if optional.isPresent() else None

    def history(self) -> DataFrame:
        """A row for each update: loss, norm of the gradient, step size, and the ms of its phases."""
        return self._frame(self._java.history(SparkSession.builder.getOrCreate()._jsparkSession))

    def gradientFlow(self) -> DataFrame:
        """A row for each sampled iteration, layer and lag: the norm |dL/dh| there. The rows of a heat map."""
        return self._frame(self._java.gradientFlow(SparkSession.builder.getOrCreate()._jsparkSession))


class _Model(_Stage, JavaModel):
    @property
    def summary(self) -> Optional[TrainingSummary]:
        """How the training went; None for a model that was loaded."""
        summary = self._java_obj.summary()
        return TrainingSummary(summary.get()) if summary.isPresent() else None

    @property
    def parameterHash(self) -> str:
        """SHA-256 of the parameters' bytes: equal for equal models."""
        return self._java_obj.model().parameterHash()

    def _transform(self, dataset: DataFrame) -> DataFrame:
        return super()._transform(_frame(dataset))

    def registerFunction(self, name: str = "rnn_predict") -> None:
        """Makes the prediction a function of SQL in the active session: ``select rnn_predict(name) from names``."""
        self._java_obj.registerFunction(SparkSession.builder.getOrCreate()._jsparkSession, name)

    def withLoss(self, dataset: DataFrame, label: Optional[str] = None) -> DataFrame:
        """Adds columns ``loss`` and ``gradientNorm`` of every row; a language model needs no label."""
        return DataFrame(self._java_obj.withLoss(_frame(dataset)._jdf, label), dataset.sparkSession)

    def evaluate(
        self, dataset: DataFrame, labelCol: Optional[str] = None, weightCol: str = "", season: Optional[int] = None, by: Sequence[str] = ()
    ) -> EvaluationResult:
        """Metrics of the predictions for labelled rows, of all and of each group of rows that have the same values in the columns ``by``."""
        frame = _frame(dataset)
        java = _jvm().dev.unroll.ml.Evaluation(self._java_obj).setWeightCol(weightCol).setBy(_strings(by))
        if labelCol is not None:
            java.setLabelCol(labelCol)
        if season is not None:
            java.setSeason(_plain(season))
        return EvaluationResult(java.run(frame._jdf))


class _ClassModel(_Model):
    @property
    def labels(self) -> List[Union[str, float]]:
        """The classes, in the order of ``probability`` and ``rawPrediction``, as ``prediction`` has them: numbers, or text, also of numbers that doubles do not hold."""
        labels = self._java_obj.model().labels()
        return [float(value) if labels.areDoubles() else value for value in labels.values()]


class RnnClassifierModel(_ClassModel):
    """A trained classifier: adds the most probable label and the probability of every one."""

    _java_class = "dev.unroll.ml.RnnClassifierModel"


class RnnClassifier(_Estimator):
    """Classifies sequences: a softmax over the labels on the last state."""

    _java_class = "dev.unroll.ml.RnnClassifier"
    modelClass = RnnClassifierModel


class RnnTaggerModel(_ClassModel):
    """A trained tagger: adds a label and probabilities for every step."""

    _java_class = "dev.unroll.ml.RnnTaggerModel"


class RnnTagger(_Estimator):
    """Labels every step of a sequence."""

    _java_class = "dev.unroll.ml.RnnTagger"
    modelClass = RnnTaggerModel


class RnnRegressorModel(_Model):
    """A trained regressor: adds the predicted numbers, with ``loss="quantile:..."`` the quantiles, and with
    ``"gaussian"``, ``"student-t"``, ``"poisson"`` or ``"negative-binomial"`` the parameters of the distribution and its
    quantiles."""

    _java_class = "dev.unroll.ml.RnnRegressorModel"


class RnnRegressor(_Estimator):
    """Predicts numbers from a sequence, at its end or at every step."""

    _java_class = "dev.unroll.ml.RnnRegressor"
    modelClass = RnnRegressorModel


class RnnLanguageModelModel(_Model):
    """A trained language model: writes text."""

    _java_class = "dev.unroll.ml.RnnLanguageModelModel"

    def generate(self, prompt: Union[str, Sequence[str]] = (), length: int = 100, temperature: float = 1.0, topK: int = 0, seed: int = 1) -> List[str]:
        """Tokens that continue the prompt, until the end mark or ``length`` tokens are there.

        :param prompt: text, which the model's tokenizer cuts into characters or words; or a list of tokens
        """
        if isinstance(prompt, str):
            return list(self._java_obj.generate(prompt, length, float(temperature), topK, seed))
        java = _jvm().java.util.ArrayList()
        for token in prompt:
            java.add(token)
        return list(self._java_obj.generate(java, length, float(temperature), topK, seed))


class RnnLanguageModel(_Estimator):
    """Predicts the next token of a text."""

    _java_class = "dev.unroll.ml.RnnLanguageModel"
    modelClass = RnnLanguageModelModel


class _Transformer(_Stage, JavaTransformer):
    def __init__(self, **params: Any):
        super().__init__()
        self._java_obj = self._new_java_obj(self._java_class, self.uid)
        self._set_defaults()
        self._set(**params)

    def _transform(self, dataset: DataFrame) -> DataFrame:
        return super()._transform(_frame(dataset))


class SequenceAssembler(_Transformer, SequenceAssemblerParams):
    """A table of events, one a row, to sequences, one a row."""

    _java_class = "dev.unroll.ml.SequenceAssembler"


class SlidingWindows(_Transformer, SlidingWindowsParams):
    """Time series to windows with what follows them as label."""

    _java_class = "dev.unroll.ml.SlidingWindows"


class BacktestResult:
    """What came of a backtest: forecasts beside what was to be forecast, and their errors."""

    def __init__(self, java):
        self._java = java

    @property
    def origins(self) -> List[str]:
        """The times from which on nothing was known, ascending."""
        return list(self._java.origins())

    @property
    def models(self) -> List[RnnRegressorModel]:
        """The model of each origin: one and the same where it was trained once."""
        return [RnnRegressorModel._from_java(model) for model in self._java.models()]

    def forecasts(self) -> DataFrame:
        """A row for each series, origin, step of the horizon and target."""
        return self._frame(self._java.forecasts())

    def errors(self, *by: str) -> DataFrame:
        """Means of the errors, a row for each value of some columns of the forecasts: of keys, horizonStep, origin, target; of none one row."""
        return self._frame(self._java.errors(_strings(by)))

    def leftOut(self) -> DataFrame:
        """The series without a forecast at an origin, with the reason."""
        return self._frame(self._java.leftOut())

    @staticmethod
    def _frame(java) -> DataFrame:
        return DataFrame(java, SparkSession.builder.getOrCreate())


class Backtest:
    """How a regression would have forecast the past: trained at each of several times, the origins, on the labels before it alone.

    :param origins: from how many times there are forecasts
    :param step: times from an origin to the next; 0 is the horizon of the windows
    :param refit: whether a model is trained at each origin, or only at the first one
    """

    def __init__(self, estimator: RnnRegressor, windows: SlidingWindows, origins: int = 1, step: int = 0, refit: bool = True):
        self.estimator = estimator
        self.windows = windows
        self.origins = origins
        self.step = step
        self.refit = refit

    def run(self, dataset: DataFrame) -> BacktestResult:
        """Trains at the origins, on a row per time and series."""
        session = _frame(dataset).sparkSession
        self.estimator._transfer_params_to_java()
        self.windows._transfer_params_to_java()
        regressor = self.estimator._java_obj.copy(self.estimator._empty_java_param_map())
        switch = session._jvm.dev.unroll.train.StopSwitch()
        regressor.addListener(switch)
        java = session._jvm.dev.unroll.ml.Backtest(regressor, self.windows._java_obj)
        java.setOrigins(_plain(self.origins)).setStep(_plain(self.step)).setRefit(self.refit)
        call = lambda: BacktestResult(java.run(dataset._jdf))
        return interrupts.Training(session, call, switch, lambda: "nothing was saved, since a backtest has no checkpoints").result()
