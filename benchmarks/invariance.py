#!/usr/bin/env python3
"""One model, the same bits: runs six trainings under many circumstances and writes the table of their parameter hashes.

    benchmarks/invariance.py [--write] [--spark VERSION=SPARK_HOME]... [--jdk NAME=JAVA_HOME,SPARK_HOME]... [--only WORD]
        [--continue]

Needs python3 and what submit/unroll needs; other JDKs and Sparks where they are given. --write makes benchmarks/invariance.md. Exit code 1
if a hash differs. Some forty minutes on two cores; results are kept in target/invariance.jsonl as they come, and --continue takes those over that did
not fail.
"""

import argparse
import json
import os
import signal
import sys
import time

from runs import HOME, WORK, Cluster, Run, clean, data, machine

UPDATES = 150

COMMON = ["--hidden-size", "24", "--embedding-size", "8", "--num-shards", "8", "--max-iter", str(UPDATES)]
NAMES = ["--train", "NAMES", "--features-col", "name", "--label-col", "kind", "--validation-fraction", "0.1", *COMMON]
MODELS = {
    "LSTM": NAMES,
    "Elman": [*NAMES, "--cell", "elman"],
    "GRU, two layers, both directions, dropout": [*NAMES, "--cell", "gru", "--num-layers", "2", "--bidirectional", "--dropout", "0.2"],
    "LSTM, randomised truncation": [*NAMES, "--truncation", "randomized:0.3"],
    "LSTM language model, carried state": ["--task", "language-model", "--train", "TEXT", "--format", "text", "--features-col", "value",
        "--carry-state", "--window", "12", "--batch-size", "16", *COMMON],
    "L-BFGS": [*NAMES, "--optimizer", "lbfgs", "--hidden-size=8"],
}


def training(model, keys=(), **how):
    return Run([*MODELS[model], *keys], **how)


def plain(model, **how):
    return training(model, **how).start().hash()


def on_cluster(model, workers, *options, **how):
    with Cluster(workers, *options) as cluster:
        return training(model, master=cluster.master, **how).start().hash()


