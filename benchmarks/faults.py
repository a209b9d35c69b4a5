#!/usr/bin/env python3
"""Faults done to trainings on a real cluster: every training must end with the hash of one that nothing was done to, and with every iteration of it.

    benchmarks/faults.py [--faults 300] [--seed 1] [--only WORD] [--continue] [--write]

What is done, to whom and when is drawn from the seed; where a training is at that moment is not, so a campaign can be made again, but not to the
millisecond. Needs Linux, python3 and what submit/unroll needs, and for full disks unshare (util-linux). Results are kept in target/faults.jsonl as they
come; --continue takes over the trainings of it that ended as they should; --write makes benchmarks/faults.md. Exit code 1 if a training did not end so.
Some seventy minutes for 300 on two cores.
"""

import argparse
import datetime
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

from runs import HOME, WORK, Cluster, Run, alive, clean, data, machine, words, write_names

PATIENCE = 180  # seconds without an update, or without an end, that are a failure
SMALL_DISK = WORK / "small-disk"
NAMES = ["--train", "NAMES", "--features-col", "name", "--label-col", "kind", "--validation-fraction", "0.1", "--num-shards", "8"]
SMALL = ["--hidden-size", "24", "--embedding-size", "8"]
LSTM = [*NAMES, *SMALL]
GRU = [*LSTM, "--cell", "gru", "--num-layers", "2", "--bidirectional", "--dropout", "0.2", "--truncation", "randomized:0.3"]
CORPUS = ["--task", "language-model", "--train", "TEXT", "--format", "text", "--features-col", "value", "--carry-state", "--window", "12",
    "--batch-size", "16", "--num-shards", "8", *SMALL]
LARGE = [*NAMES, "--hidden-size", "256", "--embedding-size", "64"]  # 0.3 million parameters

KILLED = "executor killed"
WORKER = "worker and its executor killed; a worker is started again later"
FROZEN = "executor frozen for good"
THAWED = "executor frozen, given up by the driver, and thawed"
DECOMMISSIONED = "executor decommissioned (SIGPWR)"
DRIVER = "driver killed, and resumed"
AGAIN = "driver killed, killed again while it resumes, and resumed"
TORN = "driver killed, its latest checkpoint torn, and resumed"
STOPPED = "driver stopped by SIGTERM, and resumed"
STRAGGLER = "executor frozen for a second or two, under speculation"
SHUFFLE = "shuffle files deleted between two stages"
SPILLED = "no memory for cached shards, all on disk"
FULL = "disk full at a checkpoint"
FULL_LONG = "disk full until training gives up, and resumed"
BAD_ROW = "one bad row in 100,000"
OTHER_JOB = "another job of the application takes the slots"
CANCELLED = "all jobs cancelled, and resumed"
UI_KILL = "job killed in Spark's UI, and resumed"


@dataclass(frozen=True)
class Setting:
    """Trainings of one kind, and how many faults of which kinds a campaign of 300 does to them."""

    name: str
    keys: list
    updates: int
    shares: dict
    conf: tuple = ()
    workers: int = 3
    jars: tuple = ()
    cluster: tuple = ()  # options of submit/standalone


# A listener of the tests' does on request what other people do.
REQUEST = WORK / "request"
UI_PORT = 40_000 + os.getpid() % 20_000
LISTENER = WORK / "other-work.jar"
OTHER_WORK = ("spark.extraListeners=dev.unroll.testing.OtherWork", f"spark.unroll.otherWork={REQUEST}", "spark.ui.enabled=true", f"spark.ui.port={UI_PORT}")

