#!/usr/bin/env python3
"""Updates on 1 to 32 executors as they were predicted, and as they are; and simulated ones on up to 1,000.

    benchmarks/scale.py [--networks none,1gbit,10gbit] [--executors 1,2,4,8,16,32] [--hidden 64,128,256] [--ghost 100:0.1,300:0.1] [--seconds 4]
        [--fitted 4] [--write]

For each network a cluster of submit/standalone (root on Linux where it has a rate). Costs are measured on as many executors as --fitted says, by bench
--write-costs, whose pieces have other sizes of theta and no work; then each combination of executors, hidden size (LSTM, 128 inputs, 64 classes) and
ghost work (ms:spread) is measured beside its prediction. Figures go to --folder, and what is there already is not measured again: so it can be
run in pieces. --write makes benchmarks/scale.md of all of them. On an otherwise idle machine; an executor has 450 MB.
"""

import argparse
import datetime
import json
import statistics
import subprocess
import sys
from pathlib import Path

from command import UNROLL
from runs import HOME, Cluster, clean, machine

SIMULATED = "1,8,32,100,300,1000"


def unroll(master, executors, *words):
    """The JSON object of the last line, of that many executors of one core."""
    settings = [f"spark.cores.max={executors}", f"spark.default.parallelism={executors}", "spark.executor.memory=450m"]
    line = [UNROLL, "--master", master, *(word for setting in settings for word in ("--spark-conf", setting)), *map(str, words)]
    run = subprocess.run(line, cwd=HOME, capture_output=True, text=True)
    if run.returncode:
        raise RuntimeError(run.stderr)
    return json.loads(run.stdout.splitlines()[-1])


def shape(hidden):
    return ["--input-size", 128, "--classes", 64, "--batch", 2, "--steps", 4, "--hidden-size", hidden]


def measure(options, network):
    """Appends what is not there yet of a network."""
    folder = options.folder / network
    folder.mkdir(parents=True, exist_ok=True)
    costs = folder / "costs.json"
    wanted = [(n, hidden, ghost) for n in options.executors for hidden in options.hidden for ghost in options.ghost]
    todo = [one for one in wanted if not place(folder, *one).exists()]
    if costs.exists() and not todo:
        return
    link = [] if network == "none" else ["--network", network]
    with Cluster(max([options.fitted, *(n for n, _, _ in todo)]), "--memory", "450m", *link) as cluster:
        if not costs.exists():
            unroll(cluster.master, options.fitted, "bench", "--spark", "--seconds", options.seconds, "--write-costs", costs, *shape(64))
        for n, hidden, ghost in todo:
            ms, spread = ghost.split(":")
            seen = unroll(cluster.master, n, "bench", "--spark", "--seconds", options.seconds, "--ghost-ms", ms, "--ghost-spread", spread,
                "--costs", costs, *shape(hidden))["spark"]
            print(network, n, hidden, ghost, seen, flush=True)
            place(folder, n, hidden, ghost).write_text(json.dumps(seen), encoding="utf-8")


def place(folder, n, hidden, ghost):
    return folder / f"{n}-{hidden}-{ghost.replace(':', '-')}.json"


def page(options):
    lines = ["# Updates on many executors", "",
        f"`benchmarks/scale.py`, made on {machine()}, {datetime.date.today().isoformat()}: all processes share its cores, so that what each task costs a"
        " processor is part of what tasks cost together. Links are those of `submit/standalone --network`, without delay.", "",
        "## Measured, and predicted before", "",
        f"Costs are of pieces on {options.fitted} executors; those of more are predictions of executors that the costs have not seen. Tasks sleep in"
        " place of computing. Times are means, the launch of jobs included, in ms.", "",
        "| network | executors | megabytes of theta | task, ms | spread | predicted | measured | error | efficiency |", "|---|---|---|---|---|---|---|---|---|"]
    errors = []
    for network in options.networks:
        for n in options.executors:
            for hidden in options.hidden:
                for ghost in options.ghost:
                    file = place(options.folder / network, n, hidden, ghost)
                    if not file.exists():
                        continue
                    seen = json.loads(file.read_text())
                    predicted, measured = seen["predicted"]["meanIterationMs"], seen["meanIterationMs"]
                    error = predicted / measured - 1
                    if n > options.fitted:
                        errors.append(abs(error))
                    lines.append(f"| {network} | {n} | {4e-6 * seen['parameters']:.2f} | {seen['ghostMs']:g} | {seen['ghostSpread']:g} | {predicted:.0f} | {measured:.0f}"
                        f" | {100 * error:+.0f} % | {seen['ghostMs'] / measured:.2f} |")
    if errors:
        lines += ["", f"Of the {len(errors)} with more executors than the costs have seen, the median error is {100 * statistics.median(errors):.0f} %, the"
            f" worst {100 * max(errors):.0f} %."]
    lines += ["", "## Simulated", "",
        "`bench --simulate` with the costs of each network: 200 ms of work with a spread of 0.1, 1.65 MB of theta, one task an executor; ms of an update. Not"
        " modelled: racks, lost packets, executors lost, neighbours, a driver that runs out of memory, and tasks that exchange among each other.", "",
        "| network | executors | estimated | simulated | first tenth | last tenth | one executor x 1.5 | one x 3 |", "|---|---|---|---|---|---|---|---|"]
    for network in options.networks:
        costs = options.folder / network / "costs.json"
        if costs.exists():
            run = subprocess.run([UNROLL, "bench", "--seconds", "0", "--ghost-ms", "200", "--ghost-spread", "0.1", "--simulate", SIMULATED, "--costs", costs,
                *map(str, shape(256))], cwd=HOME, capture_output=True, text=True, check=True)
            for point in json.loads(run.stdout.splitlines()[-1])["simulation"]:
                lines.append(f"| {network} | " + " | ".join(f"{value:,.0f}" for value in point.values()) + " |")
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--networks", type=lambda text: text.split(","), default=["none", "1gbit", "10gbit"])
    parser.add_argument("--executors", type=lambda text: [int(n) for n in text.split(",")], default=[1, 2, 4, 8, 16, 32])
    parser.add_argument("--hidden", type=lambda text: [int(n) for n in text.split(",")], default=[64, 128, 256])
    parser.add_argument("--ghost", type=lambda text: text.split(","), default=["100:0.1", "300:0.1"])
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--fitted", type=int, default=4)
    parser.add_argument("--folder", type=Path, default=HOME / "target" / "scale")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    options.folder = options.folder.resolve()
    for network in options.networks:
        measure(options, network)
    text = page(options)
    print(text)
    if options.write:
        (HOME / "benchmarks" / "scale.md").write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    finally:
        clean()
