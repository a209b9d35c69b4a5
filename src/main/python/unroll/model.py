"""What every trained model has."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, List, Optional, Sequence, Tuple, Union

from pyspark.ml.wrapper import JavaModel
from pyspark.sql import DataFrame, Row, SparkSession
from pyspark.sql.types import StructType

from unroll._params import RnnModelParams
from unroll.evaluation import EvaluationResult
from unroll.explanations import Explained
from unroll.frames import frame, plain, view_name, with_columns_of
from unroll.picture import Picture
from unroll.stage import Stage
from unroll.streams import Streamed
from unroll.summary import TrainingSummary

if TYPE_CHECKING:
    import pandas as pd


class Model(Explained, Streamed, Stage, JavaModel, RnnModelParams):
    def __init__(self, java_model: Any = None):
        super().__init__(java_model)
        self._answer: Any = None
        self._set_defaults()

    def _transform(self, dataset: DataFrame) -> DataFrame:
        return super()._transform(frame(dataset))

    def predict(self, data: pd.DataFrame) -> pd.DataFrame:
        """Rows of pandas with the columns that ``transform`` adds, under the same index; rows that it leaves out are left out.

        A vector is an array (C); where every step has one, all are an array (T, C).

        :raises RuntimeError: if there is no session of Spark
        """
        return with_columns_of(data, self.transform)

    def _ask(self, question: str, dataset: Optional[DataFrame] = None, **arguments: Any) -> DataFrame:
        """The table that answers one of the questions of Java's ``Question``, in a classic session and through Spark Connect."""
        asking = self.copy({self.question: json.dumps({"ask": question, **arguments})})
        return asking.transform(SparkSession.active().range(0) if dataset is None else dataset)

    @property
    def _about(self) -> Row:
        return self._told()[0]

    def _told(self) -> Tuple[Row, StructType]:
        if self._answer is None:
            table = self._ask("about")
            self._answer = table.collect()[0], table.schema
        return self._answer

    @property
    def summary(self) -> Optional[TrainingSummary]:
        """How the training went; None for a model that was loaded."""
        about, schema = self._told()
        return None if about.training is None else TrainingSummary(about.training, schema["training"].dataType, self._picture)

    @property
    def parameterHash(self) -> str:
        """SHA-256 of the parameters' bytes: equal for equal models."""
        return self._about.parameterHash

    def _picture(self, of: str, dataset: Optional[DataFrame] = None, layer: int = 1, label: Optional[str] = None) -> Picture:
        return Picture(self._ask("picture", dataset, of=of, layer=plain(layer), label=label))

    def plotGradientFlow(self, layer: int = 1) -> Picture:
        """The norm |dL/dh| of a layer, from 1, by lag (from below) and sampled update: how far back in time the training saw."""
        return self._picture("gradientFlow", layer=layer)

    def registerFunction(self, name: str = "rnn_predict") -> None:
        """Makes the prediction a function of SQL in the active session: ``select rnn_predict(name) from names``."""
        self._ask("function", name=name).collect()

    def withLoss(self, dataset: DataFrame, label: Optional[str] = None) -> DataFrame:
        """Adds columns ``loss`` and ``gradientNorm`` of every row; a language model needs no label."""
        return self._ask("loss", frame(dataset), label=label)

    def evaluate(
        self, dataset: DataFrame, labelCol: Optional[str] = None, weightCol: str = "", season: Optional[int] = None, by: Sequence[str] = ()
    ) -> EvaluationResult:
        """Metrics of the predictions for labelled rows, of all and of each group of rows that have the same values in the columns ``by``."""
        view = view_name()
        rows = frame(dataset)
        answer = self._ask("metrics", rows, label=labelCol, weight=weightCol, season=plain(season), by=list(by), view=view)
        return EvaluationResult(answer.collect()[0], rows.sparkSession.table(view) if by else None)


class ClassModel(Model):
    def plotConfusion(self, dataset: DataFrame, labelCol: Optional[str] = None) -> Picture:
        """How often each label (a row) of labelled rows was predicted as each class (a column), as the share of the row."""
        return self._picture("confusion", frame(dataset), label=labelCol)

    @property
    def labels(self) -> List[Union[str, float]]:
        """The classes, in the order of ``probability`` and ``rawPrediction``, as ``prediction`` has them: numbers, or text, also of numbers that doubles do not hold."""
        about = self._about
        return [float(value) if about.labelsAreNumbers else value for value in about.labels]
