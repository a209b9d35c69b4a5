"""Tokens, their ids, and the classes: what is text outside of a network and a number inside."""

from __future__ import annotations

import datetime
import numbers
import operator
import re
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any, Dict, List, Sequence, Tuple, Union

UNKNOWN = 0
"""The id of all tokens outside a vocabulary."""

END = "\0"
"""The token before and after every document of a language model."""

_WHITE_SPACE = re.compile(r"[ \t\n\x0b\f\r]+")  # that of Java's \s
_MOST_DIGITS = 400  # of a numeric label, beyond any float64
_REAL: Tuple[Any, ...] = (numbers.Real, Decimal)  # no stub says that int takes a Real
_SHORT = 15  # digits that every double keeps


class Vocabulary:
    """Maps tokens to ids 1, 2, ...; id 0 is every other token.

    :raises ValueError: for a token that is there twice
    """

    def __init__(self, tokens: Sequence[str]):
        self.tokens = ("\ufffd", *tokens)
        self._ids: Dict[str | None, int] = {token: i for i, token in enumerate(tokens, 1)}
        if len(self._ids) < len(tokens):
            raise ValueError("the vocabulary has a token twice")

    def __len__(self) -> int:
        return len(self.tokens)

    def id(self, token: str | None) -> int:
        """None is a token that is missing, an unknown one."""
        return self._ids.get(token, UNKNOWN)


class Labels:
    """The classes, in the order of the outputs.

    :param numeric: whether they are numbers, each in its shortest exact text
    :raises ValueError: for a number that is none, or is not finite, and labels that are not ascending
    """

    def __init__(self, numeric: bool, values: Sequence[str]):
        try:
            decimals = [Decimal(value) for value in values] if numeric else []
        except ArithmeticError as e:
            raise ValueError("numeric labels have a text that is no number") from e
        ascending = decimals if numeric else list(values)
        if not all(one.is_finite() and abs(one.adjusted()) <= _MOST_DIGITS for one in decimals) or not all(map(operator.lt, ascending, ascending[1:])):
            raise ValueError("labels are not ascending, each once, or numeric ones are not finite")
        doubles = numeric and all(map(_is_double, values, decimals))
        self.values: Tuple[Union[str, float], ...] = (
            tuple(map(float, values)) if doubles else tuple(format(value, "f") for value in decimals) if numeric else tuple(values)
        )
        """As predictions have them: float64 where all labels are numbers that it holds, otherwise text, of numbers their digits."""

    def __len__(self) -> int:
        return len(self.values)


def _is_double(text: str, value: Decimal) -> bool:
    """Whether a number is one of float64: the decimal with the fewest digits that reads back as it."""
    if len(text) <= _SHORT and "E" not in text:
        return True
    nearest = float(value)
    exact = Decimal(nearest)
    rounded = (Context(prec=digits, rounding=ROUND_HALF_EVEN).plus(exact) for digits in range(1, 19))
    return next((one for one in rounded if float(one) == nearest), exact) == value


def tokens(text: str, tokenizer: str) -> List[str]:
    """The characters of a text (code points), or its words."""
    return list(text) if tokenizer == "char" else [word for word in _WHITE_SPACE.split(text) if word]


def token(value: Any) -> str:
    """The token that a value is: text as it is, true and false, of a whole number its digits.

    :raises ValueError: for anything else
    """
    if isinstance(value, str):
        return str(value)
    if isinstance(value, bool) or type(value).__name__ in ("bool_", "bool"):
        return "true" if value else "false"
    if isinstance(value, numbers.Integral):
        return str(int(value))
    if isinstance(value, _REAL) and value == value and abs(value) != float("inf") and int(value) == value:
        return str(int(value))
    raise ValueError(f"{value!r} of type {type(value).__name__} is no token; allowed are text, booleans and whole numbers")


def key(value: Any) -> str:
    """The text of a value of a key column: as of a token, and of a date.

    :raises ValueError: for anything else
    """
    return value.isoformat() if type(value) is datetime.date else token(value)
