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
import platform
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HOME = Path(__file__).resolve().parents[1]
WORK = Path(tempfile.mkdtemp(prefix="unroll-invariance-"))
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


def data():
    """Random words of six kinds of letters, in two files and, shuffled, in three; and lines of text."""
    draw = random.Random(7)
    letters = {kind: draw.sample("abcdefghijklmnopqrstuvwxyzäöüßñéçо", 12) for kind in "pqrstu"}
    rows = []
    for _ in range(3000):
        kind = draw.choice("pqrstu")
        rows.append(("".join(draw.choices(letters[kind], k=draw.randint(2, 12))), kind))

    def write(folder, parts):
        (WORK / folder).mkdir()
        for n, part in enumerate(parts):
            lines = ["name,kind", *(f"{name},{kind}" for name, kind in part)]
            (WORK / folder / f"{n}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")

    write("names", [rows[:1000], rows[1000:]])
    draw.shuffle(rows)
    write("shuffled", [rows[:500], rows[500:2300], rows[2300:]])
    words = [name for name, _ in rows]
    (WORK / "text.txt").write_text("\n".join(" ".join(words[n : n + 6]) for n in range(0, 1800, 6)) + "\n", encoding="utf-8")


class Cluster:
    """submit/standalone for as long as it is needed."""

    def __init__(self, workers):
        self.folder = WORK / f"cluster-{workers}-{time.monotonic_ns()}"
        self.workers = workers

    def __enter__(self):
        out = self.script("start", "--workers", str(self.workers), "--cores", "1", "--memory", "1g")
        self.master = out.splitlines()[-1]
        return self

    def __exit__(self, *_):
        self.script("stop")

    def script(self, *arguments):
        env = {**os.environ, "UNROLL_STANDALONE": str(self.folder)}
        done = subprocess.run([HOME / "submit" / "standalone", *arguments], env=env, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(done.stderr)
        return done.stdout

    def executors(self):
        """Process ids of the executors of this cluster."""
        workers = (self.folder / "pids").read_text().split()[1:]
        found = subprocess.run(["pgrep", "-P", ",".join(workers)], capture_output=True, text=True).stdout.split()
        return [int(pid) for pid in found]


class Run:
    """One training, as a process."""

    def __init__(self, model, master="local[2]", conf=(), keys=(), env=None, java=None, files="names"):
        self.folder = Path(tempfile.mkdtemp(dir=WORK))
        self.metrics = self.folder / "metrics.jsonl"
        self.env = {**os.environ, **(env or {})}
        if master.startswith("spark:"):
            conf = ["spark.executor.memory=512m", *conf]
        paths = {"NAMES": str(WORK / files), "TEXT": str(WORK / "text.txt")}
        keys = [paths.get(key, key) for key in [*MODELS[model], *keys]]
        own = [key for key in keys if key.startswith("--") and "=" in key]  # --key=value wins over the same key before
        for key in own:
            name = key.split("=")[0]
            if name in keys:
                at = keys.index(name)
                del keys[at : at + 2]
        train = ["train", *keys, "--metrics", str(self.metrics), "--model", str(self.folder / "model")]
        conf = ["spark.ui.enabled=false", *conf]
        if java is None:
            self.command = [str(HOME / "submit" / "unroll"), "--master", master, *(x for c in conf for x in ("--spark-conf", c)), *train]
        else:
            classes = f"{HOME}/target/unroll.jar:{(HOME / 'target' / 'classpath.txt').read_text().strip()}"
            options = [f"-Dspark.master={master}", *(f"-D{c}" for c in conf), f"-Dlog4j2.configurationFile=file:{HOME}/conf/log4j2.properties"]
            self.command = [*java, *options, "-cp", classes, "dev.unroll.cli.Unroll", *train]
            self.env["SPARK_LOCAL_IP"] = "127.0.0.1"

    def start(self, *more):
        self.process = subprocess.Popen([*self.command, *more], env=self.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        return self

    def updates(self):
        return len(self.metrics.read_text().splitlines()) if self.metrics.exists() else 0

    def wait_for(self, updates):
        while self.updates() < updates and self.process.poll() is None:
            time.sleep(0.02)
        return self

    def hash(self):
        out, err = self.process.communicate(timeout=600)
        if self.process.returncode:
            raise RuntimeError(f"exit code {self.process.returncode}: {err.strip().splitlines()[-1:]}")
        shutil.rmtree(self.folder)
        return json.loads(out.splitlines()[-1])["parameterHash"]


def plain(model, **how):
    return Run(model, **how).start().hash()


def on_cluster(model, workers, **how):
    with Cluster(workers) as cluster:
        return Run(model, master=cluster.master, **how).start().hash()


def executor_killed(model, workers=3):
    with Cluster(workers) as cluster:
        run = Run(model, master=cluster.master).start().wait_for(UPDATES // 3)
        os.kill(cluster.executors()[0], signal.SIGKILL)
        return run.hash()


def driver_killed(model):
    run = Run(model, keys=["--checkpoint-dir", str(WORK / f"checkpoints-{time.monotonic_ns()}"), "--checkpoint-interval", "20"])
    run.start().wait_for(UPDATES // 2)
    subprocess.run(["pkill", "-KILL", "-f", str(run.folder)])
    run.process.communicate()
    return run.start("--resume").hash()


def speculation(model):
    return on_cluster(model, 2, conf=["spark.speculation=true", "spark.speculation.multiplier=1.01", "spark.speculation.quantile=0.1",
        "spark.speculation.minTaskRuntime=1ms", "spark.speculation.interval=5ms"])


def dynamic(model):
    return on_cluster(model, 3, conf=["spark.dynamicAllocation.enabled=true", "spark.dynamicAllocation.minExecutors=1",
        "spark.dynamicAllocation.initialExecutors=1", "spark.dynamicAllocation.executorIdleTimeout=1s",
        "spark.dynamicAllocation.cachedExecutorIdleTimeout=2s", "spark.dynamicAllocation.schedulerBacklogTimeout=1s"])


def java_options():
    return (HOME / "conf" / "java.options").read_text().split()


def circumstances(options):
    kryo = ["spark.serializer=org.apache.spark.serializer.KryoSerializer"]
    scalar = ["java", "-XX:+UseG1GC", *(o for o in java_options() if "vector" not in o)]
    every = {
        "local[2]": plain,
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
        "Kryo": lambda m: plain(m, conf=kryo),
        "Kryo, registration required": lambda m: plain(m, conf=[*kryo, "spark.kryo.registrationRequired=true"]),
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
    cpu = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text()).group(1)
    java = subprocess.run(["java", "-version"], capture_output=True, text=True).stderr.splitlines()[0]
    lines = ["# One model, the same bits", "",
        f"`benchmarks/invariance.py --write`: {len(hashes)} runs of {UPDATES} updates, one hash for each model. Made on {os.cpu_count()} cores,"
        f" {cpu}, {java}, {platform.system()}.", "",
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
        shutil.rmtree(WORK, ignore_errors=True)
