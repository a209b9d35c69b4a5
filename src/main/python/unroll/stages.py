"""The stages: thin wrappers of the Java ones."""

from __future__ import annotations

import contextlib
from typing import Any, Dict, Iterator, List, Sequence, Tuple, Type, Union

from pyspark.ml.param import Param
from pyspark.sql import DataFrame
from pyspark.sql.utils import is_remote

from unroll import bar, interrupts
from unroll._params import RnnParams, SequenceAssemblerParams, SlidingWindowsParams
from unroll.frames import frame
from unroll.keyed import KeyedModels
from unroll.model import ClassModel, Model
from unroll.several import SeveralFits
from unroll.stage import Estimator, Transformer


class _Estimator(Estimator, RnnParams):
    modelClass: Type[Model]
    """The class of what ``fit`` returns; a subclass of an estimator may name a subclass of it."""

    def _create_model(self, java_model: Any) -> Model:
        model = self.modelClass(java_model)
        if is_remote():
            # Now: a server may put the model on its disk, and then it no longer knows how the training went. What fails is asked again.
            with contextlib.suppress(Exception):
                model._told()
        return model

    def _fit_java(self, dataset: DataFrame) -> Any:
        session: Any = dataset.sparkSession
        self._transfer_params_to_java()
        java = self._java_obj.copy(self._empty_java_param_map())
        switch = session._jvm.dev.unroll.train.StopSwitch()
        java.addListener(switch)
        with bar.over(session, java, type(self).__name__):
            return interrupts.Training(session, lambda: java.fit(dataset._jdf), switch, lambda: self._saved(session)).result()

    def _saved(self, session: Any) -> str:
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

    def fitMultiple(self, dataset: DataFrame, paramMaps: Sequence[Dict[Param[Any], Any]]) -> Iterator[Tuple[int, Model]]:
        """Fits with each of several settings, as ``CrossValidator`` asks for it: where they are at least half as many as the cores, they are trained
        at the same time, each in one task with the bits of ``fit``, and the rows are read once."""
        if is_remote():
            return super().fitMultiple(dataset, paramMaps)
        return SeveralFits(self, frame(dataset), paramMaps)

    def fitByKey(self, dataset: DataFrame, *keys: str) -> KeyedModels:
        """Trains a model of its own for every key, the values of some columns: each in one task, with the bits of ``fit`` on its rows alone."""
        return KeyedModels._trained(self, frame(dataset), keys)


class RnnClassifierModel(ClassModel):
    """A trained classifier: adds the most probable label and the probability of every one."""

    _java_class = "dev.unroll.ml.RnnClassifierModel"


class RnnClassifier(_Estimator):
    """Classifies sequences: a softmax over the labels on the last state."""

    _java_class = "dev.unroll.ml.RnnClassifier"
    modelClass = RnnClassifierModel


class RnnTaggerModel(ClassModel):
    """A trained tagger: adds a label and probabilities for every step."""

    _java_class = "dev.unroll.ml.RnnTaggerModel"


class RnnTagger(_Estimator):
    """Labels every step of a sequence."""

    _java_class = "dev.unroll.ml.RnnTagger"
    modelClass = RnnTaggerModel


class RnnRegressorModel(Model):
    """A trained regressor: adds the predicted numbers, with ``loss="quantile:..."`` the quantiles, and with
    ``"gaussian"``, ``"student-t"``, ``"poisson"`` or ``"negative-binomial"`` the parameters of the distribution and its
    quantiles."""

    _java_class = "dev.unroll.ml.RnnRegressorModel"


class RnnRegressor(_Estimator):
    """Predicts numbers from a sequence, at its end or at every step."""

    _java_class = "dev.unroll.ml.RnnRegressor"
    modelClass = RnnRegressorModel


class RnnLanguageModelModel(Model):
    """A trained language model: writes text."""

    _java_class = "dev.unroll.ml.RnnLanguageModelModel"

    def generate(self, prompt: Union[str, Sequence[str]] = (), length: int = 100, temperature: float = 1.0, topK: int = 0, seed: int = 1) -> List[str]:
        """Tokens that continue the prompt, until the end mark or ``length`` tokens are there.

        :param prompt: text, which the model's tokenizer cuts into characters or words; or a list of tokens
        """
        given = {"text": prompt} if isinstance(prompt, str) else {"tokens": list(prompt)}
        written = self._ask("text", length=length, temperature=float(temperature), topK=topK, seed=seed, **given)
        return [row.token for row in written.collect()]


class RnnLanguageModel(_Estimator):
    """Predicts the next token of a text."""

    _java_class = "dev.unroll.ml.RnnLanguageModel"
    modelClass = RnnLanguageModelModel


class SequenceAssembler(Transformer, SequenceAssemblerParams):
    """A table of events, one a row, to sequences, one a row."""

    _java_class = "dev.unroll.ml.SequenceAssembler"


class SlidingWindows(Transformer, SlidingWindowsParams):
    """Time series to windows with what follows them as label."""

    _java_class = "dev.unroll.ml.SlidingWindows"
