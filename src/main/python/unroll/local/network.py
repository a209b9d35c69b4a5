"""The network forward, over packed batches: sequences by descending length, step by step, without padding."""

from __future__ import annotations

from typing import Dict, List, NamedTuple, Sequence, Tuple

import numpy as np

from unroll.local import cells
from unroll.local.rows import Steps
from unroll.local.spec import Category, Numbers, Spec

State = Tuple[cells.Arrays, ...]
"""Of each layer the arrays of its cell, h, (B, H) or projected (B, P), and perhaps c, (B, H)."""


class _Packed(NamedTuple):
    """Where the steps of a batch are.

    :param place: of a packed row among the steps of all sequences, one sequence after another, (N)
    :param sequence: of each packed row, (N)
    :param spans: the packed rows of each step, (T); the sequences that have the step are the first ones
    :param lengths: (B), descending
    """

    place: np.ndarray
    sequence: np.ndarray
    spans: List[slice]
    lengths: np.ndarray


def _pack(lengths: np.ndarray) -> _Packed:
    starts = np.cumsum(lengths) - lengths
    active = [int((lengths > t).sum()) for t in range(lengths[0])]
    ends = np.cumsum(active)
    spans = [slice(int(end - count), int(end)) for end, count in zip(ends, active)]
    place = np.concatenate([starts[:count] + t for t, count in enumerate(active)])
    return _Packed(place, np.concatenate([np.arange(count) for count in active]), spans, lengths)


