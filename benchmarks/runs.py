"""Trainings and clusters as processes, for the scripts beside this one."""

import json
import os
import platform
import random
import re
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

HOME = Path(__file__).resolve().parents[1]
WORK = Path(tempfile.mkdtemp(prefix="unroll-runs-"))


def clean():
    shutil.rmtree(WORK, ignore_errors=True)


def machine():
    """What a page of results says of where they were made."""
    cpu = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text()).group(1)
    java = subprocess.run(["java", "-version"], capture_output=True, text=True).stderr.splitlines()[0]
    return f"{os.cpu_count()} cores, {cpu}, {java}, {platform.system()}"


def words(count, draw):
    """Rows of random words of six kinds of letters."""
    letters = {kind: draw.sample("abcdefghijklmnopqrstuvwxyzäöüßñéçо", 12) for kind in "pqrstu"}
    rows = []
    for _ in range(count):
        kind = draw.choice("pqrstu")
        rows.append(("".join(draw.choices(letters[kind], k=draw.randint(2, 12))), kind))
    return rows


def write_names(folder, parts):
    """A csv file for each part."""
    folder.mkdir()
    for n, part in enumerate(parts):
        lines = ["name,kind", *(f"{name},{kind}" for name, kind in part)]
        (folder / f"{n}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def data():
    """3,000 words in two files and, shuffled, in three; and lines of text."""
    draw = random.Random(7)
    rows = words(3000, draw)
    write_names(WORK / "names", [rows[:1000], rows[1000:]])
    draw.shuffle(rows)
    write_names(WORK / "shuffled", [rows[:500], rows[500:2300], rows[2300:]])
    text = [name for name, _ in rows]
    (WORK / "text.txt").write_text("\n".join(" ".join(text[n : n + 6]) for n in range(0, 1800, 6)) + "\n", encoding="utf-8")


class Cluster:
    """submit/standalone for as long as it is needed."""

    def __init__(self, workers, *options):
        self.folder = WORK / f"cluster-{workers}-{time.monotonic_ns()}"
        self.options = ["--workers", str(workers), "--cores", "1", "--memory", "1g", *options]

    def __enter__(self):
        out = self.script("start", *self.options)
        self.master = out.splitlines()[-1]
        return self

    def __exit__(self, *_):
        self.script("stop")

    def script(self, *arguments):
        env = {**os.environ, "UNROLL_STANDALONE": str(self.folder)}
        done = subprocess.run([HOME / "submit" / "standalone", *arguments], env=env, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(done.stderr)
        return done.stdout

    def workers(self):
        """Process ids of the workers that live."""
        started = (self.folder / "pids").read_text().split()[1:]
        return [int(pid) for pid in started if alive(int(pid))]

    def executors(self):
        """Process ids of the executors of this cluster that live."""
        workers = ",".join(map(str, self.workers()))
        found = subprocess.run(["pgrep", "-P", workers], capture_output=True, text=True).stdout.split() if workers else []
        return [int(pid) for pid in found if alive(int(pid))]


def alive(pid):
    """Whether a process runs; one that has ended and waits for its parent does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


class Run:
    """One training, as a process. --key=value counts more than the same key before it; NAMES and TEXT stand for the files of data()."""

    def __init__(self, keys, master="local[2]", conf=(), env=None, java=None, files="names", prefix=(), jars=()):
        self.folder = Path(tempfile.mkdtemp(dir=WORK))
        self.metrics = self.folder / "metrics.jsonl"
        self.env = {**os.environ, **(env or {})}
        if master.startswith("spark:"):
            conf = ["spark.executor.memory=512m", *conf]
        paths = {"NAMES": str(WORK / files), "TEXT": str(WORK / "text.txt")}
        keys = [paths.get(key, key) for key in keys]
        own = [key for key in keys if key.startswith("--") and "=" in key]  # --key=value wins over the same key before
        for key in own:
            name = key.split("=")[0]
            if name in keys:
                at = keys.index(name)
                del keys[at : at + 2]
        engine = [] if "--engine" in keys else ["--engine", "spark"]
        train = ["train", *engine, *keys, "--metrics", str(self.metrics), "--model", str(self.folder / "model")]
        if not any(c.startswith("spark.ui.enabled=") for c in conf):
            conf = ["spark.ui.enabled=false", *conf]
        if java is None:
            self.command = [str(HOME / "submit" / "unroll"), "--master", master, *jars, *(x for c in conf for x in ("--spark-conf", c)), *train]
        else:
            classes = f"{HOME}/target/unroll.jar:{(HOME / 'target' / 'classpath.txt').read_text().strip()}"
            options = [f"-Dspark.master={master}", *(f"-D{c}" for c in conf), f"-Dlog4j2.configurationFile=file:{HOME}/conf/log4j2.properties"]
            self.command = [*java, *options, "-cp", classes, "dev.unroll.cli.Unroll", *train]
            self.env["SPARK_LOCAL_IP"] = "127.0.0.1"
        self.command = [*prefix, *self.command]

    def start(self, *more):
        # Into files: nobody reads a pipe while faults are made, and a full one would stop the training.
        self.out, self.err = self.folder / "out", self.folder / "err"
        with self.out.open("w") as out, self.err.open("a") as err:
            self.process = subprocess.Popen([*self.command, *more], env=self.env, stdout=out, stderr=err)
        return self

    def running(self):
        return self.process.poll() is None

    def updates(self):
        return self.metrics.read_bytes().count(b"\n") if self.metrics.exists() else 0

    def wait_for(self, updates):
        while self.updates() < updates and self.running():
            time.sleep(0.02)
        return self

    def signal(self, number):
        """To the driver: submit/unroll becomes it."""
        os.kill(self.process.pid, number)
        return self

    def kill(self):
        self.signal(signal.SIGKILL)
        self.process.wait()
        return self

    def code(self, timeout=600):
        return self.process.wait(timeout)

    def summary(self):
        """The JSON object that a training ends with."""
        if self.code():
            raise RuntimeError(f"exit code {self.process.returncode}: {self.err.read_text().strip().splitlines()[-1:]}")
        return json.loads(self.out.read_text().splitlines()[-1])

    def hash(self):
        hash = self.summary()["parameterHash"]
        shutil.rmtree(self.folder)
        return hash
