#!/usr/bin/env bash
# The default step size, batch size and clipping beside their neighbours: each setting is changed alone, everything else is the default,
# and every run is one pass over the training part (benchmarks/data.sh first). Prints, per data set and setting, the loss and the accuracy on
# a tenth that is held out of the training part: the test parts have no say in defaults. Some 6 minutes on two cores.
set -euo pipefail
cd "$(dirname "$0")/.."
data=target/data

names=(--train $data/names-language/train.tsv --format tsv --features-col name --label-col language)
images=(--train $data/fashion-mnist-10k/train.json --format json --features-col rows --label-col label --standardize)
phones=(--task tagging --train $data/cmudict-g2p/train.json --format json --features-col letters --label-col phones
  --tokenizer none --hidden-size 64)

# What one run prints last, as "loss accuracy".
run() {
  local model
  model=$(mktemp -d)
  submit/unroll train "$@" --validation-fraction 0.1 --epochs 1 --model "$model/model" 2> /dev/null | tail -1 |
    sed -E 's/.*"validation":\{"loss":([0-9.]+)[0-9]*,"accuracy":([0-9.]+).*/\1 \2/' |
    awk '{printf "%.3f, %.1f %%", $1, 100 * $2}'
  rm -r "$model"
}

echo "| setting | names-language | fashion-mnist | cmudict-g2p |"
echo "|---|---|---|---|"
for setting in "" "step-size 0.001" "step-size 0.01" "batch-size 32" "batch-size 128" "clip-norm 0" "clip-norm 5"; do
  read -ra option <<< "${setting:+--$setting}"
  echo "| ${setting:-defaults} | $(run "${names[@]}" "${option[@]}") | $(run "${images[@]}" "${option[@]}") | $(run "${phones[@]}" "${option[@]}") |"
done