SETTINGS = [
    Setting("GRU, two layers, both directions, dropout, randomised truncation; decommissioning", GRU, 600, {DECOMMISSIONED: 24, KILLED: 10},
        ("spark.decommission.enabled=true", "spark.storage.decommission.enabled=true", "spark.storage.decommission.rddBlocks.enabled=true",
            "spark.storage.decommission.shuffleBlocks.enabled=true")),
    Setting("Elman, given up after 5 s without a heartbeat", [*LSTM, "--cell", "elman"], 800, {FROZEN: 7, THAWED: 7},
        ("spark.network.timeout=5s", "spark.executor.heartbeatInterval=1s", "spark.network.timeoutInterval=1s")),
    Setting("LSTM under speculation", LSTM, 800, {STRAGGLER: 22, KILLED: 4},
        ("spark.speculation=true", "spark.speculation.multiplier=1.5", "spark.speculation.quantile=0.3", "spark.speculation.minTaskRuntime=50ms",
            "spark.speculation.interval=20ms"), cluster=("--hosts",)),
    # Sums of more than half of maxResultSize are merged slice by slice in a second stage.
    Setting("LSTM of 0.4 million parameters, merged in a second stage", LARGE, 400, {SHUFFLE: 18, KILLED: 10}, ("spark.driver.maxResultSize=3m",)),
    Setting("LSTM, no memory for shards", LSTM, 600, {SPILLED: 3, KILLED: 7}, ("spark.memory.fraction=0.002",), workers=2),
    Setting("LSTM, checkpoints on a disk of 2 MB", LSTM, 800, {FULL: 4, FULL_LONG: 2}, workers=2),
    Setting("language model with carried state, two executors", CORPUS, 800, {KILLED: 16, DRIVER: 12, AGAIN: 6, TORN: 3, STOPPED: 3}, workers=2),
    Setting("LSTM, other work in its application", LSTM, 2400, {OTHER_JOB: 30, CANCELLED: 12, UI_KILL: 12}, OTHER_WORK, workers=2, jars=("--jars", str(LISTENER))),
    Setting("LSTM, three executors", LSTM, 1200, {KILLED: 114, WORKER: 20, DRIVER: 2, AGAIN: 1, TORN: 2, STOPPED: 2}),
]


