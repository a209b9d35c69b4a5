"""Metrics of made-up predictions as scikit-learn computes them, and as NumPy does where scikit-learn has none."""

import math
import random
import warnings

LEVELS = [0.1, 0.5, 0.75, 0.9]
BINS = 15
CLASSES = {
    "two classes": {"rows": 150, "classes": 2},
    "two classes, ties and weights": {"rows": 160, "classes": 2, "ties": 8, "weights": "sixteenths"},
    "six classes, weights": {"rows": 200, "classes": 6, "weights": "any"},
    "seven classes of which three never are the label, ties": {"rows": 120, "classes": 7, "never": [0, 2, 5], "ties": 16},
    "three classes, one rare, certain and wrong, weights of all sizes": {"rows": 180, "classes": 3, "rare": 1, "certain": True, "weights": "sizes"},
}
LABEL_SETS = {
    "two labels": {"rows": 90, "labels": 2},
    "five labels, weights, ties": {"rows": 140, "labels": 5, "weights": "any", "ties": 16},
    "three labels, weights": {"rows": 70, "labels": 3, "weights": "sixteenths"},
    "nine labels, two of which never occur, many sets with none": {"rows": 150, "labels": 9, "never": [3, 7], "often": 0.1},
    "four labels, weights of all sizes": {"rows": 120, "labels": 4, "weights": "sizes"},
}
NUMBERS = {
    "plain": {"rows": 120},
    "weights": {"rows": 150, "weights": "any"},
    "targets of 0, hits": {"rows": 140, "zeros": True, "weights": "sixteenths"},
    "sizes from 1e-6 to 1e9": {"rows": 130, "sizes": True, "weights": "sizes"},
    "on a level of 1e8": {"rows": 110, "level": 1e8},
}


def weights(rng, kind, rows):
    """Float32, as Unroll reads them."""
    import numpy as np

    draw = {
        None: lambda: 1.0,
        "sixteenths": lambda: rng.randint(1, 64) / 16,
        "any": lambda: rng.uniform(0.1, 3),
        "sizes": lambda: 10 ** rng.uniform(-4, 4),
    }[kind]
    return [float(np.float32(draw())) for _ in range(rows)]


def class_case(name, spec):
    import numpy as np
    from sklearn import metrics as sk

    rng = random.Random(name)
    count = spec["classes"]
    labels, rows = [], []
    for _ in range(spec["rows"]):
        label = rng.choice([c for c in range(count) if c not in spec.get("never", [])])
        if label == spec.get("rare") and rng.random() < 0.9:
            label = 0
        sizes = [math.exp(rng.gauss(1.2 if c == label else 0, 1)) for c in range(count)]
        if "ties" in spec:
            sizes = [round(spec["ties"] * size / sum(sizes)) for size in sizes]
            sizes[label] += sum(sizes) == 0
        if spec.get("certain") and rng.random() < 0.1:
            sure = (label + rng.randint(0, 1)) % count
            sizes = [float(c == sure) for c in range(count)]
        labels.append(label)
        rows.append([float(np.float32(size / sum(sizes))) for size in sizes])
    weight = weights(rng, spec.get("weights"), spec["rows"])

    y, p, w = np.array(labels), np.array(rows), np.array(weight)
    predicted = p.argmax(1)
    every = list(range(count))
    precision, recall, f1, _ = sk.precision_recall_fscore_support(y, predicted, labels=every, zero_division=0, sample_weight=w)
    metrics = {"accuracy": sk.accuracy_score(y, predicted, sample_weight=w)}
    for average in ("macro", "weighted"):
        means = sk.precision_recall_fscore_support(y, predicted, average=average, zero_division=0, sample_weight=w)
        metrics |= {average + figure: mean for figure, mean in zip(("Precision", "Recall", "F1"), means)}
    metrics["logLoss"] = sk.log_loss(y, p, labels=every, sample_weight=w)
    for k in (3, 5):
        if k < count:
            metrics[f"top{k}Accuracy"] = sk.top_k_accuracy_score(y, p, k=k, labels=every, sample_weight=w)
    metrics["expectedCalibrationError"] = calibration_error(y, p, w)
    areas = {"AreaUnderROC": sk.roc_auc_score, "AveragePrecision": sk.average_precision_score}
    of_class = {"precision": list(precision), "recall": list(recall), "f1": list(f1), "areaUnderROC": [], "averagePrecision": []}
    for name_of, area in areas.items():
        own = name_of[0].lower() + name_of[1:]
        of_class[own] = [area(y == c, p[:, c], sample_weight=w) if (y == c).any() else None for c in every]
        if count == 2:
            metrics[own] = area(y, p[:, 1], sample_weight=w)
            continue
        present = [c for c in every if (y == c).any()]
        sizes = [w[y == c].sum() for c in present]
        for average, shares in (("macro", None), ("weighted", sizes)):
            metrics[average + name_of] = np.average([of_class[own][c] for c in present], weights=shares)
        if len(present) == count:
            options = {"multi_class": "ovr"} if area is sk.roc_auc_score else {}
            for average in ("macro", "weighted"):
                direct = area(y, p, average=average, sample_weight=w, **options)
                assert abs(direct - metrics[average + name_of]) < 1e-12, (name, average, name_of)
    confusion = sk.confusion_matrix(y, predicted, labels=every, sample_weight=w)
    return {
        "name": name,
        "classes": count,
        "labels": labels,
        "probabilities": rows,
        "weights": weight,
        "metrics": {key: float(value) for key, value in metrics.items()},
        "ofClass": {key: [None if value is None else float(value) for value in values] for key, values in of_class.items()},
        "confusion": confusion.astype(float).tolist(),
    }


