"""How a training went."""

from __future__ import annotations

from typing import Any, Callable, Dict, List, Optional

from pyspark.sql import DataFrame, Row, SparkSession
from pyspark.sql.types import DataType

from unroll.picture import Picture


class TrainingSummary:
    """How a training went."""

    def __init__(self, training: Row, schema: DataType, picture: Callable[[str], Picture]):
        self._training = training
        self._schema: Any = schema
        self._picture = picture

    @property
    def objectiveHistory(self) -> List[float]:
        """The mean loss of every update's batch, before the update."""
        return [update.loss for update in self._training.history]

    @property
    def totalIterations(self) -> int:
        """Updates that were made."""
        return self._training.totalIterations

    @property
    def stopReason(self) -> str:
        """Why it ended."""
        return self._training.stopReason

    @property
    def missingTargets(self) -> int:
        """Steps without a label or target in rows that have others, those to validate on included."""
        return self._training.missingTargets

    @property
    def engine(self) -> str:
        """Where its updates were computed: local (in the driver) or spark."""
        return self._training.engine

    @property
    def kernel(self) -> str:
        """Which kernel ran, and where some executors lack the Vector API, on how many."""
        return self._training.kernel

    @property
    def stillFalling(self) -> Optional[str]:
        """What to do where a limit ended the training while the loss was still falling fast; None where it was not."""
        return self._training.stillFalling

    @property
    def validation(self) -> Dict[str, float]:
        """Metrics of the model on the rows held out; empty without such."""
        return dict(self._training.validation)  # pairs of name and value

    @property
    def iterationMs(self) -> Optional[float]:
        """The median ms of an update; None where there was none."""
        return self._training.iterationMs

    @property
    def predictedIterationMs(self) -> Optional[float]:
        """What was predicted for it before."""
        return self._training.predictedIterationMs

    def history(self) -> DataFrame:
        """A row for each update: loss, norm of the gradient, step size, and the ms of its phases."""
        return self._table("history")

    def gradientFlow(self) -> DataFrame:
        """A row for each sampled iteration, layer and lag: the norm |dL/dh| there. The rows of a heat map."""
        return self._table("gradientFlow")

    def plot(self, what: str = "loss") -> Picture:
        """The loss of each update and of each validation; or ``phaseTimes``, the ms of an update by phase."""
        return self._picture(what)

    def _table(self, name: str) -> DataFrame:
        return SparkSession.active().createDataFrame(self._training[name], self._schema[name].dataType.elementType)
