"""Exported models in ONNX Runtime and in PyTorch predict what `predict` does, to 1e-5; TensorBoard reads the curves that `train` writes.

    python3 -m venv target/venv && target/venv/bin/pip install torch onnxruntime safetensors tensorboard
    target/venv/bin/python src/test/python/check_exports.py

Elman, LSTM, GRU and minGRU in two layers read from both ends, of names, on the last state; taggers of one-hot letters, by a softmax, sigmoids and a conditional random field; an LSTM of
standardized numbers with a target at the end; a GRU of ragged series, each scaled by its own numbers, and one of windows with their months;
a GRU of quantiles, and one of the parameters of distributions;
an LSTM and a minGRU in two layers from both ends whose states are pooled, and an LSTM whose states are projected;
an LSTM of columns of numbers and categories, some missing; a GRU read from both ends of windows that extend over three days of known prices.
"""

import csv
import datetime
import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from safetensors.torch import load_file
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from torch import nn

import label_sequences
from exported_network import CELLS, Network

ROOT = Path(__file__).resolve().parents[3]
WORK = ROOT / "target" / "exports"
NAMES = ["Österreich", "Japan", "a", "Côte d’Ivoire", "Saint Vincent und die Grenadinen", "日本", "España"]
TOLERANCE = 1e-5
LINKS = {  # outputs to parameters
    "gaussian": lambda o: torch.stack([o[:, 0], o[:, 1].exp()], 1),
    "student-t": lambda o: torch.stack([o[:, 0], o[:, 1].exp(), 2 + o[:, 2].exp()], 1),
    "poisson": torch.exp,
    "negative-binomial": torch.exp,
}


def unroll(*arguments):
    done = subprocess.run([ROOT / "submit" / "unroll", *map(str, arguments)], capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stderr)


def exported(model, source, *arguments):
    """Predictions of a model as rows of JSON, and its two exports."""
    unroll("predict", "--model", model, "--input", source, "--output", WORK / "rows", "--output-format", "json", "--overwrite", *arguments)
    rows = [json.loads(line) for part in sorted((WORK / "rows").glob("*.json")) for line in part.read_text().splitlines()]
    for to in ("onnx", "safetensors"):
        unroll("export", "--model", model, "--to", to, "--output", WORK / f"model.{to}", "--overwrite")
    return rows, onnxruntime.InferenceSession(WORK / "model.onnx"), load_file(WORK / "model.safetensors")


def compare(what, expected, actual):
    worst = np.abs(np.asarray(expected) - np.asarray(actual)).max()
    print(f"{what}: worst difference {worst:.1e}")
    assert worst <= TOLERANCE, what


def names(cell, pooling="last", projected=0):
    model = WORK / f"{cell}-{pooling}-{projected}"
    sizes = ["--num-layers", 2, "--bidirectional", "--hidden-size", 24, "--proj-size", projected]
    unroll("train", "--cell", cell, "--pooling", pooling, *sizes, "--max-iter", 60, "--model", model, "--overwrite")
    source = WORK / "names.csv"
    with source.open("w", newline="", encoding="utf-8") as out:
        csv.writer(out).writerows([["name"], *[[name] for name in NAMES]])
    rows, session, tensors = exported(model, source)
    tokens = json.loads(session.get_modelmeta().custom_metadata_map["tokens"])
    labels = json.loads(session.get_modelmeta().custom_metadata_map["labels"])
    ids = {token: i + 1 for i, token in enumerate(tokens)}
    lengths = np.array([len(row["name"]) for row in rows], np.int32)
    x = np.zeros((len(rows), lengths.max()), np.int64)
    for row, steps in zip(x, rows):
        row[: len(steps["name"])] = [ids.get(letter, 0) for letter in steps["name"]]
    expected = [row["probability"] for row in rows]
    outputs = session.run(None, {"tokens": x, "lengths": lengths})[0]
    title = f"{cell}, pooling {pooling}, proj-size {projected}"
    compare(f"{title}, ONNX Runtime", expected, outputs)
    assert [row["prediction"] for row in rows] == [labels[c] for c in outputs.argmax(1)]
    network = Network(cell, tensors, layers=2, bidirectional=True, pooling=pooling)
    compare(f"{title}, PyTorch", expected, torch.softmax(network(torch.tensor(x), lengths), 1))


