"""Values and tables of NumPy and pandas on their way to Spark and back."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, List

import numpy as np
from pyspark.sql import DataFrame, SparkSession

if TYPE_CHECKING:
    import pandas as pd

_OF_PANDAS = "pandas.DataFrame"


def plain(value: Any) -> Any:
    """A value of NumPy or pandas as one of Python, alone or in a list."""
    if hasattr(value, "dtype") and hasattr(value, "tolist"):
        return plain(value.tolist())
    return [plain(element) for element in value] if isinstance(value, (list, tuple)) else value


def frame(dataset: Any) -> DataFrame:
    """The dataset as one of Spark, if it is that or one of pandas.

    :raises TypeError: if it is neither
    :raises RuntimeError: for one of pandas, if there is no session of Spark
    """
    if isinstance(dataset, DataFrame):
        return dataset
    if _kind(dataset) != _OF_PANDAS:
        raise TypeError(f"the data are a {_kind(dataset)}; allowed is a DataFrame of Spark or of pandas")
    return _to_spark(dataset)


def _kind(dataset: Any) -> str:
    return f"{type(dataset).__module__.split('.')[0]}.{type(dataset).__name__}"


def _to_spark(data: pd.DataFrame) -> DataFrame:
    import pyarrow

    columns = {}
    for name, column in data.items():
        if column.dtype == "category":
            column = column.astype(column.cat.categories.dtype)
        columns[str(name)] = column.map(plain) if column.dtype == object else column
    if len(columns) < data.shape[1]:
        raise ValueError(f"the data have columns {', '.join(map(str, data.columns))}; allowed is each name once")
    arrays = {}
    for name, column in columns.items():
        try:
            arrays[name] = pyarrow.Array.from_pandas(column)
        except (pyarrow.ArrowException, TypeError) as e:
            raise ValueError(f"column {name} cannot be a column of Spark: {e}") from None
    return _session().createDataFrame(pyarrow.table(arrays))


def _session() -> SparkSession:
    try:
        return SparkSession.active()
    except Exception as e:
        raise RuntimeError("the data are a pandas.DataFrame, and there is no session of Spark to take them to; unroll.start() begins one") from e


def with_columns_of(data: pd.DataFrame, transform: Any) -> pd.DataFrame:
    """Rows of pandas with the columns that a transformer of Spark adds; those that it leaves out are left out.

    Vectors become arrays (C), and arrays of them arrays (T, C).

    :raises TypeError: for other data
    """
    if _kind(data) != _OF_PANDAS:
        raise TypeError(f"the data are a {_kind(data)}; allowed is a DataFrame of pandas, and one of Spark in transform")
    place = view_name()
    sent = frame(data.assign(**{place: range(len(data))}))
    answered = transform(sent)
    added = [name for name in answered.columns if name not in sent.columns]
    rows = sorted(answered.select(place, *added).collect(), key=lambda row: row[0])
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
