#!/usr/bin/env bash
# Text to cached shards beside what Spark itself takes to read, range-partition and cache it, in local[2] with a heap of 2 GB: the King James
# Bible, repeated to a gigabyte. ingest.md holds what came out. On an otherwise idle machine.
#
#     benchmarks/ingest.sh [MEGABYTES [ROUNDS [DATA]]]       default 1000 3 ../shared/data beside this project
set -euo pipefail
cd "$(dirname "$0")/.."
megabytes=${1:-1000}
rounds=${2:-3}
data=${3:-../shared/data}
mvn -B -q -DskipTests -Dspotless.check.skip=true package
touch target/built
text=target/ingest-$megabytes.txt
if [ ! -f "$text" ]; then
    cut -f 3- "$data/kjv-bible/kjv.tsv" > target/kjv.txt
    copies=$((megabytes * 1000000 / $(stat -c %s target/kjv.txt)))
    for _ in $(seq "$copies"); do cat target/kjv.txt; done > "$text"
fi
SPARK_LOCAL_IP=127.0.0.1 java @conf/java.options -XX:+UseG1GC -Xmx2g "-Dspark.master=local[2]" -Dspark.ui.enabled=false \
  -Dlog4j2.configurationFile=file:conf/log4j2.properties \
  -cp "target/unroll.jar:target/test-classes:$(cat target/classpath.txt)" dev.unroll.ml.IngestBenchmark "$text" "$rounds"
