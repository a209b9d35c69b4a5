#!/usr/bin/env bash
# L-BFGS against Adam by passes over the data, on the names of the default job and its split, and on every 32nd of them. Needs python3.
# Prints the tables of benchmarks/lbfgs-vs-adam.md; the losses depend on neither the machine nor its load.
set -euo pipefail
cd "$(dirname "$0")/.."
mvn -B -q test-compile
data=target/data/names-24-languages
java -cp "target/classes:target/test-classes:$(cat target/classpath.txt)" dev.unroll.cli.command.DefaultSplit "$data"
awk 'NR % 32 == 1' "$data/train.tsv" > "$data/few.tsv" # line 1 is the header
out=$(mktemp -d target/lbfgs-vs-adam.XXXXXX)

run() { # a name for the files, what to train on, then keys
  local name=$1 train=$2
  shift 2
  echo "$name: $*" >&2
  local start=$SECONDS
  submit/unroll train --train "$data/$train.tsv" --validation "$data/test.tsv" --format tsv --features-col name --label-col language \
    --engine local --metrics "$out/$name.jsonl" --model "$out/$name" "$@" > "$out/$name.log"
  echo "$name: $((SECONDS - start)) s" >&2
}

# L-BFGS some passes longer: the loss at a place is in the report of the next update.
run all-lbfgs train --hidden-size 64 --optimizer lbfgs --epochs 53
run all-adam train --hidden-size 64 --optimizer adam --epochs 50
run all-adam-full-batch train --hidden-size 64 --optimizer adam --batch-size 0 --step-size 0.01 --epochs 51
run few-lbfgs few --hidden-size 16 --optimizer lbfgs --epochs 103
run few-adam few --hidden-size 16 --optimizer adam --epochs 100
run few-adam-0.01 few --hidden-size 16 --optimizer adam --step-size 0.01 --epochs 100

python3 - "$out" << 'PYTHON'
import json
import sys

PASSES = (1, 2, 5, 10, 20, 50, 100)
GROUPS = (
    (
        "All names",
        50,
        ("all-lbfgs", "L-BFGS"),
        ("all-adam", "Adam, batches of 64"),
        ("all-adam-full-batch", "Adam, all sequences, step-size 0.01"),
    ),
    (
        "Every 32nd name",
        100,
        ("few-lbfgs", "L-BFGS"),
        ("few-adam", "Adam, batches of 64"),
        ("few-adam-0.01", "Adam, batches of 64, step-size 0.01"),
    ),
)


def curves(path):
    """Training loss and held-out metrics by passes spent: two lists of (passes, value), ascending."""
    with open(path, encoding="utf-8") as file:
        lines = [json.loads(line) for line in file]
    full_batch = all(line["sequences"] == lines[0]["sequences"] for line in lines)
    if full_batch:  # the loss before an update is that of the parameters after the passes before it
        training = [(line["epoch"], line["loss"]) for line in lines if line["epoch"] > 0]
        held_out = [(line["epoch"] + line["passes"], line["validation"]) for line in lines]
    else:  # the mean over a pass, while the parameters moved
        training = []
        for epoch in range(1 + lines[-1]["epoch"]):
            batches = [line for line in lines if line["epoch"] == epoch]
            total = sum(line["sequences"] for line in batches)
            training.append((epoch + 1, sum(line["loss"] * line["sequences"] for line in batches) / total))
        held_out = [(line["epoch"] + 1, line["validation"]) for line in lines if "validation" in line]
    return training, held_out


def at(curve, passes, form):
    """The latest value that has cost no more than so many passes."""
    values = [value for spent, value in curve if spent <= passes]
    return form(values[-1]) if values else "-"


def table(title, most, runs, column, form):
    print(f"\n{title}:\n\n| passes | " + " | ".join(name for _, name in runs) + " |")
    print("|---|" + "---|" * len(runs))
    found = [curves(f"{sys.argv[1]}/{file}.jsonl")[column] for file, _ in runs]
    for passes in (p for p in PASSES if p <= most):
        print(f"| {passes} | " + " | ".join(at(curve, passes, form) for curve in found) + " |")


for title, most, *runs in GROUPS:
    table(f"{title}, training loss", most, runs, 0, "{:.3f}".format)
    table(
        f"{title}, held-out loss and accuracy", most, runs, 1, lambda m: f"{m['loss']:.3f}, {100 * m['accuracy']:.1f} %"
    )
PYTHON
