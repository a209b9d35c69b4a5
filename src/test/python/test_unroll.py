"""The Python package with real PySpark: submit/wheel, then in an environment with that wheel and pandas: python -m unittest src/test/python/test_unroll.py"""

import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import numpy as np
import pyspark
import unroll
from pyspark.errors import IllegalArgumentException
from pyspark.ml import Pipeline, PipelineModel
from pyspark.ml.evaluation import MulticlassClassificationEvaluator
from pyspark.ml.feature import StringIndexer
from pyspark.ml.tuning import CrossValidator, ParamGridBuilder
from pyspark.sql import functions as F


ROOT = Path(__file__).resolve().parents[3]


@unittest.skipIf(pyspark.__version__ == "4.0.0", "refused")
class UnrollTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.spark = unroll.start("local[2]", conf={"spark.ui.enabled": "false", "spark.sql.shuffle.partitions": "2"})
        rows = []
        for n in range(96):
            word = format(n * 37 % 64, "06b").replace("0", "a").replace("1", "b")[: 2 + n % 5]
            rows.append((word, "first" if word[0] == "a" else "other", list(word), float(word.count("a"))))
        cls.words = cls.spark.createDataFrame(rows, ["word", "label", "tags", "number"]).cache()
        cls.folder = tempfile.TemporaryDirectory()

    @classmethod
    def tearDownClass(cls):
        cls.spark.stop()
        cls.folder.cleanup()

    def path(self, name):
        return str(Path(self.folder.name) / name)

    small = dict(featuresCol="word", hiddenSize=8, embeddingSize=4, batchSize=16, stepSize=0.02, maxIter=12)

    def test_every_estimator_trains_saves_and_loads(self):
        for name, label in [("Classifier", "label"), ("Tagger", "tags"), ("Regressor", "number"), ("LanguageModel", None)]:
            with self.subTest(name):
                estimator = getattr(unroll, "Rnn" + name)(**self.small)
                if label:
                    estimator.setLabelCol(label)
                estimator.write().overwrite().save(self.path("estimator"))
                loaded = type(estimator).load(self.path("estimator"))
                self.assertEqual(estimator.explainParams(), loaded.explainParams())
                model = estimator.fit(self.words)
                self.assertEqual(model.parameterHash, loaded.fit(self.words).parameterHash)
                model.write().overwrite().save(self.path("model"))
                again = type(model).load(self.path("model"))
                self.assertEqual(model.parameterHash, again.parameterHash)
                self.assertIsNone(again.summary)
                if label:
                    predicted = model.transform(self.words)
                    self.assertIn("prediction", predicted.columns)
                    self.assertEqual(predicted.collect(), again.transform(self.words).collect())
                hardest = model.withLoss(self.words, label).orderBy("loss", ascending=False).first()
                self.assertGreater(hardest.gradientNorm, 0)

    def test_steps_without_a_target(self):
        rows = [([0.5 * n, 0.2, 0.3], [1.0, None, float(n)]) for n in range(12)]
        data = self.spark.createDataFrame(rows, "x array<double>, y array<double>")
        model = unroll.RnnRegressor(featuresCol="x", labelCol="y", hiddenSize=4, maxIter=3).fit(data)
        self.assertEqual(12, model.summary.missingTargets)
        self.assertEqual(3, len(model.transform(data).first().prediction))

    def test_subclasses_of_ones_own(self):
        """Java's classes are found by what a stage is, not by what its Python class is called."""

        class Judged(unroll.RnnClassifierModel):
            pass

        class Words(unroll.RnnClassifier):
            modelClass = Judged

        class Plain(unroll.RnnClassifier):
            pass

        plain = unroll.RnnClassifier(labelCol="label", **self.small).fit(self.words)
        for estimator, model_class in [(Words, Judged), (Plain, unroll.RnnClassifierModel)]:
            with self.subTest(estimator.__name__):
                model = estimator(labelCol="label", **self.small).fit(self.words)
                self.assertIs(type(model), model_class)
                self.assertEqual(model.parameterHash, plain.parameterHash)
                model.write().overwrite().save(self.path("judged"))
                again = model_class.load(self.path("judged"))
                self.assertIs(type(again), model_class)
                self.assertEqual(again.parameterHash, plain.parameterHash)

        class Weeks(unroll.SlidingWindows):
            pass

        self.assertEqual(Weeks(windowLength=7).getOrDefault("windowLength"), 7)

    def test_summary_is_friendly_to_pandas(self):
        summary = unroll.RnnClassifier(labelCol="label", **self.small).fit(self.words).summary
        history = summary.history().toPandas()
        self.assertEqual(list(history.loss), summary.objectiveHistory)
        self.assertEqual(len(history), summary.totalIterations)
        self.assertEqual(summary.stopReason, "reached max-iter 12")
        self.assertGreater(summary.iterationMs, 0)
        self.assertGreater(summary.predictedIterationMs, 0)
        flow = summary.gradientFlow().toPandas().pivot(index="iteration", columns="lag", values="norm")
        self.assertGreater(flow.loc[1, 0], 0)

    def test_metrics_of_labelled_rows(self):
        model = unroll.RnnClassifier(labelCol="label", **self.small).fit(self.words)
        words = self.words.withColumn("weight", F.length("word")).withColumn("first", F.substring("word", 1, 1))
        result = model.evaluate(words, weightCol="weight", by=["first"])
        total = sum(map(sum, result.confusion))
        self.assertEqual(total, words.agg(F.sum("weight")).first()[0])
        hits = sum(row[c] for c, row in enumerate(result.confusion))
        self.assertAlmostEqual(result.metrics["accuracy"], hits / total)
        self.assertEqual(sum(one["count"] for one in result.classes.values()), words.count())
        self.assertEqual(result.counts, {"terms": words.count()})
        groups = result.groups.collect()
        self.assertEqual([row["first"] for row in groups], sorted({row["first"] for row in words.collect()}))
        self.assertEqual(sum(row.terms for row in groups), words.count())
        self.assertIsNone(model.evaluate(words).groups)

    def test_pipeline_and_tuning(self):
        indexer = StringIndexer(inputCol="label", outputCol="index")
        rnn = unroll.RnnClassifier(labelCol="index", **{**self.small, "maxIter": 40})
        model = Pipeline(stages=[indexer, rnn]).fit(self.words)
        model.write().overwrite().save(self.path("pipeline"))
        loaded = PipelineModel.load(self.path("pipeline"))
        self.assertIsInstance(loaded.stages[1], unroll.RnnClassifierModel)
        self.assertEqual(model.transform(self.words).collect(), loaded.transform(self.words).collect())
        evaluator = MulticlassClassificationEvaluator(labelCol="index", metricName="accuracy")
        self.assertGreater(evaluator.evaluate(model.transform(self.words)), 0.95)
        words = indexer.fit(self.words).transform(self.words)
        grid = ParamGridBuilder().addGrid(rnn.maxIter, [1, 40]).build()
        tuned = CrossValidator(estimator=rnn, estimatorParamMaps=grid, evaluator=evaluator, numFolds=2, parallelism=2).fit(words)
        self.assertGreater(tuned.avgMetrics[1], tuned.avgMetrics[0])

    def test_language_model_writes(self):
        data = self.spark.createDataFrame([("abcabcabd",)] * 40, ["word"])
        model = unroll.RnnLanguageModel(**{**self.small, "hiddenSize": 16, "maxIter": 150}).fit(data)
        self.assertEqual("".join(model.generate(length=50, temperature=0)), "abcabcabd")
        self.assertEqual("".join(model.generate("abcab", length=50, temperature=0)), "cabd")
        self.assertEqual(model.generate("abcab"), model.generate(["a", "b", "c", "a", "b"]))

    def test_a_prompt_is_read_as_rows_are(self):
        data = self.spark.createDataFrame([("in the beginning was the word",)] * 20, ["word"])
        model = unroll.RnnLanguageModel(**{**self.small, "tokenizer": "whitespace", "maxIter": 60}).fit(data)
        for prompt in ("in the", "  in   the\n", ["in", "the"]):
            self.assertEqual(model.generate(prompt, temperature=0), ["beginning", "was", "the", "word"], prompt)
        self.assertEqual(model.generate("in a zoo", length=3), model.generate(["in", "a", "zoo"], length=3))
        self.assertEqual(model.generate("zebra xylophone", length=3), model.generate(["a", "zoo"], length=3))  # two unknown tokens

    def test_a_model_for_every_key(self):
        rows = [(n % 3, word, word.endswith("a")) for n in range(60) for word in ["ab", "ba", "bb", "aa"]]
        data = self.spark.createDataFrame(rows, ["store", "word", "label"])
        rnn = unroll.RnnClassifier(labelCol="label", **self.small)
        models = rnn.fitByKey(data, "store")
        self.assertEqual((models.keys(), models.failures()), (["store"], 0))
        alone = rnn.fit(data.where("store = 2"))
        self.assertEqual(models.model(2).parameterHash, alone.parameterHash)
        models.results().write.parquet(self.path("models"))
        again = unroll.KeyedModels(self.spark.read.parquet(self.path("models")))
        expected = alone.transform(data.where("store = 2")).orderBy("word").collect()
        self.assertEqual(again.transform(data).where("store = 2").orderBy("word").collect(), expected)
        self.assertEqual(again.results().toPandas().iterations.tolist(), [12, 12, 12])

    def test_models_of_the_command_line(self):
        """A model from the command line predicts the same to the bit here, and one from here there."""
        names = Path(self.folder.name) / "names.csv"
        self.words.select("word", "label").toPandas().to_csv(names, index=False)
        unroll_command = [str(ROOT / "submit" / "unroll")]
        files = ["--format", "csv", "--output-format", "parquet"]

        def run(*arguments):
            done = subprocess.run([*unroll_command, *arguments], capture_output=True, text=True, timeout=300)
            self.assertEqual(done.returncode, 0, done.stderr)

        run("train", "--train", str(names), "--features-col", "word", "--hidden-size", "8", "--max-iter", "12", "--model", self.path("theirs"))
        theirs = unroll.RnnClassifierModel.load(self.path("theirs"))
        ours = unroll.RnnClassifier(labelCol="label", **self.small).fit(self.words)
        ours.write().save(self.path("ours"))
        data = self.spark.read.option("header", True).csv(str(names))
        for name, model in [("theirs", theirs), ("ours", ours)]:
            run("predict", "--model", self.path(name), "--input", str(names), *files, "--output", self.path(name + "-predicted"))
            predicted = self.spark.read.parquet(self.path(name + "-predicted"))
            here = model.transform(data).select("word", "prediction", "probability").collect()
            there = predicted.select("word", "prediction", "probability").collect()
            bits = lambda rows: sorted((r.word, r.prediction, tuple(float(p).hex() for p in r.probability)) for r in rows)
            self.assertEqual(bits(here), bits(there))

    def page_block(self, word):
        """The first Python block of docs/spark-ml.md that has the word."""
        page = (ROOT / "docs" / "spark-ml.md").read_text(encoding="utf-8")
        blocks = [block.split("```")[0] for block in page.split("```python\n")[1:]]
        return compile(next(block for block in blocks if word in block), "docs/spark-ml.md", "exec")

    def test_page_a_model_for_every_key(self):
        space = {"spark": self.spark}
        exec(self.page_block("fitByKey"), space)
        self.assertEqual(space["models"].results().count(), 3)
        self.assertIsInstance(space["first"], unroll.RnnRegressorModel)

    def test_page_the_best_of_several_settings(self):
        space = {"spark": self.spark}
        exec(self.page_block("unroll.Search("), space)
        found, names, rnn = (space[name] for name in ("found", "names", "rnn"))
        table = found.candidates().collect()
        self.assertEqual([row["rank"] for row in table], list(range(1, 10)))
        self.assertEqual(table[0].params["stepSize"], str(found.best[rnn.stepSize]))
        self.assertEqual(table[0].metric, found.bestMetric)
        self.assertEqual(found.model.parameterHash, rnn.copy(found.best).fit(names).parameterHash)
        space = unroll.ParamSpace(rnn).choice(rnn.cell, "gru", "lstm").uniform(rnn.hiddenSize, 2, 3)
        drawn = space.sample(4, seed=2)
        self.assertTrue(all(candidate[rnn.hiddenSize] in (2, 3) for candidate in drawn), drawn)
        grid = ParamGridBuilder().addGrid(rnn.maxIter, [1, 2]).addGrid(rnn.stepSize, [1, 0.1]).build()
        rnn = rnn.copy({rnn.validationFraction: 0.3})
        result = unroll.Search(rnn, grid, metric="accuracy", refit=False).run(names)
        for row in result.trainings().collect():
            self.assertEqual(row.parameterHash, rnn.copy(grid[row.candidate]).fit(names).parameterHash)

    def test_page_arrays_windows_and_events(self):
        space = {"spark": self.spark}
        exec(self.page_block("walker.predict("), space)
        self.assertGreater((space["predicted"].prediction == space["walkers"].label).sum(), 55)
        self.assertEqual(space["probabilities"].shape, (60, 2))
        exec(self.page_block("SlidingWindows("), space)
        self.assertGreater(space["later"].count(), 20)
        self.assertEqual(space["buyers"].labels, [0.0, 1.0])
        exec(self.page_block("thresholds"), space)
        for row in space["cautious"].transform(space["visits"]).collect():
            self.assertEqual(row.prediction, float(row.probability[1] / 0.1 > row.probability[0] / 0.9))

    def test_backtest(self):
        days = self.spark.createDataFrame([(n, float(n % 7)) for n in range(40)], ["day", "sales"])
        windows = unroll.SlidingWindows(timeCol="day", valueCols=["sales"], windowLength=7, horizon=2, multiStep=True)
        regressor = unroll.RnnRegressor(hiddenSize=3, maxIter=2, season=7)
        result = unroll.Backtest(regressor, windows, origins=np.int64(2), step=5).run(days)
        self.assertEqual(result.origins, ["33", "38"])
        by_hand = regressor.fit(windows.copy().setLabelBefore("33").transform(days))
        self.assertEqual(result.models[0].parameterHash, by_hand.parameterHash)
        last = by_hand.transform(windows.transform(days).where("day = 32")).first()
        forecasts = result.forecasts().where("origin = 33").orderBy("horizonStep").collect()
        self.assertEqual(list(last.prediction), [row.prediction for row in forecasts])
        self.assertEqual([33 % 7, 34 % 7], [row.label for row in forecasts])
        self.assertEqual([0.0, 0.0], [row.seasonalNaiveMeanAbsoluteError for row in result.errors("origin", "horizonStep").collect()][:2])
        self.assertEqual(4, result.errors().first().forecasts)
        self.assertEqual(0, result.leftOut().count())
        once = unroll.Backtest(regressor, windows, origins=2, refit=False).run(days)
        self.assertEqual(1, len({model.parameterHash for model in once.models}))

    def test_windows(self):
        rows = [(f"2026-01-{day:02d}", float(day % 7)) for day in range(1, 31)]
        days = self.spark.createDataFrame(rows, ["day", "sales"])
        days = days.withColumn("day", days.day.cast("date"))
        windows = unroll.SlidingWindows(timeCol="day", valueCols=["sales"], targetCols=["sales"], windowLength=7).transform(days)
        self.assertGreater(windows.count(), 20)
        timed = unroll.SlidingWindows(timeCol="day", valueCols=["sales"], windowLength=7, timeFeatures=["gap", "weekday"])
        timed.write().overwrite().save(self.path("windows"))
        steps = unroll.SlidingWindows.load(self.path("windows")).transform(days).first().features
        self.assertEqual([len(step) for step in steps], [4] * 7)
        with self.assertRaisesRegex(IllegalArgumentException, "timeFeatures"):
            timed.setTimeFeatures(["minute"]).transform(days)

    def run_readme(self, language, command, number=0):
        """One of the README's programs in that language, on names of which the last letter tells all; what it prints."""
        readme = (ROOT / "README.md").read_text(encoding="utf-8")
        program = readme.split(f"```{language}\n")[number + 1].split("```")[0]
        self.assertLessEqual(len(program.splitlines()), 20)
        folder = Path(self.folder.name) / f"{language}-{number}"
        folder.mkdir()
        starts = ["ann", "mari", "juli", "paul", "carl", "robert", "alex", "dan"]
        lines = ["name,sex", *(f"{start}{end}" for start in starts for end in ("a,F", "o,M"))]
        (folder / "names.csv").write_text("\n".join(lines) + "\n")
        (folder / "program").write_text(program)
        local = {**os.environ, "SPARK_LOCAL_IP": "127.0.0.1"}
        done = subprocess.run(command, cwd=folder, env=local, input=program, capture_output=True, text=True, timeout=300)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def test_readme_first_screen(self):
        said = self.run_readme("python", [sys.executable, "program"])
        self.assertRegex(said, r"anna *\| *F")

    def test_readme_python(self):
        said = self.run_readme("python", [sys.executable, "program"], 1)
        self.assertRegex(said, r"accuracy: (1.0|0\.9)")
        self.assertIn("the same: True", said)

    def test_readme_scala(self):
        shell = Path(pyspark.__file__).parent / "bin" / "spark-shell"
        command = [str(shell), "--master", "local[2]", "--conf", "spark.ui.enabled=false"]
        said = self.run_readme("scala", [*command, "--jars", unroll.jar()])
        self.assertRegex(said, r"accuracy: (1.0|0\.9)")

    def test_input_errors_are_the_sentence_alone(self):
        cases = [
            (dict(featuresCol="x"), "features-col is x"),
            (dict(labelCol="sex"), "label-col is sex"),
            (dict(featuresCol="number", labelCol="label"), "features-col number is of type double"),
            (dict(labelCol="label", checkpointDir="/proc/none/such"), "cannot use checkpoint-dir /proc/none/such"),
            (dict(labelCol="label", init=self.path("no-such-model")), "cannot begin with init"),
            (dict(labelCol="label", validationIndicatorCol="held"), "validation-indicator-col held"),
        ]
        for params, sentence in cases:
            with self.subTest(sentence), self.assertRaises(IllegalArgumentException) as raised:
                unroll.RnnClassifier(**{**self.small, **params}).fit(self.words)
            said = str(raised.exception)
            self.assertIn(sentence, said)
            self.assertNotRegex(said, r"\n|\tat |Exception|dev\.unroll")

    def test_values_of_numpy_and_pandas(self):
        values = dict(
            stepSize=np.float32(0.01), dropout=np.float16(0.25), tol=np.float64(0.5), hiddenSize=np.int64(8), maxIter=np.int8(3),
            batchSize=np.uint16(7), seed=np.int32(5), standardize=np.bool_(False), cell=np.str_("gru"), clipNorm=np.array(2.0), numLayers=2,
        )  # fmt: skip
        rnn = unroll.RnnClassifier(**values)
        for name, value in values.items():
            got = rnn.getOrDefault(name)
            self.assertEqual((got, type(got).__module__), (value, "builtins"), name)
        self.assertEqual(rnn.setStepSize(np.float32(0.5)).getOrDefault("stepSize"), 0.5)
        grid = [{rnn.stepSize: np.float32(0.25), rnn.numLayers: np.int64(1), rnn.dropout: np.float32(0)}]
        rnn.setFeaturesCol("word").setLabelCol("label")
        self.assertGreater(rnn.fit(self.words, grid)[0].summary.totalIterations, 0)
        self.assertEqual(unroll.SlidingWindows(valueCols=np.array(["a", "b"])).getOrDefault("valueCols"), ["a", "b"])
        with self.assertRaisesRegex(AttributeError, "^RnnClassifier has no Param hidden_size; there is hiddenSize$"):
            unroll.RnnClassifier(hidden_size=3)

    def test_labels_are_in_the_order_of_the_probabilities(self):
        for column, label, expected in [("cast(number as int)", None, float), ("tags[0]", None, str), ("label", ["first", "other"], str)]:
            data = self.words.selectExpr("word", f"{column} as label")
            model = unroll.RnnClassifier(labelCol="label", **self.small).fit(data)
            self.assertEqual(model.labels, label or sorted(model.labels))
            self.assertTrue(all(isinstance(one, expected) for one in model.labels))
            for row in model.transform(data).collect():
                self.assertEqual(model.labels[int(row.probability.argmax())], row.prediction)

    def test_engine_and_kernel_are_said(self):
        rnn = unroll.RnnClassifier(labelCol="label", **self.small)
        summaries = {engine: rnn.copy({rnn.engine: engine}).fit(self.words).summary for engine in ("auto", "local", "spark")}
        self.assertEqual([summary.engine for summary in summaries.values()], ["local", "local", "spark"])
        for summary in summaries.values():
            self.assertRegex(summary.kernel, r"^(Vector API, \d+ bits|scalar)$")
            self.assertEqual(summary.objectiveHistory, summaries["spark"].objectiveHistory)

    def test_a_loss_that_still_falls_is_said(self):
        fit = lambda updates: unroll.RnnClassifier(labelCol="label", **{**self.small, "maxIter": updates}).fit(self.words).summary
        self.assertRegex(fit(40).stillFalling, r"^the loss was still falling fast .* of 40 updates\)")
        self.assertIsNone(fit(9).stillFalling)

    def test_loading_needs_no_import_of_unroll(self):
        model = Pipeline(stages=[unroll.RnnClassifier(labelCol="label", **self.small)]).fit(self.words)
        model.write().save(self.path("alone"))
        program = f"""
from pyspark.sql import SparkSession
spark = SparkSession.builder.master("local[1]").config("spark.jars", {unroll.jar()!r}).config("spark.ui.enabled", "false").getOrCreate()
from pyspark.ml import PipelineModel
stage = PipelineModel.load({self.path("alone")!r}).stages[0]
print(type(stage).__module__, type(stage).__name__, stage.parameterHash)
"""
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=300)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stdout.split(), ["unroll.stages", "RnnClassifierModel", model.stages[0].parameterHash])

    def test_a_training_that_cannot_continue_says_so_in_one_sentence(self):
        for engine in ("local", "spark"):
            regressor = unroll.RnnRegressor(labelCol="number", optimizer="sgd", stepSize=1e30, maxIter=50, engine=engine, featuresCol="word", hiddenSize=4)
            with self.subTest(engine), self.assertRaisesRegex(unroll.TrainingError, "^the (loss|gradient)[^\\n]* iteration [^\\n]*$") as raised:
                regressor.fit(self.words)
            self.assertNotRegex(str(raised.exception), r"java|Exception|\bat dev")

    def test_wrong_values_name_the_key(self):
        with self.assertRaisesRegex(Exception, "cell is lstn; allowed are elman, lstm, gru and mingru"):
            unroll.RnnClassifier(cell="lstn", labelCol="label", **self.small).fit(self.words)
        with self.assertRaises(TypeError):
            unroll.RnnClassifier(hiddenSize="many")


@unittest.skipUnless(pyspark.__version__ == "4.0.0", "for Spark 4.0.0 alone")
class RefusalTest(unittest.TestCase):
    def test_spark_4_0_0_is_refused_in_one_sentence(self):
        spark = unroll.start("local[1]", conf={"spark.ui.enabled": "false"})
        try:
            with self.assertRaisesRegex(Exception, "Spark is 4.0.0, whose Params break compiled libraries"):
                unroll.RnnClassifier()
        finally:
            spark.stop()


if __name__ == "__main__":
    unittest.main()