def tags(loss):
    """One-hot letters, a label for every step, ragged: what stands behind the end of a row says nothing."""
    data, model = WORK / "tags.json", WORK / f"tagger-{loss}"
    words = ["abba", "b", "babab", "aab", "bbbbba", "ab"] * 5
    rows = [{"letters": list(word), "tags": ["same" if a == b else "new" for a, b in zip(" " + word, word)]} for word in words]
    if loss == "multi-label":
        rows = [{**row, "tags": [[letter] * (letter == "a") + ["same"] * (tag == "same") for letter, tag in zip(row["letters"], row["tags"])]} for row in rows]
    data.write_text("\n".join(map(json.dumps, rows)))
    keys = ["--format", "json", "--features-col", "letters"]
    network = ["--cell", "gru", "--embedding-size", 0, "--hidden-size", 12, "--bidirectional"]
    unroll("train", "--task", "tagging", "--train", data, *keys, "--label-col", "tags", "--tokenizer", "none", "--loss", loss, *network, "--max-iter", 30, "--model", model, "--overwrite")
    rows, session, tensors = exported(model, data, *keys)
    labels = json.loads(session.get_modelmeta().custom_metadata_map["labels"])
    ids = {token: i + 1 for i, token in enumerate(json.loads(session.get_modelmeta().custom_metadata_map["tokens"]))}
    lengths = np.array([len(row["letters"]) for row in rows], np.int32)
    x = np.zeros((len(rows), lengths.max()), np.int64)
    for row, steps in zip(x, rows):
        row[: len(steps["letters"])] = [ids[letter] for letter in steps["letters"]]
    outputs, *classes = session.run(None, {"tokens": x, "lengths": lengths})
    predicted = classes[0] if classes else outputs.argmax(2)
    worst = max(np.abs(np.array(row["probability"]) - output[:steps]).max() for row, output, steps in zip(rows, outputs, lengths))
    compare(f"tags, loss {loss}, ONNX Runtime", worst, 0)
    for row, path, output, steps in zip(rows, predicted, outputs, lengths):
        sets = [[label for label, p in zip(labels, step) if p > 0.5] for step in output[:steps]]
        assert row["prediction"] == (sets if loss == "multi-label" else [labels[c] for c in path[:steps]])
    if loss in ("binary", "multi-label"):
        sigmoids(rows, tensors, x, lengths)
    if loss == "crf":
        every_sequence(rows, tensors, x, lengths, labels)


@torch.no_grad()
def outputs_of(tensors, tokens):
    """Those of every step of one row, with PyTorch's GRU: (T, C)."""
    rnn = nn.GRU(tensors["rnn.weight_ih_l0"].shape[1], 12, bidirectional=True)
    rnn.load_state_dict({name.removeprefix("rnn."): t for name, t in tensors.items() if name.startswith("rnn.")})
    states, _ = rnn(nn.functional.one_hot(tokens, rnn.input_size).float())
    return states @ tensors["head.weight"].T + tensors["head.bias"]


def sigmoids(rows, tensors, x, lengths):
    """The probability of each label, or of the second of two, by PyTorch."""
    for row, tokens, steps in zip(rows, torch.tensor(x), lengths):
        expected = torch.sigmoid(outputs_of(tensors, tokens[:steps]))
        assert (expected - torch.tensor(row["probability"])[:, -expected.shape[1] :]).abs().max() <= TOLERANCE
    print(f"tags: the sigmoids of {len(rows)} rows are PyTorch's")


