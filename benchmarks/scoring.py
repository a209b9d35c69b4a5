"""Scoring names from parquet to parquet in local[2]: `transform` beside the kernel's own forward rate and ONNX Runtime over mapInPandas, by turns;
each with the prediction alone, and with the probabilities of all classes too. Then what memory `predict` takes for so many rows, and for four times as many.

    python3 -m venv target/venv && target/venv/bin/pip install pyspark==4.1.0 pandas pyarrow onnxruntime
    target/venv/bin/python benchmarks/scoring.py [ROWS [ROUNDS]]        default 1000000 3

scoring.md holds what came out. On an otherwise idle machine.
"""

import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
os.environ.setdefault("PYSPARK_PYTHON", sys.executable)

from pyspark.sql import DataFrame, SparkSession, functions as F  # noqa: E402

from runs import HOME, machine  # noqa: E402

WORK = HOME / "target" / "scoring"
NAMES = HOME / "src/main/resources/dev/unroll/cli/names-24-languages.tsv"
BATCH = 64  # sequences of one run of either side; ONNX Runtime is no faster with more


def unroll(*arguments):
    done = subprocess.run([HOME / "submit/unroll", *map(str, arguments)], capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def names(spark, count):
    """The names of the default job, repeated and shuffled, in four files; and the steps of all."""
    rows = [tuple(line.split("\t")) for line in NAMES.read_text("utf-8").splitlines()[1:]]
    path = WORK / f"names-{count}.parquet"
    once = F.broadcast(spark.createDataFrame(rows, ["name", "language"]).coalesce(1))
    many = spark.range(-(-count // len(rows))).crossJoin(once).drop("id").limit(count).withColumn("at", F.rand(7))
    many.repartition(4, "at").sortWithinPartitions("at").drop("at").write.mode("overwrite").parquet(str(path))
    return path, spark.read.parquet(str(path)).agg(F.sum(F.length("name"))).first()[0]


def model(hidden):
    path = WORK / f"model-{hidden}"
    unroll("train", "--master", "local[2]", "--hidden-size", hidden, "--max-iter", 30, "--model", path, "--overwrite")
    unroll("export", "--model", path, "--to", "onnx", "--output", f"{path}.onnx", "--overwrite")
    return path


def kernel(hidden, vocabulary):
    """Steps a second of two threads that do nothing else."""
    shape = ["--input-size", 32, "--hidden-size", hidden, "--vocabulary", vocabulary, "--classes", 24, "--pooling", "last"]
    return unroll("bench", "--forward", *shape, "--batch", BATCH, "--steps", 11, "--threads", 2, "--seconds", 3)["tokensPerSecond"]


def ours(spark, path, probabilities):
    java = spark._jvm.dev.unroll.ml.RnnClassifierModel.load(str(path)).setRawPredictionCol("")
    java.setProbabilityCol("probability" if probabilities else "")

    def score(frame):
        scored = DataFrame(java.transform(frame._jdf), spark)
        if not probabilities:
            return scored
        array = spark._jvm.org.apache.spark.ml.functions.vector_to_array(scored["probability"]._jc, "float64")
        return scored.withColumn("probability", type(scored["name"])(array))

    return score


def onnx(path, probabilities):
    file = f"{path}.onnx"

    def predict(frames):
        import numpy as np
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1  # there is a worker for each core
        session = onnxruntime.InferenceSession(file, options)
        about = session.get_modelmeta().custom_metadata_map
        labels = np.array(json.loads(about["labels"]), object)
        ids = {token: i + 1 for i, token in enumerate(json.loads(about["tokens"]))}
        for frame in frames:
            texts = frame["name"].to_numpy()
            lengths = np.fromiter(map(len, texts), np.int32, len(texts))
            order = np.argsort(-lengths, kind="stable")
            outputs = np.empty((len(texts), len(labels)), np.float32)
            for start in range(0, len(texts), BATCH):
                some = order[start : start + BATCH]
                x = np.zeros((len(some), lengths[some[0]]), np.int64)
                for row, at in zip(x, some):
                    text = texts[at]
                    row[: len(text)] = [ids.get(letter, 0) for letter in text]
                outputs[some] = session.run(None, {"tokens": x, "lengths": lengths[some]})[0]
            added = {"probability": list(outputs)} if probabilities else {}
            yield frame.assign(prediction=labels[outputs.argmax(1)], **added)

    schema = "name string, language string, prediction string" + ", probability array<float>" * probabilities
    return lambda frame: frame.mapInPandas(predict, schema)


def seconds(spark, score, source):
    start = time.monotonic()
    score(spark.read.parquet(str(source))).write.mode("overwrite").parquet(str(WORK / "scored"))
    return time.monotonic() - start


def megabytes(source, path):
    """What `predict` has in memory at most, with a heap of 512 MB."""
    options = ["--format", "parquet", "--output-format", "parquet", "--output", WORK / "predicted", "--overwrite"]
    command = [HOME / "submit/unroll", "--spark-conf", "spark.driver.memory=512m", "predict", "--model", path, "--input", source, *options]
    with subprocess.Popen([str(word) for word in command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"predict ended with {process.returncode}")
    return used.ru_maxrss // 1024


def main(count=1_000_000, rounds=3):
    WORK.mkdir(parents=True, exist_ok=True)
    jar = str(HOME / "target/unroll.jar")
    builder = SparkSession.builder.master("local[2]").config("spark.jars", jar).config("spark.ui.enabled", "false")
    spark = builder.config("spark.driver.memory", "2g").config("spark.driver.extraJavaOptions", "-XX:+UseG1GC").getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    source, steps = names(spark, count)
    print(f"{machine()}, load {os.getloadavg()[0]:.1f}; {count} names, {steps} steps")
    for hidden in 64, 128:
        path = model(hidden)
        vocabulary = json.loads((path / "data/spec.json").read_text())["network"]["input"]["tokens"]["vocabulary"]
        for probabilities in False, True:
            sides = {"transform": ours(spark, path, probabilities), "ONNX Runtime": onnx(path, probabilities)}
            for score in sides.values():
                seconds(spark, score, source)  # to warm up
            found = {"kernel": [], **{side: [] for side in sides}}
            for _ in range(rounds):
                found["kernel"].append(kernel(hidden, vocabulary))
                for side, score in sides.items():
                    found[side].append(steps / seconds(spark, score, source))
            middle = {side: statistics.median(rates) for side, rates in found.items()}
            of_kernel = statistics.median(a / b for a, b in zip(found["transform"], found["kernel"]))
            of_onnx = statistics.median(a / b for a, b in zip(found["transform"], found["ONNX Runtime"]))
            print(f"LSTM {hidden}, {'with' if probabilities else 'without'} probabilities: "
                  + ", ".join(f"{side} {rate / 1e6:.2f}" for side, rate in middle.items()) + " million steps/s;"
                  f" transform is {of_kernel:.2f} of the kernel and {of_onnx:.1f} times ONNX Runtime; load {os.getloadavg()[0]:.1f}", flush=True)
    many, _ = names(spark, 4 * count)
    spark.stop()
    for rows, data in (count, source), (4 * count, many):
        print(f"predict: {rows} rows, at most {megabytes(data, WORK / 'model-64')} MB", flush=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
