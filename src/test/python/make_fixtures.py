"""Computes with PyTorch what Unroll's parity tests compare against, and writes it as data.

    pip install torch numpy              # and scikit-learn for metrics.json, SciPy for distributions.json, Captum for explanations.json
    python src/test/python/make_fixtures.py [optimizers ...]    # writes src/test/resources/fixtures/*.json, or optimizers.json ... alone

gradients.json   loss and gradient of every cell x input x head x loss reduction, float64; squared error over dense inputs only
cells.json       the same of cells that PyTorch has not, by twin_cells.py: alone, in stacks, and with truncation fixed:2
stacks.json      the same of 1 to 3 layers x one and two directions x cell x head, of truncation fixed:2 (by detach), of tied embeddings
losses.json      the same of other losses of numbers: cell x loss
masked.json      the same of labels and targets that are missing, and of weights of steps: cell x loss
crf.json         the same of label sequences that are one outcome, some of whose labels are missing: cell x directions; of truncation fixed:2
smoothing.json   the same of labels that are smoothed, some of them missing: cell x one label and one for every step
pooling.json     the same of states that are pooled over the steps: cell x pooling x one and two directions, of truncation fixed:2
projections.json the same of LSTMs whose states are projected: layers x one and two directions x head, of truncation fixed:2, pooled, of columns
mixed.json       the same of several columns of ids and numbers, some of which are missing: cell x head
explanations.json  attributions of single predictions, as Captum has them: cell x input x head, of columns, pooled
curves.json      300 updates of Adam with clipping on given batches, one curve per cell, float32
metrics.json     metrics of made-up predictions, as scikit-learn has them: ties, weights, classes that are never the label, targets of 0
distributions.json  distributions of numbers and counts, as SciPy has them: cumulative functions, quantiles, and the CRPS as an integral or sum
carried.json     50 updates of a language model whose state is carried from update to update, one curve per cell, float32
optimizers.json  parameters after each of 20 steps on given gradients, float64: every optimiser alone, with decay, with clipping; with a moving average

All draws come from Python's own generator, keyed by the name of the case, and all inputs are multiples of a power of two: float and double read the
same number. The same CPU and build of torch give the same bytes, others other last digits (losses of curves.json: 1e-4). Make only what you change.
"""

import itertools
import json
import random
import sys
from pathlib import Path

import torch
from torch import nn
from torch.nn.functional import cross_entropy, mse_loss, one_hot
from torch.nn.utils import clip_grad_norm_, parameters_to_vector, vector_to_parameters
from torch.nn.utils.rnn import pack_sequence

import columns
import distribution_values
import label_sequences
import metric_values
import network_specs
import number_losses
import optimizer_steps
import pooled_states
import projections
import sigmoid_losses
from twin_cells import TWINS

OUT = Path(__file__).resolve().parents[1] / "resources" / "fixtures"
CELLS = {"elman": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}
GRADIENTS_OF = [("elman", "tanh"), ("elman", "relu"), ("lstm", "tanh"), ("gru", "tanh")]


