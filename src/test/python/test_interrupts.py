"""Interrupts of trainings, by real signals in a process of its own: run like test_unroll.py."""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import unittest.mock
from pathlib import Path

import pyspark

FOREVER = 10**8  # updates
RESUME = "with resume=True it goes on from iteration"
NOTHING = "nothing was saved"
LET_GO = "nothing waits for the training any more; it still stops after its current update"
AT_ONCE = "the trainings were stopped; " + NOTHING
STOPPED = r"the training stopped by an interrupt after iteration \d+ of 100000000; "


@unittest.skipIf(pyspark.__version__ == "4.0.0", "refused")
class InterruptsTest(unittest.TestCase):
    """Each row of ``CASES`` in turn, in one process: what was raised, and no job of Spark's after it."""

    @classmethod
    def setUpClass(cls):
        with tempfile.TemporaryDirectory() as folder:
            child = subprocess.run([sys.executable, "-u", "-W", "ignore", __file__, folder], capture_output=True, text=True, timeout=900)
        assert child.returncode == 0, child.stdout + child.stderr
        cls.said = [json.loads(line) for line in child.stdout.splitlines() if line.startswith("{")]
        cls.errors = child.stderr

    def test_every_case_ends_and_says_how(self):
        self.assertEqual([said["case"] for said in self.said], [name for name, *_ in CASES])
        for said, (name, _, kind, sentence) in zip(self.said, CASES):
            with self.subTest(name):
                self.assertEqual(said["kind"], kind, said)
                self.assertRegex(said["sentence"], sentence)
                self.assertEqual(said["active"], [])
                self.assertEqual(said["newJobs"], 0)
        self.assertNotIn("reentrant", self.errors)
        self.assertIn("/100000000 [", self.errors)

    def test_a_resumed_training_has_the_hash_of_one_that_was_not_interrupted(self):
        hashes = [said["hashes"] for said in self.said if "hashes" in said]
        self.assertEqual(len(hashes), 2)
        for resumed, uninterrupted in hashes:
            self.assertEqual(resumed, uninterrupted)


class StartTest(unittest.TestCase):
    """What interrupts the start of the thread that trains leaves nothing that would be waited for, and nothing that trains."""

    def _raised(self, thread, kind):
        from unroll import interrupts

        calls = []
        session = unittest.mock.MagicMock()
        training = interrupts.Training(session, lambda: calls.append("trained"), None, lambda: NOTHING)
        with unittest.mock.patch.object(interrupts, "InheritableThread", thread), self.assertRaises(kind):
            training.result()
        self.assertTrue(training.over.is_set())
        self.assertNotIn(training, interrupts._running)
        return calls

    def test_what_interrupts_before_the_thread_runs(self):
        class Thread(threading.Thread):
            later = []

            def start(self):
                self.later.append(self)
                raise self.thrown

        for thrown in (KeyboardInterrupt(), RuntimeError("can't start new thread")):
            with self.subTest(repr(thrown)):
                Thread.thrown = thrown
                self.assertEqual(self._raised(Thread, type(thrown)), [])
                self.assertEqual(self._raised(unittest.mock.Mock(side_effect=thrown), type(thrown)), [])  # while it is made
        for thread in Thread.later:  # whatever starts late does nothing
            thread._target()

    def test_an_interrupt_while_the_thread_starts(self):
        class Thread(threading.Thread):
            def start(self):
                super().start()
                self.join()  # it has begun, and is over
                raise KeyboardInterrupt

        self.assertEqual(self._raised(Thread, KeyboardInterrupt), ["trained"])


# Below: what the process does.


def _fit(world, engine, **params):
    world.rnn(engine=engine, **params).fit(world.words)


def _resumable(world, engine):
    _fit(world, engine, checkpointDir=f"{world.folder}/{engine}", checkpointInterval=0)


def _cross_validator(world, parallelism, inside=lambda rnn: rnn, engine="spark"):
    from pyspark.ml.evaluation import MulticlassClassificationEvaluator
    from pyspark.ml.tuning import CrossValidator, ParamGridBuilder

    rnn = world.rnn(labelCol="index", engine=engine)
    grid = ParamGridBuilder().addGrid(rnn.stepSize, [0.01, 0.02, 0.03]).build()
    evaluator = MulticlassClassificationEvaluator(labelCol="index")
    CrossValidator(estimator=inside(rnn), estimatorParamMaps=grid, evaluator=evaluator, numFolds=2, parallelism=parallelism).fit(world.words)


def _pipeline(rnn):
    from pyspark.ml import Pipeline

    return Pipeline(stages=[rnn])


def _in_a_thread(world):
    thread = threading.Thread(target=lambda: world.quietly(lambda: _fit(world, "spark")))
    thread.start()
    thread.join()


def _list(world):
    rnn = world.rnn()
    rnn.fit(world.words, [{rnn.stepSize: 0.01}, {rnn.stepSize: 0.02}])


def _at_once(world):
    rnn = world.rnn(engine="auto")
    rnn.fit(world.words, [{rnn.stepSize: 0.01}, {rnn.stepSize: 0.02}])


def _search(world):
    rnn = world.rnn(engine="auto", validationFraction=0.3)
    world.unroll.Search(rnn, [{rnn.stepSize: 0.01}, {rnn.stepSize: 0.02}]).run(world.words)


def _by_key(world):
    world.rnn().fitByKey(world.words, "key")


def _group(world):
    world.context.setJobGroup("mine", "a training")
    _fit(world, "spark")


