#!/usr/bin/env python3
"""5,000 updates in one go: what the driver keeps, and what an update takes, early and late.

    benchmarks/soak.py [--write]

In local[2], with Spark's UI and event log on and conf/spark-defaults.conf as it is. Needs python3, a JDK (jmap) and what submit/unroll needs, and an
otherwise idle machine for some minutes. --write makes benchmarks/soak.md. Exit code 1 if something grew.
"""

import argparse
import datetime
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import time
import urllib.request

from invariance import MODELS
from runs import HOME, WORK, Run, clean, data, machine

UPDATES = 5000
AFTERWARDS = 600  # updates in which to look around while it still runs
LOOKS = [1000, 2200, 3000, 3700, UPDATES]
WINDOWS = [(1200, 2200), (4000, UPDATES)]  # behind the warm-up, and in which nobody looks
BROADCASTS = ["org.apache.spark.storage.BroadcastBlockId", "org.apache.spark.broadcast.TorrentBroadcast"]
MOST_GROWTH = 1.1
FEW = 40  # of thousands of updates


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def ask(port, path):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=20) as answer:
        return json.load(answer)


def api(port, path):
    return ask(port, f"/api/v1/applications{path}")


def histogram(pid):
    """Bytes of all live objects after a full collection, and numbers of some."""
    text = subprocess.run(["jmap", "-histo:live", str(pid)], capture_output=True, text=True, check=True).stdout
    rows = [line.split() for line in text.splitlines()]
    count = {row[3]: int(row[1]) for row in rows if len(row) > 3 and row[1].isdigit()}
    return int(rows[-1][2]), [count.get(name, 0) for name in BROADCASTS]


def log_files(folder):
    return [file for file in folder.rglob("events_*")]


def look(run, port, events):
    """All there is to see of a training at one moment."""
    app = api(port, "")[0]["id"]
    histogram(run.process.pid)  # a full collection, behind which Spark drops what nobody refers to
    time.sleep(0.3)
    heap, broadcasts = histogram(run.process.pid)
    # As Spark's memory manager counts it; what the UI calls used holds every broadcast that ever was, for it is not told of the end of one.
    gauges = ask(port, "/metrics/json")["gauges"]
    storage = next(gauge["value"] for name, gauge in gauges.items() if name.endswith("ExecutorMetrics.OnHeapStorageMemory"))
    files = log_files(events)
    return {"update": run.updates(), "heap": heap, "storage": storage, "blocks": broadcasts[0], "broadcasts": broadcasts[1],
        "jobs": len(api(port, f"/{app}/jobs")), "log": sum(f.stat().st_size for f in files), "files": len(files)}


