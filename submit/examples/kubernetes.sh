#!/usr/bin/env bash
# Trains on Kubernetes, the driver in the cluster. Untried: no such cluster was at hand. Every path must be one that the driver can reach there:
#   MASTER=k8s://https://host:6443 IMAGE=... submit/examples/kubernetes.sh --train s3a://... --features-col name --label-col sex --model s3a://...
# --config, --metrics and --tensorboard are local files of the driver, so give none of them. IMAGE is Spark's own image with target/unroll.jar
# as /opt/unroll.jar in it. The driver starts the executors, so its service account (ACCOUNT, or spark) must be allowed to make pods.
set -euo pipefail
: "${SPARK_HOME:?is not set; the Spark of the Maven build knows no Kubernetes}"
: "${MASTER:?is not set; it is k8s:// and the URL of the API server}"
: "${IMAGE:?is not set; it is the image of driver and executors}"

exec "$SPARK_HOME/bin/spark-submit" --master "$MASTER" --deploy-mode cluster --conf spark.kubernetes.container.image="$IMAGE" \
  --conf spark.kubernetes.authenticate.driver.serviceAccountName="${ACCOUNT:-spark}" --conf spark.executor.instances=8 \
  --class dev.unroll.cli.Unroll local:///opt/unroll.jar train "$@"
