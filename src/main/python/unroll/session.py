"""A Spark session that has Unroll's jar."""

from __future__ import annotations

from pathlib import Path
from typing import Mapping, Optional

from pyspark.sql import SparkSession


def jar() -> str:
    """The path of the jar that this package brings along, for ``--jars`` or ``spark.jars``.

    :raises FileNotFoundError: if the package was taken from the sources and not from the wheel
    """
    path = Path(__file__).parent / "jars" / "unroll.jar"
    if not path.exists():
        raise FileNotFoundError(f"{path} is missing: submit/wheel builds the wheel that has it; or give the jar with --jars")
    return str(path)


def start(master: str = "local[*]", app_name: str = "unroll", conf: Optional[Mapping[str, str]] = None) -> SparkSession:
    """A new session with the jar, or the one that is there already.

    :param master: as for spark-submit
    :param conf: settings of Spark besides
    :raises RuntimeError: if a session is there that was started without the jar
    """
    builder = SparkSession.builder.master(master).appName(app_name).config("spark.jars", jar())
    if master.startswith("local"):
        builder = builder.config("spark.driver.host", "127.0.0.1").config("spark.driver.bindAddress", "127.0.0.1")
    for key, value in (conf or {}).items():
        builder = builder.config(key, value)
    spark = builder.getOrCreate()
    try:
        spark._jvm.java.lang.Class.forName("dev.unroll.ml.RnnClassifier", False, spark._jvm.java.lang.Thread.currentThread().getContextClassLoader())
    except Exception as e:
        raise RuntimeError("the session that is there was started without Unroll's jar; stop it first, or add unroll.jar() to spark.jars") from e
    return spark
