#!/usr/bin/env bash
# Predictions a second, and fitByKey beside one local training: benchmarks/estimators.sh [JAVA]. Some ten minutes on an otherwise idle machine;
# estimators.md holds what came out.
set -euo pipefail
java=$(command -v "${1:-java}")
cd "$(dirname "$0")/.."
mvn -B -q -DskipTests -Dspotless.check.skip=true test-compile dependency:build-classpath -Dmdep.outputFile=target/test-classpath.txt -Dmdep.includeScope=test
"$java" @conf/java.options -Xmx4g -cp "target/test-classes:target/classes:$(cat target/test-classpath.txt)" dev.unroll.benchmark.EstimatorBenchmark
