#!/usr/bin/env python3
"""What an update costs besides its work: by the tasks that stay, and by a job for each, in turn.

    benchmarks/updates.py [--rounds 3] [--seconds 5] [--write]

Three tables: an update without work beside an empty Spark job, in local[2] and on executors of one core (0.4 million parameters); 256 sequences of 64
steps on two executors and on one; the default job, whole. Each figure is the median over the rounds; within a round everything has its turn. On an
otherwise idle machine. --write makes benchmarks/updates.md.
"""

import argparse
import datetime
import json
import statistics
import subprocess
import sys
import time
from collections import defaultdict

from runs import HOME, WORK, Cluster, clean, machine

SHAPE = ["--input-size", "128", "--hidden-size", "256", "--classes", "64", "--steps", "64"]
KINDS = {"tasks that stay": "0", "a job each": "1"}


def unroll(*arguments):
    """The JSON object of the last line."""
    done = subprocess.run([HOME / "submit" / "unroll", *arguments], capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return json.loads(done.stdout.splitlines()[-1])


def bench(master, tasks, batch, updates_per_job, seconds):
    conf = [] if master.startswith("local") else ["--spark-conf", f"spark.default.parallelism={tasks}"]
    return unroll("--master", master, *conf, "bench", "--spark", *SHAPE, "--batch", str(batch), "--seconds", str(seconds), "--updates-per-job",
        updates_per_job)["spark"]


def rounds(options):
    """All figures, by name."""
    figures = defaultdict(list)
    with Cluster(2) as two, Cluster(1) as one:
        places = {"local[2]": ("local[2]", 2), "two executors": (two.master, 2), "one executor": (one.master, 1)}
        for _ in range(options.rounds):
            for kind, updates_per_job in KINDS.items():
                for place, (master, tasks) in places.items():
                    seen = bench(master, tasks, 256 // tasks, updates_per_job, options.seconds)
                    for name in ("emptyJobMs", "zeroWorkMs", "exchangeMs", "iterationMs", "tokensPerSecond"):
                        figures[place, kind, name].append(seen[name])
                    figures[place, kind, "ratio"].append(seen["zeroWorkMs"] / seen["emptyJobMs"])
                start = time.monotonic()
                job = unroll("train", "--engine", "spark", "--updates-per-job", updates_per_job, "--model", str(WORK / f"model-{time.monotonic_ns()}"))
                figures["default job", kind, "seconds"].append(time.monotonic() - start)
                figures["default job", kind, "iterationMs"].append(job["iterationMs"])
                figures["default job", kind, "hash"].append(job["parameterHash"])
            for kind in KINDS:
                figures["speedup", kind, ""].append(figures["two executors", kind, "tokensPerSecond"][-1] / figures["one executor", kind, "tokensPerSecond"][-1])
            print({" ".join(key): values[-1] for key, values in figures.items()}, flush=True)
    return figures


def page(figures, options):
    def median(*key):
        return statistics.median(figures[key])

    lines = ["# What an update costs besides its work", "",
        f"`benchmarks/updates.py --rounds {options.rounds} --seconds {options.seconds:g} --write`: medians of {options.rounds} rounds, in turn. Made on {machine()},"
        f" {datetime.date.today().isoformat()}.", "",
        "An update without work: one sequence of one step in each task, 0.4 million parameters, Adam.", "",
        "| place | an update is | empty job, ms | update without work, ms | ratio | of it sending and scheduling, ms |", "|---|---|---|---|---|---|"]
    for place in ("local[2]", "one executor", "two executors"):
        for kind in KINDS:
            lines.append(f"| {place} | {kind} | {median(place, kind, 'emptyJobMs'):.1f} | {median(place, kind, 'zeroWorkMs'):.1f}"
                f" | {median(place, kind, 'ratio'):.2f} | {median(place, kind, 'exchangeMs'):.1f} |")
    lines += ["", "256 sequences of 64 steps, LSTM 128/256, 64 classes:", "",
        "| an update is | one executor, steps/s | two executors, steps/s | ratio | of each round | local[2], steps/s |", "|---|---|---|---|---|---|"]
    for kind in KINDS:
        each = ", ".join(f"{ratio:.2f}" for ratio in figures["speedup", kind, ""])
        lines.append(f"| {kind} | {median('one executor', kind, 'tokensPerSecond'):,.0f} | {median('two executors', kind, 'tokensPerSecond'):,.0f}"
            f" | {median('speedup', kind, ''):.2f} | {each} | {median('local[2]', kind, 'tokensPerSecond'):,.0f} |")
    lines += ["", "The default job, `submit/unroll train --engine spark`:", "", "| an update is | ms an update | whole command, s |", "|---|---|---|"]
    for kind in KINDS:
        lines.append(f"| {kind} | {median('default job', kind, 'iterationMs'):.1f} | {median('default job', kind, 'seconds'):.0f} |")
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    subprocess.run([HOME / "submit" / "unroll", "--version"], check=True, capture_output=True)  # builds
    figures = rounds(options)
    hashes = {h for kind in KINDS for h in figures["default job", kind, "hash"]}
    text = page(figures, options)
    print(text)
    if len(hashes) > 1:
        print(f"the default job has several hashes: {hashes}")
        return 1
    if options.write:
        (HOME / "benchmarks" / "updates.md").write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    finally:
        clean()
