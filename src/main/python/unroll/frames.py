"""Values and tables of NumPy and pandas on their way to Spark and back."""

from __future__ import annotations

import sys
import uuid
from typing import TYPE_CHECKING, Any, Callable, Dict, List, Tuple

import numpy as np
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow


def plain(value: Any) -> Any:
    """A value of NumPy or pandas, or a row of Spark, as one of Python, alone or in a list."""
    if hasattr(value, "dtype") and hasattr(value, "tolist"):
        kind = getattr(value.dtype, "kind", "")
        return plain(value.astype({"M": "datetime64[us]", "m": "timedelta64[us]"}[kind]).tolist() if kind in ("M", "m") else value.tolist())
    if hasattr(value, "asDict"):
        return {name: plain(field) for name, field in value.asDict().items()}
    return [plain(element) for element in value] if isinstance(value, (list, tuple)) else value


def quoted(name: str) -> str:
    """The column of exactly that name, dots and all, as an expression has it."""
    return "`" + name.replace("`", "``") + "`"


def frame(dataset: Any) -> DataFrame:
    """The dataset as one of Spark, if it is that or one of pandas.

    :raises TypeError: if it is neither
    :raises ValueError: for a column that Spark cannot have
    :raises RuntimeError: for one of pandas, if there is no session of Spark
    """
    if isinstance(dataset, DataFrame):
        return dataset
    if not _is_of_pandas(dataset):
        raise TypeError(f"the data are a {_kind(dataset)}; allowed is a DataFrame of Spark or of pandas")
    arrays, faults = _arrays(dataset)
    if faults:
        raise faults[0]
    return _to_spark(arrays)


def _is_of_pandas(dataset: Any) -> bool:
    pandas = sys.modules.get("pandas")  # without it there are no tables of it
    return pandas is not None and isinstance(dataset, pandas.DataFrame)


def _kind(dataset: Any) -> str:
    return f"{type(dataset).__module__}.{type(dataset).__name__}"


def _arrays(data: pd.DataFrame) -> Tuple[Dict[str, pyarrow.Array], List[ValueError]]:
    """The columns for Spark, and what is wrong with those that it cannot have."""
    names = [str(name) for name in data.columns]
    if len(set(names)) < len(names):
        raise ValueError(f"the data have columns {', '.join(names)}; allowed is each name once")
    arrays, faults = {}, []
    for name, (_, column) in zip(names, data.items()):
        try:
            arrays[name] = _array(column)
        except Exception as e:  # Arrow, pandas and PySpark have many of their own
            faults.append(ValueError(f"column {name} cannot be a column of Spark: {e}"))
    return arrays, faults


def _array(column: pd.Series) -> pyarrow.Array:
    """A column as Arrow has it, of a type that Spark has; one without any value as text."""
    import pyarrow
    from pyarrow import types
    from pyspark.sql.pandas.types import from_arrow_type

    cells = pyarrow.array([plain(cell) for cell in column], from_pandas=True) if column.dtype == object else pyarrow.array(column, from_pandas=True)
    if types.is_dictionary(cells.type):
        cells = cells.dictionary_decode()
    if types.is_unsigned_integer(cells.type):
        cells = cells.cast(pyarrow.int64())
    elif types.is_float16(cells.type):
        cells = cells.cast(pyarrow.float32())
    elif types.is_null(cells.type):
        cells = cells.cast(pyarrow.string())
    from_arrow_type(cells.type)  # refuses what Spark does not have
    return cells


def _to_spark(arrays: Dict[str, pyarrow.Array]) -> DataFrame:
    import pyarrow

    return _session().createDataFrame(pyarrow.table(arrays))


def _session() -> SparkSession:
    try:
        return SparkSession.active()
    except Exception as e:
        raise RuntimeError("the data are a DataFrame of pandas, and there is no session of Spark to take them to; unroll.start() begins one") from e


def with_columns_of(data: pd.DataFrame, transform: Callable[[DataFrame], DataFrame]) -> pd.DataFrame:
    """Rows of pandas with the columns that a transformer of Spark adds; those that it leaves out are left out.

    Vectors become arrays (C), and arrays of them arrays (T, C).

    :raises TypeError: for other data
    :raises ValueError: for a column that is read and that Spark cannot have
    """
    if not _is_of_pandas(data):
        raise TypeError(f"the data are a {_kind(data)}; allowed is a DataFrame of pandas, and one of Spark in transform")
    place = view_name()
    arrays, faults = _arrays(data.assign(**{place: range(len(data))}))
    try:
        answered = transform(_to_spark(arrays))
        added = [name for name in answered.columns if name not in arrays]
    except Exception as e:
        raise faults[0] if faults else e  # a column that was left out may be one that is read
    rows = sorted(answered.select(place, *(F.col(quoted(name)) for name in added)).collect(), key=lambda row: row[0])
    result = data.iloc[[row[0] for row in rows]].copy()
    for k, name in enumerate(added, 1):
        result[name] = _column([_cell(row[k]) for row in rows], result.index)
    return result


def _column(cells: List[Any], index: pd.Index) -> pd.Series:
    """A column of numbers or texts, or with a list or an array in each cell."""
    import pandas as pd

    of_lists = bool(cells) and isinstance(cells[0], (list, np.ndarray))
    return pd.Series(cells, index=index, dtype=object if of_lists else None)


def _cell(value: Any) -> Any:
    if hasattr(value, "toArray"):
        return value.toArray()
    if isinstance(value, list) and value and hasattr(value[0], "toArray"):
        return np.stack([one.toArray() for one in value])
    return value


def view_name() -> str:
    """The name of a temporary view of the session, in which the JVM leaves a table."""
    return f"unroll_{uuid.uuid4().hex}"