class Network(nn.Module):
    """Members embedding or embeddings (or none), rnn, head, in this order: parameters_to_vector(parameters()) is Unroll's theta."""

    def __init__(self, case, dtype):
        super().__init__()
        self.case, self.dtype, self.statics = case, dtype, 0
        if "categories" in case:
            size, self.statics = columns.add_embeddings(self, case)
        else:
            size = case.get("embeddingSize") or case.get("vocabulary") or case["width"]
        if case.get("embeddingSize"):
            self.embedding = nn.Embedding(case["vocabulary"], size)
        options = {"nonlinearity": case["activation"]} if case["cell"] == "elman" else {}
        options |= {"num_layers": case.get("numLayers", 1), "bidirectional": case.get("bidirectional", False), **projections.options(case)}
        self.directions = 2 if options["bidirectional"] else 1
        width = self.directions * case.get("projSize", case["hiddenSize"])
        self.rnn = (CELLS | TWINS)[case["cell"]](self.statics + size, case["hiddenSize"], **options)
        if case.get("pooling") == "attention":
            self.pooling = pooled_states.Attention(width)
        self.head = nn.Linear(self.statics + width, case.get("classes") or case["outputs"])
        if case.get("loss") == "crf":
            self.crf = label_sequences.Transitions(case["classes"])
        if case.get("tied"):
            self.head.weight = self.embedding.weight
        self.to(dtype)

    def steps(self, sequence):
        """The rows (T, I) that the recurrent layer sees."""
        if "ids" in sequence:
            return columns.below_statics(self, sequence, columns.of_steps(self, sequence))
        if "values" in sequence:
            return torch.tensor(sequence["values"], dtype=self.dtype)
        tokens = torch.tensor(sequence["tokens"])
        if self.case["embeddingSize"]:
            return self.embedding(tokens)
        return one_hot(tokens, self.case["vocabulary"]).to(self.dtype)

    def outputs(self, sequence):
        """One sequence alone: (T, C), or (1, C) from h_n, its last real step."""
        every, last = self.states(self.steps(sequence))
        read = every if self.case["everyStep"] else pooled_states.pooled(self, every, self.last_states(last))[None]
        return self.head(columns.below_statics(self, sequence, read))

    def states(self, steps):
        """States of every step and the last ones; with truncation fixed:K chunk by chunk, each from the detached state of the one before."""
        chunk = int(self.case.get("truncation", "fixed:0").removeprefix("fixed:")) or len(steps)
        every, last = [], None
        for start in range(0, len(steps), chunk):
            last = tuple(s.detach() for s in last) if isinstance(last, tuple) else None if last is None else last.detach()
            some, last = self.rnn(steps[start : start + chunk], last)
            every.append(some)
        return torch.cat(every), last

    def last_states(self, last):
        """h_n of the last layer, both directions side by side."""
        h = last[0] if isinstance(last, tuple) else last
        return torch.cat(tuple(h[-self.directions :]), -1)

    def packed_last_outputs(self, sequences):
        """(B, C) from h_n of PyTorch's packed path; twins have none."""
        if self.case["cell"] in TWINS or self.statics or "pooling" in self.case:
            return torch.cat([self.outputs(s) for s in sequences])
        _, last = self.rnn(pack_sequence([self.steps(s) for s in sequences], enforce_sorted=False))
        return self.head(self.last_states(last))

    def pre_activations(self, sequence):
        """a_t of equation (1), all steps of one sequence, for Elman's cell."""
        h, result = torch.zeros(self.case["hiddenSize"], dtype=self.dtype), []
        for x in self.steps(sequence):
            a = self.rnn.weight_ih_l0 @ x + self.rnn.bias_ih_l0 + self.rnn.weight_hh_l0 @ h + self.rnn.bias_hh_l0
            h = torch.relu(a)
            result.append(a)
        return torch.stack(result)


def dyadic(rng, bound, denominator):
    """Uniform in +-bound, a multiple of 1/denominator."""
    limit = int(bound * denominator)
    return rng.randint(-limit, limit) / denominator


def numbers(tensor, digits):
    """Nested lists of Python floats, rounded to that many significant digits; no -0.0."""
    if isinstance(tensor, torch.Tensor):
        tensor = tensor.tolist()
    if isinstance(tensor, list):
        return [numbers(x, digits) for x in tensor]
    return float(f"{tensor:.{digits}g}") + 0.0


def layout(network):
    return [{"name": name, "shape": list(p.shape)} for name, p in network.named_parameters()]


def loss_terms(network, outputs, sequence):
    """l of every output of one sequence: (T), or (1)."""
    loss = network.case.get("loss")
    if loss == "crf":
        return label_sequences.terms(outputs, sequence, network.crf)
    if loss in sigmoid_losses.KINDS:
        return sigmoid_losses.terms(outputs, sequence)
    if "labels" in sequence:
        smoothing = network.case.get("labelSmoothing", 0.0)
        labels = torch.tensor(sequence["labels"])
        return cross_entropy(outputs, labels, reduction="none", ignore_index=-1, label_smoothing=smoothing)
    return number_losses.terms(outputs, sequence, loss)


def term_weights(sequence):
    """Those given, 0 where the label or target is missing."""
    missing = [y == -1 or y == [None] * 2 for y in sequence.get("labels") or sequence["targets"]]
    return torch.tensor([0.0 if gone else w for gone, w in zip(missing, sequence["weights"])], dtype=torch.float64)


def loss_of(terms, reduction, weights=None):
    """step: sum of l / number of loss terms; sequence: per sequence 1/T sum of l, then the mean over sequences."""
    if weights and reduction == "step":
        return (torch.cat(terms) * torch.cat(weights)).sum() / torch.cat(weights).sum()
    if weights:
        return torch.stack([(t * w).sum() / w.sum() for t, w in zip(terms, weights)]).mean()
    return torch.cat(terms).mean() if reduction == "step" else torch.stack([t.mean() for t in terms]).mean()