def label_set_case(name, spec):
    import numpy as np
    from sklearn import metrics as sk

    rng = random.Random(name)
    count = spec["labels"]
    sets, rows = [], []
    for _ in range(spec["rows"]):
        own = [c for c in range(count) if c not in spec.get("never", []) and rng.random() < spec.get("often", 0.4)]
        chances = [1 / (1 + math.exp(-rng.gauss(1 if c in own else -1, 1.5))) for c in range(count)]
        if "ties" in spec:
            chances = [round(spec["ties"] * chance) / spec["ties"] for chance in chances]
        sets.append(own)
        rows.append([float(np.float32(chance)) for chance in chances])
    weight = weights(rng, spec.get("weights"), spec["rows"])

    y, p, w = np.array([[int(c in own) for c in range(count)] for own in sets]), np.array(rows), np.array(weight)
    predicted = (p > 0.5).astype(int)
    present = [c for c in range(count) if (y[:, c] + predicted[:, c]).any()]
    figures = lambda average: sk.precision_recall_fscore_support(
        y[:, present], predicted[:, present], average=average, zero_division=0, sample_weight=w
    )
    metrics = {"accuracy": sk.accuracy_score(y, predicted, sample_weight=w)}
    metrics["hammingLoss"] = sk.hamming_loss(y, predicted, sample_weight=w)
    for average in ("micro", "macro", "weighted"):
        metrics |= {average + figure: mean for figure, mean in zip(("Precision", "Recall", "F1"), figures(average))}
    metrics["logLoss"] = np.mean([sk.log_loss(y[:, c], p[:, c], labels=[0, 1], sample_weight=w) for c in range(count)])
    of_class = {key: list(values) for key, values in zip(("precision", "recall", "f1"), figures(None))}
    some = [c for c in range(count) if y[:, c].any()]
    for key, area in (("AreaUnderROC", sk.roc_auc_score), ("AveragePrecision", sk.average_precision_score)):
        metrics["macro" + key] = area(y[:, some], p[:, some], average="macro", sample_weight=w)
        own = [area(y[:, c], p[:, c], sample_weight=w) for c in some]
        metrics["weighted" + key] = np.average(own, weights=[w[y[:, c] == 1].sum() for c in some])
    return {
        "name": name,
        "sets": sets,
        "present": present,
        "probabilities": rows,
        "weights": weight,
        "metrics": {key: float(value) for key, value in metrics.items()},
        "ofClass": {key: [float(value) for value in values] for key, values in of_class.items()},
    }


