"""The equations of the cells, for one step of many sequences; gates are in PyTorch's order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable, Dict, Tuple

import numpy as np

Arrays = Tuple[np.ndarray, ...]


def sigmoid(x: np.ndarray) -> np.ndarray:
    """1 / (1 + e^-x), which does not overflow, wherever x is."""
    return np.float32(0.5) * np.tanh(np.float32(0.5) * x) + np.float32(0.5)


def _elman(f: Callable[[np.ndarray], np.ndarray]) -> Callable[..., Arrays]:
    """h_t = f(a_t)"""
    return lambda x, recurrent, h: (f(x + recurrent),)


def _lstm(x: np.ndarray, recurrent: np.ndarray, h: np.ndarray, c: np.ndarray) -> Arrays:
    """c_t = f c_{t-1} + i g, h_t = o tanh(c_t), with gates i, f, g, o"""
    i, f, g, o = np.split(x + recurrent, 4, 1)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(c), c


def _gru(x: np.ndarray, recurrent: np.ndarray, h: np.ndarray) -> Arrays:
    """n = tanh(a_nx + r a_nh), h_t = n + z (h_{t-1} - n), with gates r, z, n"""
    (r, z, n), (r_h, z_h, n_h) = np.split(x, 3, 1), np.split(recurrent, 3, 1)
    n = np.tanh(n + sigmoid(r + r_h) * n_h)
    return (n + sigmoid(z + z_h) * (h - n),)


def _mingru(x: np.ndarray, recurrent: None, h: np.ndarray) -> Arrays:
    """h_t = h_{t-1} + z (n - h_{t-1}), with gates z, n of the input alone"""
    z, n = np.split(x, 2, 1)
    return (h + sigmoid(z) * (n - h),)


@dataclass(frozen=True)
class Cell:
    """A cell.

    :param gates: of the product with inputs
    :param recurrent_gates: of the product with the states before, or 0
    :param arrays: of the state, of which h is the first
    :param step: takes W_ih x + b_ih (B, gates H), W_hh h + b_hh (B, recurrent gates H) or None, and the state, arrays (B, H); gives the next one,
        of which h is still to be projected where the network does that
    """

    gates: int
    recurrent_gates: int
    arrays: int
    step: Callable[..., Arrays]


_OF_TANH: Dict[str, Cell] = {
    "elman": Cell(1, 1, 1, _elman(np.tanh)),
    "lstm": Cell(4, 4, 2, _lstm),
    "gru": Cell(3, 3, 1, _gru),
    "mingru": Cell(2, 0, 1, _mingru),
}
_RELU = Cell(1, 1, 1, _elman(lambda a: np.maximum(a, np.float32(0))))


def named(cell: str, activation: str) -> Cell:
    """The cell of a name.

    :param activation: f of Elman's cell, tanh or relu; tanh for every other
    :raises ValueError: for one that this reader does not know
    """
    if cell not in _OF_TANH:
        raise ValueError(f"cell is {cell}; known are {', '.join(_OF_TANH)}")
    if activation not in ("tanh", "relu") or (activation == "relu" and cell != "elman"):
        raise ValueError(f"activation is {activation}, and cell is {cell}; known are tanh, and relu of cell elman")
    return _RELU if activation == "relu" else _OF_TANH[cell]