def executor_killed(model, workers=3):
    with Cluster(workers) as cluster:
        run = training(model, master=cluster.master).start().wait_for(UPDATES // 3)
        os.kill(cluster.executors()[0], signal.SIGKILL)
        return run.hash()


def driver_killed(model):
    run = training(model, keys=["--checkpoint-dir", str(WORK / f"checkpoints-{time.monotonic_ns()}"), "--checkpoint-interval", "20"])
    return run.start().wait_for(UPDATES // 2).kill().start("--resume").hash()


def speculation(model):
    return on_cluster(model, 2, "--hosts", conf=["spark.speculation=true", "spark.speculation.multiplier=1.01", "spark.speculation.quantile=0.1",
        "spark.speculation.minTaskRuntime=1ms", "spark.speculation.interval=5ms"])


def dynamic(model):
    return on_cluster(model, 3, conf=["spark.dynamicAllocation.enabled=true", "spark.dynamicAllocation.minExecutors=1",
        "spark.dynamicAllocation.initialExecutors=1", "spark.dynamicAllocation.executorIdleTimeout=1s",
        "spark.dynamicAllocation.cachedExecutorIdleTimeout=2s", "spark.dynamicAllocation.schedulerBacklogTimeout=1s"])


def java_options():
    return [line for line in (HOME / "conf" / "java.options").read_text().splitlines() if not line.startswith("#")]


def circumstances(options):
    serializer = {name: f"spark.serializer=org.apache.spark.serializer.{name}Serializer" for name in ("Java", "Kryo")}
    no_room = ["spark.memory.fraction=0.002"]
    scalar = ["java", "-XX:+UseG1GC", *(o for o in java_options() if "vector" not in o)]
    every = {
        "local[2], updates-per-job 0": plain,
        "local engine": lambda m: plain(m, keys=["--engine", "local"]),
        "7 partitions, shuffled files": lambda m: plain(m, keys=["--partitions", "7"], files="shuffled"),
        "without the Vector API": lambda m: plain(m, java=scalar, keys=["--engine", "local"]),
        "3 executors, one killed": executor_killed,
        "driver killed, resumed": driver_killed,
    }
    for jdk in options.jdk:
        name, _, homes = jdk.partition("=")
        java, spark = homes.split(",")
        every[name] = (lambda j, s: lambda m: plain(m, env={"JAVA_HOME": j, "SPARK_HOME": s}))(java, spark)
    one = {
        "local[1]": lambda m: plain(m, master="local[1]"),
        **{f"{p} partitions": (lambda p: lambda m: plain(m, keys=["--partitions", str(p)]))(p) for p in (1, 2, 3, 64)},
        "2 threads a task": lambda m: plain(m, conf=["spark.task.cpus=2"]),
        "2 executors": lambda m: on_cluster(m, 2),
        "3 executors": lambda m: on_cluster(m, 3),
        "2 executors, 64 partitions": lambda m: on_cluster(m, 2, keys=["--partitions", "64"]),
        "speculation": speculation,
        "dynamic allocation": dynamic,
        "128 bits": lambda m: plain(m, env={"JAVA_TOOL_OPTIONS": "-XX:MaxVectorSize=16"}),
        "256 bits": lambda m: plain(m, env={"JAVA_TOOL_OPTIONS": "-XX:MaxVectorSize=32"}),
        "Parallel collector": lambda m: plain(m, java=["java", "-XX:+UseParallelGC", *java_options()]),
        "Serial collector": lambda m: plain(m, java=["java", "-XX:+UseSerialGC", *java_options()]),
        "interpreter and C1 alone": lambda m: plain(m, java=["java", "-XX:TieredStopAtLevel=1", *java_options()], keys=["--engine", "local"]),
        "Java's serializer": lambda m: plain(m, conf=[serializer["Java"]]),
        "Kryo without our registrator": lambda m: plain(m, conf=[serializer["Kryo"]]),
        "Kryo, registration required": lambda m: plain(m, conf=["spark.kryo.registrationRequired=true"]),
        "2 executors, shards on disk by Java's serializer": lambda m: on_cluster(m, 2, conf=[serializer["Java"], *no_room]),
        "2 executors, shards on disk by Kryo, registration required": lambda m: on_cluster(m, 2, conf=["spark.kryo.registrationRequired=true", *no_room]),
        **{f"updates-per-job {n}": (lambda n: lambda m: plain(m, keys=["--updates-per-job", n]))(n) for n in ("1", "7")},
        **{f"2 executors, updates-per-job {n}": (lambda n: lambda m: on_cluster(m, 2, keys=["--updates-per-job", n]))(n) for n in ("1", "7")},
        "Turkish locale": lambda m: plain(m, env={"JAVA_TOOL_OPTIONS": "-Duser.language=tr -Duser.country=TR -Dfile.encoding=ISO-8859-9"}),
    }
    for version in options.spark:
        name, _, home = version.partition("=")
        one[f"Spark {name}"] = (lambda h: lambda m: plain(m, env={"SPARK_HOME": h}))(home)
    return every, one


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--jdk", action="append", default=[])
    parser.add_argument("--spark", action="append", default=[])
    parser.add_argument("--only", default="")
    parser.add_argument("--continue", action="store_true", dest="goes_on")
    options = parser.parse_args()
    data()
    every, one = circumstances(options)
    hashes = {}  # (model, circumstance)
    failures = []
    results = HOME / "target" / "invariance.jsonl"
    if options.goes_on and results.exists():
        known = [json.loads(line) for line in results.read_text().splitlines()]
        hashes = {(k["model"], k["circumstance"]): k["hash"] for k in known if not k["hash"].startswith("failed")}
    else:
        results.write_text("")
    cells = [(m, c, run) for m in MODELS for c, run in {**every, **(one if m == "LSTM" else {})}.items() if options.only in c and (m, c) not in hashes]
    for model, circumstance, run in cells:
        start = time.monotonic()
        try:
            hashes[model, circumstance] = run(model)
        except Exception as e:
            hashes[model, circumstance] = f"failed: {e}"
        with results.open("a") as out:
            out.write(json.dumps({"model": model, "circumstance": circumstance, "hash": hashes[model, circumstance]}) + "\n")
        print(f"{model:45} {circumstance:32} {hashes[model, circumstance][:60]} {time.monotonic() - start:.0f} s", flush=True)
    for model in MODELS:
        seen = {h for (m, _), h in hashes.items() if m == model}
        if len(seen) > 1:
            failures.append(model)
    print(f"{len(hashes)} runs, {len(MODELS)} models, {len(set(hashes.values()))} hashes; differing: {failures}")
    if options.write and not failures:
        write(every, one, hashes)
    return 1 if failures else 0


def write(every, one, hashes):
    lines = ["# One model, the same bits", "",
        f"`benchmarks/invariance.py --write`: {len(hashes)} runs of {UPDATES} updates, one hash for each model. Made on {machine()}.", "",
        "| model | parameter hash | the same under |", "|---|---|---|"]
    for model in MODELS:
        under = [c for (m, c) in hashes if m == model]
        lines.append(f"| {model} | `{hashes[model, under[0]][:16]}` | {'; '.join(under)} |")
    lines += ["", "Executors are processes of a standalone cluster (`submit/standalone`); they and drivers are killed by SIGKILL in mid-training. The"
        " language model's text is one file, so for it there are no shuffled files."]
    (HOME / "benchmarks" / "invariance.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    try:
        sys.exit(main())
    finally:
        clean()