# --- gradients ---------------------------------------------------------------------------------------------------------


def twin_cases(cell):
    """All of minGRU, and a few of the cells that are only a test's own."""
    few = ["embedding", "squared-error", "2 both directions", "2 fixed:2"]
    wanted = lambda specs: (s for s in specs if cell == "mingru" or any(name in s[0] for name in few))
    yield from gradient_cases(wanted(network_specs.gradient([(cell, "tanh")])), 0.01)
    yield from gradient_cases(wanted(network_specs.stack([cell], [])), 0.0002)


def masked_specs():
    for cell in CELLS:
        spec = {"cell": cell, "activation": "tanh", "width": 3, "hiddenSize": 4, "everyStep": True, "masked": True}
        yield f"{cell} masked", {**spec, "classes": 3}
        yield f"{cell} masked squared-error", {**spec, "loss": "squared-error", "outputs": 2}


def mask(sequence, case, rng):
    """Weights, the first of them above 0, and some labels or targets taken away."""
    name, nothing = ("labels", -1) if "classes" in case else ("targets", [None] * 2)
    wanted = sequence[name]
    gone = [t > 0 and rng.random() < 0.3 for t in range(len(wanted))]
    sequence[name] = [nothing if gone[t] else wanted[t] for t in range(len(wanted))]
    every = [1] if case.get("loss") == "crf" else [0.25, 1, 2]
    sequence["weights"] = [rng.choice(every if t == 0 else [0, *every]) for t in range(len(wanted))]


def gradient_cases(specs, least):
    """Cases in which no tensor's largest gradient is below `least`."""
    for title, spec in specs:
        # Drawn again until no tensor's gradient vanishes and relu is away from its kink.
        for attempt in itertools.count():
            case = gradient_case({"name": title, **spec}, random.Random(f"{title} {attempt}"), least)
            if case:
                yield case
                break


def gradient_case(case, rng, least):
    sequences = []
    for length in [4, 1, 5, 2, 4]:
        count = length if case["everyStep"] else 1
        if "classes" in case:
            wanted = {"labels": [rng.randrange(case["classes"]) for _ in range(count)]}
        else:
            kind = sigmoid_losses if case["loss"] in sigmoid_losses.KINDS else number_losses
            wanted = kind.draw(case, count, rng, lambda: dyadic(rng, 2, 64))
        if "categories" in case:
            sequences.append({**columns.draw(case, length, rng), **wanted})
        elif "width" in case:
            sequences.append({"values": [[dyadic(rng, 2, 64) for _ in range(case["width"])] for _ in range(length)], **wanted})
        else:
            sequences.append({"tokens": [rng.randrange(case["vocabulary"]) for _ in range(length)], **wanted})
        if "masked" in case:
            mask(sequences[-1], case, rng)

    network = Network(case, torch.float64)
    theta = [dyadic(rng, 0.9, 128) for _ in range(sum(p.numel() for p in network.parameters()))]
    vector_to_parameters(torch.tensor(theta, dtype=torch.float64), network.parameters())
    if case["activation"] == "relu" and min(network.pre_activations(s).abs().min() for s in sequences) < 0.02:
        return None

    outputs = [network.outputs(s) for s in sequences]
    if not case["everyStep"] and "truncation" not in case:  # PyTorch's two paths agree
        torch.testing.assert_close(network.packed_last_outputs(sequences), torch.cat(outputs), rtol=1e-12, atol=1e-12)
    terms = [loss_terms(network, o, s) for o, s in zip(outputs, sequences)]
    weights = [term_weights(s) for s in sequences] if "masked" in case else None
    expected = {}
    for reduction in ["step", "sequence"]:
        loss = loss_of(terms, reduction, weights)
        gradients = torch.autograd.grad(loss, list(network.parameters()), retain_graph=True)
        if min(g.abs().max() for g in gradients) < least:
            return None
        expected[reduction] = {"loss": numbers(loss, 12), "gradient": numbers(parameters_to_vector(gradients), 12)}
    correct = 0
    for n, (o, s) in enumerate(zip(outputs, sequences)):
        if case.get("loss") in sigmoid_losses.KINDS:
            correct += int(sigmoid_losses.right(o, s).sum())
        elif "labels" in s:
            found = label_sequences.best(o, network.crf) if case.get("loss") == "crf" else o.argmax(1)
            right = found == torch.tensor(s["labels"])
            correct += int((right & (weights[n] > 0) if weights else right).sum())
    return {**case, "parameters": layout(network), "theta": theta, "sequences": sequences, "correct": correct, **expected}


