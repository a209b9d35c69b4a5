"""A saved model that predicts with NumPy alone."""

from __future__ import annotations

import hashlib
import warnings
from dataclasses import dataclass, replace
from typing import Any, Dict, List, Sequence, Tuple, Union

import numpy as np

from unroll.local import cells, crf
from unroll.local.draws import Draws
from unroll.local.losses import Link
from unroll.local.network import Network, State
from unroll.local.rows import Encoder, Steps, rows
from unroll.local.spec import Spec, Tokens
from unroll.local.text import END, UNKNOWN, key

_NUMBERS_AT_ONCE = 1 << 22  # of the widest array of a batch


@dataclass(frozen=True)
class Prediction:
    """A model's prediction of one sequence, or of the latest step of a stream.

    Of a sequence of a model that predicts at each step, all have a first axis T.

    :param prediction: a label; a list of labels, of loss multi-label; a number, or the numbers of a target (M); of each step a list
        of labels, or an array of numbers
    :param probabilities: of the classes, in the order of ``labels``, (C); None for numbers
    :param raw: outputs before the softmax or the sigmoids, of loss binary -o/2 and o/2, (C); None for numbers
    :param quantiles: of loss quantile, ascending, (M, levels); None for another loss, a likelihood too
    :param distribution: the parameters, (M, parameters): of loss gaussian mean and deviation, of student-t mean, scale and degrees of freedom, of
        poisson the mean, of negative-binomial mean and dispersion; None for another loss
    """

    prediction: Any
    probabilities: np.ndarray | None = None
    raw: np.ndarray | None = None
    quantiles: np.ndarray | None = None
    distribution: np.ndarray | None = None

    def of_classes(self) -> np.ndarray:
        """The probabilities, of a model that has them."""
        assert self.probabilities is not None
        return self.probabilities

    def first(self) -> Prediction:
        """That of the first step alone."""
        return Prediction(**{name: None if value is None else value[0] for name, value in vars(self).items()})


