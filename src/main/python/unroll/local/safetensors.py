"""Tensors of a safetensors file.

    8 bytes    n, little-endian
    n bytes    JSON: {"__metadata__": {"key": "text"}, "name": {"dtype": "F32", "shape": [4, 3], "data_offsets": [begin, end]}, ...}
    the rest   the tensors, row-major, little-endian, at [begin, end) of the rest, without a gap
"""

from __future__ import annotations

from math import prod
from typing import Any, Dict, List, NamedTuple, Tuple

import numpy as np

from unroll.local.files import Fields, FormatError, parse

_HEADER = 8
_MOST_HEADER = 100_000_000  # the limit of the reference implementation
_METADATA = "__metadata__"


class _Tensor(NamedTuple):
    """As the header has it; ``begin`` and ``end`` are bytes of the data."""

    name: str
    shape: Tuple[int, ...]
    begin: int
    end: int


def read(content: bytes, file: str) -> Tuple[Dict[str, np.ndarray], Dict[str, str]]:
    """The tensors by name, read-only float32 of their shapes, and the free text of the header.

    :param content: the whole file
    :param file: its name, for messages
    :raises FormatError: for anything but a whole file of float32 tensors
    """
    most = min(_MOST_HEADER, len(content) - _HEADER)
    size = int.from_bytes(content[:_HEADER], "little")
    if not 2 <= size <= most:
        raise FormatError(f"{file} has {len(content)} bytes and says that its header has {size}; allowed are 2 to {max(most, 0)}")
    header = parse(content[_HEADER : _HEADER + size], file)
    if not isinstance(header, dict):
        raise FormatError(f"{file} is no safetensors file: its header is no object")
    metadata = Fields(header, file, "", (), header).names(_METADATA) if _METADATA in header else None
    texts = {name: metadata.text(name) for name in metadata.value} if metadata else {}
    data = content[_HEADER + size :]
    tensors = sorted((_tensor(header, name, file) for name in header if name != _METADATA), key=lambda one: (one.begin, one.end))
    _require_no_gap(tensors, len(data), file)
    arrays = {one.name: np.frombuffer(data, "<f4", prod(one.shape), one.begin).reshape(one.shape) for one in tensors}
    return arrays, texts


def _tensor(header: Dict[str, Any], name: str, file: str) -> _Tensor:
    fields = Fields(header[name], file, name, ("dtype", "shape", "data_offsets"))
    fields.text("dtype", ["F32"])
    shape, offsets = _sizes(fields, "shape", 1), _sizes(fields, "data_offsets", 0)
    if len(shape) > 8:
        fields.refuse("shape", "are 8 dimensions")
    if len(offsets) != 2 or offsets[1] - offsets[0] != 4 * prod(shape):
        fields.refuse("data_offsets", f"is [begin, end] of {4 * prod(shape)} bytes, for shape {list(shape)}")
    return _Tensor(name, shape, *offsets)


def _sizes(fields: Fields, name: str, least: int) -> Tuple[int, ...]:
    value = fields.value[name]
    if not isinstance(value, list) or not all(type(one) is int and least <= one < 1 << 56 for one in value):
        fields.refuse(name, f"are whole numbers of at least {least}")
    return tuple(value)


def _require_no_gap(tensors: List[_Tensor], size: int, file: str) -> None:
    position = 0
    for tensor in tensors:
        if tensor.begin != position:
            raise FormatError(f"{file}: {tensor.name} begins at byte {tensor.begin} of the data; allowed is {position}, where the tensor before ends")
        position = tensor.end
    if position != size:
        raise FormatError(f"{file} has {size} bytes of data; its tensors end at {position}")
