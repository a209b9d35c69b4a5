#!/usr/bin/env bash
# Trains on YARN, the driver in the cluster. Untried: no such cluster was at hand. Every path must be one that the driver can reach there:
#   submit/examples/yarn.sh --train hdfs:///names.csv --features-col name --label-col sex --model hdfs:///models/names
# --config, --metrics and --tensorboard are local files of the driver, so give none of them.
set -euo pipefail
home=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
: "${SPARK_HOME:?is not set; the Spark of the Maven build knows no YARN}"
: "${HADOOP_CONF_DIR:?is not set; it is where the files are that say where YARN is}"

"$home/submit/build"
exec "$SPARK_HOME/bin/spark-submit" --master yarn --deploy-mode cluster --num-executors 8 --executor-cores 4 --executor-memory 4g \
  --class dev.unroll.cli.Unroll "$home/target/unroll.jar" train "$@"
