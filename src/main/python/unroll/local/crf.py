"""A linear-chain conditional random field over the outputs of one sequence, in float64."""

from __future__ import annotations

import numpy as np


def decode(outputs: np.ndarray, start: np.ndarray, end: np.ndarray, transitions: np.ndarray) -> np.ndarray:
    """The most probable sequence of classes (Viterbi 1967); of equal ones, going back from the end, that of the first class.

    :param outputs: (T, C)
    :param transitions: (C, C), from row to column
    :return: (T)
    """
    scores = start + outputs[0].astype(np.float64)
    before = np.zeros(outputs.shape, np.int64)
    for t in range(1, len(outputs)):
        from_to = scores[:, None] + transitions
        before[t] = from_to.argmax(0)
        scores = from_to.max(0) + outputs[t]
    best = np.empty(len(outputs), np.int64)
    best[-1] = (scores + end).argmax()
    for t in range(len(outputs) - 1, 0, -1):
        best[t - 1] = before[t, best[t]]
    return best


def marginals(outputs: np.ndarray, start: np.ndarray, end: np.ndarray, transitions: np.ndarray) -> np.ndarray:
    """The probability of each class at each step, (T, C): forward and backward sums, scaled at each step (Rabiner 1989, section V.A)."""
    shares = np.exp(outputs.astype(np.float64) - outputs.max(1, keepdims=True))
    start, end, pairs = (np.exp(scores.astype(np.float64) - scores.max()) for scores in (start, end, transitions))
    alpha = np.empty(shares.shape)
    for t, share in enumerate(shares):
        alpha[t] = share * (alpha[t - 1] @ pairs if t else start)
        alpha[t] /= alpha[t].sum()
    beta, found = end, np.empty(shares.shape)
    for t in range(len(shares) - 1, -1, -1):
        found[t] = alpha[t] * beta
        found[t] /= found[t].sum()
        beta = pairs @ (shares[t] * beta)
        beta = beta / beta.max()
    return found
