#!/usr/bin/env python3
"""What a slow executor costs, and how soon its shards have moved to the others.

    benchmarks/stragglers.py [--slow 0.5] [--write]

Two executors of one core train; after 40 updates one of them is stopped and continued by signals, so that it has only a share of its time, and after
80 more it has all of it again. An update is then measured beside the one that is ideal: what both executors would take if each had the part of the
steps that it can compute in the same time. The parameters of an undisturbed training have to be the same. On an otherwise idle machine. --write makes
benchmarks/stragglers.md.
"""

import argparse
import datetime
import json
import os
import random
import signal
import statistics
import subprocess
import sys
import threading
import time

from runs import HOME, WORK, Cluster, clean, machine

SLOW_FROM, SLOW_TO, UPDATES = 40, 120, 180
PERIOD = 0.02  # s: short beside an update, so that each of them is slowed alike
PHASES = ("broadcastMs", "computeMs", "waitMs", "mergeMs", "updateMs")


def data():
    draw = random.Random(5)
    rows = []
    for _ in range(1024):
        kind = draw.choice("pqrs")
        rows.append("".join(draw.choices("abcdefgh" + kind * 3, k=64)) + "," + kind)
    (WORK / "names.csv").write_text("name,kind\n" + "\n".join(rows) + "\n")


class Slowed:
    """A process that runs for a share of the time only, as long as this is entered."""

    def __init__(self, pid, share):
        self.pid, self.share, self.ended = pid, share, threading.Event()
        self.thread = threading.Thread(target=self.run)

    def run(self):
        while not self.ended.is_set():
            os.kill(self.pid, signal.SIGSTOP)
            time.sleep(PERIOD * (1 - self.share))
            os.kill(self.pid, signal.SIGCONT)
            time.sleep(PERIOD * self.share)

    def __enter__(self):
        self.thread.start()

    def __exit__(self, *_):
        self.ended.set()
        self.thread.join()


def updates(metrics):
    return [json.loads(line) for line in metrics.read_text().splitlines()] if metrics.exists() else []


def until(process, metrics, count):
    while process.poll() is None and len(updates(metrics)) < count:
        time.sleep(0.05)
    if process.poll() is not None:
        raise RuntimeError(f"the training ended before update {count}")


def train(cluster, name, share):
    """The updates of a training, and its hash; slowed if there is a share."""
    metrics = WORK / f"{name}.jsonl"
    command = [HOME / "submit/unroll", "--master", cluster.master, "--spark-conf", "spark.executor.memory=600m", "train", "--engine", "spark",
        "--train", WORK / "names.csv", "--features-col", "name", "--label-col", "kind", "--hidden-size", 256, "--batch-size", 256, "--num-shards", 64,
        "--max-iter", UPDATES, "--metrics", metrics, "--model", WORK / name]
    process = subprocess.Popen([str(word) for word in command], stdout=subprocess.PIPE, stderr=(WORK / f"{name}.log").open("w"), text=True)
    if share:
        until(process, metrics, SLOW_FROM)
        with Slowed(cluster.executors()[0], share):
            until(process, metrics, SLOW_TO)
    out, _ = process.communicate()
    if process.returncode:
        raise RuntimeError((WORK / f"{name}.log").read_text()[-2000:])
    return updates(metrics), json.loads(out.splitlines()[-1])["parameterHash"]


def ms(lines, first, end):
    """The median of the updates from first to before end, counted from 0."""
    return statistics.median(sum(line[phase] for phase in PHASES) for line in lines[first:end])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--slow", type=float, default=0.5)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    data()
    with Cluster(2) as cluster:
        undisturbed, expected = train(cluster, "undisturbed", 0)
        lines, found = train(cluster, "slowed", options.slow)
    if found != expected:
        sys.exit(f"the slowed training ends with {found}, the undisturbed one with {expected}")
    alone = ms(undisturbed, SLOW_FROM, UPDATES)
    ideal = alone * 2 / (1 + options.slow)
    rows = [("both executors have all of their time", ms(lines, 15, SLOW_FROM), alone),
        ("one has less, updates 2 to 5 of these", ms(lines, SLOW_FROM + 1, SLOW_FROM + 5), ideal),
        ("updates 6 to 20", ms(lines, SLOW_FROM + 5, SLOW_FROM + 20), ideal),
        ("updates 21 to 80", ms(lines, SLOW_FROM + 20, SLOW_TO), ideal),
        ("it has all again, updates 21 to 60 of these", ms(lines, SLOW_TO + 20, UPDATES), alone)]
    table = "\n".join(f"| {what} | {took:.0f} | {best:.0f} | {took / best:.2f} |" for what, took, best in rows)
    page = f"""# Slow executors

`benchmarks/stragglers.py --slow {options.slow} --write`. Made on {machine()}, {datetime.date.today()}.

LSTM 256, 256 sequences of 64 steps an update, 64 shards, two executors of one core. One of them gets {options.slow:.0%} of its time for {SLOW_TO - SLOW_FROM}
updates (stopped and continued every {PERIOD * 1000:.0f} ms). Ideal is what an update would take if both were ready at the same time, by an undisturbed training on the same
executors just before, whose hash the parameters end with.

| updates | ms, median | ideal | ratio |
|---|---|---|---|
{table}

Shards move when the executor was slow in three quarters of its latest updates, and the tasks that stay have ended. Single late tasks move nothing.
"""
    print(page)
    if options.write:
        (HOME / "benchmarks" / "stragglers.md").write_text(page)


if __name__ == "__main__":
    try:
        main()
    finally:
        clean()
