"""The same programs in a classic session and through Spark Connect: submit/wheel, then in an environment with that wheel, pyspark[connect] and pandas:
python src/test/python/test_connect.py

Each program runs once in a process with a classic session and once in one whose SPARK_REMOTE names a server, and gives the same facts, to the bit.
"""

import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

import pyspark

ROOT = Path(__file__).resolve().parents[3]
HOME = Path(pyspark.__file__).parent
SMALL = dict(featuresCol="word", hiddenSize=8, embeddingSize=4, batchSize=16, stepSize=0.02, maxIter=12)
LABELS = {"Classifier": "label", "Tagger": "tags", "Regressor": "number", "LanguageModel": None}


# Programs: each takes a session, its words and a folder, and gives facts.


def every_estimator(spark, words, folder):
    import unroll

    facts = {}
    for name, label in LABELS.items():
        estimator = getattr(unroll, "Rnn" + name)(**SMALL)
        if label:
            estimator.setLabelCol(label)
        estimator.write().overwrite().save(f"{folder}/estimator")
        loaded = type(estimator).load(f"{folder}/estimator")
        assert estimator.explainParams() == loaded.explainParams()
        model = loaded.fit(words)
        model.write().overwrite().save(f"{folder}/model")
        again = type(model).load(f"{folder}/model")
        assert again.parameterHash == model.parameterHash and again.summary is None
        loss = [row.loss for row in model.withLoss(words, label).orderBy("word").collect()]
        facts[name] = [model.parameterHash, loss, model.getOrDefault("featuresCol"), again.getOrDefault("featuresCol")]
        if label:
            predicted = [str(row.prediction) for row in model.transform(words).orderBy("word").collect()]
            assert predicted == [str(row.prediction) for row in again.transform(words).orderBy("word").collect()]
            facts[name].append(predicted)
            renamed = model.copy({model.predictionCol: "said"}).transform(words)
            assert "said" in renamed.columns and "prediction" not in renamed.columns
    return facts


def summary(spark, words, folder):
    import unroll

    model = unroll.RnnClassifier(labelCol="label", validationFraction=0.2, **SMALL).fit(words)
    told = model.summary
    history = told.history().toPandas()
    assert list(history.loss) == told.objectiveHistory and told.iterationMs > 0
    flow = told.gradientFlow().orderBy("iteration", "lag").collect()
    return [told.stopReason, told.totalIterations, told.missingTargets, told.engine, told.kernel, told.stillFalling, told.validation,
            told.objectiveHistory, [list(row) for row in flow], model.labels]  # fmt: skip


def evaluation(spark, words, folder):
    import unroll

    model = unroll.RnnClassifier(labelCol="label", **SMALL).fit(words)
    result = model.evaluate(words.selectExpr("*", "length(word) as weight", "left(word, 1) as first"), weightCol="weight", by=["first"])
    groups = [list(row) for row in result.groups.collect()]
    assert [row[0] for row in groups] == ["a", "b"] and list(result.metrics)[0] == "accuracy"
    return [result.metrics, result.counts, result.classes, result.confusion, groups]


def pandas_in_and_out(spark, words, folder):
    import unroll

    rnn = unroll.RnnTagger(labelCol="tags", **SMALL)
    model = rnn.fit(words)
    of_pandas = words.toPandas().sample(frac=1, random_state=1)
    assert rnn.fit(of_pandas).parameterHash == model.parameterHash
    predicted = model.predict(of_pandas)
    assert list(predicted.index) == list(of_pandas.index)
    unroll.mlflow.save_model(model, f"{folder}/mlflow")
    assert unroll.mlflow.load_model(f"{folder}/mlflow").parameterHash == model.parameterHash
    return [list(predicted.columns), predicted.prediction.map(list).tolist(), [one.tolist() for one in predicted.probability]]


def text(spark, words, folder):
    import unroll

    data = spark.createDataFrame([("abcabcabd",)] * 40, ["word"])
    model = unroll.RnnLanguageModel(**{**SMALL, "hiddenSize": 16, "maxIter": 150}).fit(data)
    assert "".join(model.generate("abcab", length=50, temperature=0)) == "cabd"
    return [model.generate(["a", "b"], length=20, seed=seed) for seed in range(3)]


