"""The Training tab in a real browser: while a training runs, the same behind a proxy that serves it below a path, and in a History Server afterwards.

    python3 -m venv target/venv && target/venv/bin/pip install pyspark==4.1.0 playwright
    target/venv/bin/python src/test/python/check_tab.py

Needs Chromium on the PATH. Runs on the Spark in SPARK_HOME, or else on this Python's PySpark. Nothing may be asked of anybody else or be refused, the
browser's console must be silent, and every chart must have something drawn in it and its texts inside. Pictures stand in target/tab, to be looked at, and
what the programs said.
"""

import http.client
import http.server
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[3]
PICTURES = ROOT / "target" / "tab"
PREFIX = "/gateway/unroll"
CHARTS = 7
STOPPED = 1  # exit code of a training that was asked to stop
PATIENCE = 120  # seconds for whatever must appear
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"]


def main():
    if PICTURES.exists():
        shutil.rmtree(PICTURES)
    PICTURES.mkdir(parents=True)
    subprocess.run([ROOT / "submit" / "build"], check=True)
    with tempfile.TemporaryDirectory() as directory, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        port = free_port()
        with training(port, Path(directory)) as process:
            url = f"http://127.0.0.1:{port}/training/"
            await_iteration(url, process, 150)  # behind the first validation, and three looks at the gradient
            with Visit(browser, url) as visit:
                visit.require_charts()
                visit.picture("live")
                seen = visit.require_reloading()
            with proxy(port) as front, Visit(browser, f"{front}{PREFIX}/training/") as visit:
                visit.require_charts()
                visit.picture("proxied")
                visit.follow("Jobs", f"{PREFIX}/jobs/")
                visit.follow("Training", f"{PREFIX}/training/")
            process.send_signal(signal.SIGTERM)
            code = process.wait(timeout=PATIENCE)
            require(code == STOPPED, f"the training ended with {code}, not {STOPPED}")
        with history(Path(directory)) as (application, process):
            await_iteration(application, process, seen)
            with Visit(browser, application) as visit:
                visit.require_charts()
                require(visit.page.get_by_text("reload every").count() == 0, "a training that is over would be reloaded")
                require(visit.page.get_by_text("stopped by SIGTERM after iteration").count() == 1, "the page does not say why the training ended")
                visit.picture("history")
        version = browser.version
        browser.close()
    print(f"Chromium {version} shows the tab live, behind a proxy and in the History Server of {spark_home()}; pictures in {PICTURES.relative_to(ROOT)}")


class Visit:
    """A page in the browser, and what went wrong with it."""

    def __init__(self, browser, url):
        self.origin = re.match(r"http://[^/]+", url)[0]
        self.wrong = []
        self.page = browser.new_page(viewport={"width": 1280, "height": 800})
        self.page.on("response", self.answered)
        self.page.on("requestfailed", self.failed)
        self.page.on("console", lambda message: self.wrong.append(message.text) if message.type in ("error", "warning") else None)
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.on("dialog", lambda dialog: (self.wrong.append(f"dialog {dialog.message}"), dialog.dismiss()))
        self.page.goto(url, wait_until="networkidle")

    def __enter__(self):
        return self

    def __exit__(self, kind, error, _):
        wrong = list(self.wrong)
        self.page.close()
        if wrong:
            raise AssertionError("; ".join(wrong)) from error

    def answered(self, response):
        if response.status >= 400 or not response.url.startswith((self.origin + "/", "data:")):
            self.wrong.append(f"{response.url} answered {response.status}")

    def failed(self, request):
        if "ERR_ABORTED" not in request.failure:  # that is what a page leaves behind that is left early
            self.wrong.append(f"{request.url}: {request.failure}")

    def require_charts(self):
        """All charts are there, of a size to be read, with something drawn in them, no text beyond a chart's edges; the tab is the one that is open."""
        charts = self.page.locator("#unroll-training svg")
        require(charts.count() == CHARTS, f"there are {charts.count()} charts, not {CHARTS}")
        for i in range(CHARTS):
            title = charts.nth(i).locator("title").first.text_content()
            box = charts.nth(i).bounding_box()
            require(box["width"] > 300 and box["height"] > 150, f"{title} is only {box['width']} x {box['height']}")
            drawn = [mark.bounding_box() for mark in charts.nth(i).locator("path, rect").all()]
            widest = max((mark["width"] for mark in drawn if mark), default=0)
            require(widest > 100, f"{title} has nothing drawn in it")
            texts = charts.nth(i).locator("text").all()
            require(len(texts) > 4, f"{title} has {len(texts)} texts")
            for text in texts:
                require(inside(text.bounding_box(), box), f"{title}: '{text.text_content()}' stands beyond the chart")
        opened = self.page.locator(".navbar .active").all_inner_texts()
        require([name.strip() for name in opened] == ["Training"], f"the tabs marked as open are {opened}")

    def require_reloading(self):
        """Returns an iteration that the page has got to by itself."""
        before = self.iteration()
        self.page.get_by_text("reload every 5 s").click()
        deadline = time.monotonic() + PATIENCE
        while self.iteration() <= before:
            require(time.monotonic() < deadline, "the page does not reload")
            time.sleep(1)
        self.page.get_by_text("stop reloading").click()
        self.page.get_by_text("reload every 5 s").wait_for()
        return self.iteration()

    def follow(self, link, path):
        self.page.locator(".navbar").get_by_role("link", name=link, exact=True).click()
        self.page.wait_for_url(re.compile(re.escape(self.origin + path.rstrip("/")) + "/?$"), wait_until="networkidle")

    def iteration(self):
        return number(self.page.locator("li", has_text="Iteration: ").inner_text())

    def picture(self, name):
        self.page.screenshot(path=PICTURES / f"{name}.png", full_page=True)