class Training:
    """A training under way, and what is done to it."""

    def __init__(self, setting, cluster, draw):
        self.setting, self.cluster, self.draw = setting, cluster, draw
        self.begin = time.monotonic()
        self.lost_workers = []  # how to start them again
        self.frozen = []
        self.marks = []  # updates made when each fault was done
        self.checkpoints = (SMALL_DISK if FULL in setting.shares else WORK) / f"checkpoints-{time.monotonic_ns()}"
        self.events = WORK / f"events-{time.monotonic_ns()}"
        self.events.mkdir()
        conf = [*setting.conf, *event_log(self.events)]
        keys = [*setting.keys, "--max-iter", str(setting.updates), "--checkpoint-dir", str(self.checkpoints), "--checkpoint-interval", "20"]
        self.run = Run(keys, master=cluster.master, conf=conf, jars=setting.jars)
        self.start()

    def start(self, *more):
        self.run.start(*more)
        self.progress(0)

    def until(self, condition, what):
        """Waits until that is so, or the training has ended."""
        end = time.monotonic() + PATIENCE
        while not condition() and self.run.running():
            if time.monotonic() > end:
                raise RuntimeError(f"no {what} in {PATIENCE} s")
            time.sleep(0.02)

    def progress(self, updates):
        """Waits until there are more updates than that, or the training has ended."""
        self.until(lambda: self.run.updates() > updates, f"update behind {updates}")

    def resume(self):
        at = self.run.updates()
        self.start("--resume")
        return f"resumed; it had made {at} updates"

    def open(self):
        """Whether there is still enough to come for a fault to fall into."""
        return self.run.running() and self.run.updates() < self.setting.updates - 100

    def executor(self):
        """One that lives; waits for one."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            there = [pid for pid in self.cluster.executors() if pid not in self.frozen]
            if there:
                return self.draw.choice(sorted(there))
            time.sleep(0.05)
        raise RuntimeError(f"no executor in {PATIENCE} s")

    def fault(self, kind):
        """Does it; what became of it."""
        if len(self.marks) >= 4:
            self.progress(self.marks[-4])  # never more than four faults without an update
        self.marks.append(self.run.updates())
        while self.lost_workers and (len(self.lost_workers) > 1 or self.draw.random() < 0.5):
            self.start_worker()
        return FAULTS[kind](self)

    def start_worker(self):
        command, env = self.lost_workers.pop(0)
        with (self.cluster.folder / "logs" / "again").open("a") as log:
            again = subprocess.Popen(command, env=env, cwd=self.cluster.folder, stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True)
        with (self.cluster.folder / "pids").open("a") as pids:
            pids.write(f"{again.pid}\n")

    def go_on(self, least):
        """Lets it make that many more updates, or some more, and not its last ones; there is a checkpoint to resume from then."""
        self.checkpointed()
        self.progress(min(self.run.updates() + self.draw.randint(least, 80), self.setting.updates - 20) - 1)
        return self.run

    def checkpointed(self):
        """Waits for the first checkpoint: without one there is nothing to resume from, and that is refused."""
        self.until(self.latest, "checkpoint")

    def latest(self):
        """The name of its latest checkpoint; empty while there is none."""
        return max((p.name for p in self.checkpoints.glob("iteration-" + 12 * "[0-9]")), default="")

    def given_up(self, pid):
        """Waits until a frozen executor is gone, or the training goes on without it."""
        at, end = self.run.updates(), time.monotonic() + 30
        while alive(pid) and self.run.updates() <= at + 5 and time.monotonic() < end and self.run.running():
            time.sleep(0.05)

    def close(self):
        """Ends what is left of it."""
        for pid in self.frozen:
            if alive(pid):
                os.kill(pid, signal.SIGKILL)
        if self.run.running():
            self.run.kill()


def killed(t):
    pid = t.executor()
    os.kill(pid, signal.SIGKILL)
    return f"process {pid} gone"


def worker_killed(t):
    workers = t.cluster.workers()
    pid = t.draw.choice(workers)
    command = Path(f"/proc/{pid}/cmdline").read_bytes().rstrip(b"\0").split(b"\0")
    env = dict(entry.split(b"=", 1) for entry in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0") if b"=" in entry)
    children = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True).stdout.split()
    for one in [pid, *map(int, children)]:
        os.kill(one, signal.SIGKILL)
    t.lost_workers.append((command, env))
    return f"{len(workers) - 1} workers left"


def frozen(t):
    pid = t.executor()
    t.frozen.append(pid)
    os.kill(pid, signal.SIGSTOP)
    t.given_up(pid)
    return "given up"


def thawed(t):
    pid = t.executor()
    start = time.monotonic()
    os.kill(pid, signal.SIGSTOP)
    t.given_up(pid)
    if not alive(pid):
        return "ended by its worker before it was thawed"
    os.kill(pid, signal.SIGCONT)
    return f"thawed after {time.monotonic() - start:.0f} s"


def decommissioned(t):
    pid = t.executor()
    os.kill(pid, signal.SIGPWR)
    end = time.monotonic() + 20
    while alive(pid) and time.monotonic() < end:
        time.sleep(0.05)
    return "still there after 20 s" if alive(pid) else "left by itself"


def driver_killed(t):
    t.go_on(5).kill()
    return t.resume()


def driver_killed_again(t):
    t.go_on(5).kill()
    t.run.start("--resume")
    time.sleep(t.draw.uniform(2, 15))
    if not t.run.running():
        raise RuntimeError("over before it could be killed again")
    t.run.kill()
    return t.resume()


def checkpoint_torn(t):
    t.go_on(25).kill()
    latest = t.checkpoints / t.latest()
    victim = t.draw.choice(sorted(p for p in latest.iterdir() if not p.name.startswith(".")))
    os.truncate(victim, t.draw.randrange(victim.stat().st_size))
    return f"{latest.name}/{victim.name} cut; {t.resume()}"


def driver_stopped(t):
    t.go_on(5).signal(signal.SIGTERM)
    code = t.run.code(PATIENCE)
    if code != 1:
        raise RuntimeError(f"exit code {code} after SIGTERM; 1 is documented")
    return t.resume()


def request(t, word):
    """Has the listener do that; waits until it is done."""
    draft = REQUEST.with_suffix(".draft")
    draft.write_text(word)
    draft.rename(REQUEST)
    t.until(lambda: not REQUEST.exists(), "other work")
    REQUEST.unlink(missing_ok=True)


def other_job(t):
    at = t.run.updates()
    request(t, "job")
    return f"{t.run.updates() - at} updates meanwhile"


def ended_by_a_person(t):
    """A training of which a job was cancelled ends in one sentence that says how to resume."""
    code = t.run.code(PATIENCE)
    last = t.run.err.read_text().strip().splitlines()[-1]
    if code != 1 or "cancelled" not in last or "--resume true goes on from iteration" not in last:
        raise RuntimeError(f"exit code {code}: {last}")
    return t.resume()


def cancelled(t):
    t.go_on(5)
    while t.run.running():  # a cancellation between two jobs meets none
        request(t, "cancel")
    return ended_by_a_person(t)


def ui_kill(t):
    t.go_on(5)
    ui = f"http://127.0.0.1:{UI_PORT}"
    jobs = f"{ui}/api/v1/applications/{json.load(urlopen(ui + '/api/v1/applications'))[0]['id']}/jobs?status=running"
    end = time.monotonic() + PATIENCE
    while t.run.running() and time.monotonic() < end:
        try:
            for job in json.load(urlopen(jobs)):
                urlopen(f"{ui}/jobs/job/kill/?id={job['jobId']}", data=b"").close()
        except OSError:  # it ends
            time.sleep(0.1)
    return ended_by_a_person(t)


def straggler(t):
    pid = t.executor()
    os.kill(pid, signal.SIGSTOP)
    time.sleep(t.draw.uniform(1, 2))
    os.kill(pid, signal.SIGCONT)
    return "thawed"


def shuffle_files(t):
    return set((t.cluster.folder / "local").glob("spark-*/executor-*/blockmgr-*/*/shuffle_*.data"))


def shuffle_deleted(t):
    """Of the stage at hand: files that were not there before, and are gone when the next stage asks for them."""
    before, end, deleted = shuffle_files(t), time.monotonic() + 20, 0
    while not deleted and time.monotonic() < end and t.run.running():
        for file in shuffle_files(t) - before:
            try:
                file.unlink()
                deleted += 1
            except FileNotFoundError:  # removed with its iteration
                pass
    if not deleted:
        raise RuntimeError("no shuffle file was seen in 20 s")
    return f"{deleted} files"


def spilled(t):
    blocks = list((t.cluster.folder / "local").glob("spark-*/executor-*/blockmgr-*/*/rdd_*"))
    if not blocks:
        raise RuntimeError("no block of an RDD is on disk")
    return f"{len(blocks)} blocks on disk"


def fill(t):
    seen = t.run.err.read_text().count("no checkpoint")
    ballast = SMALL_DISK / "ballast"
    with ballast.open("wb", buffering=0) as out:
        try:
            while True:
                out.write(bytes(1 << 14))
        except OSError:
            pass
    return ballast, lambda: t.run.err.read_text().count("no checkpoint") - seen


def disk_full(t):
    t.progress(t.run.updates())  # one that begins on a full disk is refused
    ballast, failures = fill(t)
    end = time.monotonic() + PATIENCE
    while not failures() and t.run.running() and time.monotonic() < end:
        time.sleep(0.005)
    before = t.latest()
    ballast.unlink()
    missed = failures()
    t.until(lambda: t.latest() != before, "checkpoint on an empty disk")  # a third one in a row that is not written would end the training
    return f"{missed} checkpoints not written"


def disk_full_long(t):
    t.checkpointed()
    t.progress(t.run.updates())
    ballast, _ = fill(t)
    code = t.run.code(PATIENCE)
    ballast.unlink()
    if code != 1:
        raise RuntimeError(f"exit code {code} with a full disk; 1 is documented")
    return t.resume()


FAULTS = {KILLED: killed, WORKER: worker_killed, FROZEN: frozen, THAWED: thawed, DECOMMISSIONED: decommissioned, DRIVER: driver_killed,
    AGAIN: driver_killed_again, TORN: checkpoint_torn, STOPPED: driver_stopped, STRAGGLER: straggler, SHUFFLE: shuffle_deleted, SPILLED: spilled, FULL: disk_full,
    FULL_LONG: disk_full_long, OTHER_JOB: other_job, CANCELLED: cancelled, UI_KILL: ui_kill}


PLACEMENT = ("balance", "updatesPerJob", "fallbacks")  # what a fault may change


def iterations(metrics):
    """What a metrics file says of each update, apart from times and how even the tasks were."""
    lines = [json.loads(line) for line in metrics.read_text().splitlines()]
    return [{key: value for key, value in line.items() if not key.endswith("Ms") and key not in PLACEMENT} for line in lines]


class References:
    """Trainings that nothing is done to, in local[2]."""

    def __init__(self):
        self.known = {}

    def of(self, setting):
        key = (*setting.keys, setting.updates)
        if key not in self.known:
            run = Run([*setting.keys, "--max-iter", str(setting.updates)]).start()
            self.known[key] = run.summary()["parameterHash"], iterations(run.metrics)
        return self.known[key]


def event_log(folder):
    return ["spark.eventLog.enabled=true", f"spark.eventLog.dir=file:{folder}", "spark.eventLog.rolling.enabled=false", "spark.eventLog.compress=false"]


def seen(events):
    """What Spark's event logs say became of executors and tasks."""
    count = Counter()
    for log in events.iterdir():
        for line in log.read_text(errors="replace").splitlines():
            try:
                event = json.loads(line)
            except json.JSONDecodeError:
                continue  # the last line of a killed driver
            if event["Event"] == "SparkListenerExecutorRemoved":
                count["executors lost"] += 1
            elif event["Event"] == "SparkListenerTaskEnd":
                reason = event["Task End Reason"]
                count[{"Success": "tasks done", "ExceptionFailure": reason.get("Class Name", "")}.get(reason["Reason"], reason["Reason"])] += 1
                count["speculative copies"] += event["Task Info"]["Speculative"]
    return {name: n for name, n in count.items() if n}