class LocalModel:
    """A trained model without Spark: predicts sequences in batches, streams step by step, and writes text.

    It predicts what ``transform`` predicts in Java, to 1e-6 of the probabilities and of scaled numbers: both compute in float32, in
    another order. It holds no state, so threads may share it.
    """

    def __init__(self, model: Spec, tensors: Dict[str, np.ndarray], features: str):
        self._spec = model
        self._tensors = tensors
        self._features = features
        self._network = Network(model, tensors)
        self._encoder = Encoder(model, features)

    @property
    def task(self) -> str:
        """classification, tagging, regression or language-model"""
        return self._spec.task

    @property
    def labels(self) -> List[Union[str, float]] | None:
        """The classes, in the order of the probabilities: labels, or the tokens of a language model; None for numbers."""
        return list(self._names) or None

    @property
    def parameterHash(self) -> str:
        """SHA-256 of the parameters' bytes: equal for equal models."""
        digest = hashlib.sha256()
        for name in self._spec.layout():
            digest.update(self._tensors[name].tobytes())
        return digest.hexdigest()

    @property
    def _names(self) -> Tuple[Union[str, float], ...]:
        """The classes; none of numbers."""
        model = self._spec
        if model.task == "language-model" and isinstance(model.inputs, Tokens):
            return model.inputs.vocabulary.tokens
        return model.labels.values if model.labels else ()

    def predict(self, data: Any) -> List[Any]:
        """Predictions alone; see :meth:`outputs`."""
        return [one.prediction for one in self.outputs(data)]

    def probabilities(self, data: Any) -> List[np.ndarray]:
        """The probabilities of the classes of each sequence, (C), or (T, C) with a prediction for each step; see :meth:`outputs`.

        :raises ValueError: for a model of numbers
        """
        if not self._spec.loss.classes:
            raise ValueError(f"loss {self._spec.loss.key} is of numbers, which have no probabilities; outputs has what there is of them")
        return [one.of_classes() for one in self.outputs(data)]

    def outputs(self, data: Any) -> List[Prediction]:
        """All that the model says of each sequence.

        :param data: a list of sequences, or a series or frame of pandas. A sequence is a text, a list of tokens, an array of numbers (T)
            or (T, D); of a model that reads several columns a mapping of them, each of steps with T values. Of any model a mapping may have
            the columns that the model was trained on, as a row of a frame has. A language model predicts the next token at every position,
            the beginning included: T + 1 of them
        :raises ValueError: for a sequence that the model cannot read, with its index
        """
        sequences: List[Steps] = []
        for i, row in enumerate(rows(data)):
            try:
                sequences.append(self._encoder.sequence(row))
            except (ValueError, TypeError) as e:
                raise ValueError(f"sequence {i}: {e}") from e
        found: List[Any] = [None] * len(sequences)
        for batch in self._batches([len(steps) for steps in sequences]):
            outputs, _ = self._network.forward([sequences[i] for i in batch])
            for i, of_sequence in zip(batch, outputs):
                one = self._prediction(of_sequence[-self._spec.horizon :], sequences[i])
                found[i] = one if self._spec.every_step else one.first()
        return found

    def start(self) -> State:
        """The state before the first step of a stream, of which :meth:`step` makes the next ones.

        :raises ValueError: if the network needs all steps to predict: it reads in both directions, pools states, has loss crf, scales
            each window by itself, or predicts the steps of a horizon
        """
        model = self._spec
        reasons = [
            (model.bidirectional, "a network that reads in both directions"),
            (model.pooling != "last", f"pooling {model.pooling}"),
            (model.loss.link is Link.SEQUENCE, "loss crf"),
            (model.scaling.by == "window", "scale window"),
            (model.horizon > 0, f"a horizon of {model.horizon} steps"),
        ]
        for holds, reason in reasons:
            if holds:
                raise ValueError(f"{reason} needs all steps of a sequence; a stream has one after another")
        state = self._network.start()
        return self.step(state, END)[1] if model.task == "language-model" else state

    def step(self, state: State, x: Any) -> Tuple[Prediction, State]:
        """Takes one more step of a stream, in constant time: the prediction, as if the sequence ended there, and the next state.

        :param state: of :meth:`start` or the step before; it is left as it is
        :param x: a token, a number, numbers (D), or a mapping with one value of each column
        """
        steps = self._encoder.step(x)
        outputs, after = self._network.forward([steps], state)
        return self._prediction(outputs[0], steps).first(), after

    def generate(
        self, prompt: Union[str, Sequence[Any]] = (), length: int = 100, temperature: float = 1.0, topK: int = 0, seed: int = 1
    ) -> List[str]:
        """Tokens that continue the prompt, until the end mark or ``length`` tokens are there. A draw is that of the Java library, from the same
        seed, so the text is the same, unless a draw falls between two tokens within the last bits of their probabilities.

        :param prompt: text, which the model's tokenizer cuts into characters or words; or a list of tokens
        :param temperature: probabilities are raised to 1 / temperature; 0 takes the most probable token
        :param topK: only the k most probable tokens are drawn from; 0 for all
        :raises ValueError: if it is no language model
        """
        if self._spec.task != "language-model" or not isinstance(self._spec.inputs, Tokens):
            raise ValueError(f"the model's task is {self._spec.task}; allowed is language-model")
        vocabulary = self._spec.inputs.vocabulary
        draws = Draws(temperature, topK, seed)
        tokens = self._encoder.tokens(prompt)
        unknown = [one for one in tokens if vocabulary.id(one) == UNKNOWN]
        if unknown:
            shown = ", ".join(unknown[:5]) + (", ..." if len(unknown) > 5 else "")
            sentence = f"of the prompt's {len(tokens)} tokens the model does not know {len(unknown)}: {shown}; they count as the unknown token"
            warnings.warn(sentence, stacklevel=2)
        state = self._network.start()
        added: List[str] = []
        for one in (END, *tokens):
            prediction, state = self.step(state, one)
        while len(added) < length:
            drawn = vocabulary.tokens[draws.id(prediction.of_classes(), len(added))]
            if drawn == END:
                break
            added.append(drawn)
            prediction, state = self.step(state, drawn)
        return added

    def ofSeries(self, *values: Any) -> LocalModel:
        """This model for one series alone, where it scales by key: its rows need no key.

        :param values: of each key column
        :raises ValueError: for a series that training did not see, and a model that does not scale by key
        """
        scaling = self._spec.scaling
        if scaling.by != "key":
            raise ValueError("the model does not scale by key, so it is the same for all series")
        own = replace(self._spec, scaling=scaling.of(np.zeros((1, 0)), [key(value) for value in values]))
        return LocalModel(own, self._tensors, self._features)

    def _batches(self, lengths: Sequence[int]) -> List[List[int]]:
        """Indices of sequences by descending length, so many that the arrays of a batch are of a bounded size, or one."""
        model = self._spec
        most = max(1, _NUMBERS_AT_ONCE // max(model.outputs, 4 * model.hidden_size, model.inputs.size))
        batches: List[List[int]] = []
        taken = most
        for i in sorted(range(len(lengths)), key=lambda i: -lengths[i]):
            if taken + lengths[i] > most:
                batches.append([])
                taken = 0
            batches[-1].append(i)
            taken += lengths[i]
        return batches

    def _prediction(self, outputs: np.ndarray, steps: Steps) -> Prediction:
        """What outputs (T, C) say, one by one."""
        loss = self._spec.loss
        if not loss.classes:
            numbers = loss.read(outputs, steps.units)
            points = numbers[..., loss.point]
            return Prediction(
                points[:, 0] if points.shape[1] == 1 else points,
                quantiles=numbers if loss.link is Link.QUANTILES else None,
                distribution=numbers if loss.link is Link.DISTRIBUTION else None,
            )
        if loss.link in (Link.SIGMOID, Link.SIGMOIDS):
            return self._sigmoids(outputs)
        if loss.link is Link.SEQUENCE:
            scores = [self._tensors[f"crf.{name}"] for name in ("start_transitions", "end_transitions", "transitions")]
            classes, probabilities = crf.decode(outputs, *scores), crf.marginals(outputs, *scores).astype(np.float32)
        else:
            classes = outputs.argmax(1)
            probabilities = np.exp(outputs - outputs.max(1, keepdims=True))
            probabilities /= probabilities.sum(1, keepdims=True)
        return Prediction([self._names[c] for c in classes], probabilities, outputs)

    def _sigmoids(self, outputs: np.ndarray) -> Prediction:
        """Of loss multi-label all labels more probable than not; of loss binary the one of two that is."""
        if self._spec.loss.link is Link.SIGMOID:
            names = [self._names[int(o > 0)] for o in outputs[:, 0]]
            return Prediction(names, cells.sigmoid(np.hstack([-outputs, outputs])), np.hstack([-outputs / 2, outputs / 2]))
        sets = [[name for name, o in zip(self._names, row) if o > 0] for row in outputs]
        return Prediction(sets, cells.sigmoid(outputs), outputs)
