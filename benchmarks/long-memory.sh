#!/usr/bin/env bash
# The classic tasks that need a long memory: makes their data, trains each with the settings in conf/, and Elman's cell on the first two with
# the same settings; prints the last line of each run and what it says of the gradient.
#
#     benchmarks/long-memory.sh
set -euo pipefail
cd "$(dirname "$0")/.."

make() { # kind steps sequences
  submit/unroll synthesize --kind "$1" --steps "$2" --sequences "$3" --seed 1 --output "target/data/$1/train.json" --overwrite > /dev/null
  submit/unroll synthesize --kind "$1" --steps "$2" --sequences 2000 --seed 2 --output "target/data/$1/test.json" --overwrite > /dev/null
}

run() { # title conf key...
  local title=$1 conf=$2
  shift 2
  echo "== $title"
  submit/unroll train --config "conf/$conf.properties" --overwrite --model "target/models/$conf" "$@" 2> target/long-memory.log | grep -v "^epoch\|^kernel" || { cat target/long-memory.log >&2; exit 1; }
}

make adding 100 50000
make temporal-order 100 20000
make copy 50 50000
run "adding, lstm" adding
run "adding, elman" adding --cell elman --forget-bias 0
run "temporal order, lstm" temporal-order
run "temporal order, lstm with forget-bias 1" temporal-order --forget-bias 1
run "temporal order, elman" temporal-order --cell elman --forget-bias 0
run "delayed copy, lstm" delayed-copy
