"""How many events a minute a stateful stream predicts, and that its predictions are those of whole sequences.

    submit/wheel, then in an environment with that wheel: python benchmarks/stream.py [events] [keys]

Two cores, the state of every key in RocksDB on disk. The stream is started three times from one checkpoint, each with a third of the files;
every prediction is compared, bit by bit, with that of the whole sequence of its key. Results: benchmarks/stream.md.
"""

import json
import os
import shutil
import sys
import tempfile
import time

import numpy as np
import pandas as pd
import unroll
from pyspark.sql import functions as F

EVENTS, KEYS = (int(number) for number in (sys.argv[1:] + ["300000", "10000"][len(sys.argv) - 1 :])[:2])
BATCHES = 12
STORE = "org.apache.spark.sql.execution.streaming.state.RocksDBStateStoreProvider"


def events(spark):
    """Pages and amounts of random users, in the order of their numbers."""
    rng = np.random.default_rng(1)
    table = {
        "at": np.arange(EVENTS),
        "user": rng.integers(0, KEYS, EVENTS),
        "page": rng.choice(["home", "search", "item", "cart", "pay"], EVENTS),
        "amount": rng.gamma(2.0, 20.0, EVENTS).round(2),
    }
    frame = pd.DataFrame(table)
    frame["bought"] = np.where((frame.page == "pay") & (frame.amount > 30), "yes", "no")
    return frame


def sequences(frame):
    return (
        frame.groupBy("user")
        .agg(F.sort_array(F.collect_list(F.struct("at", "page", "amount", "bought"))).alias("e"))
        .select("user", *(F.col(f"e.{name}").alias(name) for name in ("at", "page", "amount", "bought")))
    )


def main(folder):
    conf = {"spark.sql.shuffle.partitions": "2", "spark.ui.enabled": "false", "spark.ui.showConsoleProgress": "false", "spark.sql.streaming.stateStore.providerClass": STORE}
    spark = unroll.start("local[2]", conf=conf)
    table = events(spark)
    parts = np.array_split(np.arange(EVENTS), 3 * BATCHES)
    whole = sequences(spark.createDataFrame(table))
    tagger = unroll.RnnTagger(
        numericCols=["amount"], categoricalCols=["page"], labelCol="bought", hiddenSize=64, maxIter=10, standardize=True
    )
    model = tagger.fit(whole.limit(1000))
    schema = spark.createDataFrame(table[:1]).schema
    seconds = []
    for run in range(3):
        for part in parts[run * BATCHES : (run + 1) * BATCHES]:
            spark.createDataFrame(table.iloc[part]).coalesce(1).write.mode("append").parquet(f"{folder}/in")
        stream = spark.readStream.schema(schema).option("maxFilesPerTrigger", 1).parquet(f"{folder}/in")
        predicted = model.transformWithState(stream, timeCol="at", keyCols=["user"]).drop("page", "amount", "bought")
        started = time.time()
        query = predicted.writeStream.trigger(availableNow=True).option("checkpointLocation", f"{folder}/checkpoint").start(
            path=f"{folder}/out", format="parquet"
        )
        query.awaitTermination()
        seconds.append(time.time() - started)
        progress = [json.loads(p.json) if hasattr(p, "json") else p for p in query.recentProgress]
        rows = max((p["stateOperators"][0]["numRowsTotal"] for p in progress if p["stateOperators"]), default=0)
        count = sum(len(p) for p in parts[run * BATCHES : (run + 1) * BATCHES])
        print(f"run {run + 1}: {count:,} events in {seconds[-1]:.1f} s, {60 * count / seconds[-1]:,.0f} a minute; {rows:,} states", flush=True)
    streamed = spark.read.parquet(f"{folder}/out")
    expected = model.transform(whole).select(
        "user", F.explode(F.arrays_zip("at", "prediction", "probability")).alias("e")
    ).select("user", "e.at", F.col("e.prediction").alias("wholePrediction"), F.col("e.probability").alias("wholeProbability"))
    both = streamed.join(expected, ["user", "at"])
    same = both.where((F.col("prediction") == F.col("wholePrediction")) & (F.col("probability") == F.col("wholeProbability"))).count()
    size = sum(os.path.getsize(os.path.join(d, f)) for d, _, files in os.walk(f"{folder}/checkpoint/state") for f in files)
    print(f"{streamed.count():,} predictions, {same:,} of them with the bits of whole sequences; {size / 1e6:.0f} MB of state in the checkpoint")
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores; {60 * EVENTS / sum(seconds):,.0f} events a minute over all three runs")
    spark.stop()
    if same != EVENTS:
        sys.exit("predictions differ")


if __name__ == "__main__":
    folder = tempfile.mkdtemp()
    try:
        main(folder)
    finally:
        shutil.rmtree(folder)