def compacted(events):
    """Files and bytes of the event log when a history server with our settings has seen it."""
    port = free_port()
    classes = f"{(HOME / 'target' / 'classpath.txt').read_text().strip()}"
    options = [f"-Dspark.history.fs.logDirectory=file:{events}", f"-Dspark.history.ui.port={port}", "-Dspark.history.fs.update.interval=1s",
        f"-Dlog4j2.configurationFile=file:{HOME}/conf/log4j2.properties"]
    server = subprocess.Popen(["java", f"@{HOME}/conf/java.options", *options, "-cp", classes, "org.apache.spark.deploy.history.HistoryServer",
        "--properties-file", str(HOME / "conf" / "spark-defaults.conf")], env={**os.environ, "SPARK_LOCAL_IP": "127.0.0.1"},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(60):
            time.sleep(1)
            try:
                if api(port, "") and any(f.name.endswith(".compact") for f in log_files(events)):
                    break
            except OSError:
                pass
        time.sleep(2)
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait()
    files = log_files(events)
    return len(files), sum(f.stat().st_size for f in files)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    data()
    events = WORK / "events"
    events.mkdir()
    port = free_port()
    keys = [*MODELS["LSTM"], f"--max-iter={UPDATES + AFTERWARDS}", "--checkpoint-dir", str(WORK / "checkpoints")]
    conf = ["spark.ui.enabled=true", f"spark.ui.port={port}", "spark.eventLog.enabled=true", f"spark.eventLog.dir=file:{events}"]
    run = Run(keys, conf=conf).start()
    seen, passed = [], {}
    for update in sorted({*LOOKS, *(border for window in WINDOWS for border in window)}):
        run.wait_for(update)
        passed[update] = run.updates(), time.monotonic()
        if update in LOOKS:
            seen.append(look(run, port, events))
            print(seen[-1], flush=True)
    run.summary()
    lines = [json.loads(line) for line in run.metrics.read_text().splitlines()]
    clock = [(passed[b][1] - passed[a][1]) / (passed[b][0] - passed[a][0]) * 1000 for a, b in WINDOWS]
    within = [statistics.median(sum(v for k, v in line.items() if k.endswith("Ms")) for line in lines[a:b]) for a, b in WINDOWS]
    log = [(seen[n + 1]["log"] - seen[n]["log"]) / (seen[n + 1]["update"] - seen[n]["update"]) for n in (0, 3)]
    files, size = compacted(events)
    first, last = seen[0], seen[-1]
    rows = [
        ("live heap of the driver, executor included, MB", f"{first['heap'] / 1e6:.1f}", f"{last['heap'] / 1e6:.1f}", last["heap"] / first["heap"]),
        ("ids of broadcast blocks on the heap", first["blocks"], last["blocks"], last["blocks"] <= first["blocks"] + FEW),
        ("broadcasts on the heap", first["broadcasts"], last["broadcasts"], last["broadcasts"] <= first["broadcasts"] + FEW),
        ("storage memory that blocks use, kB", f"{first['storage'] / 1e3:.0f}", f"{last['storage'] / 1e3:.0f}", last["storage"] <= first["storage"] + 1e6),
        ("jobs that the UI keeps", first["jobs"], last["jobs"], last["jobs"] <= 200),
        ("ms an update, by the clock", f"{clock[0]:.2f}", f"{clock[1]:.2f}", clock[1] / clock[0]),
        ("ms an update, median of what the metrics file says", f"{within[0]:.2f}", f"{within[1]:.2f}", within[1] / within[0]),
        ("bytes of event log an update", f"{log[0]:.0f}", f"{log[1]:.0f}", log[1] / log[0]),
    ]
    for row in rows:
        print(*row)
    print(f"event log {last['log']} bytes in {last['files']} files; behind a history server {size} bytes in {files} files")
    grown = [row[0] for row in rows if (not row[3] if isinstance(row[3], bool) else row[3] > MOST_GROWTH)]
    print(f"grown: {grown}")
    if options.write and not grown:
        write(rows, seen, files, size)
    return 1 if grown else 0


def write(rows, seen, files, size):
    page = ["# 5,000 updates in one go", "",
        f"`benchmarks/soak.py --write`: the LSTM of [invariance.md](invariance.md) in local[2], a checkpoint every 100 updates, Spark's UI and event log on,"
        f" `conf/spark-defaults.conf`. Made on {machine()}, {datetime.date.today().isoformat()}.", "",
        f"| | early | late |", "|---|---|---|", *(f"| {name} | {a} | {b} |" for name, a, b, _ in rows), "",
        "Early is update {}, late update {}; times are those of updates {} to {} and {} to {}, bytes those between the moments around them.".format(
            seen[0]["update"], seen[-1]["update"], *WINDOWS[0], *WINDOWS[1]),
        f"Heap and broadcasts are counted by `jmap -histo:live`, after a full collection; between early and late, at updates"
        f" {', '.join(str(s['update']) for s in seen[1:-1])}, the heap had {', '.join(format(s['heap'] / 1e6, '.1f') for s in seen[1:-1])} MB. A broadcast that"
        " is left belongs to the current update, or to its tasks; an id is 16 bytes that some event of the UI still refers to.", "",
        f"The event log had {seen[-1]['log'] / 1e6:.1f} MB in {seen[-1]['files']} files at update {seen[-1]['update']}. A history server that was given"
        f" `conf/spark-defaults.conf` left {size / 1e6:.1f} MB in {files} of it."]
    (HOME / "benchmarks" / "soak.md").write_text("\n".join(page) + "\n", encoding="utf-8")


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    try:
        sys.exit(main())
    finally:
        clean()
