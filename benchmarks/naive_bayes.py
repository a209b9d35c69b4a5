#!/usr/bin/env python3
"""The cheap alternative to a recurrent network on strings: naive Bayes over character n-grams.

    benchmarks/naive_bayes.py --train F --test F --features-col X --label-col Y [--n 4] [--alpha 0.3]

Reads UTF-8 tables with a header: comma-separated where the name ends in .csv, tab-separated without quoting otherwise. A string gets
one mark before and one after it and stands for all its n-grams of 1 to n code points, each as often as it occurs. The model is
multinomial over all n-grams seen in training, with add-alpha smoothing and the classes' frequencies as prior; n-grams never seen in
training say nothing. Equal scores: the label first in code point order. Prints one JSON line: accuracy, macroF1 (mean over the labels
of the test part), and what was run. Python's standard library only.
"""

import argparse
import csv
import json
import math
import sys
from collections import Counter, defaultdict

BEGIN, END = "\x02", "\x03"


def read(path, features, label):
    rows = []
    with open(path, encoding="utf-8", newline="") as file:
        if path.endswith(".csv"):
            table = csv.reader(file)
        else:
            table = (line.rstrip("\r\n").split("\t") for line in file)
        header = next(table)
        for column in (features, label):
            if column not in header:
                sys.exit(f"{path} has no column {column}; it has {', '.join(header)}.")
        x, y = header.index(features), header.index(label)
        for row in table:
            rows.append((row[x], row[y]))
    return rows


def grams(text, n):
    marked = BEGIN + text + END
    for size in range(1, n + 1):
        for at in range(len(marked) - size + 1):
            gram = marked[at : at + size]
            if gram != BEGIN and gram != END:  # alone, a mark is in every string
                yield gram


class NaiveBayes:
    def __init__(self, rows, n, alpha):
        self.n = n
        self.labels = sorted({label for _, label in rows})
        index = {label: i for i, label in enumerate(self.labels)}
        counts = defaultdict(Counter)  # gram -> class -> count
        totals = [0] * len(self.labels)
        classes = [0] * len(self.labels)
        for text, label in rows:
            c = index[label]
            classes[c] += 1
            for gram in grams(text, n):
                counts[gram][c] += 1
                totals[c] += 1
        denominators = [math.log(total + alpha * len(counts)) for total in totals]
        self.prior = [math.log(k / len(rows)) for k in classes]
        # A class without the gram scores log alpha - denominator: that part is linear in the number of known grams.
        self.base = [math.log(alpha) - d for d in denominators]
        self.extra = {
            gram: [(c, math.log((k + alpha) / alpha)) for c, k in by_class.items()] for gram, by_class in counts.items()
        }

    def predict(self, text):
        score = list(self.prior)
        known = 0
        for gram in grams(text, self.n):
            extra = self.extra.get(gram)
            if extra is not None:
                known += 1
                for c, value in extra:
                    score[c] += value
        best = max(range(len(score)), key=lambda c: (score[c] + known * self.base[c], -c))
        return self.labels[best]


def measure(pairs):
    """Accuracy and macro F1 of (truth, prediction) pairs."""
    right, truth, said = Counter(), Counter(), Counter()
    for actual, predicted in pairs:
        truth[actual] += 1
        said[predicted] += 1
        right[actual] += actual == predicted
    f1 = [2 * right[label] / (truth[label] + said[label]) for label in sorted(truth)]
    return sum(right.values()) / sum(truth.values()), sum(f1) / len(f1)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--train", required=True)
    parser.add_argument("--test", required=True)
    parser.add_argument("--features-col", required=True)
    parser.add_argument("--label-col", required=True)
    parser.add_argument("--n", type=int, default=4, help="longest n-gram (default %(default)s)")
    parser.add_argument("--alpha", type=float, default=0.3, help="added to every count (default %(default)s)")
    options = parser.parse_args()
    train = read(options.train, options.features_col, options.label_col)
    test = read(options.test, options.features_col, options.label_col)
    model = NaiveBayes(train, options.n, options.alpha)
    accuracy, macro_f1 = measure((label, model.predict(text)) for text, label in test)
    print(
        json.dumps(
            {
                "accuracy": round(accuracy, 4),
                "macroF1": round(macro_f1, 4),
                "train": len(train),
                "test": len(test),
                "labels": len(model.labels),
                "n": options.n,
                "alpha": options.alpha,
            }
        )
    )


if __name__ == "__main__":
    main()
