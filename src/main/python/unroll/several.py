"""Fits of several settings on the same rows."""

from __future__ import annotations

import threading
from typing import Any, Dict, Iterator, List, Optional, Sequence, Tuple

from pyspark.ml.param import Param
from pyspark.ml.wrapper import JavaEstimator
from pyspark.sql import DataFrame

from unroll import interrupts


class SeveralFits(Iterator[Tuple[int, Any]]):
    """The number and the model of each setting: what ``fitMultiple`` gives, of which ``CrossValidator`` asks from several threads.

    The first to ask has all of them trained at the same time, where Java's ``SeveralFits`` can do that. What it leaves is fitted by itself.
    """

    def __init__(self, estimator: JavaEstimator[Any], dataset: DataFrame, settings: Sequence[Dict[Param[Any], Any]]):
        self._estimator = estimator.copy()
        self._dataset = dataset
        self._settings = list(settings)
        self._numbers = iter(range(len(self._settings)))
        self._turn = threading.Lock()
        self._estimators: List[JavaEstimator[Any]] = []  # one for each setting; none where a setting is wrong
        self._java: Any = None  # Java's SeveralFits
        self._error: Optional[BaseException] = None

    def __next__(self) -> Tuple[int, Any]:
        with self._turn:
            number = next(self._numbers)
            if self._java is None and self._error is None:
                try:
                    self._train()
                except BaseException as e:  # which is that of all of them
                    self._error = e
            if self._error is not None:
                raise self._error
        return number, self._model(number)

    def _train(self) -> None:
        session: Any = self._dataset.sparkSession
        java = session._jvm.java.util.ArrayList()
        try:
            for setting in self._settings:
                estimator = self._estimator.copy(setting)
                estimator._transfer_params_to_java()
                java.add(estimator._java_obj)
                self._estimators.append(estimator)
        except Exception:  # the fit that it is wrong for says so
            java.clear()
        call = lambda: session._jvm.dev.unroll.ml.RnnEstimator.fits(self._dataset._jdf, java)
        saved = lambda: "nothing was saved, since trainings at the same time have no checkpoints"
        self._java = interrupts.Training(session, call, None, saved, "the trainings were stopped").result()

    def _model(self, number: int) -> Any:
        try:
            found = self._java.model(number)
        except Exception as e:
            raise interrupts.translated(e) from None
        if found.isEmpty():
            return self._estimator.fit(self._dataset, self._settings[number])
        estimator = self._estimators[number]
        return estimator._copyValues(estimator._create_model(found.get()))