class Network:
    """A network with its parameters, which are float32, as all of its arithmetic.

    :param tensors: by the names of ``spec.layout()``
    """

    def __init__(self, spec: Spec, tensors: Dict[str, np.ndarray]):
        self._spec = spec
        self._tensors = tensors
        self._cell = cells.named(spec.cell, spec.activation)
        head = tensors["embedding.weight" if spec.tied else "head.weight"]
        self._head_statics, self._head = np.split(head.T, [spec.inputs.static_size])

    def start(self) -> State:
        """The state before the first step of one sequence: zero."""
        return tuple(self._zeros(1) for _ in range(self._spec.num_layers))

    def forward(self, batch: Sequence[Steps], state: State | None = None) -> Tuple[List[np.ndarray], State]:
        """The outputs of each sequence, (1, C), or (T, C) of a head that reads every step, and the states after the last steps.

        :param batch: by descending length
        :param state: before the first steps; None for zero. Of a network that reads forward
        """
        spec = self._spec
        packed = _pack(np.array([len(steps) for steps in batch]))
        rows = self._rows(batch, packed)
        statics = self._statics(batch)
        last: List[cells.Arrays] = []
        for layer in range(spec.num_layers):
            directions = ("", "_reverse")[: spec.directions]
            runs = [self._layer(f"l{layer}{one}", rows, statics if layer == 0 else None, packed, None if state is None else state[layer]) for one in directions]
            rows = np.concatenate([states for states, _ in runs], 1) if len(runs) > 1 else runs[0][0]
            last.append(runs[0][1])
        if spec.every_step or spec.pooling != "last":
            by_sequence = np.empty_like(rows)
            by_sequence[packed.place] = rows
            of_sequences = np.split(by_sequence, np.cumsum(packed.lengths)[:-1])
            read = of_sequences if spec.every_step else [self._pool(one) for one in of_sequences]
        else:
            read = np.split(np.concatenate([arrays[0] for _, arrays in runs], 1), len(batch))
        counts = [len(one) for one in read]
        outputs = np.concatenate(read) @ self._head + self._tensors["head.bias"]
        if statics is not None:
            outputs += np.repeat(statics @ self._head_statics, counts, 0)
        return np.split(outputs, np.cumsum(counts)[:-1]), tuple(last)

    def _layer(
        self, suffix: str, rows: np.ndarray, statics: np.ndarray | None, packed: _Packed, state: cells.Arrays | None
    ) -> Tuple[np.ndarray, cells.Arrays]:
        """The states of each packed row, (N, H) or projected (N, P), and the arrays of the state after the last step that is read of each sequence, (B, H)."""
        tensors, cell = self._tensors, self._cell
        weight = tensors[f"rnn.weight_ih_{suffix}"].T
        bias = tensors[f"rnn.bias_ih_{suffix}"]
        if rows.ndim == 1:  # ids that are one-hot
            x = weight[rows] + bias
        elif statics is None:
            x = rows @ weight + bias
        else:
            split = statics.shape[1]
            x = rows @ weight[split:] + bias + (statics @ weight[:split])[packed.sequence]
        current = self._zeros(len(packed.lengths)) if state is None else tuple(array.copy() for array in state)
        states = np.empty((len(x), self._spec.direction_size), np.float32)
        projection = tensors[f"rnn.weight_hr_{suffix}"].T if self._spec.proj_size else None
        recurrent = tensors[f"rnn.weight_hh_{suffix}"].T if cell.recurrent_gates else None
        for span in reversed(packed.spans) if suffix.endswith("_reverse") else packed.spans:
            before = tuple(array[: span.stop - span.start] for array in current)
            product = None if recurrent is None else before[0] @ recurrent + tensors[f"rnn.bias_hh_{suffix}"]
            h, *others = cell.step(x[span], product, *before)
            for array, value in zip(before, (h if projection is None else h @ projection, *others)):
                array[:] = value
            states[span] = before[0]
        return states, current

    def _pool(self, states: np.ndarray) -> np.ndarray:
        """What represents a sequence, (1, D H), of its states (T, D H)."""
        if self._spec.pooling == "mean":
            return states.mean(0, keepdims=True)
        if self._spec.pooling == "max":
            return states.max(0, keepdims=True)
        scores = states @ self._tensors["pooling.query"] / np.float32(np.sqrt(states.shape[1]))
        weights = np.exp(scores - scores.max())
        return (weights @ states / weights.sum())[None]

    def _rows(self, batch: Sequence[Steps], packed: _Packed) -> np.ndarray:
        """What the first layer reads of each packed row: (N, I), or ids (N) that are one-hot."""
        inputs = self._spec.inputs
        ids = np.concatenate([steps.ids for steps in batch])[packed.place]
        if not isinstance(inputs, Numbers):
            ids = ids[:, 0]
            return self._tensors["embedding.weight"][ids] if inputs.width else ids
        numbers = np.concatenate([steps.numbers for steps in batch])[packed.place]
        return self._beside("embeddings", inputs.categories, ids, numbers, inputs.masked)

    def _statics(self, batch: Sequence[Steps]) -> np.ndarray | None:
        """(B, S); None where there are none."""
        inputs = self._spec.inputs
        if not isinstance(inputs, Numbers) or not inputs.static_size:
            return None
        ids, numbers = np.stack([steps.static_ids for steps in batch]), np.stack([steps.static_numbers for steps in batch])
        return self._beside("static_embeddings", inputs.statics, ids, numbers, inputs.masked)

    def _beside(self, member: str, categories: Sequence[Category], ids: np.ndarray, numbers: np.ndarray, masked: bool) -> np.ndarray:
        """[embeddings | numbers | indicators]; a number that is missing is 0, its indicator 1."""
        parts = [self._tensors[f"{member}.{one.column}.weight"][ids[:, k]] for k, one in enumerate(categories)]
        if masked:
            missing = np.isnan(numbers)
            parts += [np.where(missing, np.float32(0), numbers), missing.astype(np.float32)]
        else:
            parts.append(numbers)
        return np.concatenate(parts, 1)

    def _zeros(self, sequences: int) -> cells.Arrays:
        widths = (self._spec.direction_size, self._spec.hidden_size)[: self._cell.arrays]
        return tuple(np.zeros((sequences, width), np.float32) for width in widths)