def explained():
    """Imported where it is needed: nothing else needs Captum."""
    import attributions

    for case in gradient_cases(attributions.specs(CELLS), 0.001):
        network = Network(case, torch.float64)
        vector_to_parameters(torch.tensor(case["theta"], dtype=torch.float64), network.parameters())
        yield attributions.add(network, case, numbers)


# --- loss curves -------------------------------------------------------------------------------------------------------


def curves():
    vocabulary, classes, updates, size = 7, 4, 300, 16
    rng = random.Random("curve data")
    sequences = []
    for _ in range(60):
        tokens = [rng.randrange(vocabulary) for _ in range(rng.randint(1, 12))]
        # What the first and the last token say together: the network has to remember.
        sequences.append({"tokens": tokens, "labels": [2 * (tokens[0] % 2) + tokens[-1] % 2]})
    batches = [rng.sample(range(len(sequences)), size) for _ in range(updates)]
    shared = {"sequences": sequences, "batches": batches, "optimizer": "adam", "stepSize": 0.01, "clipNorm": 1.0}

    cases = []
    for cell in [*CELLS, "mingru"]:
        case = {"name": cell, "cell": cell, "activation": "tanh", "vocabulary": vocabulary, "embeddingSize": 6}
        case |= {"hiddenSize": 8, "classes": classes, "everyStep": False}
        rng = random.Random(f"curve {cell}")
        # Wider than PyTorch's own start (0.35), so that the first gradients are long enough to be clipped.
        theta = []
        for name, p in Network(case, torch.float32).named_parameters():
            normal = name.startswith("embedding")
            for _ in range(p.numel()):
                theta.append(round(rng.gauss(0, 1) * 256) / 256 if normal else dyadic(rng, 1.25, 1024))
        losses, norms = train(case, shared, theta, torch.float32)
        exact, _ = train(case, shared, theta, torch.float64)
        rounding = max(abs(a - b) for a, b in zip(losses, exact))
        clipped = sum(norm > shared["clipNorm"] for norm in norms)
        print(f"curve {cell}: loss {losses[0]:.4f} -> {losses[-1]:.4f}; {clipped} updates clipped; float64 within {rounding:.1e}")
        # Otherwise a tolerance of 1e-3 would say nothing: rounding alone must stay far below, and training must happen.
        assert rounding < 1e-4 and losses[-1] < 0.2 * losses[0] and 0 < clipped < updates
        case |= {"parameters": layout(Network(case, torch.float32)), "theta": theta}
        cases.append({**case, "losses": numbers(losses, 8), "gradientNorms": numbers(norms, 8)})
    return shared, cases


def train(case, shared, theta, dtype):
    """The loss before, and the norm of the mean gradient at, each update."""
    network = Network(case, dtype)
    vector_to_parameters(torch.tensor(theta, dtype=dtype), network.parameters())
    optimizer = torch.optim.Adam(network.parameters(), lr=shared["stepSize"], betas=(0.9, 0.999), eps=1e-8)
    losses, norms = [], []
    for batch in shared["batches"]:
        sequences = [shared["sequences"][i] for i in batch]
        labels = torch.tensor([s["labels"][0] for s in sequences])
        loss = cross_entropy(network.packed_last_outputs(sequences), labels)
        optimizer.zero_grad()
        loss.backward()
        norms.append(clip_grad_norm_(network.parameters(), shared["clipNorm"]).item())
        optimizer.step()
        losses.append(loss.item())
    return losses, norms


# --- carried state ------------------------------------------------------------------------------------------------------