def function_of_sql(spark, words, folder):
    import unroll

    unroll.RnnClassifier(labelCol="label", **SMALL).fit(words).registerFunction("rnn_predict")
    words.createOrReplaceTempView("words")
    return [row[0] for row in spark.sql("select rnn_predict(word) from words order by word").collect()]


def a_model_for_every_key(spark, words, folder):
    import unroll

    rows = [(f"00{n % 2}", word, word.endswith("a")) for n in range(40) for word in ["ab", "ba", "bb", "aa"]]
    data = spark.createDataFrame(rows, ["store", "word", "label"])
    rnn = unroll.RnnClassifier(labelCol="label", partitions=2, **SMALL)
    models = rnn.fitByKey(data, "store")
    alone = rnn.fit(data.where("store = '001'"))
    one = models.model("001")
    assert type(one) is unroll.RnnClassifierModel and one.labels == alone.labels
    assert one.getOrDefault("featuresCol") == "word" and one.parameterHash == alone.parameterHash
    models.results().write.parquet(f"{folder}/models")
    again = unroll.KeyedModels(spark.read.parquet(f"{folder}/models"))
    predicted = again.transform(data).where("store = '001'").select("word", "prediction").distinct().orderBy("word").collect()
    expected = one.transform(data.where("store = '001'")).select("word", "prediction").distinct().orderBy("word").collect()
    assert predicted == expected
    return [models.keys(), models.failures(), one.parameterHash, sorted(models.results().toPandas().parameterHash), [list(row) for row in predicted]]


def pipeline(spark, words, folder):
    import unroll
    from pyspark.ml import Pipeline, PipelineModel
    from pyspark.ml.feature import StringIndexer

    rnn = unroll.RnnClassifier(labelCol="index", **SMALL)
    stages = Pipeline(stages=[StringIndexer(inputCol="label", outputCol="index"), rnn])
    model = stages.fit(words)
    model.write().overwrite().save(f"{folder}/pipeline")
    loaded = PipelineModel.load(f"{folder}/pipeline")
    assert type(loaded.stages[1]) is unroll.RnnClassifierModel
    predicted = model.transform(words).select("word", "prediction").collect()
    assert predicted == loaded.transform(words).select("word", "prediction").collect()
    known = {name: module for name, module in sys.modules.items() if name.split(".")[0] in ("unroll", "dev")}
    for name in known:
        del sys.modules[name]  # as if nobody had imported unroll
    assert type(PipelineModel.load(f"{folder}/pipeline").stages[1]).__module__ == "unroll.stages"
    sys.modules.update(known)
    stages.write().overwrite().save(f"{folder}/untrained")
    assert Pipeline.load(f"{folder}/untrained").getStages()[1].getOrDefault("hiddenSize") == 8
    return [loaded.stages[1].parameterHash, sorted(map(list, predicted))]


def tuning(spark, words, folder):
    import unroll
    from pyspark.ml.evaluation import RegressionEvaluator
    from pyspark.ml.tuning import CrossValidator, CrossValidatorModel, ParamGridBuilder

    rnn = unroll.RnnRegressor(labelCol="number", **SMALL)
    grid = ParamGridBuilder().addGrid(rnn.maxIter, [1, 40]).build()
    folds = words.selectExpr("*", "length(word) % 2 as fold")
    evaluator = RegressionEvaluator(labelCol="number")
    tuned = CrossValidator(estimator=rnn, estimatorParamMaps=grid, evaluator=evaluator, numFolds=2, parallelism=2, foldCol="fold").fit(folds)
    assert tuned.avgMetrics[1] < tuned.avgMetrics[0]
    tuned.write().overwrite().save(f"{folder}/tuned")
    return [tuned.bestModel.parameterHash, CrossValidatorModel.load(f"{folder}/tuned").bestModel.parameterHash]


def windows_and_events(spark, words, folder):
    import unroll

    days = spark.createDataFrame([(n, float(n % 7)) for n in range(40)], ["day", "sales"])
    windows = unroll.SlidingWindows(timeCol="day", valueCols=["sales"], targetCols=["sales"], windowLength=7, lags=[1, 7])
    windows.write().overwrite().save(f"{folder}/windows")
    made = unroll.SlidingWindows.load(f"{folder}/windows").transform(days)
    clicks = spark.createDataFrame([(n % 5, n, "ab"[n % 2]) for n in range(40)], ["user", "minute", "page"])
    visits = unroll.SequenceAssembler(keyCols=["user"], timeCol="minute", valueCols=["page"]).transform(clicks)
    regressor = unroll.RnnRegressor(hiddenSize=4, maxIter=3, standardize=True).fit(made)
    return [regressor.parameterHash, sorted(map(str, visits.collect()))]


