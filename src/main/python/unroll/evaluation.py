"""How good a model's predictions are on labelled rows."""

import math
from typing import Dict, List, Optional

from pyspark.sql import DataFrame, Row


class EvaluationResult:
    """Metrics of all rows, of each class and of each group; docs/metrics.md defines them."""

    def __init__(self, totals: Row, groups: Optional[DataFrame]):
        self._totals = totals
        self._groups = groups

    @property
    def metrics(self) -> Dict[str, float]:
        """Metrics by name; without those that such rows do not have."""
        return dict(self._totals.metrics)  # pairs of name and value

    @property
    def counts(self) -> Dict[str, int]:
        """``terms``, labels or numbers of targets, and of numbers ``zeroTargets``, those that are 0."""
        return dict(self._totals.counts)

    @property
    def classes(self) -> Dict[str, Dict[str, float]]:
        """Figures of every class by its label, in the order of the labels, without those that it does not have; empty for a regression."""
        figures = {one.label: one.asDict() for one in self._totals.classes}
        return {label: {name: value for name, value in one.items() if name != "label" and not math.isnan(value)} for label, one in figures.items()}

    @property
    def confusion(self) -> Optional[List[List[float]]]:
        """What terms weigh by label (row) and prediction (column); None for a regression, for sets of labels and for more than 256 classes."""
        return self._totals.confusion

    @property
    def groups(self) -> Optional[DataFrame]:
        """A row for each group, ascending: its values, the counts and the metrics, null where it does not have one; None without ``by``."""
        return self._groups