def every_sequence(rows, tensors, x, lengths, labels):
    """Probabilities and the best sequence by a list of all of them, with outputs of PyTorch's GRU."""
    crf = nn.ParameterDict({name.removeprefix("crf."): t for name, t in tensors.items() if name.startswith("crf.")})
    for row, tokens, steps in zip(rows, torch.tensor(x), lengths):
        every, score = label_sequences.scores(outputs_of(tensors, tokens[:steps]), crf)
        shares = torch.softmax(score, 0)
        expected = torch.stack([shares @ (every == c).float() for c in range(len(labels))], 1)
        assert (expected - torch.tensor(row["probability"])).abs().max() <= TOLERANCE
        assert row["prediction"] == [labels[c] for c in every[score.argmax()]]
    print(f"tags, loss crf: {len(rows)} rows are those of all sequences")


def numbers():
    data, model = WORK / "adding.json", WORK / "adding"
    unroll("synthesize", "--kind", "adding", "--steps", 20, "--sequences", 200, "--output", data, "--overwrite")
    keys = ["--format", "json", "--features-col", "steps"]
    unroll("train", "--task", "regression", "--train", data, *keys, "--standardize", "--max-iter", 30, "--model", model, "--overwrite")
    rows, session, _ = exported(model, data, *keys)
    x = np.array([row["steps"] for row in rows], np.float32)
    outputs = session.run(None, {"steps": x, "lengths": np.full(len(x), x.shape[1], np.int32)})[0]
    compare("numbers, ONNX Runtime", [[row["prediction"]] for row in rows], outputs)


def quantiles(scale):
    """Outputs are the medians, beside them all quantiles of two numbers at every step of ragged series."""
    data, model = WORK / "quantiles.json", WORK / "quantiles"
    random = np.random.default_rng(7)
    rows = []
    for n in range(60):
        sold = np.float32(np.exp(2 * random.normal()) * (1 + 0.3 * random.normal(size=5 + n % 6)))
        rows.append({"steps": [[float(value)] for value in sold], "label": [[float(10 * value), float(value - 3)] for value in sold]})
    data.write_text("\n".join(map(json.dumps, rows)))
    keys = ["--format", "json", "--features-col", "steps"]
    loss = ["--loss", "quantile:0.1,0.3,0.9", "--scale", scale, "--step-size", 0.05]
    unroll("train", "--task", "regression", "--train", data, *keys, "--cell", "gru", *loss, "--max-iter", 5, "--model", model, "--overwrite")
    rows, session, _ = exported(model, data, *keys)
    lengths = np.array([len(row["steps"]) for row in rows], np.int32)
    x = np.full((len(rows), lengths.max(), 1), np.nan, np.float32)
    for row, steps in zip(x, rows):
        row[: len(steps["steps"])] = steps["steps"]
    outputs, all_quantiles = session.run(["outputs", "quantiles"], {"steps": x, "lengths": lengths})
    wanted = {"prediction": outputs, "quantiles": all_quantiles}
    for name, got in wanted.items():
        expected = [np.array(row[name]) for row in rows]
        unit = max(1, max(np.abs(value).max() for value in expected))
        compare(f"{name} of quantiles scaled by {scale}, ONNX Runtime", np.concatenate(expected) / unit, np.concatenate([o[:n] for o, n in zip(got, lengths)]) / unit)
    assert json.loads(session.get_modelmeta().custom_metadata_map["levels"]) == ["0.1", "0.3", "0.9"]