def train(number, setting, left, seed, references, record):
    """One training with faults of the kinds that are left, until it ends; those that were done are taken off."""
    draw = random.Random(f"{seed}/{number}")
    expected, undisturbed = references.of(setting)
    done, failure, became = [], None, {}
    with Cluster(setting.workers, *setting.cluster) as cluster:
        t = Training(setting, cluster, draw)
        try:
            while sum(left.values()) and t.open():
                kinds = [kind for kind, n in left.items() if n and not (kind == SPILLED and SPILLED in done)]
                if not kinds:
                    break
                kind = SPILLED if SPILLED in kinds else draw.choices(kinds, [left[kind] for kind in kinds])[0]
                time.sleep(draw.uniform(0, 0.5) if draw.random() < 0.6 else draw.uniform(1, 4))
                if not t.open():
                    break
                at = t.run.updates()
                outcome = t.fault(kind)
                left[kind] -= 1
                done.append(kind)
                record(training=number, kind=kind, update=at, second=round(time.monotonic() - t.begin, 1), became=outcome)
            while t.run.running():
                t.progress(t.run.updates())
            became["hash"] = t.run.summary()["parameterHash"]
            if became["hash"] != expected:
                failure = f"the hash is not {expected}"
            elif iterations(t.run.metrics) != undisturbed:
                failure = "the metrics file is another"
        except Exception as e:
            failure = f"{type(e).__name__}: {e}"
        finally:
            t.close()
        if failure:
            kept = HOME / "target" / "faults" / f"{seed}-{number}"
            shutil.rmtree(kept, ignore_errors=True)
            for name, folder in {"run": t.run.folder, "events": t.events, "logs": cluster.folder / "logs"}.items():
                shutil.copytree(folder, kept / name, ignore=shutil.ignore_patterns("model"))
    record(end=number, setting=setting.name, updates=setting.updates, same=failure is None, failure=failure,
        seconds=round(time.monotonic() - t.begin), spark=seen(t.events), **became)
    shutil.rmtree(t.events)
    shutil.rmtree(t.run.folder)
    return failure


