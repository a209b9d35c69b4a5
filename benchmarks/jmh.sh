#!/usr/bin/env bash
# The kernel's parts under JMH: benchmarks/jmh.sh JAVA [option of JMH ...], such as benchmarks/jmh.sh java Product -f 3
# Some 5 minutes with the settings below, on an otherwise idle machine; benchmarks/jmh.md holds what came out.
set -euo pipefail
cd "$(dirname "$0")/.."
java=$1
shift
mvn -B -q -DskipTests -Dspotless.check.skip=true test-compile dependency:build-classpath -Dmdep.outputFile=target/test-classpath.txt -Dmdep.includeScope=test
"$java" @conf/java.options -cp "target/test-classes:target/classes:$(cat target/test-classpath.txt)" org.openjdk.jmh.Main \
  -f 1 -wi 2 -w 1 -i 3 -r 1 -jvmArgsAppend @conf/java.options "$@"
