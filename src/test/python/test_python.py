"""What users of Python expect, with real PySpark: a progress bar, tables of pandas, MLflow, docstrings. Run as test_unroll.py is."""

import functools
import importlib
import io
import itertools
import os
import pydoc
import random
import re
import subprocess
import sys
import tempfile
import threading
import unittest
import unittest.mock
from pathlib import Path

import numpy as np
import pandas as pd
import pyspark
import tiny_tables
import unroll
from pyspark.errors import IllegalArgumentException
from pyspark.ml import Pipeline

PAGE = Path(__file__).resolve().parents[3] / "docs" / "spark-ml.md"
SEED = random.randrange(1 << 30)
SMALL = dict(featuresCol="word", hiddenSize=8, embeddingSize=4, batchSize=16, stepSize=0.02, maxIter=12)


class Terminal(io.StringIO):
    def isatty(self):
        return True


class Latest:
    """Java's LatestUpdate of a training of ten updates: none yet at first, then every third."""

    def __init__(self):
        self.answers = [None, 3, 6, 9, 10]
        self.over = threading.Event()

    def report(self):
        n = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if n == 10:
            self.over.set()
        report = unittest.mock.Mock(**{"iteration.return_value": n, "updates.return_value": 10, "loss.return_value": 0.5})
        return unittest.mock.Mock(**{"isEmpty.return_value": n is None, "get.return_value": report})


