"""Pictures of trainings and predictions."""

from __future__ import annotations

from pathlib import Path
from typing import Union

from pyspark.sql import DataFrame


class Picture:
    """A PNG, which a notebook shows."""

    def __init__(self, answer: DataFrame):
        row = answer.collect()[0]
        self.png = bytes(row.png)
        self.alt = row.alt

    def _repr_png_(self) -> bytes:
        return self.png

    def __repr__(self) -> str:
        return f"<Picture: {self.alt}>"

    def save(self, path: Union[str, Path]) -> None:
        """Writes it to a file that is not there yet."""
        with open(path, "xb") as file:
            file.write(self.png)