# name, what is interrupted, what is raised, and its sentence
CASES = [
    ("fit", lambda w: _fit(w, "spark"), "KeyboardInterrupt", STOPPED + NOTHING),
    ("fit in the driver", lambda w: _fit(w, "local"), "KeyboardInterrupt", STOPPED + NOTHING),
    ("with checkpoints", lambda w: _resumable(w, "spark"), "KeyboardInterrupt", STOPPED + RESUME),
    ("with checkpoints, in the driver", lambda w: _resumable(w, "local"), "KeyboardInterrupt", STOPPED + RESUME),
    ("list of ParamMaps", _list, "KeyboardInterrupt", STOPPED),
    ("pipeline", lambda w: _pipeline(w.rnn()).fit(w.words), "KeyboardInterrupt", STOPPED),
    ("CrossValidator", lambda w: _cross_validator(w, 1), "KeyboardInterrupt", STOPPED),
    ("CrossValidator of two at once", lambda w: _cross_validator(w, 2), "KeyboardInterrupt", STOPPED),
    ("CrossValidator of a pipeline", lambda w: _cross_validator(w, 1, _pipeline), "KeyboardInterrupt", STOPPED),
    ("CrossValidator in tasks", lambda w: _cross_validator(w, 2, engine="auto"), "KeyboardInterrupt", AT_ONCE),
    ("list of ParamMaps at once", _at_once, "KeyboardInterrupt", AT_ONCE),
    ("search", _search, "KeyboardInterrupt", "the search was stopped; " + NOTHING),
    ("a thread of the user's", _in_a_thread, "KeyboardInterrupt", STOPPED),
    ("by key", _by_key, "KeyboardInterrupt", "the training by key was stopped; " + NOTHING),
    ("twice", lambda w: _fit(w, "local"), "KeyboardInterrupt", LET_GO + "|" + STOPPED),
    ("cancelAllJobs", lambda w: _fit(w, "spark"), "TrainingError", r"^stopped after iteration \d+, since a job of it was cancelled: Job \d+ cancelled"),
    ("cancelJobGroup", _group, "TrainingError", r"^stopped after iteration \d+, since a job of it was cancelled: Job \d+ cancelled"),
    ("cancelAllJobs, by key", _by_key, "TrainingError", r"^stopped, since a job of it was cancelled: Job \d+ cancelled"),
]


class World:
    def __init__(self, folder):
        import unroll

        self.unroll = unroll
        self.folder = folder
        unroll.bar._is_seen = lambda: True  # every case with a progress bar
        conf = {"spark.ui.enabled": "false", "spark.sql.shuffle.partitions": "2", "spark.driver.memory": "700m"}
        spark = unroll.start("local[2]", conf=conf)
        spark.sparkContext.setLogLevel("ERROR")
        self.context = spark.sparkContext
        words = [format(n * 37 % 64, "06b").replace("0", "a").replace("1", "b")[: 2 + n % 5] for n in range(96)]
        rows = [(word, word[0], float(word[0] == "a"), n % 2) for n, word in enumerate(words)]
        self.words = spark.createDataFrame(rows, ["word", "label", "index", "key"]).cache()

    def rnn(self, **params):
        usual = dict(featuresCol="word", labelCol="label", hiddenSize=8, embeddingSize=4, batchSize=16, engine="spark", maxIter=FOREVER)
        return self.unroll.RnnClassifier(**{**usual, **params})

    def quietly(self, work):
        try:
            work()
        except self.unroll.TrainingError:
            pass

    def updated(self):
        """Whether a training has made an update, or some in tasks, whose updates nobody hears of, have run for a second."""
        running = list(self.unroll.interrupts._running)
        if any(training._switch is None or "search" in training._stopped for training in running):
            time.sleep(1)
            return True
        return any(training._switch.hasUpdated() for training in running)

    def disturb(self, name):
        """Interrupts what runs, once it trains; a cancellation that comes between two jobs meets none, and is tried again."""
        while not self.updated():
            time.sleep(0.05)
        while self.unroll.interrupts._running:
            if name.startswith("cancelAll"):
                self.context.cancelAllJobs()
            elif name == "cancelJobGroup":
                self.context.cancelJobGroup("mine")
            else:
                os.kill(os.getpid(), signal.SIGINT)
                if name == "twice":
                    time.sleep(0.001)
                    os.kill(os.getpid(), signal.SIGINT)
                return
            time.sleep(0.05)

    def jobs(self):
        tracker = self.context.statusTracker()
        return max([-1, *tracker.getJobIdsForGroup(), *tracker.getJobIdsForGroup("mine")])

    def run(self, name, work):
        disturber = threading.Thread(target=self.disturb, args=[name])
        disturber.start()
        try:
            work(self)
            said = {"kind": "none", "sentence": ""}
        except (KeyboardInterrupt, Exception) as e:
            said = {"kind": type(e).__name__, "sentence": str(e)}
        disturber.join()
        if name == "twice":
            time.sleep(1)
        before = self.jobs()
        said["active"] = list(self.context.statusTracker().getActiveJobsIds())
        time.sleep(2)
        said["newJobs"] = self.jobs() - before
        reached = re.search(RESUME + r" (\d+)", said["sentence"])
        if reached:
            params = dict(engine="local", maxIter=int(reached.group(1)) + 20)
            directory = re.search("in checkpointDir (.*)$", said["sentence"]).group(1)
            resumed = self.rnn(checkpointDir=directory, resume=True, **params).fit(self.words)
            said["hashes"] = [resumed.parameterHash, self.rnn(**params).fit(self.words).parameterHash]
        print(json.dumps({"case": name, **said}), flush=True)


if __name__ == "__main__":
    if len(sys.argv) == 1:
        unittest.main()
    world = World(sys.argv[1])
    for name, work, *_ in CASES:
        world.run(name, work)
