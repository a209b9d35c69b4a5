"""Rows, as a program has them, to what a network reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, List, Mapping, Sequence

import numpy as np

from unroll.local.scaling import Standardization
from unroll.local.spec import Category, Numbers, Spec
from unroll.local.text import END, Vocabulary, key, token, tokens


@dataclass(frozen=True)
class Steps:
    """One sequence.

    :param ids: of tokens (T, 1), or of each column of categories (T, K)
    :param numbers: scaled, (T, D), float32; NaN for one that is missing
    :param static_ids: (K')
    :param static_numbers: scaled, (D')
    :param units: of the targets
    """

    ids: np.ndarray
    numbers: np.ndarray
    static_ids: np.ndarray
    static_numbers: np.ndarray
    units: Standardization

    def __len__(self) -> int:
        return len(self.ids)


def rows(data: Any) -> List[Any]:
    """A list of rows: of a frame of pandas a mapping each, by column.

    :raises TypeError: for one text or one mapping, which is one row and no list of them
    """
    if isinstance(data, (str, bytes, Mapping)):
        raise TypeError(f"the data are one {type(data).__name__}; allowed is a list of sequences, also of one, or a frame or series of pandas")
    if hasattr(data, "to_dict") and hasattr(data, "columns"):
        return data.to_dict("records")
    return list(data)


class Encoder:
    """Makes a network's steps of rows.

    :param features: the column of sequences of a row that is a mapping, unless the network reads several columns
    """

    def __init__(self, spec: Spec, features: str):
        self._spec = spec
        self._features = features
        self._inputs = spec.inputs if isinstance(spec.inputs, Numbers) else Numbers(0, False)  # with tokens no numbers
        self._tokenizer = spec.provenance.get("tokenizer", "char")

    def sequence(self, row: Any) -> Steps:
        """A whole sequence; of a language model from the end mark of the text before on.

        :raises ValueError: for a row that the model cannot read
        """
        steps = self._steps(row, False)
        horizon = self._spec.horizon
        if horizon and len(steps) <= horizon:
            raise ValueError(f"the sequence has {len(steps)} steps, and the model predicts the last {horizon}; allowed are more steps")
        return steps

    def step(self, row: Any) -> Steps:
        """One step: a token, a row of numbers (D), or a mapping with one value of each column."""
        return self._steps(row, True)

    def tokens(self, text: str | Sequence[Any]) -> List[str]:
        """The tokens of a text, by the model's tokenizer, or of a list of them.

        :raises ValueError: for anything else
        """
        if isinstance(text, str):
            return tokens(text, self._tokenizer)
        if isinstance(text, bytes) or not hasattr(text, "__iter__"):
            raise ValueError(f"the sequence is {text!r} of type {type(text).__name__}; allowed are a text and a list of tokens")
        return [token(one) for one in text]

    def _steps(self, row: Any, of_one: bool) -> Steps:
        """:param of_one: whether the row has the value of one step, in place of those of all"""
        row = row.asDict() if hasattr(row, "asDict") else row
        inputs, spec = self._spec.inputs, self._spec
        if not isinstance(inputs, Numbers):
            ids = self._token_ids(self._value(row), of_one, inputs.vocabulary)
            return Steps(ids[:, None], np.zeros((len(ids), 0), np.float32), np.zeros(0, np.int64), np.zeros(0, np.float32), spec.scaling.targets)
        if inputs.columns:
            row = self._mapping(row)
            steps = {name: self._values(row, name, of_one) for name in inputs.of_steps}
            self._require_lengths(steps)
            numbers = self._beside([self._numbers(steps[name], name) for name in inputs.names], len(next(iter(steps.values()))))
            ids = self._beside([self._ids(steps[one.column], one) for one in inputs.categories], len(numbers)).astype(np.int64)
        else:
            value = self._value(row)
            numbers = self._rows([value] if of_one else value)
            ids = np.zeros((len(numbers), 0), np.int64)
        static_numbers = np.array([self._numbers([self._column(row, name)], name)[0] for name in inputs.static_names])
        static_ids = [self._ids([self._column(row, one.column)], one)[0] for one in inputs.statics]
        if spec.scaling.by == "window" and spec.task == "regression" and np.isnan(numbers[:, 0]).all():
            name = f"column {inputs.columns[0]}" if inputs.columns else "the first number of a step"
            raise ValueError(f"{name}: no number at any step, to scale the window by; allowed is a number at one step at least")
        own = spec.scaling.of(numbers, self._key(row))
        return Steps(ids, own.inputs.apply(numbers), np.array(static_ids, np.int64), own.statics.apply(static_numbers), own.targets)

    def _token_ids(self, value: Any, of_one: bool, vocabulary: Vocabulary) -> np.ndarray:
        if isinstance(value, str) and self._tokenizer == "none" and not of_one:
            raise ValueError("the model was trained on arrays of tokens, and the sequence is a text; allowed is a list of tokens")
        found = [token(value)] if of_one else self.tokens(value)
        if self._spec.task == "language-model" and not of_one:
            found.insert(0, END)
        if not found:
            raise ValueError("the sequence is empty; allowed is at least 1 step")
        return np.array([vocabulary.id(one) for one in found])

    def _value(self, row: Any) -> Any:
        """The value of the features column where a row is a mapping; otherwise the row itself."""
        if not isinstance(row, Mapping):
            return row
        if self._features not in row:
            raise ValueError(f"the model reads column {self._features}, and there is none; there are {', '.join(map(str, row))}")
        return row[self._features]

    def _mapping(self, row: Any) -> Mapping[str, Any]:
        """A row of several columns; those of the steps may be fields of each step of the features column."""
        columns = self._inputs.columns
        if not isinstance(row, Mapping):
            raise ValueError(f"the model reads columns {', '.join(columns)}; allowed is a mapping of them, or a frame of pandas")
        of_steps = self._inputs.of_steps
        if self._features in row and not any(name in row for name in of_steps):
            return {**row, **{name: [step[name] for step in row[self._features]] for name in of_steps}}
        return row

    def _column(self, row: Mapping[str, Any], name: str) -> Any:
        if name not in row:
            columns, there = ", ".join(self._inputs.columns), ", ".join(map(str, row))
            raise ValueError(f"the model reads columns {columns}, and there is no {name}; there are {there}")
        return row[name]

    def _values(self, row: Mapping[str, Any], name: str, of_one: bool) -> List[Any]:
        """Those of a column, one for each step."""
        value = self._column(row, name)
        if of_one:
            return [value]
        if isinstance(value, str) or not hasattr(value, "__iter__"):
            raise ValueError(f"column {name} is a {type(value).__name__}; allowed is an array or a list, with a value for each step")
        return list(value)

    def _key(self, row: Any) -> List[str]:
        columns = self._spec.scaling.key_columns
        missing = [name for name in columns if not isinstance(row, Mapping) or name not in row]
        if missing:
            sentence = f"the model scales by key, {', '.join(columns)}, and the row has no {missing[0]}"
            raise ValueError(f"{sentence}; allowed is a mapping with it, or the model of ofSeries")
        return [key(row[name]) for name in columns]

    def _require_lengths(self, steps: Mapping[str, List[Any]]) -> None:
        first, *others = steps
        for name in others:
            if len(steps[name]) != len(steps[first]):
                raise ValueError(f"column {name} has {len(steps[name])} steps, and {first} has {len(steps[first])}")
        if not steps[first]:
            raise ValueError(f"column {first} has 0 steps; allowed is at least 1")

    def _beside(self, columns: List[np.ndarray], length: int) -> np.ndarray:
        return np.stack(columns, 1) if columns else np.zeros((length, 0))

    def _rows(self, value: Any) -> np.ndarray:
        """Steps of numbers of one column, (T, D)."""
        width = self._inputs.width
        numbers = self._numbers(value, "the sequence")
        numbers = numbers[:, None] if numbers.ndim == 1 and width == 1 else numbers
        if numbers.ndim != 2 or numbers.shape[1] != width or not len(numbers):
            raise ValueError(f"the sequence is of shape {numbers.shape}; allowed is (T, {width}), T at least 1")
        return numbers

    def _numbers(self, values: Any, name: str) -> np.ndarray:
        """Numbers in float64; NaN for one that is missing, where that may be.

        :raises ValueError: for what is no number that float32 holds
        """
        masked = self._inputs.masked
        allowed = "allowed are finite numbers" + (", and None and NaN for one that is missing" if masked else "")
        try:
            found = np.asarray(values)
            if found.dtype == object:  # None, decimals, or arrays in a list
                found = np.array([[_number(one) for one in step] if hasattr(step, "__len__") else _number(step) for step in values])
        except (TypeError, ValueError):
            found = np.empty(0, object)
        if found.dtype.kind not in "iuf":
            raise ValueError(f"{name} has what is no number, or steps of changing width; {allowed}")
        found = found.astype(np.float64)
        with np.errstate(over="ignore"):
            wrong = ~np.isfinite(found.astype(np.float32)) & ~(np.isnan(found) & masked)
        if wrong.any():
            raise ValueError(f"{name} has {found[wrong][0]}; {allowed}")
        return found

    def _ids(self, values: Sequence[Any], category: Category) -> np.ndarray:
        return np.array([self._id(value, category.vocabulary, category.column) for value in values])

    def _id(self, value: Any, vocabulary: Vocabulary, name: str) -> int:
        if _is_missing(value):
            if not self._inputs.masked:
                raise ValueError(f"column {name} has {value}; allowed are text, booleans and whole numbers")
            return vocabulary.id(None)
        try:
            return vocabulary.id(token(value))
        except ValueError as e:
            raise ValueError(f"column {name}: {e}") from None


def _number(value: Any) -> float:
    """:raises TypeError: for what is no number"""
    if isinstance(value, (str, bool)):
        raise TypeError
    return float("nan") if _is_missing(value) else float(value)


def _is_missing(value: Any) -> bool:
    """Whether it is None, or what pandas has in its place."""
    return value is None or type(value).__name__ in ("NAType", "NaTType") or (isinstance(value, float) and value != value)