def distribution(loss, scale):
    """Outputs are the means, beside them the parameters of the distribution of a number at every step of ragged series of counts."""
    data, model = WORK / "counts.json", WORK / "counts"
    random = np.random.default_rng(8)
    rows = []
    for n in range(60):
        level = np.exp(2 * random.normal())
        counts = random.poisson(level, 5 + n % 6)
        rows.append({"steps": [[float(count)] for count in counts], "label": [int(count) for count in random.poisson(level, 5 + n % 6)]})
    data.write_text("\n".join(map(json.dumps, rows)))
    keys = ["--format", "json", "--features-col", "steps"]
    more = ["--loss", loss, "--scale", scale, "--step-size", 0.05]
    unroll("train", "--task", "regression", "--train", data, *keys, "--cell", "gru", *more, "--max-iter", 5, "--model", model, "--overwrite")
    rows, session, tensors = exported(model, data, *keys)
    lengths = np.array([len(row["steps"]) for row in rows], np.int32)
    x = np.full((len(rows), lengths.max(), 1), np.nan, np.float32)
    for row, steps in zip(x, rows):
        row[: len(steps["steps"])] = steps["steps"]
    outputs, parameters = session.run(["outputs", "distribution"], {"steps": x, "lengths": lengths})
    expected = np.concatenate([np.array(row["distribution"]) for row in rows])
    got = np.concatenate([o[:n] for o, n in zip(parameters, lengths)])
    means = np.concatenate([np.array(row["prediction"]) for row in rows])
    unit = np.maximum(1, np.abs(expected).max(0))
    compare(f"distribution {loss} scaled by {scale}, ONNX Runtime", expected / unit, got / unit)
    compare(f"mean of {loss} scaled by {scale}, ONNX Runtime", means / unit[0], np.concatenate([o[:n, 0] for o, n in zip(outputs, lengths)]) / unit[0])
    if scale == "none":  # the links of distributions by PyTorch
        network = Network("gru", tensors, 1, False)
        with torch.no_grad():
            o = torch.cat([network.head(network.rnn(torch.tensor(row["steps"]))[0]) for row in rows])
        compare(f"distribution {loss}, PyTorch", expected / unit, LINKS[loss](o).numpy() / unit)


def windows():
    """Ragged series at levels of their own, scaled in the graph; errors are measured in each one's deviation."""
    data, model = WORK / "levels.json", WORK / "levels"
    random = np.random.default_rng(5)
    rows = []
    for n in range(60):
        sold = np.float32(np.exp(2 * random.normal()) * (1 + 0.3 * random.normal(size=5 + n % 6)))
        rows.append({"steps": [[float(value), float(n % 7)] for value in sold[:-1]], "next": float(sold[-1])})
    data.write_text("\n".join(map(json.dumps, rows)))
    keys = ["--format", "json", "--features-col", "steps"]
    unroll("train", "--task", "regression", "--train", data, *keys, "--label-col", "next", "--cell", "gru", "--scale", "window", "--max-iter", 30, "--model", model, "--overwrite")
    rows, session, _ = exported(model, data, *keys)
    lengths = np.array([len(row["steps"]) for row in rows], np.int32)
    x = np.full((len(rows), lengths.max(), 2), np.nan, np.float32)
    for row, steps in zip(x, rows):
        row[: len(steps["steps"])] = steps["steps"]
    outputs = session.run(None, {"steps": x, "lengths": lengths})[0]
    deviations = np.array([[np.std([step[0] for step in row["steps"]])] for row in rows])
    compare("windows, ONNX Runtime", np.array([[row["prediction"]] for row in rows]) / deviations, outputs / deviations)