def inside(inner, outer):
    """Whether it is, but for a pixel."""
    return (
        inner["x"] >= outer["x"] - 1
        and inner["y"] >= outer["y"] - 1
        and inner["x"] + inner["width"] <= outer["x"] + outer["width"] + 1
        and inner["y"] + inner["height"] <= outer["y"] + outer["height"] + 1
    )


def require(condition, otherwise):
    if not condition:
        raise AssertionError(otherwise)


def number(text):
    """The first number of a text, after its markup."""
    return int(re.search(r"[\d,]+", re.sub("<[^>]*>", "", text))[0].replace(",", ""))


def await_iteration(url, process, iteration):
    """Until the page says at least that iteration."""

    def there(page):
        line = re.search("Iteration: .*", page)
        return line and number(line[0]) >= iteration

    answer(url, process, there)


def answer(url, process, wanted):
    """Asks for it until the answer is the one wanted."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            with opener.open(url, timeout=10) as response:
                if wanted(response.read().decode()):
                    return
        except (OSError, http.client.HTTPException):
            pass  # not there yet
        require(process.poll() is None, f"{process.args[0]} has ended; target/tab has what it said")
        require(time.monotonic() < deadline, f"{url} does not become what it must within {PATIENCE} s")
        time.sleep(0.5)


@contextmanager
def training(port, directory):
    """The default job without an end, on one core beside the browser."""
    (directory / "events").mkdir()
    confs = {
        "spark.ui.enabled": "true",
        "spark.ui.port": port,
        "spark.port.maxRetries": 0,
        "spark.eventLog.enabled": "true",
        "spark.eventLog.dir": (directory / "events").as_uri(),
    }
    command = [ROOT / "submit" / "unroll", "train", "--master", "local[1]", "--engine", "spark", "--epochs", "1000", "--validation-interval", "100"]
    command += ["--model", directory / "model", "--checkpoint-dir", directory / "checkpoints"]  # without which SIGTERM would end it at once
    command += [part for key, value in confs.items() for part in ("--spark-conf", f"{key}={value}")]
    with running("training", command) as process:
        yield process


@contextmanager
def history(directory):
    """A History Server of that event log: the tab's address, and the process."""
    port = free_port()
    options = {"fs.logDirectory": (directory / "events").as_uri(), "ui.port": port, "fs.update.interval": "1s"}
    environment = {
        "SPARK_DAEMON_CLASSPATH": str(ROOT / "target" / "unroll.jar"),
        "SPARK_HISTORY_OPTS": " ".join(f"-Dspark.history.{key}={value}" for key, value in options.items()),
    }
    log = next((directory / "events").iterdir()).name
    application = re.search(r"(local-\d+|app-\d+-\d+)", log)[1]
    with running("history", [spark_home() / "bin" / "spark-class", "org.apache.spark.deploy.history.HistoryServer"], environment) as process:
        server = f"http://127.0.0.1:{port}"
        answer(f"{server}/api/v1/applications/{application}", process, lambda text: True)  # asked for before it is listed, an application has no name
        yield f"{server}/history/{application}/training/", process


@contextmanager
def running(name, command, environment=()):
    env = {**os.environ, "SPARK_HOME": str(spark_home()), "SPARK_LOCAL_IP": "127.0.0.1", **dict(environment)}
    with open(PICTURES / f"{name}.log", "w") as log:
        process = subprocess.Popen(list(map(str, command)), env=env, stdout=log, stderr=log)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def proxy(port):
    """A reverse proxy as a gateway is: it serves the UI below PREFIX and says so in the header that Spark knows."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            if not self.path.startswith(PREFIX + "/"):
                return self.send_error(404)
            back = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            back.request("GET", self.path[len(PREFIX) :], headers={"X-Forwarded-Context": PREFIX})
            answer = back.getresponse()
            body = answer.read()
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in ("transfer-encoding", "content-length", "connection"):
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            back.close()

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def spark_home():
    if "SPARK_HOME" in os.environ:
        return Path(os.environ["SPARK_HOME"])
    import pyspark

    return Path(pyspark.__file__).parent


def chromium():
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    return found or sys.exit("Chromium is not on the PATH")


if __name__ == "__main__":
    main()
