#!/usr/bin/env bash
# The kernel's parts under JMH: benchmarks/jmh.sh JAVA [option of JMH ...]. Options take the place of the short settings below (some
# 5 minutes): benchmarks/jmh.sh java -f 3 Product. On an otherwise idle machine; jmh.md holds what came out.
set -euo pipefail
java=$(command -v "$1")
shift
[ $# -gt 0 ] || set -- -f 1 -wi 2 -w 1 -i 3 -r 1
cd "$(dirname "$0")/.."
mvn -B -q -DskipTests -Dspotless.check.skip=true test-compile dependency:build-classpath -Dmdep.outputFile=target/test-classpath.txt -Dmdep.includeScope=test
"$java" @conf/java.options -cp "target/test-classes:target/classes:$(cat target/test-classpath.txt)" org.openjdk.jmh.Main \
  -jvmArgsAppend @conf/java.options "$@"
