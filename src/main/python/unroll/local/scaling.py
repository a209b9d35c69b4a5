"""How numbers of steps and targets are scaled: by statistics of the training part, of each sequence itself, or of its series."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Mapping, Sequence, Tuple

import numpy as np

_CONSTANT = 1e-20  # below this share of the squared mean, variance is rounding


@dataclass(frozen=True)
class Standardization:
    """x becomes (x - mean) / deviation, column by column. Without means numbers stay as they are.

    :param means: (D), float64
    :param deviations: (D), all above 0
    :param in_double: whether numbers are scaled before they are rounded to float32; otherwise they, means and deviations are rounded first
    """

    means: np.ndarray
    deviations: np.ndarray
    in_double: bool = False

    def apply(self, values: np.ndarray) -> np.ndarray:
        """Numbers (..., D) of float64, scaled and in float32."""
        if not len(self.means):
            return values.astype(np.float32)
        if self.in_double:
            return ((values - self.means) / self.deviations).astype(np.float32)
        return (values.astype(np.float32) - self.means.astype(np.float32)) / self.deviations.astype(np.float32)

    def undo(self, values: np.ndarray) -> np.ndarray:
        """Scaled numbers (..., D), or of any width where one column is that of all, in their own units and in float64."""
        return values.astype(np.float64) * self.deviations + self.means if len(self.means) else values.astype(np.float64)

    @property
    def units(self) -> np.ndarray:
        """The deviation of each column, or of all."""
        return self.deviations if len(self.means) else np.ones(1)


NONE = Standardization(np.zeros(0), np.ones(0))


@dataclass(frozen=True)
class Scaling:
    """What is scaled, and by what.

    :param inputs: of the D numbers of a step; none where each sequence has its own
    :param statics: of the numbers of whole sequences
    :param targets: of M numbers, or one for all of them
    :param by: empty, ``window`` or ``key``
    :param unscaled: how many of the last numbers of a step are left as they are, by window and by key
    :param key_columns: of a series
    :param series: means and deviations of each, (D - unscaled), by key
    :param counts: whether targets are counts, which are divided by their mean and never centred
    """

    inputs: Standardization = NONE
    statics: Standardization = NONE
    targets: Standardization = NONE
    by: str = ""
    unscaled: int = 0
    key_columns: Tuple[str, ...] = ()
    series: Mapping[Tuple[str, ...], Tuple[np.ndarray, np.ndarray]] = field(default_factory=dict)
    counts: bool = False

    def of(self, numbers: np.ndarray, key: Sequence[str]) -> Scaling:
        """The scaling of one sequence, which needs no other numbers and no key.

        :param numbers: (T, D), NaN for one that is missing
        :param key: of its series, by key
        :raises ValueError: for a series that the training did not see
        """
        if self.by == "window":
            own = _of_window(numbers, numbers.shape[1] - self.unscaled)
            return self._by(own, max(own.means[0], 1 / len(numbers)))
        if self.by == "key":
            own = self._of_series(tuple(key))
            return self._by(own, own.means[0] if own.means[0] > 0 else 1.0)
        return self

    def _by(self, own: Standardization, level: float) -> Scaling:
        """Targets are scaled as the first number of a step, which is their own past; counts by a level."""
        mean, deviation = (0.0, level) if self.counts else (own.means[0], own.deviations[0])
        return replace(self, inputs=own, targets=Standardization(np.array([mean]), np.array([deviation]), True), by="", series={}, key_columns=())

    def _of_series(self, key: Tuple[str, ...]) -> Standardization:
        if key not in self.series:
            columns = ", ".join(self.key_columns)
            raise ValueError(f"there is no series {', '.join(key)} among the {len(self.series)} by {columns} that the model was trained on")
        means, deviations = self.series[key]
        return Standardization(np.append(means, np.zeros(self.unscaled)), np.append(deviations, np.ones(self.unscaled)), True)


def _of_window(numbers: np.ndarray, scaled: int) -> Standardization:
    """Mean and deviation of each number over the steps that have it; of a constant its size, or 1 where that is 0."""
    width = numbers.shape[1]
    there = ~np.isnan(numbers)
    count = np.maximum(there.sum(0), 1)
    means = np.where(there, numbers, 0).sum(0) / count
    variances = np.where(there, numbers - means, 0) ** 2
    variances = variances.sum(0) / count
    constant = np.where(means == 0, 1.0, np.abs(means))
    deviations = np.where(variances > _CONSTANT * means * means, np.sqrt(variances), constant)
    left = np.arange(width) >= scaled
    return Standardization(np.where(left, 0.0, means), np.where(left, 1.0, deviations), True)
