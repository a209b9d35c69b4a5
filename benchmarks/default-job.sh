#!/usr/bin/env bash
# The default job beside its cheap baseline, naive Bayes over character n-grams, on the same split. Needs python3.
set -euo pipefail
cd "$(dirname "$0")/.."
mvn -B -q test-compile
out=target/data/names-24-languages
java -cp "target/classes:target/test-classes:$(cat target/classpath.txt)" dev.unroll.cli.command.DefaultSplit "$out"
echo "naive Bayes:"
benchmarks/naive_bayes.py --train "$out/train.tsv" --test "$out/test.tsv" --features-col name --label-col language
echo "submit/unroll train:"
submit/unroll train --model "target/default-job.$$" | tail -1
