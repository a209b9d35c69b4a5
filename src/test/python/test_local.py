"""Models read by NumPy alone predict what the JVM predicts, to 1e-6: in an environment with the wheel and pandas, python src/test/python/test_local.py"""

import itertools
import json
import random
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import tiny_tables
import unroll
from pyspark.ml import Pipeline
from pyspark.ml.linalg import Vectors
from pyspark.sql import functions as F
from unroll.local import FormatError

ROOT = Path(__file__).resolve().parents[3]
SEED = random.SystemRandom().randrange(1 << 32)
CELLS = [dict(cell="elman"), dict(cell="elman", activation="relu"), dict(cell="lstm"), dict(cell="lstm", projSize=2), dict(cell="gru"), dict(cell="mingru")]
STACKS = [dict(), dict(numLayers=2, bidirectional=True)]
NUMBER_LOSSES = ["squared", "absolute", "huber", "quantile:0.1,0.45,0.9", "gaussian", "student-t", "poisson", "negative-binomial"]
POOLINGS = ["mean", "max", "attention"]
COLUMNS = dict(
    numericCols=["price", "heat"],
    categoricalCols=["page"],
    staticNumericCols=["size"],
    staticCategoricalCols=["town"],
    missing="mask",
    standardize=True,
)
WORDS = dict(featuresCol="word", labelCol="label")
TOLERANCE = 1e-6


class LocalTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        print("seed", SEED)
        conf = {"spark.ui.enabled": "false", "spark.sql.shuffle.partitions": "1", "spark.default.parallelism": "1"}
        cls.spark = unroll.start("local[2]", conf=conf)
        cls.spark.sparkContext.setLogLevel("ERROR")
        cls.folder = tempfile.TemporaryDirectory()
        draw = np.random.default_rng(SEED)
        cls.count = itertools.count()
        for name in ("words", "series", "table", "sales"):
            setattr(cls, name, getattr(tiny_tables, name)(cls.spark, draw).cache())

    @classmethod
    def tearDownClass(cls):
        cls.spark.stop()
        cls.folder.cleanup()

    def fit(self, name, data, **params):
        usual = dict(hiddenSize=5, batchSize=8, maxIter=4, stepSize=0.05, engine="local", numShards=1, seed=SEED)
        return getattr(unroll, "Rnn" + name)(**{**usual, **params}).fit(data)

    def saved(self, model):
        path = Path(self.folder.name) / str(next(self.count))
        model.write().save(str(path))
        return path

    def compare(self, model, data):
        """Of every row what Spark adds to it; gives the local model."""
        local = unroll.load_local(self.saved(model))
        self.assertEqual(local.parameterHash, model.parameterHash)
        predicted = model.transform(data).collect()
        added = [name for name in predicted[0].asDict() if name not in data.columns]
        columns = [name for name in added if name != "quantiles" or "distribution" not in added]  # of a likelihood only Java has them
        scale = self.scale([row.prediction for row in predicted])
        found = local.outputs(data.collect())
        self.assertEqual(len(found), len(predicted))
        for one, row in zip(found, predicted):
            for name in columns:
                value = getattr(one, {"probability": "probabilities", "rawPrediction": "raw"}.get(name, name))
                expected = row[name]
                if name == "rawPrediction" and np.shape(value)[-1] == 2:  # of two classes Spark has them less their mean
                    value, expected = (array - np.mean(array, -1, keepdims=True) for array in (np.asarray(value, float), _array(expected)))
                self.assert_near(value, expected, 1.0 if name == "probability" else scale)
        return local

    @staticmethod
    def scale(predictions):
        """The size of numbers, where predictions are such."""
        if any(map(_has_text, predictions)):
            return 1.0
        numbers = np.concatenate([np.ravel(_array(one)) for one in predictions])
        return max(1.0, np.abs(numbers.astype(float)).max()) if numbers.dtype.kind in "if" else 1.0

    def assert_near(self, found, expected, scale):
        if _has_text(expected):
            self.assertEqual(found, expected)
        else:
            expected = _array(expected)
            np.testing.assert_allclose(np.asarray(found, float).reshape(expected.shape), expected, rtol=TOLERANCE, atol=TOLERANCE * scale)

    def test_cells_layers_and_directions_of_every_task(self):
        for cell, stack in itertools.product(CELLS, STACKS):
            with self.subTest(cell=cell, stack=stack):
                local = self.compare(self.fit("Classifier", self.words, embeddingSize=4, **WORDS, **cell, **stack), self.words)
                self.assertEqual((local.task, local.labels), ("classification", ["first", "other"]))
                numbers = dict(featuresCol="steps", labelCol="vector", standardize=True)
                self.compare(self.fit("Regressor", self.series, **numbers, **cell, **stack), self.series)
        for cell in CELLS:
            with self.subTest(cell=cell):
                self.compare(self.fit("Tagger", self.words, featuresCol="word", labelCol="tags", embeddingSize=0, **cell), self.words)
                self.language_model(**cell)

    def language_model(self, **params):
        model = self.fit("LanguageModel", self.words, featuresCol="word", embeddingSize=params.get("projSize", 5), tiedEmbeddings=True, **params)
        local = unroll.load_local(self.saved(model))
        java = model._java_obj.local()
        for text in ("abba", "", "axb"):
            self.assert_near(local.outputs([text])[0].probabilities.ravel(), list(java.predict(text).values()), 1.0)
        self.assertEqual(len(local.probabilities(["ab"])[0]), 3)
        self.assertEqual(local.labels[0], "\ufffd")
        for draw in (dict(temperature=0), dict(seed=SEED), dict(topK=2, seed=-3), dict(temperature=0.5, seed=7)):
            self.assertEqual(local.generate("ab", length=30, **draw), model.generate("ab", length=30, **draw))
        self.streams(local, java, "abba", str)

    def streams(self, local, java, xs, to_java):
        """Step by step, as Java's stepper."""
        stepper, state = java.stepper(), local.start()
        for x in xs:
            expected = stepper.step(to_java(x))
            found, state = local.step(state, x)
            numbers = list(expected.values()) if local.labels else list(expected.numbers())
            self.assert_near(np.ravel(found.probabilities if local.labels else found.prediction), numbers, self.scale([numbers]))

    def test_streams_of_numbers_and_columns(self):
        model = self.fit("Regressor", self.series, featuresCol="steps", labelCol="each", standardize=True, cell="lstm", numLayers=2)
        local = self.compare(model, self.series)
        xs = self.series.first().steps
        jvm, gateway = self.spark._jvm, self.spark.sparkContext._gateway

        def doubles(numbers):
            array = gateway.new_array(jvm.double, len(numbers))
            for i, number in enumerate(numbers):
                array[i] = number
            return array

        def mapping(values):
            found = jvm.java.util.HashMap()
            for name, value in values.items():
                found.put(name, value)
            return found

        self.streams(local, model._java_obj.local(), xs, doubles)
        state = local.start()
        once = [local.step(state, xs[0])[0].prediction for _ in range(2)]
        self.assertEqual(once[0], once[1])  # a state is not changed
        model = self.fit("Classifier", self.table, labelCol="label", **COLUMNS)
        steps = [dict(price=None if t == 2 else 2.0 * t, heat=1.5, page="home" if t % 2 else None, size=2.0, town="Bern") for t in range(4)]
        self.streams(self.compare(model, self.table), model._java_obj.local(), steps, mapping)

    def test_poolings(self):
        for pooling, stack in itertools.product(POOLINGS, STACKS):
            with self.subTest(pooling=pooling, stack=stack):
                local = self.compare(self.fit("Classifier", self.words, **WORDS, pooling=pooling, **stack), self.words)
                with self.assertRaisesRegex(ValueError, "needs all steps of a sequence"):
                    local.start()

    def test_wide_networks_and_long_sequences(self):
        data = self.words.selectExpr("repeat(word, 12) as word", "label")
        wide = dict(hiddenSize=64, numLayers=2, bidirectional=True, maxIter=10)
        self.compare(self.fit("Classifier", data, **WORDS, **wide), data)

    def test_sigmoids(self):
        sets = self.words.withColumn("sets", F.array_distinct(F.split("word", ""))).withColumn("every", F.expr("transform(tags, t -> array(t))"))
        for stack in STACKS:
            with self.subTest(stack=stack):
                self.compare(self.fit("Classifier", self.words, **WORDS, loss="binary", **stack), self.words)
                multi = dict(featuresCol="word", loss="multi-label", maxIter=30)
                self.compare(self.fit("Classifier", sets, labelCol="sets", **multi, **stack), sets)
                self.compare(self.fit("Tagger", sets, labelCol="every", **multi, **stack), sets)

    def test_label_sequences(self):
        for stack in STACKS:
            model = self.fit("Tagger", self.words, featuresCol="word", labelCol="tags", loss="crf", maxIter=20, **stack)
            self.compare(model, self.words)

    def test_losses_of_numbers(self):
        for loss, scale in zip(NUMBER_LOSSES, itertools.cycle(["standard", "standard", "none"])):
            with self.subTest(loss=loss, scale=scale):
                self.compare(self.fit("Regressor", self.series, featuresCol="steps", labelCol="counts", loss=loss, scale=scale), self.series)

    def test_columns(self):
        tasks = [("Classifier", dict(labelCol="label")), ("Tagger", dict(labelCol="tags", loss="crf")), ("Regressor", dict(labelCol="number"))]
        for (name, params), stack in itertools.product(tasks, STACKS):
            with self.subTest(name=name, stack=stack):
                self.compare(self.fit(name, self.table, cell="gru", **COLUMNS, **params, **stack), self.table)
        frame = self.table.toPandas()
        local = self.compare(self.fit("Classifier", self.table, labelCol="label", **COLUMNS), self.table)
        self.assertEqual(local.predict(frame), local.predict(self.table.collect()))
        structs = self.table.select(F.arrays_zip("price", "heat", "page").alias("features"), "size", "town")
        self.assertEqual(local.predict(structs.toPandas()), local.predict(frame))
        for row, sentence in [
            (["a"], "allowed is a mapping"),
            (frame.loc[0].drop("page").to_dict(), "there is no page; there are price"),
            ({**frame.loc[0], "heat": [1.0]}, "column heat has 1 steps, and price has"),
            ({**frame.loc[0], "page": "home"}, "column page is a str"),
            ({**frame.loc[0], "price": ["1"] * len(frame.loc[0].price)}, "price has what is no number"),
        ]:
            with self.subTest(sentence), self.assertRaisesRegex(ValueError, "^sequence 1: .*" + sentence):
                local.predict([frame.loc[0].to_dict(), row])

    def test_missing_numbers_of_one_column(self):
        data = self.series.selectExpr("transform(steps, s -> array(s[0], if(s[1] > 2, null, s[1]))) as steps", "vector")
        self.compare(self.fit("Regressor", data, featuresCol="steps", labelCol="vector", missing="mask", standardize=True), data)

    def test_scales_of_windows_and_series(self):
        columns = dict(numericCols=["sold", "price"], categoricalCols=["offer"])
        for known, scale, loss in itertools.product([False, True], ["window", "by-key"], ["student-t", "negative-binomial"]):
            with self.subTest(known=known, scale=scale, loss=loss):
                inputs = dict(knownCols=["price"], **columns) if known else dict(valueCols=["sold", "price"])
                windows = unroll.SlidingWindows(
                    keyCols=["shop", "item"], timeCol="day", targetCols=["sold"], timeFeatures=["weekday"], windowLength=6, horizon=2, **inputs
                )
                data = windows.transform(self.sales)
                more = dict(missing="mask", **columns) if known else {}
                local = self.compare(self.fit("Regressor", data, scale=scale, loss=loss, **more), data)
                row = data.first().asDict()
                if scale == "by-key":
                    own = local.ofSeries(row["shop"], row["item"])
                    alone = {name: value for name, value in row.items() if name != "shop"} if known else row["features"]
                    np.testing.assert_array_equal(own.predict([alone]), local.predict([row]))
                    with self.assertRaisesRegex(ValueError, "sequence 0: there is no series nowhere, 0 among the 4 by shop, item"):
                        local.predict([{**row, "shop": "nowhere"}])

    def test_labels_and_tokens(self):
        """Numbers, whole numbers beyond those of doubles, and truth; words, and arrays of whole numbers."""
        for label in ("cast(id % 3 as int)", "id % 2 = 0", "123456789012345678 + id % 2", "id % 3 / 10"):
            with self.subTest(label):
                data = self.words.selectExpr("word", f"{label} as label")
                model = self.fit("Classifier", data, **WORDS)
                self.assertEqual(self.compare(model, data).labels[0], model.labels[0])
        for tokens, tokenizer in (("concat_ws('  ', split(word, ''))", "whitespace"), ("transform(split(word, ''), c -> ascii(c))", "none")):
            with self.subTest(tokens):
                data = self.words.selectExpr(f"{tokens} as tokens", "label")
                self.compare(self.fit("Classifier", data, featuresCol="tokens", labelCol="label", tokenizer=tokenizer), data)

    def test_data_of_python(self):
        local = self.compare(self.fit("Classifier", self.words, **WORDS), self.words)
        texts = ["abba", "日本", "a"]
        expected = local.predict(texts)
        for data in (pd.Series(texts), pd.DataFrame({"word": texts, "other": 1}), [list(text) for text in texts], tuple(texts), np.array(texts)):
            self.assertEqual(local.predict(data), expected)
        self.assertEqual(local.predict([]), [])
        with self.assertRaisesRegex(TypeError, "the data are one str"):
            local.predict("abba")
        for row, sentence in [
            ("", "is empty"),
            (None, "is None of type NoneType"),
            ([1.5], "1.5 of type float is no token"),
            ({"name": "a"}, "the model reads column word"),
        ]:
            with self.assertRaisesRegex(ValueError, sentence):
                local.predict([row])
        with self.assertRaisesRegex(ValueError, "task is classification; allowed is language-model"):
            local.generate("a")
        many = ["ab" * (n % 50 + 1) for n in range(3000)]  # more than one batch
        alone = [local.probabilities([text])[0] for text in many[:50]]
        np.testing.assert_allclose(np.stack(local.probabilities(many)[:50]), np.stack(alone), atol=TOLERANCE)
        numbers = self.compare(self.fit("Regressor", self.series, featuresCol="steps", labelCol="count"), self.series)
        vectors = [Vectors.dense([1.0, 2.0]), Vectors.sparse(2, [1], [3.0])]
        self.assertEqual(numbers.predict([vectors]), numbers.predict([[(1, 2), (0, 3)]]))
        for row, sentence in [
            ([[1.0, float("nan")]], "has nan"),
            ([[1.0, None]], "has nan"),
            ([[1.0, "2"]], "what is no number"),
            ([[1.0, 1e39]], r"has 1e\+39"),
            ([[1.0]], r"of shape \(1, 1\); allowed is \(T, 2\)"),
            ([[1.0, 2.0], [1.0]], "changing width"),
        ]:
            with self.assertRaisesRegex(ValueError, sentence):
                numbers.predict([row])
        with self.assertRaisesRegex(ValueError, "no probabilities"):
            numbers.probabilities([[[1.0, 2.0]]])

    def test_pipelines_and_files_alone(self):
        stage = self.fit("Classifier", self.words, **WORDS)
        pipeline = Pipeline(stages=[stage]).fit(self.words)
        path = self.saved(pipeline)
        self.assertEqual(unroll.load_local(path).parameterHash, stage.parameterHash)
        self.assertEqual(unroll.load_local(str(self.saved(stage) / "data")).parameterHash, stage.parameterHash)
        again = self.fit("Classifier", self.words, **WORDS, predictionCol="more", probabilityCol="others")
        with self.assertRaisesRegex(FormatError, "is a pipeline with 2 models"):
            unroll.load_local(self.saved(Pipeline(stages=[stage, again]).fit(self.words)))
        with self.assertRaisesRegex(FileNotFoundError, "there is no model directory"):
            unroll.load_local(path / "nothing")
        with self.assertRaisesRegex(FileNotFoundError, "has no model"):
            unroll.load_local(path / "stages")
        program = f"import sys; sys.modules['pyspark'] = None; import unroll; print(*unroll.load_local({str(path)!r}).predict(['abba']))"
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
        self.assertEqual((done.stderr, done.stdout.split()), ("", unroll.load_local(path).predict(["abba"])))

    def test_every_cell_loss_and_pooling_is_known(self):
        """What the Java library has is what is tested here."""
        jvm = self.spark._jvm.dev.unroll
        self.assertEqual({cell["cell"] for cell in CELLS}, set(jvm.nn.Cells.OWN))
        losses = {kind.setting() for kind in getattr(jvm.nn, "Loss$Kind").values()}
        self.assertEqual({"softmax", "binary", "multi-label", "crf", *(loss.split(":")[0] for loss in NUMBER_LOSSES)}, losses)
        self.assertEqual({"last", "every", *POOLINGS}, {pooling.key() for pooling in jvm.nn.Pooling.values()})

    def test_a_prompt_of_unknown_tokens_is_said(self):
        model = self.fit("LanguageModel", self.words, featuresCol="word")
        with self.assertWarnsRegex(UserWarning, "of the prompt's 2 tokens the model does not know 1: x;"):
            unroll.load_local(self.saved(model)).generate("ax", length=1)

    def test_hostile_files(self):
        path = self.saved(self.fit("Classifier", self.words, **WORDS))
        whole, text = (path / "data/model.safetensors").read_bytes(), (path / "data/spec.json").read_text()
        size = struct.unpack("<Q", whole[:8])[0]
        header = json.loads(whole[8 : 8 + size])
        bias = header["head.bias"]

        def tensors(changed, data=whole[8 + size :]):
            content = json.dumps(changed).encode()
            return struct.pack("<Q", len(content)) + content + data

        other = {name: value for name, value in header.items() if name != "head.bias"}
        cases = [
            (b"", "has 0 bytes"),
            (whole[:-4], "has [0-9]+ bytes of data; its tensors end at"),
            (whole + b"\0" * 4, "its tensors end at"),
            (struct.pack("<Q", 1 << 40) + whole[8:], "says that its header has 1099511627776"),
            (whole[:40], "says that its header has"),
            (struct.pack("<Q", size) + b"\xff" * size + whole[8 + size :], "is no JSON"),
            (whole[: 8 + size] + whole[8 + size : -1] + bytes([whole[-1] ^ 1]), "is damaged: the hash of its parameters"),
            (whole[:-4] + struct.pack("<f", float("nan")), "head.bias has what is no finite number"),
            (tensors({**header, "head.bias": {**bias, "dtype": "F16"}}), 'head.bias.dtype is "F16"; allowed are F32'),
            (tensors({**header, "head.bias": {**bias, "shape": [2, 1]}}), r"head.bias has shape \[2, 1\]; expected is \[2\]"),
            (tensors({**header, "head.bias": {**bias, "shape": [1 << 50, 1 << 50]}}), "head.bias.data_offsets is"),
            (tensors({**header, "head.bias": {**bias, "shape": [-2]}}), "head.bias.shape is"),
            (tensors({**header, "head.bias": {**bias, "data_offsets": [0, 8]}}), "begins at byte"),
            (tensors({**header, "head.bias": 3}), "head.bias is no object"),
            (tensors({**other, "head.more": bias}), "has no tensor head.bias"),
            (tensors({**header, "head.more": {**bias, "data_offsets": [bias["data_offsets"][1]] * 2}}), "head.more.data_offsets is"),
        ]
        for content, sentence in cases:
            with self.subTest(sentence):
                self.refused(path, "model.safetensors", content, sentence)
        spec = json.loads(text)

        def changed(*place, value):
            one = json.loads(text)
            inner = one
            for name in place[:-1]:
                inner = inner[name]
            inner[place[-1]] = value
            return json.dumps(one).encode()

        cases = [
            (text[:-3].encode(), "is no JSON"),
            (b"[" * 100000, "is no JSON"),
            (b"[]", "the document is no object"),
            (text.replace('"task"', '"format": 1, "task"').encode(), "the field format is there twice"),
            (changed("format", value=3), "format is 3; this version of Unroll reads 1 to 2"),
            (changed("format", value="1"), 'format is "1"; allowed is a whole number'),
            (changed("more", value=3), "more is an unknown field; known are format"),
            (changed("task", value="ranking"), 'task is "ranking"; allowed are classification'),
            (changed("network", "cell", value="lstm2"), "cell is lstm2; known are elman, lstm, gru, mingru"),
            (changed("network", "projSize", value=2), "has shape .*; expected is"),
            (changed("network", "projSize", value=5), "projSize is 5, cell is lstm and hiddenSize 5; allowed is, with cell lstm, less than hiddenSize"),
            (changed("network", "activation", value="relu"), "activation is relu, and cell is lstm"),
            (changed("network", "head", "loss", value="hinge"), "loss is hinge; known are cross-entropy"),
            (changed("network", "head", "loss", value="crf"), "that is not one of task classification"),
            (changed("network", "head", "loss", value="quantile:0.5,0.1"), "each above the one before"),
            (changed("network", "head", "pooling", value="median"), 'pooling is "median"; allowed are mean, max, attention'),
            (changed("network", "head", "everyStep", value=True), "that is not what task classification does"),
            (changed("labels", value={"numeric": True, "values": ["0", "1E999999999999"]}), "labels are not ascending"),
            (changed("labels", value={"numeric": True, "values": ["0", "NaN"]}), "labels are not ascending"),
            (changed("labels", value={"numeric": False, "values": ["other", "first"]}), "labels are not ascending"),
            (changed("network", "head", "outputs", value=3), "there are 2 names of classes; the network's head has 3 classes"),
            (changed("network", "hiddenSize", value=6), "has shape .*; expected is"),
            (changed("network", "hiddenSize", value=1 << 60), "hiddenSize is 1152921504606846976; allowed is a whole number from 1 to 16777216"),
            (changed("vocabulary", value=["a"]), "the vocabulary has 2 ids; the network's input has"),
            (changed("vocabulary", value=spec["vocabulary"][:1] * len(spec["vocabulary"])), "the vocabulary has a token twice"),
            (changed("network", "input", value={"dense": {"width": 2}}), "there is a vocabulary, and the network's input is of no tokens"),
            (changed("vocabularies", value={"page": []}), "there are vocabularies, and the network's input is of no columns"),
            (changed("scaling", value={"by": "series"}), 'scaling.by is "series"; allowed are window, key'),
            (changed("scaling", value={"by": "window"}), "and a step has 0; allowed is less"),
            (changed("scaling", value={"inputMeans": []}), "scaling by the training part lacks the field inputDeviations"),
            (changed("provenance", "parameterHash", value="0"), "is of another version than spec.json"),
        ]
        for content, sentence in cases:
            with self.subTest(sentence):
                self.refused(path, "spec.json", content, sentence)

    def test_damaged_files_are_refused_or_read(self):
        """Bytes that are changed, dropped or doubled anywhere, where no hash protects them, never end in anything but a sentence."""
        data = self.saved(self.fit("Tagger", self.table, labelCol="tags", loss="crf", **COLUMNS)) / "data"
        files = {"spec.json": (data / "spec.json").read_bytes(), "model.safetensors": (data / "model.safetensors").read_bytes()}
        draw = random.Random(SEED)
        for name, n in itertools.product(files, range(300)):
            whole = files[name]
            at = draw.randrange(min(len(whole), 3000))
            size = draw.randrange(1, 4)
            piece = draw.choice([b"", whole[at : at + size] * 2, draw.choice([b"9", b"-", b"]", b"null", b'"x"', b"\xff", b"{}", b"1e999"])])
            (data / name).write_bytes(whole[:at] + piece + whole[at + size :])
            try:
                unroll.load_local(data)
            except FormatError as e:
                self.assertNotIn("\n", str(e))
            (data / name).write_bytes(whole)

    def refused(self, path, name, content, sentence):
        copy = Path(self.folder.name) / str(next(self.count))
        shutil.copytree(path, copy)
        (copy / "data" / name).write_bytes(content)
        with self.assertRaisesRegex(FormatError, sentence) as raised:
            unroll.load_local(copy)
        self.assertIn(str(copy), str(raised.exception))
        self.assertNotIn("\n", str(raised.exception))

    def test_page(self):
        """The program of docs/spark-ml.md."""
        page = (ROOT / "docs" / "spark-ml.md").read_text(encoding="utf-8")
        blocks = [block.split("```")[0] for block in page.split("```python\n")[1:]]
        block = next(block for block in blocks if "load_local" in block)
        model = self.fit("Classifier", self.words.withColumnRenamed("word", "name"), featuresCol="name", labelCol="label")
        space = {"path": str(self.saved(model))}
        exec(compile(block, "docs/spark-ml.md", "exec"), space)
        self.assertEqual(len(space["labels"]), 2)


def _has_text(value):
    return isinstance(value, str) or (isinstance(value, list) and any(map(_has_text, value)))


def _array(value):
    """A value of a column, also of vectors, alone or in a list."""
    plain = lambda one: one.toArray() if hasattr(one, "toArray") else one
    return np.array([plain(one) for one in value] if isinstance(value, list) else plain(value))


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    unittest.main()
