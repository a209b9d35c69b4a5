"""Text of a language model, drawn with the random numbers of the Java library, which are functions of (seed, purpose, counter)."""

from __future__ import annotations

import numpy as np

from unroll.local.text import UNKNOWN

_GOLDEN_GAMMA = 0x9E3779B97F4A7C15
_MASK = (1 << 64) - 1
_PURPOSE = 8  # of generated text


def _mix64(z: int) -> int:
    """The finaliser of SplitMix64 (Steele, Lea and Flood 2014)."""
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
    return z ^ (z >> 31)


class Draws:
    """Draws token ids by their probabilities.

    :param temperature: probabilities are raised to 1 / temperature; 0 takes the most probable token
    :param top_k: only the k most probable tokens are drawn from; 0 for all
    """

    def __init__(self, temperature: float, top_k: int, seed: int):
        if not 0 <= temperature < float("inf"):
            raise ValueError(f"temperature is {temperature}; allowed are finite numbers of at least 0")
        if top_k < 0:
            raise ValueError(f"topK is {top_k}; allowed is at least 0")
        self._temperature = temperature
        self._top_k = top_k
        self._key = _mix64((_mix64((seed + _GOLDEN_GAMMA) & _MASK) ^ _PURPOSE) + _GOLDEN_GAMMA & _MASK)

    def uniform(self, counter: int) -> float:
        """In [0, 1), of 53 bits."""
        return (_mix64((self._key + (counter + 1) * _GOLDEN_GAMMA) & _MASK) >> 11) * 2.0**-53

    def id(self, probabilities: np.ndarray, counter: int) -> int:
        """The id of draw number ``counter``; never that of unknown tokens.

        :param probabilities: (V), float32
        """
        ids = np.argsort(-probabilities, kind="stable")  # ties by id
        ids = ids[ids != UNKNOWN]
        if self._temperature == 0:
            return int(ids[0])
        ids = ids[: self._top_k or None]
        weights = probabilities[ids].astype(np.float64) ** (1 / self._temperature)
        total = np.add.accumulate(weights)[-1]
        left = np.subtract.accumulate(np.append(self.uniform(counter) * total, weights))[1:]
        return int(ids[(left < 0).argmax()] if (left < 0).any() else ids[-1])