def calendars():
    """Windows scaled by themselves, beside them the months as they are; errors are measured in each window's deviation."""
    data, model, steps = WORK / "days.csv", WORK / "days", 7
    first, random = datetime.date(2024, 1, 1), np.random.default_rng(6)
    sold = [round(float(10 + n / 30 + random.normal()), 3) for n in range(120)]
    data.write_text("day,sold\n" + "".join(f"{first + datetime.timedelta(n)},{value}\n" for n, value in enumerate(sold)))
    keys = ["--prepare", "windows", "--time-col", "day", "--value-cols", "sold", "--window-length", steps, "--time-features", "month"]
    unroll("train", "--train", data, *keys, "--scale", "window", "--max-iter", 30, "--model", model, "--overwrite")
    rows, session, _ = exported(model, data)
    x = []
    for row in rows:
        last = (datetime.date.fromisoformat(row["day"]) - first).days
        months = [2 * np.pi * ((first + datetime.timedelta(n)).month - 1) / 12 for n in range(last - steps + 1, last + 1)]
        x.append([[value, np.sin(month), np.cos(month)] for value, month in zip(sold[last - steps + 1 : last + 1], months)])
    x = np.array(x, np.float32)
    outputs = session.run(None, {"steps": x, "lengths": np.full(len(x), steps, np.int32)})[0]
    deviations = np.std(x[:, :, :1].astype(float), 1)
    compare("calendars, ONNX Runtime", np.array([[row["prediction"]] for row in rows]) / deviations, outputs / deviations)