def carried():
    """Truncated BPTT as language models are published with: B streams, one window an update, detached states carried on."""
    vocabulary, streams, window, updates = 6, 4, 7, 50
    rng = random.Random("carried data")
    corpus = [0, 1]
    for _ in range(449):
        # What comes next hangs on a token that is often in the window before.
        corpus.append((corpus[-1] + 2 * (corpus[-9 if len(corpus) > 8 else 0] % 2) + (rng.random() < 0.1)) % vocabulary)
    shared = {"corpus": corpus, "streams": streams, "window": window, "stepSize": 0.03, "clipNorm": 1.0}
    steps = len(corpus) - 1
    starts = [s * (steps // streams) + min(s, steps % streams) for s in range(streams + 1)]

    cases = []
    for cell in [*CELLS, "mingru"]:
        case = {"name": cell, "cell": cell, "activation": "tanh", "vocabulary": vocabulary, "embeddingSize": 5}
        case |= {"hiddenSize": 8, "numLayers": 2, "classes": vocabulary, "everyStep": True}
        rng = random.Random(f"carried {cell}")
        theta = [dyadic(rng, 1, 1024) for p in Network(case, torch.float32).parameters() for _ in range(p.numel())]
        network = Network(case, torch.float32)
        vector_to_parameters(torch.tensor(theta), network.parameters())
        optimizer = torch.optim.Adam(network.parameters(), lr=shared["stepSize"])
        losses = []
        while len(losses) < updates:
            states = [None] * streams  # every epoch starts anew
            for first in range(0, starts[1], window):
                if len(losses) == updates:
                    break
                terms = []
                for s in range(streams):
                    at, end = starts[s] + first, min(starts[s] + first + window, starts[s + 1])
                    if at >= end:
                        continue
                    x = network.steps({"tokens": corpus[at:end]}).unsqueeze(1)
                    h, state = network.rnn(x, states[s])
                    states[s] = tuple(part.detach() for part in state) if cell == "lstm" else state.detach()
                    labels = torch.tensor(corpus[at + 1 : end + 1])
                    terms.append(cross_entropy(network.head(h[:, 0]), labels, reduction="none"))
                loss = torch.cat(terms).mean()
                optimizer.zero_grad()
                loss.backward()
                clip_grad_norm_(network.parameters(), shared["clipNorm"])
                optimizer.step()
                losses.append(loss.item())
        print(f"carried {cell}: loss {losses[0]:.4f} -> {losses[-1]:.4f}")
        assert losses[-1] < 0.95 * losses[0]
        cases.append({**case, "parameters": layout(network), "theta": theta, "losses": numbers(losses, 8)})
    return shared, cases


# --- files -------------------------------------------------------------------------------------------------------------


def write(name, shared, cases):
    """One line per entry, so that a change shows as a difference of lines."""
    head = {"torch": torch.__version__.split("+")[0], "generator": f"src/test/python/{Path(__file__).name}", **shared}
    compact = lambda x: json.dumps(x, separators=(",", ":"))
    lines = [f"{compact(key)}:{compact(value)}" for key, value in head.items()]
    lines.append('"cases":[\n' + ",\n".join(compact(c) for c in cases) + "]")
    path = OUT / name
    path.write_text("{" + ",\n".join(lines) + "}\n", encoding="utf-8")
    print(f"{path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path}: {path.stat().st_size:,} bytes, {len(cases)} cases")


FILES = {
    "gradients": lambda: ({}, list(gradient_cases(network_specs.gradient(GRADIENTS_OF), 0.01))),
    "stacks": lambda: ({}, list(gradient_cases(network_specs.stack(CELLS, ["lstm"]), 0.0002))),
    "cells": lambda: ({}, [case for cell in TWINS for case in twin_cases(cell)]),
    "losses": lambda: ({}, list(gradient_cases([*number_losses.specs(CELLS), *sigmoid_losses.specs(CELLS)], 0.01))),
    "masked": lambda: ({}, list(gradient_cases(masked_specs(), 0.01))),
    "mixed": lambda: ({}, list(gradient_cases(columns.specs([*CELLS, "mingru"]), 0.002))),
    "pooling": lambda: ({}, list(gradient_cases(pooled_states.specs([*CELLS, "mingru"]), 0.001))),
    "crf": lambda: ({}, list(gradient_cases(label_sequences.specs(CELLS), 0.0005))),
    "projections": lambda: ({}, list(gradient_cases(projections.specs(), 0.0002))),
    "smoothing": lambda: ({}, list(gradient_cases(network_specs.smoothed([*CELLS, "mingru"]), 0.001))),
    "optimizers": lambda: optimizer_steps.file(dyadic, numbers),
    "explanations": lambda: ({}, list(explained())),
    "curves": curves,
    "carried": carried,
    "metrics": metric_values.cases,
    "distributions": distribution_values.cases,
}

if __name__ == "__main__":
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    OUT.mkdir(parents=True, exist_ok=True)
    wanted = sys.argv[1:] or list(FILES)
    if unknown := sorted(set(wanted) - set(FILES)):
        sys.exit(f"there is no file {', '.join(unknown)}; allowed are {', '.join(FILES)}")
    for name in wanted:
        write(f"{name}.json", *FILES[name]())
