"""A Spark session that has Unroll's jar."""

from __future__ import annotations

import atexit
import os
from pathlib import Path
from typing import Any, Mapping, Optional

from pyspark import SparkConf, SparkContext
from pyspark.sql import SparkSession
from pyspark.sql.utils import is_remote


def jar() -> str:
    """The path of the jar that this package brings along, for ``--jars`` or ``spark.jars``.

    :raises FileNotFoundError: if the package was taken from the sources and not from the wheel
    """
    path = Path(__file__).parent / "jars" / "unroll.jar"
    if not path.exists():
        raise FileNotFoundError(f"{path} is missing: submit/wheel builds the wheel that has it; or give the jar with --jars")
    return str(path)


def _kryo(defaults: SparkConf, settings: Mapping[str, str]) -> Mapping[str, str]:
    """Kryo, and what it has to know of cached shards, where nobody set a serializer; a registrator that is there stays."""
    if "spark.serializer" in settings or defaults.contains("spark.serializer"):
        return {}
    registrators = settings.get("spark.kryo.registrator") or defaults.get("spark.kryo.registrator", "")
    return {
        "spark.serializer": "org.apache.spark.serializer.KryoSerializer",
        "spark.kryo.registrator": ",".join(filter(None, [registrators, "dev.unroll.spark.shards.ShardRegistrator"])),
        "spark.kryoserializer.buffer.max": settings.get("spark.kryoserializer.buffer.max") or defaults.get("spark.kryoserializer.buffer.max", "1g"),
    }


def start(master: Optional[str] = None, app_name: str = "unroll", conf: Optional[Mapping[str, str]] = None) -> SparkSession:
    """A new session with the jar, or the one that is there already; one of Spark Connect where Spark is told so.

    That is where ``SPARK_REMOTE`` names a server, which has a master and a jar of its own; and where ``SPARK_API_MODE`` or
    ``spark.api.mode`` is connect, which starts a server here.

    :param master: as for spark-submit; None: what spark-submit said, or else local[*]
    :param conf: settings of Spark besides
    :raises RuntimeError: if the session that is there, or the server, was started without the jar
    """
    settings = dict(conf or {})
    builder = SparkSession.builder.appName(app_name)
    if is_remote() or settings.get("spark.remote", os.environ.get("SPARK_REMOTE", "")).startswith("sc://"):
        return _with_jar_on_server(SparkSession.active() if _is_there() else _ending_with_python(_configured(builder, settings).getOrCreate()))
    is_new = SparkContext._active_spark_context is None
    if is_new and SparkContext._gateway is None and "PYSPARK_GATEWAY_PORT" not in os.environ:  # nobody started a JVM yet
        settings["spark.jars"] = ",".join(filter(None, [settings.get("spark.jars"), jar()]))
        master = master or "local[*]"
    if master:
        settings["spark.master"] = master
    if master and master.startswith("local"):
        local = {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1", "spark.connect.grpc.binding.address": "127.0.0.1"}
        settings = {**local, **settings}
    if is_new:
        settings.setdefault("spark.ui.showConsoleProgress", "false")  # it would draw over the bar of a training
        SparkContext._ensure_initialized(conf=SparkConf().setAll(list(settings.items())))
        settings.update(_kryo(SparkConf(_jvm=SparkContext._jvm), settings))
    spark = _configured(builder, settings).getOrCreate()
    if is_remote():
        return _with_jar_on_server(_ending_with_python(spark))
    jvm: Any = spark._jvm
    try:
        jvm.java.lang.Class.forName("dev.unroll.ml.RnnClassifier", False, jvm.java.lang.Thread.currentThread().getContextClassLoader())
    except Exception as e:
        raise RuntimeError("the session that is there was started without Unroll's jar; stop it first, or add unroll.jar() to spark.jars") from e
    return spark


def _configured(builder: SparkSession.Builder, settings: Mapping[str, str]) -> SparkSession.Builder:
    for key, value in settings.items():
        builder = builder.config(key, value)
    return builder


def _ending_with_python(spark: SparkSession) -> SparkSession:
    """A new session of Spark Connect, stopped where Python ends, as classic ones are.

    Otherwise PySpark has the server forget each model that is still there, by a thread that no longer starts, and waits for it for ever.
    """
    atexit.register(spark.stop)
    return spark


def _is_there() -> bool:
    return is_remote() and SparkSession.getActiveSession() is not None


def _with_jar_on_server(spark: SparkSession) -> SparkSession:
    """The session, if a stage of the jar can be asked for something there."""
    from unroll.stages import SequenceAssembler

    try:
        SequenceAssembler(timeCol="id", valueCols=["id"]).transform(spark.range(0)).schema
    except Exception as e:
        if "SequenceAssembler" not in str(e):  # the server did not come to look for it
            raise
        raise RuntimeError(
            "the server of the session has no jar of Unroll, or one of another version; start it with --jars and the jar that"
            " unroll.jar() names (docs/spark-ml.md)"
        ) from e
    return spark
