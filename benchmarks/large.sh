#!/usr/bin/env bash
# Training on more than fits: two executors of one core and 1 GB, 0.3 GB of ids in memory beside 4 GB, most of them on disk, by each
# serializer of Spark. large.md holds what came out. On an otherwise idle machine with some 10 GB of free disk.
#
#     benchmarks/large.sh [FITS BEYOND [UPDATES]]        gigabytes, default 0.3 4 and 400 updates
set -euo pipefail
cd "$(dirname "$0")/.."
export UNROLL_STANDALONE=$PWD/target/standalone-large
mvn -B -q -DskipTests -Dspotless.check.skip=true package
touch target/built
(cd target/test-classes && jar cf ../tests.jar dev)
master=$(submit/standalone start --workers 2 --cores 1 --memory 1g | tail -1)
trap 'submit/standalone stop' EXIT
kryo="-Dspark.serializer=org.apache.spark.serializer.KryoSerializer -Dspark.kryo.registrator=dev.unroll.spark.shards.ShardRegistrator"
for conf in "" "$kryo" "$kryo -Dspark.rdd.compress=true"; do
  echo "conf: ${conf:-the defaults of Spark}"
  SPARK_LOCAL_IP=127.0.0.1 java @conf/java.options -XX:+UseG1GC -Xmx1g "-Dspark.master=$master" -Dspark.executor.memory=1g $conf \
    -Dspark.ui.enabled=false -Dspark.driver.host=127.0.0.1 -Dspark.jars="$PWD/target/unroll.jar,$PWD/target/tests.jar" \
    -Dlog4j2.configurationFile=file:conf/log4j2.properties -cp "target/unroll.jar:target/tests.jar:$(cat target/classpath.txt)" \
    dev.unroll.spark.shards.LargeCorpusBenchmark "${1:-0.3}" "${2:-4}" "${3:-400}"
done
