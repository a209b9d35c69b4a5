"""Explanations, streams of events, and trainings of several settings, with real PySpark: run as test_unroll.py is."""

import datetime
import shutil
import tempfile
import unittest
from pathlib import Path

import pyspark
import unroll
from pyspark.errors import IllegalArgumentException
from pyspark.ml import Estimator
from pyspark.ml.evaluation import MulticlassClassificationEvaluator
from pyspark.ml.tuning import CrossValidator, ParamGridBuilder
from pyspark.sql import functions as F

PAGE = Path(__file__).resolve().parents[3] / "docs" / "spark-ml.md"
STORE = "spark.sql.streaming.stateStore.providerClass"


@unittest.skipIf(pyspark.__version__ == "4.0.0", "refused")
class PredictionsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.spark = unroll.start("local[2]", conf={"spark.ui.enabled": "false", "spark.sql.shuffle.partitions": "2"})
        words = [format(n * 37 % 64, "06b").replace("0", "a").replace("1", "b")[: 2 + n % 5] for n in range(96)]
        rows = [(word, "first" if word[0] == "a" else "other", list(word)) for word in words]
        cls.words = cls.spark.createDataFrame(rows, ["word", "label", "tags"]).cache()
        cls.folder = tempfile.TemporaryDirectory()

    @classmethod
    def tearDownClass(cls):
        cls.spark.stop()
        cls.folder.cleanup()

    def path(self, name):
        return str(Path(self.folder.name) / name)

    small = dict(featuresCol="word", hiddenSize=8, embeddingSize=4, batchSize=16, stepSize=0.02, maxIter=12)

    def page_block(self, word):
        """The first Python block of the page that has the word."""
        blocks = [block.split("```")[0] for block in PAGE.read_text(encoding="utf-8").split("```python\n")[1:]]
        return compile(next(block for block in blocks if word in block), str(PAGE), "exec")

    def jobs(self):
        return max([-1, *self.spark.sparkContext.statusTracker().getJobIdsForGroup()])

    def tuned(self, kind):
        """Metrics, best model and jobs of a CrossValidator of four settings and two folds."""
        rnn = kind(labelCol="index", **self.small)
        grid = ParamGridBuilder().addGrid(rnn.stepSize, [0.001, 0.1]).addGrid(rnn.cell, ["elman", "gru"]).build()
        words = self.words.selectExpr("word", "double(label = 'first') as index")
        before = self.jobs()
        evaluator = MulticlassClassificationEvaluator(labelCol="index")
        tuned = CrossValidator(estimator=rnn, estimatorParamMaps=grid, evaluator=evaluator, numFolds=2, parallelism=2, seed=1).fit(words)
        return tuned.avgMetrics, tuned.bestModel.parameterHash, self.jobs() - before

    def test_cross_validator_reads_the_rows_of_a_fold_once(self):
        class OneByOne(unroll.RnnClassifier):
            fitMultiple = Estimator.fitMultiple

        *expected, many = self.tuned(OneByOne)
        *found, few = self.tuned(unroll.RnnClassifier)
        self.assertEqual(found, expected)
        self.assertLess(few, many - 2 * 3 * 2)  # of each fold, reading the rows of three settings takes two jobs and more

    def test_several_settings_at_once(self):
        rnn = unroll.RnnClassifier(labelCol="label", **self.small)
        settings = [{rnn.seed: 2}, {rnn.cell: "lstm", rnn.validationFraction: 0.3}, {rnn.engine: "auto"}]
        before = self.jobs()
        models = rnn.fit(self.words, settings)
        self.assertLess(self.jobs() - before, 6)
        for model, setting in zip(models, settings):
            alone = rnn.fit(self.words, setting)
            self.assertEqual(model.parameterHash, alone.parameterHash)
            self.assertEqual(model.summary.objectiveHistory, alone.summary.objectiveHistory)
            self.assertEqual(model.summary.validation, alone.summary.validation)
            self.assertEqual(model.summary.gradientFlow().collect(), alone.summary.gradientFlow().collect())
            self.assertIsInstance(model, unroll.RnnClassifierModel)
            self.assertEqual((model.uid, model.getOrDefault("featuresCol")), (alone.uid, "word"))

    def test_a_setting_that_cannot_be_trained(self):
        words = self.words.selectExpr("word", "double(label = 'first') as index")
        rnn = unroll.RnnRegressor(labelCol="index", optimizer="sgd", clipNorm=0.0, **self.small)
        good = {rnn.seed: 2}
        for wrong, kind, sentence in [
            ({rnn.dropout: 0.5}, IllegalArgumentException, "dropout is 0.5, and it acts between layers"),
            ({rnn.cell: "nope"}, IllegalArgumentException, "cell is nope"),
            ({rnn.stepSize: 1e30}, unroll.TrainingError, "at iteration"),
        ]:
            fits = rnn.fitMultiple(words, [wrong, good])
            with self.assertRaisesRegex(kind, sentence):
                next(fits)
            self.assertEqual(next(fits)[1].summary.totalIterations, 12)
            with self.assertRaises(StopIteration):
                next(fits)

    def test_page_a_search_for_every_key(self):
        space = {"spark": self.spark}
        exec(self.page_block("runByKey"), space)
        found, rnn, sales = (space[name] for name in ("found", "forecaster", "sales"))
        table = found.candidates()
        self.assertEqual(table.count(), 3 * 4)
        for best in table.where("best").collect():
            other = rnn.copy({rnn.getParam(name): float(value) if name == "stepSize" else value for name, value in best.params.items()})
            alone = other.fitByKey(sales.where(F.col("store") == best.store), "store").results().first()
            self.assertEqual(found.models.model(best.store).parameterHash, alone.parameterHash)
            self.assertEqual(best.metric, alone.validation["meanAbsoluteError"])
        found.unpersist()

    def test_explanations_of_predictions(self):
        model = unroll.RnnClassifier(labelCol="label", **self.small).fit(self.words)
        explained = model.explain(self.words, label="first", baseline="unknown").collect()
        self.assertEqual([list(row.word) for row in explained], [row.explanation.tokens for row in explained])
        for one in (row.explanation for row in explained):
            difference = one.score - one.baselineScore
            self.assertAlmostEqual(sum(one.steps) + one.remainder, difference, places=9)
            self.assertLessEqual(abs(one.remainder), 1e-4 * abs(difference) + 1e-6)
        html = model.plotExplanations(self.words.limit(1), method="gradient-times-input")._repr_html_()
        self.assertEqual(html.count("<span"), len(explained[0].word))
        with self.assertRaisesRegex(IllegalArgumentException, "label is third; allowed are labels of the model"):
            model.explain(self.words, label="third")
        tagger = unroll.RnnTagger(labelCol="tags", **self.small).fit(self.words)
        last = tagger.explain(self.words, output=-1).first()
        self.assertEqual(last.explanation.label, tagger.transform(self.words).first().prediction[-1])

    def test_pictures(self):
        """PNG has eight bytes of its own at the beginning, and then width and height."""
        model = unroll.RnnClassifier(labelCol="label", numLayers=2, **self.small).fit(self.words)
        tagger = unroll.RnnTagger(labelCol="tags", **self.small).fit(self.words)
        pictures = [
            model.summary.plot(),
            model.summary.plot("phaseTimes"),
            model.plotGradientFlow(layer=2),
            model.plotConfusion(self.words, "label"),
            tagger.plotConfusion(self.words),
        ]
        for picture in pictures:
            self.assertEqual(picture._repr_png_()[:8], b"\x89PNG\r\n\x1a\n")
            self.assertGreater(int.from_bytes(picture.png[16:20], "big"), 200)
        pictures[3].save(self.path("confusion.png"))
        with self.assertRaises(FileExistsError):
            pictures[3].save(self.path("confusion.png"))
        with self.assertRaisesRegex(IllegalArgumentException, "is of layer 3; there are layers 1 to 2"):
            model.plotGradientFlow(layer=3)
        with self.assertRaisesRegex(IllegalArgumentException, "there is no picture of weights; allowed are loss"):
            model.summary.plot("weights")
        model.write().save(self.path("model"))
        with self.assertRaisesRegex(IllegalArgumentException, "the model was loaded"):
            unroll.RnnClassifierModel.load(self.path("model")).plotGradientFlow()

    def test_a_stream_of_events(self):
        model = unroll.RnnTagger(labelCol="tags", **{**self.small, "featuresCol": "tags"}).fit(self.words)
        words = self.words.withColumn("key", F.monotonically_increasing_id())
        events = words.select("key", F.posexplode("tags").alias("at", "tag")).withColumnRenamed("tag", "tags")
        events.repartition(3).write.parquet(self.path("events"))
        self.spark.conf.set(STORE, "org.apache.spark.sql.execution.streaming.state.RocksDBStateStoreProvider")
        self.addCleanup(self.spark.conf.unset, STORE)
        stream = self.spark.readStream.schema(events.schema).parquet(self.path("events"))
        predicted = model.transformWithState(stream, timeCol="at", keyCols=["key"])
        query = predicted.writeStream.trigger(availableNow=True).option("checkpointLocation", self.path("checkpoint")).start(
            path=self.path("predicted"), format="parquet"
        )
        query.awaitTermination()
        streamed = {(row.key, row.at): row.prediction for row in self.spark.read.parquet(self.path("predicted")).collect()}
        whole = model.transform(words).select("key", F.posexplode("prediction").alias("at", "prediction"))
        self.assertEqual(streamed, {(row.key, row.at): row.prediction for row in whole.collect()})
        with self.assertRaisesRegex(IllegalArgumentException, "timeCol at is of type int"):
            model.transformWithState(stream, "at", ["key"], timeout=datetime.timedelta(hours=1))

    def test_page_explanations(self):
        space = {"spark": self.spark}
        exec(self.page_block("model.explain("), space)
        self.assertEqual(space["explained"].count(), 6)
        self.assertEqual(space["plot"].html.count("F: score"), 3)

    def test_page_streams_of_events(self):
        space = {"spark": self.spark}
        self.addCleanup(self.spark.conf.unset, STORE)
        exec(self.page_block("model.transformWithState("), space)
        self.addCleanup(shutil.rmtree, space["folder"])
        self.assertEqual(self.spark.read.parquet(space["folder"] + "/predicted").count(), 6)


if __name__ == "__main__":
    unittest.main()