def subclasses_of_ones_own(spark, words, folder):
    import unroll

    class Judged(unroll.RnnClassifierModel):
        pass

    class Words(unroll.RnnClassifier):
        modelClass = Judged

    model = Words(labelCol="label", **SMALL).fit(words)
    assert type(model) is Judged
    model.write().overwrite().save(f"{folder}/judged")
    again = Judged.load(f"{folder}/judged")
    assert type(again) is Judged
    return [model.parameterHash, again.parameterHash]


def errors(spark, words, folder):
    import unroll
    from pyspark.errors import IllegalArgumentException

    def sentence(kind, call):
        try:
            call()
        except kind as e:
            return str(e).split("\n")[0]
        raise AssertionError(f"there was no {kind.__name__}")

    diverging = unroll.RnnRegressor(labelCol="number", optimizer="sgd", stepSize=1e30, maxIter=50, featuresCol="word", hiddenSize=4)
    # A server of Spark 4.0 has no message where the load of a stage fails.
    missing = sentence(Exception if pyspark.__version__ < "4.1" else IllegalArgumentException, lambda: unroll.RnnClassifierModel.load("/no/such/model"))
    return [
        missing if pyspark.__version__ >= "4.1" else "",
        sentence(unroll.TrainingError, lambda: diverging.fit(words)),
        sentence(IllegalArgumentException, lambda: unroll.RnnClassifier(labelCol="sex", **SMALL).fit(words)),
        sentence(IllegalArgumentException, lambda: unroll.RnnClassifier(labelCol="label", cell="lstn", **SMALL).fit(words)),
        sentence(TypeError, lambda: unroll.RnnClassifier(labelCol="label", **SMALL).fit(words.collect())),
    ]


PROGRAMS = [every_estimator, summary, evaluation, pandas_in_and_out, text, function_of_sql, a_model_for_every_key, pipeline, tuning, windows_and_events,
            subclasses_of_ones_own, errors]  # fmt: skip


def run_programs(folder, names):
    """All programs in this process, where the environment says which session there is; one line of JSON each."""
    import unroll

    spark = unroll.start("local[2]", conf={"spark.sql.shuffle.partitions": "2"})
    rows = []
    for n in range(96):
        word = format(n * 37 % 64, "06b").replace("0", "a").replace("1", "b")[: 2 + n % 5]
        rows.append((word, "first" if word[0] == "a" else "other", list(word), float(word.count("a"))))
    words = spark.createDataFrame(rows, ["word", "label", "tags", "number"])
    print(json.dumps(["session", type(spark).__module__]))
    for program in PROGRAMS:
        if not names or program.__name__ in names:
            began = time.time()
            facts = program(spark, words, folder)
            print(f"{program.__name__}: {time.time() - began:.1f} s", file=sys.stderr)
            print(json.dumps([program.__name__, facts]), flush=True)
    spark.stop()


class Server:
    """A server of Spark Connect, a process of its own on a free port of the loopback interface."""

    def __init__(self, folder, jar=None, **settings):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        local = {"driver.host": "127.0.0.1", "driver.bindAddress": "127.0.0.1", "ui.enabled": "false", "sql.shuffle.partitions": "2",
                 "connect.grpc.binding.address": "127.0.0.1", "connect.grpc.binding.port": port, **settings}  # fmt: skip
        confs = [argument for key, value in local.items() for argument in ("--conf", f"spark.{key}={value}")]
        jars = ["--jars", jar] if jar else []
        command = [HOME / "bin" / "spark-submit", "--master", "local[2]", *confs, *jars]
        self.url = f"sc://127.0.0.1:{port}"
        self.log = Path(folder) / f"server-{port}.log"
        with self.log.open("w") as out:
            self._process = subprocess.Popen(
                [*command, "--class", "org.apache.spark.sql.connect.service.SparkConnectServer", "spark-internal"],
                cwd=folder, env={**os.environ, "SPARK_HOME": str(HOME), "SPARK_LOCAL_IP": "127.0.0.1"}, stdout=out, stderr=out,
            )  # fmt: skip
        for _ in range(600):
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                return
            except OSError:
                if self._process.poll() is not None:
                    break
                time.sleep(0.1)
        raise RuntimeError(self.log.read_text())

    def stop(self):
        self._process.terminate()
        self._process.wait(60)


