"""How good a model's predictions are on labelled rows."""

import math
from typing import Dict, List, Optional

from pyspark.sql import DataFrame, SparkSession

FIGURES = ("precision", "recall", "f1", "count", "areaUnderROC", "averagePrecision")


class EvaluationResult:
    """Metrics of all rows, of each class and of each group; docs/metrics.md defines them."""

    def __init__(self, java):
        self._java = java

    @property
    def metrics(self) -> Dict[str, float]:
        """Metrics by name; without those that such rows do not have."""
        return dict(self._java.metrics())

    @property
    def counts(self) -> Dict[str, int]:
        """``terms``, labels or numbers of targets, and of numbers ``zeroTargets``, those that are 0."""
        return dict(self._java.counts())

    @property
    def classes(self) -> Dict[str, Dict[str, float]]:
        """Figures of every class by its label, in the order of the labels, without those that it does not have; empty for a regression."""
        return {one.label(): _defined({name: getattr(one, name)() for name in FIGURES}) for one in self._java.classes()}

    @property
    def confusion(self) -> Optional[List[List[float]]]:
        """What terms weigh by label (row) and prediction (column); None for a regression, for sets of labels and for more than 256 classes."""
        matrix = self._java.confusion()
        return [list(row) for row in matrix.get()] if matrix.isPresent() else None

    @property
    def groups(self) -> Optional[DataFrame]:
        """A row for each group, ascending: its values, the counts and the metrics, null where it does not have one; None without ``by``."""
        groups = self._java.groups()
        return DataFrame(groups.get(), SparkSession.builder.getOrCreate()) if groups.isPresent() else None


def _defined(figures: Dict[str, float]) -> Dict[str, float]:
    return {name: value for name, value in figures.items() if not math.isnan(value)}