def calibration_error(y, p, w):
    """sum over bins ((m - 1) / 15, m / 15] of |mean of right - mean of confidence| times the bin's share of the weight."""
    confidence, right = p.max(1), p.argmax(1) == y
    error = 0
    for m in range(1, BINS + 1):
        own = ((confidence > (m - 1) / BINS) & (confidence <= m / BINS)).nonzero()[0]
        if len(own):
            gap = abs((right[own] * w[own]).sum() / w[own].sum() - (confidence[own] * w[own]).sum() / w[own].sum())
            error += gap * w[own].sum() / w.sum()
    return error


def number_case(name, spec):
    import numpy as np
    from sklearn import metrics as sk

    rng = random.Random(name)
    targets, predictions, quantiles, naive, seasonal, change = [], [], [], [], [], []
    for _ in range(spec["rows"]):
        size = 10 ** rng.uniform(-6, 9) if spec.get("sizes") else 1
        target = spec.get("level", 0) + size * rng.gauss(2, 3)
        if spec.get("zeros") and rng.random() < 0.3:
            target = 0.0
        targets.append(target)
        forecast = target + size * rng.gauss(0.1, 1)
        quantiles.append(sorted(forecast + size * rng.gauss(0, 1) for _ in LEVELS))
        predictions.append(target if spec.get("zeros") and rng.random() < 0.2 else quantiles[-1][1])
        naive.append(target + size * rng.gauss(0, 2))
        seasonal.append(target + size * rng.gauss(0, 1.5))
        change.append(math.nan if rng.random() < 0.1 else size * rng.uniform(0, 2))
    weight = weights(rng, spec.get("weights"), spec["rows"])

    y, p, w = np.array(targets), np.array(predictions), np.array(weight)
    some = y != 0
    total = np.abs(y) + np.abs(p)
    symmetric = np.divide(2 * np.abs(y - p), total, out=np.zeros_like(y), where=total > 0)
    pinball = np.mean([sk.mean_pinball_loss(y, np.array(quantiles)[:, k], alpha=q, sample_weight=w) for k, q in enumerate(LEVELS)])
    bounds = np.array(quantiles)
    metrics = {
        "meanSquaredError": sk.mean_squared_error(y, p, sample_weight=w),
        "rootMeanSquaredError": sk.root_mean_squared_error(y, p, sample_weight=w),
        "meanAbsoluteError": sk.mean_absolute_error(y, p, sample_weight=w),
        "meanAbsolutePercentageError": sk.mean_absolute_percentage_error(y[some], p[some], sample_weight=w[some]),
        "symmetricMeanAbsolutePercentageError": np.average(symmetric, weights=w),
        "pinballLoss": pinball,
        "coverage": np.average((bounds[:, 0] <= y) & (y <= bounds[:, -1]), weights=w),
        "continuousRankedProbabilityScore": 2 * pinball,
    }
    scales = np.isfinite(change)
    scale = (np.array(change)[scales] * w[scales]).sum()
    for prefix, values in (("", p), ("naive", np.array(naive)), ("seasonalNaive", np.array(seasonal))):
        title = lambda text: prefix + text if prefix else text[0].lower() + text[1:]
        metrics[title("MeanSquaredError")] = sk.mean_squared_error(y, values, sample_weight=w)
        metrics[title("MeanAbsoluteError")] = sk.mean_absolute_error(y, values, sample_weight=w)
        metrics[title("MeanAbsoluteScaledError")] = (np.abs(values - y)[scales] * w[scales]).sum() / scale
    return {
        "name": name,
        "targets": targets,
        "predictions": predictions,
        "quantiles": quantiles,
        "naive": naive,
        "seasonal": seasonal,
        "change": [None if math.isnan(value) else value for value in change],
        "weights": weight,
        "metrics": {key: float(value) for key, value in metrics.items()},
        "zeroTargets": int((~some).sum()),
    }


def cases():
    """The head of the file, and the cases."""
    import sklearn

    warnings.filterwarnings("ignore", "The y_prob values do not sum to one")  # float32 rounds
    made = [class_case(*item) for item in CLASSES.items()] + [label_set_case(*item) for item in LABEL_SETS.items()]
    made += [number_case(*item) for item in NUMBERS.items()]
    return {"scikit-learn": sklearn.__version__, "levels": LEVELS}, made
