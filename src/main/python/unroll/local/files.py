"""Where a saved model's files are, and strict reading of the JSON in them."""

from __future__ import annotations

import json
from collections import Counter
from os import PathLike
from pathlib import Path
from typing import Any, Callable, Dict, Iterable, List, NoReturn, Sequence, Tuple, Union

SPEC = "spec.json"
TENSORS = "model.safetensors"
MOST_TENSORS = 1 << 40
"""Bytes of a file of tensors."""

_MOST_JSON = 1 << 30


class FormatError(ValueError):
    """A file of a model that is damaged, or has what this reader does not know: one sentence that names the file and the place."""


def data_directory(path: Union[str, "PathLike[str]"]) -> Path:
    """The directory with the two files of a model: of a saved stage, of the only model in a saved pipeline, or this one itself.

    :raises FileNotFoundError: if there is no model
    :raises FormatError: if a pipeline has several
    """
    root = Path(path)
    if not root.is_dir():
        raise FileNotFoundError(f"there is no model directory {root}")
    for candidate in (root / "data", root):
        if (candidate / SPEC).is_file():
            return candidate
    stages = sorted(stage for stage in root.glob("stages/*") if (stage / "data" / SPEC).is_file())
    if len(stages) > 1:
        paths = ", ".join(map(str, stages))
        raise FormatError(f"{root} is a pipeline with {len(stages)} models, {paths}; allowed is one of these paths")
    if not stages:
        raise FileNotFoundError(f"the directory {root} has no model: neither data/{SPEC} nor stages/*/data/{SPEC}")
    return stages[0] / "data"


def read(file: Path, most: int = _MOST_JSON) -> bytes:
    """The content of a regular file.

    :param most: bytes that it may have
    :raises FileNotFoundError: if there is none
    :raises FormatError: if it has more
    """
    if not file.is_file():
        raise FileNotFoundError(f"the directory {file.parent} has no file {file.name}")
    size = file.stat().st_size
    if size > most:
        raise FormatError(f"{file} has {size} bytes; allowed are {most}")
    return file.read_bytes()


def params(data: Path) -> Dict[str, Any]:
    """The Params of the stage that a model was saved as, whose metadata are beside its data, by name; none without metadata."""
    parts = sorted((data.parent / "metadata").glob("part-*"))
    if not parts:
        return {}
    metadata = parse(read(parts[0]), str(parts[0]))
    found: Dict[str, Any] = {}
    for name in ("defaultParamMap", "paramMap"):
        values = metadata.get(name, {}) if isinstance(metadata, dict) else None
        if not isinstance(values, dict):
            raise FormatError(f"{parts[0]} is no JSON of a stage: it has no object {name}")
        found.update(values)
    return found


def parse(data: bytes, file: str) -> Any:
    """JSON in UTF-8, without NaN and without a key that occurs twice.

    :raises FormatError: for anything else
    """

    def once(pairs: List[Tuple[str, Any]]) -> Dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            twice = next(name for name, count in Counter(name for name, _ in pairs).items() if count > 1)
            raise FormatError(f"{file}: the field {twice} is there twice")
        return found

    def refuse(constant: str) -> NoReturn:
        raise FormatError(f"{file}: {constant} is no number of JSON")

    try:
        return json.loads(data.decode("utf-8"), object_pairs_hook=once, parse_constant=refuse)
    except FormatError:
        raise
    except (ValueError, RecursionError) as e:
        raise FormatError(f"{file} is no JSON: {e}") from e


class Fields:
    """An object of JSON whose fields are known by name; each is read as what it has to be.

    :param place: of the object within the file, for messages
    :raises FormatError: for another value, a field that is missing, and one that is not known
    """

    def __init__(self, value: Any, file: str, place: str, required: Iterable[str], optional: Iterable[str] = ()):
        self.file, self.place, self.value = file, place, value
        if not isinstance(value, dict):
            raise FormatError(f"{file}: {place or 'the document'} is no object")
        required = list(required)
        known = [*required, *optional]
        for name in value:
            if name not in known:
                raise FormatError(f"{file}: {self._path(name)} is an unknown field; known are {', '.join(known)}")
        for name in required:
            if name not in value:
                raise FormatError(f"{file}: {self._path(name)} is missing")

    def __contains__(self, name: str) -> bool:
        return name in self.value

    def _path(self, name: str) -> str:
        return f"{self.place}.{name}" if self.place else name

    def refuse(self, name: str, allowed: str) -> NoReturn:
        shown = json.dumps(self.value.get(name))
        raise FormatError(f"{self.file}: {self._path(name)} is {shown if len(shown) <= 80 else shown[:80] + '...'}; allowed {allowed}")

    def object(self, name: str, required: Iterable[str], optional: Iterable[str] = ()) -> Fields:
        return Fields(self.value[name], self.file, self._path(name), required, optional)

    def objects(self, name: str, required: Sequence[str]) -> List[Fields]:
        return [Fields(one, self.file, f"{self._path(name)}[{i}]", required) for i, one in enumerate(self._list(name))]

    def names(self, name: str) -> Fields:
        """An object with any fields."""
        value = self.value[name]
        return Fields(value, self.file, self._path(name), (), value if isinstance(value, dict) else ())

    def integer(self, name: str, least: int, most: int = 1 << 24, default: int | None = None) -> int:
        value = self.value.get(name, default)
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            self.refuse(name, f"is a whole number from {least} to {most}")
        return value

    def boolean(self, name: str, default: bool | None = None) -> bool:
        value = self.value.get(name, default)
        if not isinstance(value, bool):
            self.refuse(name, "are true and false")
        return value

    def text(self, name: str, allowed: Sequence[str] = ()) -> str:
        value = self.value.get(name)
        if not isinstance(value, str) or (allowed and value not in allowed):
            self.refuse(name, f"are {', '.join(allowed)}" if allowed else "is a text")
        return value

    def texts(self, name: str) -> List[str]:
        return self._list(name, lambda one: isinstance(one, str), "are texts")

    def numbers(self, name: str) -> List[float]:
        """Numbers, each as a text: their bits in hexadecimal, or decimal."""
        try:
            return [float.fromhex(text) if "0x" in text.lower() else float(text) for text in self.texts(name)]
        except (ValueError, OverflowError):
            self.refuse(name, "are texts of numbers")

    def _list(self, name: str, fits: Callable[[Any], bool] = lambda one: True, allowed: str = "is an array") -> List[Any]:
        value = self.value.get(name, [])
        if not isinstance(value, list) or not all(map(fits, value)):
            self.refuse(name, allowed)
        return value
