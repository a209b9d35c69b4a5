"""A model without its parameters: what ``spec.json`` says, checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Dict, List, Tuple

import numpy as np

from unroll.local import cells, losses
from unroll.local.files import Fields, FormatError, parse
from unroll.local.losses import Loss
from unroll.local.scaling import NONE, Scaling, Standardization
from unroll.local.text import Labels, Vocabulary

_NEWEST_FORMAT = 2
_TASKS = ["classification", "tagging", "regression", "language-model"]
_POOLINGS = ["mean", "max", "attention"]
_SCALES = ["inputMeans", "inputDeviations", "targetMeans", "targetDeviations"]
_STATICS = ["staticMeans", "staticDeviations"]
_SERIES = ["keyCols", "keys", "seriesMeans", "seriesDeviations"]
_IN_DOUBLE = ["inputsInDouble", "targetsInDouble", "staticsInDouble"]


@dataclass(frozen=True)
class Category:
    """A column of categories, and the width of its embedding."""

    column: str
    vocabulary: Vocabulary
    width: int


@dataclass(frozen=True)
class Tokens:
    """Steps are tokens; without an embedding (width 0) they are one-hot."""

    vocabulary: Vocabulary
    width: int

    @property
    def size(self) -> int:
        return self.width or len(self.vocabulary)

    static_size = 0


@dataclass(frozen=True)
class Numbers:
    """Steps are numbers and categories, beside those of the whole sequence, the statics. Without names they are numbers of one column.

    :param width: D, numbers of a step
    :param masked: whether numbers may be missing: such a one is 0, and has an indicator that is 1
    """

    width: int
    masked: bool
    names: Tuple[str, ...] = ()
    categories: Tuple[Category, ...] = ()
    static_names: Tuple[str, ...] = ()
    statics: Tuple[Category, ...] = ()

    @property
    def columns(self) -> Tuple[str, ...]:
        """The names of all columns, of steps and then of whole sequences; none of one column of numbers."""
        return (*self.of_steps, *self.static_names, *(one.column for one in self.statics))

    @property
    def of_steps(self) -> Tuple[str, ...]:
        return (*self.names, *(one.column for one in self.categories))

    @property
    def size(self) -> int:
        """I, the width of a step as the first layer reads it."""
        return self.width * (2 if self.masked else 1) + sum(one.width for one in self.categories)

    @property
    def static_size(self) -> int:
        """S, the width of the statics."""
        return len(self.static_names) * (2 if self.masked else 1) + sum(one.width for one in self.statics)


@dataclass(frozen=True)
class Spec:
    """A model's network and what its numbers mean.

    :param proj_size: to how many numbers an LSTM projects its states; 0 where it does not
    :param pooling: ``last`` where the last state is read, or every one
    :param labels: None where outputs are tokens or numbers
    :param horizon: how many of the last outputs are predictions; 0 for all
    :param parameter_hash: of the tensors that it belongs to; empty where it does not say
    """

    task: str
    inputs: Tokens | Numbers
    cell: str
    activation: str
    hidden_size: int
    proj_size: int
    num_layers: int
    bidirectional: bool
    loss: Loss
    outputs: int
    every_step: bool
    tied: bool
    pooling: str
    labels: Labels | None
    scaling: Scaling
    horizon: int
    provenance: Dict[str, str]
    parameter_hash: str

    @property
    def directions(self) -> int:
        return 2 if self.bidirectional else 1

    @property
    def direction_size(self) -> int:
        """The width of a state of a layer in one direction."""
        return self.proj_size or self.hidden_size

    @property
    def state_size(self) -> int:
        """The width of a state of the last layer, of both directions together."""
        return self.directions * self.direction_size

    def layout(self) -> Dict[str, Tuple[int, ...]]:
        """The shapes of all tensors by name, in the order of theta."""
        cell, hidden, inputs = cells.named(self.cell, self.activation), self.hidden_size, self.inputs
        shapes: Dict[str, Tuple[int, ...]] = {}
        if isinstance(inputs, Numbers):
            for member, categories in (("embeddings", inputs.categories), ("static_embeddings", inputs.statics)):
                shapes.update({f"{member}.{one.column}.weight": (len(one.vocabulary), one.width) for one in categories})
        elif inputs.width:
            shapes["embedding.weight"] = (len(inputs.vocabulary), inputs.width)
        for layer in range(self.num_layers):
            width = inputs.static_size + inputs.size if layer == 0 else self.state_size
            for direction in ("", "_reverse")[: self.directions]:
                suffix = f"l{layer}{direction}"
                shapes[f"rnn.weight_ih_{suffix}"] = (cell.gates * hidden, width)
                if cell.recurrent_gates:
                    shapes[f"rnn.weight_hh_{suffix}"] = (cell.recurrent_gates * hidden, self.direction_size)
                shapes[f"rnn.bias_ih_{suffix}"] = (cell.gates * hidden,)
                if cell.recurrent_gates:
                    shapes[f"rnn.bias_hh_{suffix}"] = (cell.recurrent_gates * hidden,)
                if self.proj_size:
                    shapes[f"rnn.weight_hr_{suffix}"] = (self.proj_size, hidden)
        if self.pooling == "attention":
            shapes["pooling.query"] = (self.state_size,)
        if not self.tied:
            shapes["head.weight"] = (self.outputs, inputs.static_size + self.state_size)
        shapes["head.bias"] = (self.outputs,)
        if self.loss.link is losses.Link.SEQUENCE:
            shapes.update({"crf.start_transitions": (self.outputs,), "crf.end_transitions": (self.outputs,)})
            shapes["crf.transitions"] = (self.outputs, self.outputs)
        return shapes


def read(content: bytes, file: str) -> Spec:
    """What a file ``spec.json`` says.

    :raises FormatError: if it is damaged, of a newer format, or has what this reader does not know
    """
    document = parse(content, file)
    version = document.get("format") if isinstance(document, dict) else None
    if isinstance(version, int) and version > _NEWEST_FORMAT:  # before fields that this reader cannot know
        raise FormatError(f"{file}: format is {version}; this version of Unroll reads 1 to {_NEWEST_FORMAT}")
    known = ("vocabulary", "vocabularies", "labels", "scaling", "horizon")
    fields = Fields(document, file, "", ("format", "task", "network", "provenance"), known)
    fields.integer("format", 1, _NEWEST_FORMAT)
    try:
        spec = _spec(fields)
        _require_fit(spec)
    except FormatError:
        raise
    except ValueError as e:
        raise FormatError(f"{file}: {e}") from e
    return spec


def _spec(fields: Fields) -> Spec:
    required = ("input", "cell", "activation", "hiddenSize", "head")
    network = fields.object("network", required, ("projSize", "numLayers", "bidirectional"))
    head = network.object("head", ("loss", "outputs", "everyStep"), ("tied", "pooling"))
    cells.named(network.text("cell"), network.text("activation"))
    loss = losses.named(head.text("loss"))
    labels = fields.object("labels", ("numeric", "values")) if "labels" in fields else None
    texts = fields.names("provenance")
    provenance = {name: texts.text(name) for name in texts.value}
    return Spec(
        task=fields.text("task", _TASKS),
        inputs=_inputs(network.object("input", (), ("tokens", "dense", "mixed")), fields),
        cell=network.text("cell"),
        activation=network.text("activation"),
        hidden_size=network.integer("hiddenSize", 1),
        proj_size=network.integer("projSize", 1) if "projSize" in network else 0,
        num_layers=network.integer("numLayers", 1, 64, default=1),
        bidirectional=network.boolean("bidirectional", default=False),
        loss=loss,
        outputs=head.integer("outputs", 1),
        every_step=head.boolean("everyStep"),
        tied=head.boolean("tied", default=False),
        pooling=head.text("pooling", _POOLINGS) if "pooling" in head else "last",
        labels=Labels(labels.boolean("numeric"), labels.texts("values")) if labels else None,
        scaling=_scaling(fields, loss),
        horizon=fields.integer("horizon", 1) if "horizon" in fields else 0,
        parameter_hash=provenance.pop("parameterHash", ""),
        provenance=provenance,
    )


def _inputs(given: Fields, document: Fields) -> Tokens | Numbers:
    if len(given.value) != 1:
        raise ValueError(f"network.input has {', '.join(given.value) or 'nothing'}; allowed is one of tokens, dense and mixed")
    if "vocabulary" in document and "tokens" not in given:
        raise ValueError("there is a vocabulary, and the network's input is of no tokens")
    if "vocabularies" in document and "mixed" not in given:
        raise ValueError("there are vocabularies, and the network's input is of no columns")
    if "tokens" in given:
        tokens = given.object("tokens", ("vocabulary", "embeddingSize"))
        vocabulary = Vocabulary(document.texts("vocabulary"))
        _require_ids("the vocabulary", vocabulary, tokens.integer("vocabulary", 1))
        return Tokens(vocabulary, tokens.integer("embeddingSize", 0))
    if "dense" in given:
        return Numbers(given.object("dense", ("width",)).integer("width", 1), False)
    mixed = given.object("mixed", ("masked",), ("width", "numbers", "categories", "staticNumbers", "statics"))
    masked = mixed.boolean("masked")
    if "width" in mixed:
        if len(mixed.value) > 2:
            raise ValueError("network.input.mixed has a width and columns; allowed is one of the two")
        return Numbers(mixed.integer("width", 1), masked)
    vocabularies = document.names("vocabularies") if "vocabularies" in document else None
    names, static_names = tuple(mixed.texts("numbers")), tuple(mixed.texts("staticNumbers"))
    categories, statics = _categories(mixed, "categories", vocabularies), _categories(mixed, "statics", vocabularies)
    inputs = Numbers(len(names), masked, names, categories, static_names, statics)
    others = set(vocabularies.value if vocabularies else ()) - {one.column for one in (*categories, *statics)}
    if others:
        raise ValueError(f"there is a vocabulary of {min(others)}, which is no column of categories")
    if not inputs.of_steps or len(set(inputs.columns)) < len(inputs.columns):
        raise ValueError(f"the columns are {', '.join(inputs.columns)}; allowed is each once, and one of steps at least")
    return inputs


def _categories(mixed: Fields, name: str, vocabularies: Fields | None) -> Tuple[Category, ...]:
    found: List[Category] = []
    for one in mixed.objects(name, ("column", "vocabulary", "embeddingSize")) if name in mixed else ():
        column = one.text("column")
        if vocabularies is None or column not in vocabularies:
            raise ValueError(f"there is no vocabulary of column {column}")
        vocabulary = Vocabulary(vocabularies.texts(column))
        _require_ids(f"the vocabulary of {column}", vocabulary, one.integer("vocabulary", 1))
        found.append(Category(column, vocabulary, one.integer("embeddingSize", 1)))
    return tuple(found)


def _require_ids(name: str, vocabulary: Vocabulary, ids: int) -> None:
    if len(vocabulary) != ids:
        raise ValueError(f"{name} has {len(vocabulary)} ids; the network's input has {ids}")


def _scaling(document: Fields, loss: Loss) -> Scaling:
    if "scaling" not in document:
        return Scaling()
    fields = document.object("scaling", (), (*_SCALES, *_STATICS, *_SERIES, *_IN_DOUBLE, "by", "unscaled"))
    by = fields.text("by", ["window", "key"]) if "by" in fields else ""
    required = {"": _SCALES, "window": [], "key": _SERIES}[by] + [name for name in _STATICS if set(_STATICS) & set(fields.value)]
    allowed = {*required, *_IN_DOUBLE} if not by else {*required, "by", "unscaled", "staticsInDouble"}
    for name in (*fields.value, *required):
        if name not in fields or name not in allowed:
            raise ValueError(f"scaling by {by or 'the training part'} {'has' if name in fields else 'lacks'} the field {name}")
    return Scaling(
        inputs=_standardization(fields, "input"),
        statics=_standardization(fields, "static"),
        targets=_standardization(fields, "target"),
        by=by,
        unscaled=fields.integer("unscaled", 1) if "unscaled" in fields else 0,
        key_columns=tuple(fields.texts("keyCols")),
        series=_series(fields) if by == "key" else {},
        counts=loss.counts and by != "",
    )


def _standardization(fields: Fields, side: str) -> Standardization:
    if side + "Means" not in fields:
        return NONE
    means, deviations = _moments(fields, side + "Means", side + "Deviations")
    return Standardization(means, deviations, fields.boolean(side + "sInDouble", default=False))


def _moments(fields: Fields, means: str, deviations: str) -> Tuple[np.ndarray, np.ndarray]:
    mean, deviation = np.array(fields.numbers(means)), np.array(fields.numbers(deviations))
    if len(mean) != len(deviation):
        raise ValueError(f"the scaling has {len(mean)} {means} and {len(deviation)} {deviations}")
    if not (np.isfinite(mean).all() and np.isfinite(deviation).all() and (deviation > 0).all()):
        raise ValueError(f"the scaling has {means} or {deviations} that are not allowed; allowed are finite numbers, and deviations above 0")
    return mean, deviation


def _series(fields: Fields) -> Dict[Tuple[str, ...], Tuple[np.ndarray, np.ndarray]]:
    columns, keys = fields.texts("keyCols"), fields.texts("keys")
    means, deviations = _moments(fields, "seriesMeans", "seriesDeviations")
    count = len(keys) // max(len(columns), 1)
    if count == 0 or count * len(columns) != len(keys) or not len(means) or len(means) % count:
        found = f"{len(columns)} key columns, {len(keys)} values of them and {len(means)} means"
        raise ValueError(f"scales by key have {found}; allowed are as many of each key")
    rows = zip(means.reshape(count, -1), deviations.reshape(count, -1))
    series = {tuple(keys[i * len(columns) : (i + 1) * len(columns)]): moments for i, moments in enumerate(rows)}
    if len(series) < count:
        raise ValueError("scales by key have a key twice")
    return series


def _require_fit(spec: Spec) -> None:
    """Refuses parts that do not fit each other."""
    loss, inputs, scaling = spec.loss, spec.inputs, spec.scaling
    if spec.proj_size and (spec.cell != "lstm" or spec.proj_size >= spec.hidden_size):
        raise ValueError(
            f"projSize is {spec.proj_size}, cell is {spec.cell} and hiddenSize {spec.hidden_size}; allowed is, with cell lstm, less than hiddenSize"
        )
    if spec.task not in loss.tasks:
        raise ValueError(f"the head's loss is {loss.key}; that is not one of task {spec.task}")
    every = {"classification": False, "tagging": True, "language-model": True}
    if spec.every_step != every.get(spec.task, spec.every_step):
        raise ValueError(f"the head reads {'every state' if spec.every_step else 'the last state'}; that is not what task {spec.task} does")
    if spec.pooling != "last" and spec.every_step:
        raise ValueError(f"pooling is {spec.pooling}, and the head reads every state; allowed is one label for the whole sequence")
    if spec.outputs % loss.outputs:
        raise ValueError(f"outputs is {spec.outputs}, and loss {loss.key} has {loss.outputs} for each number; allowed is a multiple of that")
    language = spec.task == "language-model"
    if language and (spec.bidirectional or not isinstance(inputs, Tokens)):
        raise ValueError("a language model reads tokens, and forward; the network reads others, or in both directions")
    classes = inputs.vocabulary if language and isinstance(inputs, Tokens) else spec.labels
    names = len(classes) if classes else 0
    if loss.classes and names != loss.labels(spec.outputs):
        raise ValueError(f"there are {names} names of classes; the network's head has {loss.labels(spec.outputs)} classes")
    if loss.link is losses.Link.SIGMOID and spec.outputs != 1:
        raise ValueError(f"outputs is {spec.outputs}, and loss binary has 1")
    if spec.tied and not (language and inputs.width == spec.state_size):
        raise ValueError("the head's weights are the embedding; that goes with a language model and an embedding as wide as the states")
    if spec.horizon and not (spec.task == "regression" and spec.every_step and isinstance(inputs, Numbers)):
        raise ValueError(f"the horizon is {spec.horizon}, which goes with task regression, columns and a target of every step")
    width = inputs.width if isinstance(inputs, Numbers) else 0
    statics = len(inputs.static_names) if isinstance(inputs, Numbers) else 0
    targets = 0 if loss.classes else spec.outputs // loss.outputs
    for side, expected in ((scaling.inputs, width), (scaling.statics, statics), (scaling.targets, targets)):
        if len(side.means) not in (0, expected):
            raise ValueError(f"the scaling is of {len(side.means)} numbers; the network has {expected}")
    if scaling.by and scaling.unscaled >= width:
        raise ValueError(f"the scaling leaves {scaling.unscaled} numbers as they are, and a step has {width}; allowed is less")
    if scaling.series and len(next(iter(scaling.series.values()))[0]) + scaling.unscaled != width:
        raise ValueError(f"the scaling by key does not fit the network's {width} numbers of a step")
    if loss.counts and scaling.targets.means.any():
        raise ValueError(f"the scaling has means of targets, and loss {loss.key} is of counts, which are never centred; allowed is 0")
