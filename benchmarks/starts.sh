#!/usr/bin/env bash
# How many starts of a JVM leave vectors on the heap: benchmarks/starts.sh COUNT [CLASSES ...], COUNT starts of each directory of classes by turns (that of
# the checkout by default), two threads each. A line a start: number, directory, bytes a batch of each thread; more than 2,000 is a bad start. starts.md
# holds what came out. Options for the JVM may be in JVM. Other work on the machine makes bad starts likelier.
set -euo pipefail
count=$1
shift
[ $# -gt 0 ] || set -- "$(dirname "$0")/../target/classes"
cd "$(dirname "$0")/.."
[ -d target/test-classes/dev/unroll/cli/bench ] || mvn -B -q -DskipTests -Dspotless.check.skip=true test-compile
out=$(mktemp)
for start in $(seq "$count"); do
  for classes in "$@"; do
    bytes=$(java @conf/java.options ${JVM:-} -Xmx1g -cp "$classes:target/test-classes:$(cat target/classpath.txt)" dev.unroll.cli.bench.StartBenchmark 2>/dev/null)
    echo "$start $classes $bytes" | tee -a "$out"
  done
done
awk '{ n[$2]++; if ($3 > 2000 || $4 > 2000) bad[$2]++ } END { for (b in n) print b ": " n[b] " starts, " bad[b] + 0 " bad" }' "$out"
rm "$out"
