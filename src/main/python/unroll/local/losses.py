"""Losses by their names in files, and how each one's outputs become predictions."""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass
from typing import Tuple

import numpy as np

from unroll.local.scaling import Standardization


class Link(enum.Enum):
    """How outputs become predictions."""

    SOFTMAX = "the probability of each class"
    SEQUENCE = "the most probable sequence of classes, and the probability of each class at each step"
    SIGMOID = "the probability of the second of two classes"
    SIGMOIDS = "the probability of each label, whichever others there are"
    IDENTITY = "a number each"
    QUANTILES = "quantiles, in ascending order"
    DISTRIBUTION = "the parameters of a distribution"


class Form(enum.Enum):
    """How an output o becomes a parameter of a distribution, in the units of the targets."""

    IN_UNITS = "o, as the targets are scaled"
    POSITIVE_IN_UNITS = "e^o of a deviation or a level"
    POSITIVE = "e^o"
    ABOVE_TWO = "2 + e^o"


@dataclass(frozen=True)
class Loss:
    """A loss as its predictions need it.

    :param key: its name in files
    :param tasks: that have it
    :param outputs: K, of each number of a target
    :param point: which of them is the prediction
    :param forms: of the parameters of a distribution, the mean first
    :param counts: whether targets are counts, never centred
    """

    key: str
    link: Link
    tasks: Tuple[str, ...] = ("regression",)
    outputs: int = 1
    point: int = 0
    forms: Tuple[Form, ...] = ()
    counts: bool = False

    @property
    def classes(self) -> bool:
        """Whether outputs are scores of classes or labels; otherwise they are of numbers."""
        return self.link in (Link.SOFTMAX, Link.SEQUENCE, Link.SIGMOID, Link.SIGMOIDS)

    def labels(self, outputs: int) -> int:
        """How many labels so many outputs are of."""
        return 2 if self.link is Link.SIGMOID else outputs

    def read(self, outputs: np.ndarray, units: Standardization) -> np.ndarray:
        """What outputs say of numbers, in the units of the targets.

        :param outputs: (..., M K), of the first number all K, then of the second, ...
        :return: (..., M, K), float64
        """
        rows = outputs.reshape(*outputs.shape[:-1], -1, self.outputs)
        of_outputs = np.stack([units.undo(rows[..., k]) for k in range(self.outputs)], -1)
        if self.link is Link.DISTRIBUTION:
            return np.stack([self._parameter(form, rows[..., k], of_outputs[..., k], units) for k, form in enumerate(self.forms)], -1)
        return np.sort(of_outputs, -1) if self.link is Link.QUANTILES else of_outputs

    @staticmethod
    def _parameter(form: Form, outputs: np.ndarray, undone: np.ndarray, units: Standardization) -> np.ndarray:
        if form is Form.IN_UNITS:
            return undone
        with np.errstate(over="ignore"):
            positive = np.exp(outputs.astype(np.float64))
        if form is Form.POSITIVE_IN_UNITS:
            return units.units * positive
        return positive + 2 if form is Form.ABOVE_TWO else positive


def _likelihood(key: str, *forms: Form, counts: bool = False) -> Loss:
    return Loss(key, Link.DISTRIBUTION, outputs=len(forms), forms=forms, counts=counts)


_ALL = {
    loss.key: loss
    for loss in (
        Loss("cross-entropy", Link.SOFTMAX, ("classification", "tagging", "language-model")),
        Loss("binary", Link.SIGMOID, ("classification", "tagging")),
        Loss("multi-label", Link.SIGMOIDS, ("classification", "tagging")),
        Loss("crf", Link.SEQUENCE, ("tagging",)),
        Loss("squared-error", Link.IDENTITY),
        Loss("absolute", Link.IDENTITY),
        Loss("huber", Link.IDENTITY),
        _likelihood("gaussian", Form.IN_UNITS, Form.POSITIVE_IN_UNITS),
        _likelihood("student-t", Form.IN_UNITS, Form.POSITIVE_IN_UNITS, Form.ABOVE_TWO),
        _likelihood("poisson", Form.POSITIVE_IN_UNITS, counts=True),
        _likelihood("negative-binomial", Form.POSITIVE_IN_UNITS, Form.POSITIVE, counts=True),
    )
}
_QUANTILE = re.compile(r"quantile:(0?\.[0-9]{1,15}(?:,0?\.[0-9]{1,15})*)")


def named(key: str) -> Loss:
    """The loss of a name in a file.

    :raises ValueError: for one that this reader does not know
    """
    quantile = _QUANTILE.fullmatch(key)
    if quantile:
        levels = [float(level) for level in quantile[1].split(",")]
        if not all(low < high for low, high in zip([0.0, *levels], levels)):
            raise ValueError(f"loss is {key}; allowed are levels above 0, each above the one before")
        median = min(range(len(levels)), key=lambda k: abs(levels[k] - 0.5))
        return Loss(key, Link.QUANTILES, outputs=len(levels), point=median)
    if key not in _ALL:
        raise ValueError(f"loss is {key}; known are {', '.join(_ALL)} and quantile:LEVELS")
    return _ALL[key]
