"""How a regression would have forecast the past."""

from __future__ import annotations

from typing import Any, List

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.utils import is_remote

from unroll import interrupts
from unroll.frames import frame, plain
from unroll.stages import RnnRegressor, RnnRegressorModel, SlidingWindows


class BacktestResult:
    """What came of a backtest: forecasts beside what was to be forecast, and their errors."""

    def __init__(self, java: Any):
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
        session: Any = SparkSession.active()
        columns = session._sc._gateway.new_array(session._jvm.java.lang.String, len(by))
        for i, column in enumerate(by):
            columns[i] = column
        return self._frame(self._java.errors(columns))

    def leftOut(self) -> DataFrame:
        """The series without a forecast at an origin, with the reason."""
        return self._frame(self._java.leftOut())

    @staticmethod
    def _frame(java: Any) -> DataFrame:
        return DataFrame(java, SparkSession.active())


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
        """Trains at the origins, on a row per time and series.

        :raises RuntimeError: through Spark Connect, which knows estimators and transformers alone
        """
        if is_remote():
            raise RuntimeError("a backtest needs a classic session of Spark; Spark Connect has none")
        rows = frame(dataset)
        session: Any = rows.sparkSession
        self.estimator._transfer_params_to_java()
        self.windows._transfer_params_to_java()
        regressor = self.estimator._java_obj.copy(self.estimator._empty_java_param_map())
        switch = session._jvm.dev.unroll.train.StopSwitch()
        regressor.addListener(switch)
        java = session._jvm.dev.unroll.ml.Backtest(regressor, self.windows._java_obj)
        java.setOrigins(plain(self.origins)).setStep(plain(self.step)).setRefit(self.refit)
        call = lambda: BacktestResult(java.run(rows._jdf))
        return interrupts.Training(session, call, switch, lambda: "nothing was saved, since a backtest has no checkpoints").result()