def refuse(number, cluster, seed, record):
    """One bad row somewhere in 100,000: refused in one sentence with its place, and no task fails of it."""
    draw = random.Random(f"{seed}/{number}")
    folder, events = WORK / f"rows-{number}", WORK / f"events-{number}"
    events.mkdir()
    write_names(folder, [words(10_000, draw) for _ in range(10)])
    file, line = folder / f"{draw.randrange(10)}.csv", draw.randrange(2, 10_000)
    lines = file.read_bytes().split(b"\n")
    lines[line - 1] = draw.choice([b"lonely", b"one,two,three", b'"open,p', b"\xff\xfe,p", b"empty,"])
    file.write_bytes(b"\n".join(lines))
    failure = None
    run = Run([*NAMES, *SMALL], master=cluster.master, files=folder.name, conf=event_log(events)).start()
    code = run.code()
    said = [text for text in run.err.read_text().splitlines() if not text.startswith("WARNING: Using incubator")]
    spark = seen(events)
    if code != 2 or len(said) != 1 or file.name not in said[0] or f"line {line}" not in said[0] or set(spark) - {"tasks done"}:
        failure = f"exit code {code}, {spark}, for line {line} of {file.name}, which is {lines[line - 1]}: {said}"
    record(training=number, kind=BAD_ROW, update=0, second=0, became=said[-1:])
    record(end=number, setting=BAD_ROW, updates=0, same=failure is None, failure=failure, spark=spark)
    shutil.rmtree(folder)
    return failure


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--faults", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--continue", action="store_true", dest="goes_on")
    options = parser.parse_args()
    has_disk = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "none", SMALL_DISK], capture_output=True).returncode == 0
    settings = [s for s in SETTINGS if options.only in s.name and (has_disk or FULL not in s.shares)]
    if not has_disk:
        print("no full disks: there is no unshare here, or it may not mount a tmpfs")
    print(f"seed {options.seed}")
    data()
    shutil.make_archive(LISTENER.with_suffix(""), "zip", HOME / "target" / "test-classes", "dev/unroll/testing")
    LISTENER.with_suffix(".zip").rename(LISTENER)
    results = HOME / "target" / "faults.jsonl"
    lines = [json.loads(line) for line in results.read_text().splitlines()] if options.goes_on and results.exists() else []
    good = {line["end"] for line in lines if line.get("same")}
    lines = [line for line in lines if line.get("end", line.get("training")) in good]
    results.write_text("".join(json.dumps(line) + "\n" for line in lines))

    def record(**what):
        lines.append(what)
        with results.open("a") as out:
            out.write(json.dumps(what) + "\n")
        print(" ".join(f"{key}={value}" for key, value in what.items() if value is not None), flush=True)

    def share(of300):
        return max(1, round(of300 * options.faults / 300))

    number, failures, references = max(good, default=0), [], References()
    setting_of = {line["end"]: line["setting"] for line in lines if "end" in line}
    had = Counter((setting_of[line["training"]], line["kind"]) for line in lines if "training" in line)
    if options.only in BAD_ROW:
        with Cluster(2) as cluster:
            for _ in range(share(10) - had[BAD_ROW, BAD_ROW]):
                number += 1
                failure = refuse(number, cluster, options.seed, record)
                failures += [failure] if failure else []
    for setting in settings:
        left = {kind: max(0, share(n) - had[setting.name, kind]) for kind, n in setting.shares.items()}
        while sum(left.values()):
            number += 1
            failure = train(number, setting, left, options.seed, references, record)
            if failure:
                failures.append(f"{setting.name}: {failure}")
                break
    faults = sum("training" in line for line in lines)
    print(f"{faults} faults, seed {options.seed}; failures: {failures}")
    if options.write and not failures:
        write(lines, options, has_disk)
    return 1 if failures else 0


