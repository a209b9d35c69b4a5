#!/usr/bin/env bash
# The kernel beside PyTorch and JAX on the same core: every shape in turn by each of them, ROUNDS times over, one thread each.
#
#     PYTHON=python3 ROUNDS=3 SECONDS_EACH=4 TABLES="kernel iteration" benchmarks/peers.sh [JAVA_HOME...]
#
# PYTHON is an interpreter with torch and jax from PyPI; each JAVA_HOME (default: the java on the PATH) is a row of its own. Prints tokens
# per second (medians over the rounds), and the ratio to the better peer: of the kernel, then of whole iterations on Spark in local[2] beside
# PyTorch's DistributedDataParallel with two processes on the same two cores. Peers of the kernel are bound to one processor (taskset): JAX
# starts a second thread whatever it is told. A JDK above 23 needs a Spark 4.3 in SPARK_HOME for the iterations.
set -Eeuo pipefail
work=$(mktemp -d)
errors=$work/errors # what the latest one said besides its figure
trap 'rm -r "$work"' EXIT
trap 'tail -n 20 "$errors" >&2; echo "peers.sh: failed at line $LINENO" >&2' ERR
cd "$(dirname "$0")/.."
python=${PYTHON:-python3}
rounds=${ROUNDS:-3}
seconds=${SECONDS_EACH:-4}
tables=${TABLES:-kernel iteration}
[ $# -gt 0 ] || set -- "$(dirname "$(dirname "$(readlink -f "$(command -v java)")")")"
submit/unroll bench --help > /dev/null # builds

shapes=(
  "lstm 128 256 64 0 32 64 dense" "gru 128 256 64 0 32 64 dense" "elman 128 256 64 0 32 64 dense" "lstm 256 512 64 0 64 64 dense"
  "lstm 64 64 64 0 16 32 dense" "lstm 256 256 10000 10000 32 35 dense" "lstm 128 256 64 0 32 64 ragged"
  "lstm 128 256 64 0 32 64 dense 2 false" "lstm 128 256 64 0 32 64 dense 1 true"
)

median() { sort -n | awk '{x[NR] = $1} END {if (!NR) exit 1; print x[int((NR + 1) / 2)]}'; }

unroll() { # JAVA_HOME shape...
  local ragged=false
  [ "$9" = dense ] || ragged=true
  JAVA_HOME=$1 submit/unroll bench --cell "$2" --input-size "$3" --hidden-size "$4" --classes "$5" --vocabulary "$6" --batch "$7" \
    --steps "$8" --ragged $ragged --num-layers "${10:-1}" --bidirectional "${11:-false}" --seconds "$seconds" 2> "$errors" | tail -1 | sed -E 's/.*"tokensPerSecond":([0-9]+).*/\1/'
}

peer() { # tool shape... form
  taskset -c 0 "$python" benchmarks/peer_step.py "$1" "$2" "$3" "$4" "$5" "$6" "$7" "$8" "$seconds" "$9" "${10:-1}" "${11:-false}" 2> "$errors"
}

row() { # JAVA_HOME what best peers
  local ours version
  ours=$(median < "$files/unroll$(basename "$1")")
  version=$("$1/bin/java" -XshowSettings:properties -version 2>&1 | sed -nE 's/ *java.specification.version = //p')
  echo "| $2 | $version | $ours | $4 | $(awk "BEGIN {printf \"%.2f\", $ours / $3}") |"
}

kernel() { # JAVA_HOME...
  echo
  echo "| cell, inputs, hidden, classes, vocabulary, batch, steps, form, layers, both directions | JDK | Unroll | PyTorch | JAX | ratio |"
  echo "|---|---|---|---|---|---|"
  for shape in "${shapes[@]}"; do
    read -ra s <<< "$shape"
    files=$(mktemp -d -p "$work")
    for ((round = 0; round < rounds; round++)); do
      for java in "$@"; do unroll "$java" "${s[@]}" >> "$files/unroll$(basename "$java")"; done
      if [ ${#s[@]} -gt 8 ]; then
        peer torch "${s[@]}" >> "$files/torch"
      elif [ "${s[7]}" = dense ]; then
        peer torch "${s[@]}" >> "$files/torch"
        [ "${s[4]}" -gt 0 ] || peer jax "${s[@]}" >> "$files/jax"
      else
        peer torch "${s[@]:0:7}" padded >> "$files/torch"
        peer torch "${s[@]:0:7}" packed >> "$files/packed"
      fi
    done
    torch=$(cat "$files"/torch | median)
    if [ -s "$files/packed" ]; then
      packed=$(median < "$files/packed")
      torch=$((packed > torch ? packed : torch))
    fi
    jax=$([ -s "$files/jax" ] && median < "$files/jax" || echo 0)
    best=$((jax > torch ? jax : torch))
    for java in "$@"; do
      row "$java" "$shape" "$best" "$torch | ${jax/#0/-}"
    done
  done
}

iteration() { # JAVA_HOME...
  echo
  echo "| LSTM 128/256, 64 classes, one Adam update | JDK | Unroll, local[2] | PyTorch DDP, two processes: padded, packed, bucketed | ratio |"
  echo "|---|---|---|---|---|"
  for batch in 32 128; do
    for lengths in "64" "8 to 64"; do
      forms=dense
      [ "$lengths" = 64 ] || forms="padded packed grouped"
      files=$(mktemp -d -p "$work")
      for ((round = 0; round < rounds; round++)); do
        for java in "$@"; do
          JAVA_HOME=$java submit/unroll bench --master 'local[2]' --spark --batch $batch --ragged "$([ "$lengths" = 64 ] && echo false || echo true)" \
            --seconds "$seconds" 2> "$errors" | tail -1 | sed -E 's/.*"spark":.*"tokensPerSecond":([0-9]+).*/\1/' >> "$files/unroll$(basename "$java")"
        done
        for form in $forms; do
          "$python" benchmarks/peer_ddp.py 128 256 64 $batch 64 "$seconds" $form 2> "$errors" >> "$files/$form"
        done
      done
      peers= best=0
      for form in $forms; do
        peer=$(median < "$files/$form")
        peers=${peers:+$peers, }$peer
        best=$((peer > best ? peer : best))
      done
      for java in "$@"; do
        row "$java" "2 x $batch sequences of $lengths steps" "$best" "$peers"
      done
    done
  done
}

for java in "$@"; do echo "$("$java/bin/java" -version 2>&1 | sed -n 2p)"; done
"$python" -c 'from importlib.metadata import version; print("PyTorch", version("torch"), "JAX", version("jax"))'
for table in $tables; do
  case $table in
    kernel) kernel "$@" ;;
    iteration) iteration "$@" ;;
    *) echo "peers.sh: TABLES has $table; allowed are kernel and iteration" >&2; exit 2 ;;
  esac
done
