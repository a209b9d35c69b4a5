#!/usr/bin/env bash
# What it takes to bring gradients together, on two executors of one core and 2 GB and a driver of 2 GB: the trainer's way, Spark's treeAggregate and
# aggregate, for 0.4, 4 and 20 million parameters in 64 shards and 64 partitions. reduce.md holds what came out. On an otherwise idle machine.
set -euo pipefail
cd "$(dirname "$0")/.."
export UNROLL_STANDALONE=$PWD/target/standalone-reduce
mvn -B -q -DskipTests -Dspotless.check.skip=true package
touch target/built
(cd target/test-classes && jar cf ../tests.jar dev)
master=$(submit/standalone start --workers 2 --cores 1 --memory 2g | tail -1)
trap 'submit/standalone stop' EXIT
SPARK_LOCAL_IP=127.0.0.1 java @conf/java.options -XX:+UseG1GC -Xmx2g "-Dspark.master=$master" -Dspark.executor.memory=2g -Dspark.ui.enabled=false \
  -Dspark.driver.host=127.0.0.1 -Dspark.jars="$PWD/target/unroll.jar,$PWD/target/tests.jar" -Dlog4j2.configurationFile=file:conf/log4j2.properties \
  -cp "target/unroll.jar:target/tests.jar:$(cat target/classpath.txt)" dev.unroll.spark.iteration.ReduceBenchmark
