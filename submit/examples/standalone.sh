#!/usr/bin/env bash
# Trains on a standalone cluster: submit/examples/standalone.sh [--key value]...   (the keys of train; without any, the default job)
# MASTER is the URL of yours. Without it a small one is started on this machine, which needs Linux and bash 4.4, and stopped in the end.
set -euo pipefail
home=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

if [ -z "${MASTER:-}" ]; then
  MASTER=$("$home/submit/standalone" start --workers 2 --cores 1 --memory 1g)
  trap '"$home/submit/standalone" stop' EXIT
fi
"$home/submit/unroll" train --master "$MASTER" "$@"