def run(*arguments, folder, **environment):
    done = subprocess.run(
        [sys.executable, "-W", "ignore", *map(str, arguments)],
        cwd=folder, env={**os.environ, "SPARK_LOCAL_IP": "127.0.0.1", **environment}, capture_output=True, text=True, timeout=600,
    )  # fmt: skip
    if done.returncode != 0:
        raise AssertionError(done.stderr)
    return done.stdout


class ConnectTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        import unroll

        cls.jar = unroll.jar()
        temporary = tempfile.TemporaryDirectory()
        cls.addClassCleanup(temporary.cleanup)
        cls.folder = temporary.name
        cls.server = Server(cls.folder, cls.jar)
        cls.addClassCleanup(cls.server.stop)

    def facts(self, name, *programs, **environment):
        folder = Path(self.folder) / name
        folder.mkdir()
        said = run(__file__, "--programs", folder, *programs, folder=self.folder, **environment)
        return dict(json.loads(line) for line in said.splitlines() if line.startswith("["))

    def test_every_program_gives_the_same_classic_and_remote(self):
        remote = self.facts("remote", SPARK_REMOTE=self.server.url)
        classic = self.facts("classic")
        self.assertEqual((classic.pop("session"), remote.pop("session")), ("pyspark.sql.session", "pyspark.sql.connect.session"))
        self.assertEqual(list(classic), [program.__name__ for program in PROGRAMS])
        for program, facts in classic.items():
            with self.subTest(program):
                self.assertEqual(facts, remote[program])

    def test_a_server_whose_file_system_is_another_and_whose_memory_is_full(self):
        """Its default file system is no local one, and each model is on its disk as soon as it is there."""
        shared = Path(self.folder) / "shared"
        shared.mkdir()
        settings = {
            "hadoop.fs.defaultFS": "viewfs://cluster/",
            "hadoop.fs.viewfs.mounttable.cluster.link./data": shared.as_uri(),
            "connect.session.connectML.mlCache.memoryControl.maxInMemorySize": "1024",
        }
        server = Server(self.folder, self.jar, **settings)
        try:
            said = run(__file__, "--programs", "/data", "every_estimator", "pipeline", folder=self.folder, SPARK_REMOTE=server.url)
        finally:
            server.stop()
        self.assertEqual(len(said.splitlines()), 3)
        self.assertTrue((shared / "pipeline" / "stages").exists())

    def readme(self, number):
        """One of the README's Python programs and a folder with names of which the last letter tells all."""
        program = (ROOT / "README.md").read_text(encoding="utf-8").split("```python\n")[number + 1].split("```")[0]
        starts = ["ann", "mari", "juli", "paul", "carl", "robert", "alex", "dan"]
        lines = ["name,sex", *(f"{start}{end}" for start in starts for end in ("a,F", "o,M"))]
        (Path(self.folder) / "names.csv").write_text("\n".join(lines) + "\n")
        file = Path(self.folder) / "program.py"
        file.write_text(program)
        return file

    def test_readme_programs_unchanged(self):
        """With the server that is there, and with one of their own."""
        for environment in ({"SPARK_REMOTE": self.server.url}, {"SPARK_API_MODE": "connect", "SPARK_TESTING": "1"}):  # the latter: on a free port
            with self.subTest(next(iter(environment))):
                self.assertRegex(run(self.readme(0), folder=self.folder, **environment), r"anna *\| *F")
                said = run(self.readme(1), folder=self.folder, **environment)
                self.assertRegex(said, r"accuracy: (1.0|0\.9)")
                self.assertIn("the same: True", said)

    def test_a_server_without_the_jar_is_named(self):
        server = Server(self.folder)
        program = Path(self.folder) / "start.py"
        program.write_text("import unroll\ntry:\n    unroll.start()\nexcept RuntimeError as e:\n    print(e)\n")
        try:
            said = run(program, folder=self.folder, SPARK_REMOTE=server.url)
        finally:
            server.stop()
        self.assertRegex(said, r"^the server of the session has no jar of Unroll, .* start it with --jars")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--programs"]:
        run_programs(sys.argv[2], sys.argv[3:])
    else:
        unittest.main()