@unittest.skipIf(pyspark.__version__ == "4.0.0", "refused")
class PythonTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.spark = unroll.start("local[2]", conf={"spark.ui.enabled": "false", "spark.sql.shuffle.partitions": "2"})
        words = [format(n * 37 % 64, "06b").replace("0", "a").replace("1", "b")[: 2 + n % 5] for n in range(96)]
        rows = [(word, "first" if word[0] == "a" else "other", list(word), float(word.count("a"))) for word in words]
        cls.words = cls.spark.createDataFrame(rows, ["word", "label", "tags", "number"]).cache()
        cls.folder = tempfile.TemporaryDirectory()

    @classmethod
    def tearDownClass(cls):
        cls.spark.stop()
        cls.folder.cleanup()

    def path(self, name):
        return str(Path(self.folder.name) / name)

    def page_block(self, word):
        """The first Python block of the page that has the word."""
        blocks = [block.split("```")[0] for block in PAGE.read_text(encoding="utf-8").split("```python\n")[1:]]
        return compile(next(block for block in blocks if word in block), str(PAGE), "exec")

    def drawn(self, work, stream=Terminal):
        """What standard error has after the work, and what the work gives."""
        with unittest.mock.patch.object(sys, "stderr", stream()) as terminal:
            given = work()
        return terminal.getvalue(), given

    def test_a_bar_ends_with_the_last_update(self):
        rnn = unroll.RnnClassifier(labelCol="label", **{**SMALL, "maxIter": 40})
        drawn, model = self.drawn(lambda: rnn.fit(self.words))
        last = drawn.replace("\n", "").split("\r")[-1]
        self.assertRegex(last, r"^RnnClassifier: 100%.* 40/40 \[.* updates/s, ")
        self.assertIn(f"loss={model.summary.objectiveHistory[-1]:.4g}]", last)

    def test_a_bar_of_a_training_that_ends_early(self):
        """Not that it had failed: its total becomes what there was."""
        held = dict(validationFraction=0.3, validationInterval=1, patience=1, stepSize=0.5)
        drawn, model = self.drawn(lambda: unroll.RnnClassifier(labelCol="label", **{**SMALL, "maxIter": 1000, **held}).fit(self.words))
        made = model.summary.totalIterations
        self.assertLess(made, 1000)
        self.assertIn(f" {made}/{made} [", drawn.split("\r")[-1])

    def test_a_bar_of_a_training_that_fails(self):
        diverging = unroll.RnnRegressor(labelCol="number", optimizer="sgd", stepSize=1e30, maxIter=50, featuresCol="word", hiddenSize=4)

        def fail():
            with self.assertRaises(unroll.TrainingError):
                diverging.fit(self.words)

        drawn, _ = self.drawn(fail)
        self.assertRegex(drawn.split("\r")[-1], r" \d+/50 \[.*\n$")  # closed: what is written next begins a line

    def test_no_bar_where_nobody_sees_it_or_wants_it(self):
        rnn = unroll.RnnClassifier(labelCol="label", **SMALL)
        self.assertEqual(self.drawn(lambda: rnn.fit(self.words), io.StringIO)[0], "")
        self.addCleanup(unroll.progress)
        unroll.progress(False)
        self.assertEqual(self.drawn(lambda: rnn.fit(self.words))[0], "")
        unroll.progress()
        with unittest.mock.patch.dict(sys.modules, {"tqdm.auto": None}):  # as if it were not installed
            self.assertEqual(self.drawn(lambda: rnn.fit(self.words))[0], "")

    def test_figures_of_a_bar_rise(self):
        session = unittest.mock.MagicMock()
        latest = session._jvm.dev.unroll.train.LatestUpdate.return_value = Latest()

        def wait():
            with unittest.mock.patch.object(unroll.bar, "_POLL_SECONDS", 0.001), unroll.bar.over(session, unittest.mock.Mock(), "Bar"):
                self.assertTrue(latest.over.wait(60))

        every = functools.partial(unroll.bar._tqdm(), mininterval=0)  # draws each figure, not those of every tenth of a second
        with unittest.mock.patch.object(unroll.bar, "_tqdm", lambda: every):
            figures = [int(n) for n in re.findall(r" (\d+)/10 \[", self.drawn(wait)[0])]
        self.assertEqual(list(dict.fromkeys(figures)), [3, 6, 9, 10])

    def test_pandas_in_and_out(self):
        for name, label in [("Classifier", "label"), ("Tagger", "tags"), ("Regressor", "number"), ("Regressor", "numbers")]:
            with self.subTest(label):
                words = self.words.selectExpr("*", "transform(tags, tag -> array(cast(tag = 'a' as double), 1.5D)) as numbers")
                rnn = getattr(unroll, "Rnn" + name)(labelCol=label, **SMALL)
                model = rnn.fit(words)
                data = words.toPandas().set_index("word", drop=False).sample(frac=1, random_state=1)
                data["odd"] = [np.ones((2, 2))] * len(data)
                self.assertEqual(rnn.fit(data.drop(columns="odd")).parameterHash, model.parameterHash)
                predicted = model.predict(data)
                pd.testing.assert_frame_equal(predicted[data.columns], data)
                expected = model.transform(words)
                added = expected.columns[len(words.columns) :]
                self.assertEqual(list(predicted.columns), [*data.columns, *added])
                by_word = {row.word: row for row in expected.collect()}
                for word, row in predicted.iterrows():
                    for column in added:
                        np.testing.assert_array_equal(np.array(row[column]), np.array(by_word[word][column]))

    def test_cells_with_arrays_and_other_types_of_pandas(self):
        draw = np.random.default_rng(1)
        series = pd.DataFrame({"steps": [draw.normal(size=(3 + n % 4, 2)) for n in range(40)], "label": pd.Categorical(["a", "b"] * 20)})
        lists = series.assign(steps=[steps.tolist() for steps in series.steps], label=series.label.astype(str))
        rnn = unroll.RnnClassifier(**{**SMALL, "featuresCol": "steps", "labelCol": "label"})
        model = rnn.fit(series)
        self.assertEqual(model.labels, ["a", "b"])
        self.assertEqual(model.parameterHash, rnn.fit(self.spark.createDataFrame(lists)).parameterHash)
        self.assertEqual(model.predict(series).probability[3].shape, (2,))
        mixed = series.assign(steps=[[*steps, None] if n == 3 else list(steps) for n, steps in enumerate(series.steps)])
        with self.assertRaisesRegex(Exception, "null"):
            model.predict(mixed)
        model.setHandleInvalid("skip")
        self.assertEqual(list(model.predict(mixed).index), [n for n in range(40) if n != 3])

    def test_everything_takes_tables_of_pandas(self):
        data = self.words.toPandas()
        rnn = unroll.RnnClassifier(labelCol="label", **SMALL)
        model = rnn.fit(self.words)
        self.assertEqual(model.evaluate(data, by=["label"]).metrics, model.evaluate(self.words).metrics)
        self.assertEqual(rnn.fitByKey(data, "label").transform(data).count(), 96)
        of_both = dict(pandas=data, spark=self.words)
        losses, explained, predicted = (
            {kind: sorted(work(rows).collect()) for kind, rows in of_both.items()}
            for work in (
                lambda rows: model.withLoss(rows, "label").select("word", "loss"),
                lambda rows: model.explain(rows, method="gradient-times-input").select("word", "explanation.score"),
                lambda rows: model.transform(rows).select("word", "prediction"),
            )
        )
        for found in losses, explained, predicted:
            self.assertEqual(found["pandas"], found["spark"])
        how = dict(rows=2, method="gradient-times-input")
        self.assertEqual(model.plotExplanations(data, **how).html, model.plotExplanations(self.words, **how).html)
        found = unroll.Search(rnn, [{rnn.maxIter: 2}, {rnn.maxIter: 3}], folds=2, refit=False).run(data)
        self.assertEqual(found.candidates().count(), 2)

    def test_data_that_are_no_table(self):
        rnn = unroll.RnnClassifier(labelCol="label", **SMALL)
        with self.assertRaisesRegex(TypeError, "^the data are a builtins.list; allowed is a DataFrame of Spark or of pandas$"):
            rnn.fit([("ab", "first")])
        with self.assertRaisesRegex(TypeError, r"^the data are a pyspark\.sql\..*DataFrame; allowed is a DataFrame of pandas, and one of Spark in transform$"):
            rnn.fit(self.words).predict(self.words)
        with self.assertRaisesRegex(ValueError, "^column label cannot be a column of Spark: .*'a'"):
            rnn.fit(pd.DataFrame({"word": ["ab", "ba"], "label": [1, "a"]}))
        with self.assertRaisesRegex(ValueError, "^the data have columns word, word; allowed is each name once$"):
            rnn.fit(pd.DataFrame([["ab", "ba"]], columns=["word", "word"]))
        with self.assertRaisesRegex(IllegalArgumentException, "prediction-col is prediction, and the dataset has"):
            rnn.fit(self.words).predict(self.words.selectExpr("word", "1 as prediction").toPandas())
        with unittest.mock.patch.object(unroll.frames.SparkSession, "active", side_effect=RuntimeError):
            with self.assertRaisesRegex(RuntimeError, r"there is no session of Spark to take them to; unroll\.start\(\) begins one"):
                rnn.fit(pd.DataFrame({"word": ["ab"], "label": ["a"]}))

    def test_columns_of_pandas_become_what_they_are(self):
        """Whole numbers to their last digit beside missing ones, small and unsigned types, categories, times, rows within cells, no rows at all."""
        large = 2**53 + 1
        structs = self.spark.sql("select array(named_struct('a', 1.5D, 'b', 'x')) as steps").toPandas().steps[0]
        data = pd.DataFrame(
            {
                "large": np.array([large, None], object),
                "nullable": pd.array([large, None], "Int64"),
                "small": np.array([1, 255], "uint8"),
                "half": np.array([0.5, 1], "float16"),
                "category": pd.Categorical([1, None]),
                "nothing": [None, None],
                "times": [np.array(["2026-01-01T00:00:00.5"], "datetime64[ns]")] * 2,
                "structs": [structs] * 2,
            },
            index=[7, 7],
        )
        found = unroll.frames.frame(data)
        types = dict(large="bigint", nullable="bigint", small="bigint", half="float", category="bigint", nothing="string")
        self.assertEqual({name: kind for name, kind in found.dtypes if name in types}, types)
        first, second = found.collect()
        self.assertEqual([first.large, first.nullable, second.large, second.nullable], [large, large, None, None])
        self.assertEqual([second.small, first.half, first.category, second.category, first.nothing], [255, 0.5, 1, None, None])
        self.assertEqual([first.times[0].microsecond, first.structs[0].a, first.structs[0].b], [500_000, 1.5, "x"])
        self.assertEqual(unroll.frames.frame(data.iloc[:0]).count(), 0)
        with self.assertRaisesRegex(ValueError, "^column when cannot be a column of Spark: "):
            unroll.frames.frame(pd.DataFrame({"when": pd.period_range("2026", periods=2, freq="M")}))

    def test_tables_of_pandas_that_are_out_of_the_ordinary(self):
        model = unroll.RnnClassifier(labelCol="label", **SMALL).fit(self.words).setPredictionCol("my.prediction")
        data = self.words.limit(3).toPandas()[["word"]]
        data.index = [5, 5, 6]
        data["month"] = pd.period_range("2026", periods=3, freq="M")  # which Spark cannot have, and which is not read
        found = model.predict(data)
        self.assertEqual(list(found.index), [5, 5, 6])
        self.assertEqual(found["my.prediction"].tolist(), [row[0] for row in model.transform(self.words.limit(3)).select("`my.prediction`").collect()])
        self.assertEqual(list(model.predict(data.iloc[:0]).columns), list(found.columns))
        with self.assertRaisesRegex(ValueError, "^column word cannot be a column of Spark: "):
            model.predict(data.rename(columns={"word": "other", "month": "word"}))
        model.setHandleInvalid("skip")
        self.assertEqual(len(model.predict(pd.DataFrame({"word": [None]}))), 0)

        class Table(pd.DataFrame):
            pass

        self.assertEqual(len(model.predict(Table(data))), 3)

    def test_loading_beside_another_package_that_is_called_dev(self):
        """PySpark then cannot find the stage by itself; after import unroll it does."""
        Pipeline(stages=[unroll.RnnClassifier(labelCol="label", **SMALL)]).write().save(self.path("untrained"))
        Path(self.path("others/dev")).mkdir(parents=True)
        Path(self.path("others/dev/__init__.py")).touch()
        known = {name: module for name, module in sys.modules.items() if name.split(".")[0] in ("unroll", "dev")}
        with unittest.mock.patch.dict(sys.modules), unittest.mock.patch.object(sys, "path", [self.path("others"), *sys.path]):
            for name in known:
                del sys.modules[name]
            with self.assertRaisesRegex(ModuleNotFoundError, "^No module named 'dev.unroll'$"):
                Pipeline.load(self.path("untrained"))
            importlib.import_module("unroll")
            self.assertEqual(type(Pipeline.load(self.path("untrained")).getStages()[0]).__name__, "RnnClassifier")

    def test_docstrings_have_every_param(self):
        stages = [unroll.RnnClassifier(), unroll.RnnRegressor(), unroll.SlidingWindows(), unroll.SequenceAssembler()]
        for stage in stages:
            said = pydoc.render_doc(type(stage), renderer=pydoc.plaintext)
            self.assertIn(type(stage).__doc__.splitlines()[0], said)
            for param in stage.params:
                with self.subTest(f"{type(stage).__name__}.{param.name}"):
                    line = next(line for line in said.splitlines() if f":param {param.name}: " in line)
                    self.assertIn(param.doc.split("; default ")[0].split("; allowed: ")[0].replace('"', "'"), line)
                    if stage.hasDefault(param):
                        self.assertIn(f"; default {stage.getOrDefault(param)!r}", line)
        self.assertIn(":param thresholds: ", unroll.RnnTaggerModel.__doc__)

    def in_a_folder(self):
        """A temporary directory becomes the current one, in which MLflow has its store."""
        self.addCleanup(os.chdir, os.getcwd())
        Path(self.path("mlflow")).mkdir(exist_ok=True)
        os.chdir(self.path("mlflow"))

    def logged(self, model, inputs, labelled):
        """A model that was logged, as it predicts there and as Spark does."""
        import mlflow

        with mlflow.start_run():
            info = unroll.mlflow.log_model(model, "model")
        data = labelled.select(*inputs).toPandas()
        return info, mlflow.pyfunc.load_model(info.model_uri).predict(data), model.predict(data).drop(columns=inputs)

    def test_logged_models_predict_what_spark_predicts(self):
        """Without Spark, through their signatures, whose outputs are what MLflow infers from Spark's predictions."""
        from mlflow.models import infer_signature
        from mlflow.types.schema import AnyType, Array, DataType

        self.in_a_folder()
        draw = np.random.default_rng(SEED)
        series, table = tiny_tables.series(self.spark, draw), tiny_tables.table(self.spark, draw)
        numbers = Array(DataType.double)
        columns = dict(numericCols=["price", "heat"], categoricalCols=["page"], staticNumericCols=["size"], staticCategoricalCols=["town"])
        of_table = dict(price=numbers, heat=numbers, page=Array(AnyType()), size=DataType.double, town=DataType.string)
        cases = [
            ("Classifier", self.words, {"word": DataType.string}, dict(featuresCol="word", labelCol="label", thresholds=[0.1, 0.9])),
            ("Tagger", self.words, {"tags": Array(DataType.string)}, dict(labelCol="tags", featuresCol="tags", tokenizer="none")),
            ("Classifier", series, {"steps": Array(numbers)}, dict(featuresCol="steps", labelCol="count", probabilityCol="p")),
            ("Regressor", series, {"each": AnyType()}, dict(featuresCol="each", labelCol="vector", loss="quantile:0.1,0.5", predictionCol="")),
            ("Regressor", series, {"steps": Array(numbers)}, dict(featuresCol="steps", labelCol="each", loss="gaussian")),
            ("Classifier", table, of_table, dict(labelCol="label", missing="mask", standardize=True, **columns)),
            ("Tagger", table, of_table, dict(labelCol="tags", loss="crf", missing="mask", standardize=True, **columns)),
        ]
        for name, data, inputs, params in cases:
            with self.subTest(params, seed=SEED):
                model = getattr(unroll, "Rnn" + name)(hiddenSize=5, maxIter=3, engine="local", **params).fit(data)
                info, found, expected = self.logged(model, list(inputs), data)
                self.assertEqual({one.name: one.type for one in info.signature.inputs.inputs}, inputs)
                if params.get("loss") == "gaussian":
                    expected = expected.drop(columns="quantiles")  # of a distribution Java alone has them
                self.assertEqual(info.signature.outputs, infer_signature(expected, expected).outputs)
                self.assertEqual(list(found.columns), list(expected.columns))
                for column, row in itertools.product(found.columns, found.index):
                    one, other = np.array(found[column][row]), np.array(expected[column][row])
                    np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6) if one.dtype.kind == "f" else self.assertEqual(one.tolist(), other.tolist())

    def test_page_mlflow(self):
        """With the default store, which is in the current directory; what MLflow serves is loaded where there is no PySpark."""
        import mlflow

        self.in_a_folder()
        names = self.words.selectExpr("word as name", "label as sex")
        space = {"spark": self.spark, "names": names}
        exec(self.page_block("mlflow"), space)
        run = mlflow.get_run(space["run"].info.run_id)
        self.assertEqual(run.data.params["hiddenSize"], "32")
        self.assertEqual(run.data.tags["parameterHash"], space["model"].parameterHash)
        self.assertEqual(len(mlflow.MlflowClient().get_metric_history(run.info.run_id, "loss")), 60)
        self.assertTrue(Path("mlflow.db").exists())
        self.assertIs(type(space["again"]), unroll.RnnClassifierModel)
        self.assertEqual(space["again"].parameterHash, space["model"].parameterHash)
        expected = [row.prediction for row in space["model"].transform(names).collect()]
        self.assertEqual(space["predicted"].prediction.tolist(), expected)
        requirements = Path(mlflow.artifacts.download_artifacts(space["logged"].model_uri), "requirements.txt").read_text().split()
        self.assertLessEqual({f"pyspark=={pyspark.__version__}", f"unroll-spark=={unroll.__version__}"}, set(requirements))
        program = f"""
import sys
sys.modules["pyspark"] = None
import mlflow, pandas
served = mlflow.pyfunc.load_model({space["logged"].model_uri!r})
print(*served.predict(pandas.DataFrame({{"name": ["ab", "ba"]}})).prediction)
"""
        done = subprocess.run([sys.executable, "-W", "ignore", "-c", program], capture_output=True, text=True, timeout=300)
        self.assertEqual(done.stdout.split(), ["first", "other"], done.stderr)

    def test_a_language_model_in_mlflow_and_a_signature_by_example(self):
        self.in_a_folder()
        model = unroll.RnnLanguageModel(**SMALL).fit(self.words)
        place = self.path("ä b/language")
        with unittest.mock.patch.object(tempfile, "tempdir", self.path("ä b")):
            Path(place).parent.mkdir()
            example = pd.DataFrame({"word": ["ab"]})
            unroll.mlflow.save_model(model, place, input_example=example, extra_pip_requirements=["more==1"])
        self.assertEqual(Path(place, "requirements.txt").read_text().split()[-2:], [f"pandas=={pd.__version__}", "more==1"])
        import mlflow

        served = mlflow.pyfunc.load_model(place)
        self.assertEqual([one.type.name for one in served.metadata.signature.inputs.inputs], ["string"])
        found = served.predict(pd.DataFrame({"word": ["ab", "bb"]})).prediction.tolist()
        following = [(model.generate(text, length=1, temperature=0) or ["\0"])[0] for text in ("ab", "bb")]
        self.assertEqual(found, following)
        self.assertEqual(unroll.mlflow.load_model(place).parameterHash, model.parameterHash)
        mlflow.pyfunc.save_model(self.path("other"), python_model=lambda model_input: model_input, pip_requirements=[])
        with self.assertRaisesRegex(mlflow.exceptions.MlflowException, "has the flavors python_function; allowed is one with unroll"):
            unroll.mlflow.load_model(self.path("other"))


if __name__ == "__main__":
    unittest.main()
