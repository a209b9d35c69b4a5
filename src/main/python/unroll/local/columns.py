"""The columns that ``transform`` adds, of predictions that are made without Spark."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Callable, List, Mapping

import numpy as np

from unroll.local.losses import Link
from unroll.local.model import Prediction
from unroll.local.spec import Spec


@dataclass(frozen=True)
class Column:
    """One of them.

    :param depth: of lists or of axes in a cell: 0 for a single value
    :param text: whether the values are texts; otherwise they are numbers
    :param of: its cell
    """

    name: str
    depth: int
    text: bool
    of: Callable[[Prediction], Any]


def added(spec: Spec, params: Mapping[str, Any]) -> List[Column]:
    """The columns, in their order; one whose Param is empty is not added, and quantiles of a distribution only Java has.

    A language model, to which ``transform`` adds nothing, has the most probable next token in ``prediction``.

    :param params: of the stage, by name
    """
    steps = 1 if spec.every_step and spec.task != "language-model" else 0
    found: List[Column] = []

    def add(param: str, depth: int, of: Callable[[Prediction], Any], text: bool = False) -> None:
        name = params.get(f"{param}Col", param)
        if name:
            found.append(Column(name, depth + steps, text, of))

    if spec.task == "language-model":
        add("prediction", 0, lambda one: one.prediction[-1], text=True)
    elif spec.loss.classes:
        labels = spec.labels.values if spec.labels else ()
        choose = _chosen(labels, spec.loss.link is Link.SIGMOIDS, params.get("thresholds"))
        add("prediction", int(spec.loss.link is Link.SIGMOIDS), choose, text=isinstance(labels[0], str))
        add("probability", 1, lambda one: one.of_classes().astype(float))
        add("rawPrediction", 1, _margins if len(labels) == 2 and spec.loss.link is not Link.SIGMOIDS else lambda one: _there(one.raw))
    else:
        add("prediction", int(spec.outputs > spec.loss.outputs), lambda one: one.prediction)
        if spec.loss.link is Link.QUANTILES:
            add("quantiles", 1, lambda one: _beside(_there(one.quantiles)))
        if spec.loss.link is Link.DISTRIBUTION:
            add("distribution", 1, lambda one: _beside(_there(one.distribution)))
    return found


def _there(values: np.ndarray | None) -> np.ndarray:
    """In float64 what a prediction has by the model's loss."""
    assert values is not None
    return values.astype(float)


def _margins(one: Prediction) -> np.ndarray:
    """Outputs of two classes less their mean."""
    raw = _there(one.raw)
    return raw - raw.mean(-1, keepdims=True)


def _beside(values: np.ndarray) -> np.ndarray:
    """Those of all numbers of a target, one after the other."""
    return values.reshape(*values.shape[:-2], -1)


def _chosen(labels: Any, sets: bool, thresholds: Any) -> Callable[[Prediction], Any]:
    """What is predicted: the most probable label, or by thresholds the one whose probability is the largest multiple of its own."""
    if not thresholds:
        return lambda one: one.prediction
    limits = np.array(thresholds, float)

    def choose(probabilities: np.ndarray) -> Any:
        if probabilities.ndim > 1:
            return [choose(step) for step in probabilities]
        if sets:
            return [label for label, p, limit in zip(labels, probabilities, limits) if p > limit]
        multiples = np.divide(probabilities, limits, out=np.full(len(limits), np.inf), where=limits > 0)
        return labels[int(multiples.argmax())]

    return lambda one: choose(one.of_classes().astype(float))