class Columns(nn.Module):
    """The twin of a network that reads columns: an embedding for each column of categories, all put beside the numbers."""

    def __init__(self, tensors):
        super().__init__()
        embeddings = lambda member: nn.ModuleDict(
            {name.split(".")[1]: nn.Embedding(*tensor.shape) for name, tensor in tensors.items() if name.startswith(member + ".")}
        )
        self.embeddings, self.static_embeddings = embeddings("embeddings"), embeddings("static_embeddings")
        outputs, inputs = tensors["rnn.weight_ih_l0"].shape
        self.rnn = nn.LSTM(inputs, outputs // 4, batch_first=True)
        self.head = nn.Linear(*reversed(tensors["head.weight"].shape))
        self.load_state_dict(tensors)  # strict: every name and shape is PyTorch's

    @torch.no_grad()
    def forward(self, ids, numbers, static_ids, static_numbers):
        known = lambda x: [torch.nan_to_num(x), torch.isnan(x).float()]
        of_all = torch.cat([self.static_embeddings[name](column) for name, column in static_ids.items()] + known(static_numbers), -1)
        steps = torch.cat([self.embeddings[name](column) for name, column in ids.items()] + known(numbers), -1)
        x = torch.cat([of_all[:, None].expand(-1, steps.shape[1], -1), steps], -1)
        _, (h, _) = self.rnn(x)
        return self.head(torch.cat([of_all, h[-1]], -1))


def columns(scale):
    """Numbers and categories of steps and of whole sequences, some of them missing; errors in deviations where windows are scaled."""
    data, model = WORK / "columns.json", WORK / f"columns-{scale}"
    random = np.random.default_rng(6)
    hole = lambda value: None if random.random() < 0.2 else value
    rows = []
    for n in range(60):
        sold = np.float32(100 + 10 * random.normal(size=6))
        rows.append({
            "sold": [float(sold[0])] + [hole(float(value)) for value in sold[1:]],
            "price": [hole(float(np.float32(value))) for value in random.normal(size=6)],
            "page": [hole(f"p{value}") for value in random.integers(0, 4, 6)],
            "kind": [hole(int(value)) for value in random.integers(0, 3, 6)],
            "size": hole(float(n % 9)),
            "town": hole(f"t{n % 3}"),
            "label": float(np.float32(100 + 10 * random.normal())),
        })
    data.write_text("\n".join(map(json.dumps, rows)))
    inputs = ["--numeric-cols", "sold,price", "--categorical-cols", "page:3,kind", "--static-numeric-cols", "size", "--static-categorical-cols", "town"]
    unroll("train", "--task", "regression", "--train", data, "--format", "json", *inputs, "--missing", "mask", "--scale", scale, "--hidden-size", 12, "--max-iter", 30, "--model", model, "--overwrite")
    rows, session, tensors = exported(model, data, "--format", "json")
    metadata = session.get_modelmeta().custom_metadata_map
    numbers = lambda name: np.array([row.get(name) for row in rows], np.float32)

    def ids(name):
        known = {token: i + 1 for i, token in enumerate(json.loads(metadata[f"tokens.{name}"]))}
        id_of = lambda value: 0 if value is None else known[str(value)]
        return np.array([[id_of(value) for value in row[name]] if isinstance(row.get(name), list) else id_of(row.get(name)) for row in rows], np.int64)

    given = {name: numbers(name) for name in ("sold", "price", "size")} | {name: ids(name) for name in ("page", "kind", "town")}
    outputs = session.run(None, given | {"lengths": np.full(len(rows), 6, np.int32)})[0]
    expected = np.array([[row["prediction"]] for row in rows])
    unit = np.nanstd(given["sold"], 1, keepdims=True)
    compare(f"columns, scale {scale}, ONNX Runtime", expected / unit, outputs / unit)
    if scale == "standard":
        scaling = json.loads((model / "data" / "spec.json").read_text())["scaling"]
        side = lambda name, x: (x - np.float32([float.fromhex(m) for m in scaling[f"{name}Means"]])) / np.float32([float.fromhex(d) for d in scaling[f"{name}Deviations"]])
        steps = torch.tensor(side("input", np.stack([given["sold"], given["price"]], -1)))
        size = torch.tensor(side("static", given["size"][:, None]))
        tensor = lambda *names: {name: torch.tensor(given[name]) for name in names}
        scaled = Columns(tensors)(tensor("page", "kind"), steps, tensor("town"), size).numpy()
        back = scaled * float.fromhex(scaling["targetDeviations"][0]) + float.fromhex(scaling["targetMeans"][0])
        compare("columns, PyTorch", expected / unit, back / unit)


def known():
    """Windows that extend over the horizon: its outputs alone are what `predict` writes, a row for each step."""
    data, model, steps, horizon, lag = WORK / "plans.csv", WORK / "plans", 8, 3, 2
    first, random = datetime.date(2024, 1, 1), np.random.default_rng(8)
    price = [int(value) for value in random.integers(1, 5, 83)]
    sold = [round(float(100 - 5 * price[n] + random.normal()), 3) if n < 80 else None for n in range(83)]
    offer = [f"o{value}" for value in random.integers(0, 3, 83)]
    rows = (f"{first + datetime.timedelta(n)},{'' if sold[n] is None else sold[n]},{price[n]},{offer[n]}\n" for n in range(83))
    data.write_text("day,sold,price,offer\n" + "".join(rows))
    keys = ["--prepare", "windows", "--time-col", "day", "--numeric-cols", "sold,price", "--categorical-cols", "offer:2", "--known-cols", "price,offer", "--target-cols", "sold"]
    windows = ["--window-length", steps, "--horizon", horizon, "--lags", lag, "--scale", "window"]
    unroll("train", "--train", data, *keys, *windows, "--cell", "gru", "--bidirectional", "--max-iter", 30, "--model", model, "--overwrite")
    rows, session, _ = exported(model, data, "--explode")
    assert len(rows) == horizon * (80 - steps - lag + 1), len(rows)
    metadata = session.get_modelmeta().custom_metadata_map
    assert metadata["horizon"] == str(horizon)
    ids = {token: i + 1 for i, token in enumerate(json.loads(metadata["tokens.offer"]))}
    expected, given = {}, {name: [] for name in ("sold", "price", "sold_lag_2", "price_lag_2", "offer")}
    for row in rows:
        expected.setdefault(row["day"], {})[row["horizonStep"]] = row["prediction"]
    for day in expected:
        last = (datetime.date.fromisoformat(day) - first).days
        days = range(last - steps + 1, last + horizon + 1)
        given["sold"].append([sold[n] if n <= last else None for n in days])
        given["sold_lag_2"].append([sold[n - lag] if n - lag <= last else None for n in days])
        given["price"].append([price[n] for n in days])
        given["price_lag_2"].append([price[n - lag] for n in days])
        given["offer"].append([ids[offer[n]] for n in days])
    given = {name: np.array(values, np.int64 if name == "offer" else np.float32) for name, values in given.items()}
    outputs = session.run(None, given | {"lengths": np.full(len(expected), steps + horizon, np.int32)})[0][:, -horizon:, 0]
    unit = np.nanstd(given["sold"], 1, keepdims=True)
    numbers = np.array([[of_day[step + 1] for step in range(horizon)] for of_day in expected.values()])
    compare("known ahead, ONNX Runtime", numbers / unit, outputs / unit)


def padding(*cell):
    """What stands behind the end of a row of numbers says nothing, whatever it is, in both directions."""
    data, model = WORK / "adding.json", WORK / "ragged"
    keys = ["--format", "json", "--features-col", "steps", "--cell", *cell, "--num-layers", 2, "--bidirectional"]
    unroll("train", "--task", "regression", "--train", data, *keys, "--max-iter", 10, "--model", model, "--overwrite")
    unroll("export", "--model", model, "--to", "onnx", "--output", WORK / "ragged.onnx", "--overwrite")
    session = onnxruntime.InferenceSession(WORK / "ragged.onnx")
    x = np.array([json.loads(line)["steps"] for line in data.read_text().splitlines()[:3]], np.float32)
    for row, steps in zip(x, (5, 9, 12)):
        alone = session.run(None, {"steps": row[None, :steps], "lengths": np.array([steps], np.int32)})[0]
        for padding in (0, 7, np.nan, np.inf):
            padded = row.copy()
            padded[steps:] = padding
            compare(f"{cell[0]}, padding {padding}", alone, session.run(None, {"steps": padded[None], "lengths": np.array([steps], np.int32)})[0])


def curves():
    """Of a run that goes on from a checkpoint behind which it had already come, each iteration is there once."""
    folder, saved, metrics = WORK / "curves", WORK / "curves-saved", WORK / "curves.jsonl"
    written = ["--tensorboard", folder, "--metrics", metrics, "--checkpoint-dir", saved, "--checkpoint-interval", 8]
    keys = ["--validation-fraction", 0.1, "--validation-interval", 5, "--hidden-size", 8, *written]
    unroll("train", *keys, "--max-iter", 20, "--model", WORK / "curves-model", "--overwrite")
    shutil.rmtree(max(saved.glob("iteration-*")))  # that of the end
    unroll("train", *keys, "--max-iter", 24, "--model", WORK / "curves-resumed", "--resume")
    lines = [json.loads(line) for line in metrics.read_text().splitlines()]
    shown = EventAccumulator(str(folder))
    shown.Reload()
    for tag, name in {"training/loss": "loss", "gradient/norm": "gradientNorm", "time/computeMs": "computeMs"}.items():
        assert [(point.step, point.value) for point in shown.Scalars(tag)] == [(line["iteration"], np.float32(line[name])) for line in lines], tag
    validated = [(line["iteration"], np.float32(line["validation"]["accuracy"])) for line in lines if "validation" in line]
    assert [(point.step, point.value) for point in shown.Scalars("validation/accuracy")] == validated and len(validated) >= 4
    print(f"curves, TensorBoard: {len(lines)} iterations, {len(shown.Tags()['scalars'])} scalars")


if __name__ == "__main__":
    WORK.mkdir(parents=True, exist_ok=True)
    for each in CELLS:
        names(each)
    for pooling in ("mean", "max", "attention"):
        names("lstm", pooling)
        names("mingru", pooling)
    names("lstm", projected=7)
    names("lstm", "mean", projected=7)
    tags("softmax")
    for loss in ("crf", "binary", "multi-label"):
        tags(loss)
    numbers()
    for scale in ("standard", "window", "none"):
        quantiles(scale)
    for loss, scale in zip(LINKS, ("window", "none", "standard", "window")):
        distribution(loss, scale)
    windows()
    calendars()
    columns("standard")
    columns("window")
    known()
    padding("mingru")
    padding("lstm", "--proj-size", 7)
    curves()