def write(lines, options, has_disk):
    ends = {line["end"]: line for line in lines if "end" in line}
    faults = [line for line in lines if "training" in line]
    good = sum(ends[line["training"]]["same"] for line in faults)
    drivers = sum({DRIVER: 1, AGAIN: 2, TORN: 1}.get(line["kind"], 0) for line in faults)
    today = datetime.date.today().isoformat()
    page = ["# Faults", "",
        f"`benchmarks/faults.py --faults {options.faults} --seed {options.seed} --write`: {len(faults)} faults in"
        f" {len(ends)} runs, drivers killed {drivers} times; {good} of {len(faults)} ended as they must. Made on {machine()}, {today}.", "",
        "Executors are processes of a standalone cluster (`submit/standalone`) with one core and 512 MB each; checkpoints every 20 updates. A training ends as"
        " it must if its parameter hash and everything its metrics file says of every iteration, apart from times, are those of an undisturbed training in `local[2]`"
        ": so every iteration is there once, and none is lost. A file with a bad row must be refused with exit code 2 and one sentence"
        " with file and line, and without a failed task.", "",
        "| fault | done | ended as it must |", "|---|---|---|"]
    for kind in [*FAULTS, BAD_ROW]:
        done = [line for line in faults if line["kind"] == kind]
        if done:
            page.append(f"| {kind} | {len(done)} | {sum(ends[line['training']]['same'] for line in done)} |")
    page += ["", "The consequences, from Spark's event logs:", "",
        "| training | runs | updates each | faults | executors lost | tasks lost with one | fetch failures | speculative copies |", "|---|---|---|---|---|---|---|---|"]
    for name in dict.fromkeys(end["setting"] for end in ends.values()):
        of = [end for end in ends.values() if end["setting"] == name]
        spark = sum((Counter(end["spark"]) for end in of), Counter())
        counts = [sum(ends[line["training"]]["setting"] == name for line in faults)]
        counts += [spark[what] for what in ("executors lost", "ExecutorLostFailure", "FetchFailed", "speculative copies")]
        page.append(f"| {name} | {len(of)} | {of[0]['updates']} | " + " | ".join(map(str, counts)) + " |")
    page += ["", "Executors that end before the driver knows them are lost without a task (one that is decommissioned while its JVM starts just ends). Event logs of"
        " killed drivers lack their end, so counts are lower bounds."]
    if not has_disk:
        page.append(" Full disks were left out: there was no way to make a small one.")
    (HOME / "benchmarks" / "faults.md").write_text("\n".join(page) + "\n", encoding="utf-8")


if __name__ == "__main__":
    # With mounts of its own, a small disk can be made that nobody else sees, and that is gone with the processes.
    if "UNROLL_OWN_MOUNTS" not in os.environ and shutil.which("unshare"):
        if subprocess.run(["unshare", "-rm", "true"], capture_output=True).returncode == 0:
            clean()
            os.environ["UNROLL_OWN_MOUNTS"] = "true"
            os.execvp("unshare", ["unshare", "-rm", sys.executable, *sys.argv])
    SMALL_DISK.mkdir()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that clusters and trainings end with this script
    try:
        sys.exit(main())
    finally:
        subprocess.run(["umount", SMALL_DISK], capture_output=True)
        clean()
