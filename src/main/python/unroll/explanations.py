"""What predictions come from, by step and column."""

from __future__ import annotations

from typing import Any, Callable, Optional, Union

from pyspark.sql import DataFrame

from unroll.frames import frame, plain

COLUMN = "explanation"


class ExplanationPlot:
    """The first explanations of a DataFrame as coloured text, or of series as a heat map; a notebook shows it.

    Blue speaks for the score, red against it, and the darkest is the largest of its row.
    """

    def __init__(self, html: str):
        self.html = html

    def _repr_html_(self) -> str:
        return self.html


class Explained:
    """What a model does that explains its predictions."""

    _ask: Callable[..., DataFrame]

    def explain(
        self,
        dataset: DataFrame,
        *,
        method: str = "integrated-gradients",
        baseline: str = "zero",
        steps: Optional[int] = None,
        label: Optional[Union[str, float]] = None,
        output: Optional[int] = None,
        target: Optional[int] = None,
    ) -> DataFrame:
        """Adds a column ``explanation``: a struct of ``score``, ``baselineScore``, ``remainder``, ``label``, ``steps`` and ``tokens`` or ``columns``.

        :param method: ``integrated-gradients``, whose attributions add up to ``score - baselineScore - remainder``; or ``gradient-times-input``
        :param baseline: what the score is compared with: ``zero``, which of scaled numbers is their mean, or ``unknown`` tokens and categories
        :param steps: gradients for a row at most; None: 16384
        :param label: the class whose score is explained; None: the predicted one
        :param output: which prediction of a row that has one for every step, from -1 the last ones; None: the sum of all
        :param target: which number of a target; None: the sum of all
        """
        what = {"label": label, "steps": steps, "output": output, "target": target}
        return self._ask("explanations", frame(dataset), method=method, baseline=baseline, **{name: plain(value) for name, value in what.items()})

    def plotExplanations(self, dataset: DataFrame, rows: int = 5, **how: Any) -> ExplanationPlot:
        """Draws the first rows of what ``explain`` gives, or of a dataset that it explains first, as ``how`` says."""
        rows_of = frame(dataset)
        explained = rows_of if COLUMN in rows_of.columns else self.explain(rows_of, **how)
        return ExplanationPlot(self._ask("drawing", explained, column=COLUMN, rows=plain(rows)).collect()[0].html)
