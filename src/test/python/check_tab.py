"""The Training tab in a real browser: while a training runs, the same behind a proxy that serves it below a path, and in a History Server afterwards.

    python3 -m venv target/venv && target/venv/bin/pip install pyspark==4.1.0 playwright
    target/venv/bin/python src/test/python/check_tab.py

Needs Chromium on the PATH. Runs on the Spark in SPARK_HOME, or else on this Python's PySpark. Every answer must be one of 200 from where the page comes from,
the browser's console silent, every chart drawn with its texts inside. Pictures stand in target/tab, to be looked at.
"""

import http.client
import http.server
import json
import os
import re
import shutil
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
HOSTILE = "<script>alert(1)</script>"
PATIENCE = 120  # seconds for whatever must appear
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"]


def main():
    if PICTURES.exists():
        shutil.rmtree(PICTURES)
    PICTURES.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as directory, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        port = free_port()
        with training(port, Path(directory)) as process:
            url = f"http://127.0.0.1:{port}/training/"
            await_iteration(url, process, 100)
            with Visit(browser, url) as visit:
                visit.require_charts()
                visit.picture("live")
                visit.require_reloading()
            with proxy(port) as front, Visit(browser, f"{front}{PREFIX}/training/") as visit:
                visit.require_charts()
                visit.picture("proxied")
                visit.follow("Jobs", f"{PREFIX}/jobs/")
                visit.follow("Training", f"{PREFIX}/training")
            output = process.communicate(timeout=600)[0]
            if process.returncode:
                sys.exit(f"the training ended with {process.returncode}")
        iterations = json.loads(output.splitlines()[-1])["iterations"]
        with history(Path(directory)) as (application, process):
            await_iteration(application, process, iterations)
            with Visit(browser, application) as visit:
                visit.require_charts()
                require(visit.page.get_by_text("reload every").count() == 0, "a training that is over is not reloaded")
                visit.picture("history")
        browser.close()
    print(f"the tab is drawn in {browser_name()} live, behind a proxy and in the History Server of {spark_home()}; pictures in {PICTURES.relative_to(ROOT)}")


class Visit:
    """A page in the browser, and what must be true of it."""

    def __init__(self, browser, url):
        self.origin = re.match(r"http://[^/]+/", url)[0]
        self.wrong = []
        self.page = browser.new_page(viewport={"width": 1280, "height": 800})
        self.page.on("response", self.answered)
        self.page.on("requestfailed", lambda request: self.wrong.append(f"{request.url}: {request.failure}"))
        self.page.on("console", lambda message: self.wrong.append(message.text) if message.type in ("error", "warning") else None)
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.on("dialog", lambda dialog: (self.wrong.append(f"dialog {dialog.message}"), dialog.dismiss()))
        self.page.goto(url, wait_until="networkidle")

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        self.page.close()
        if kind is None:
            require(not self.wrong, "; ".join(self.wrong))

    def answered(self, response):
        if response.status >= 300 and response.status not in (302, 304) or not response.url.startswith((self.origin, "data:")):
            self.wrong.append(f"{response.url} answered {response.status}")

    def require_charts(self):
        """All charts are there, of a size to be read, no text beyond its chart's edges, and the tab is the one that is open."""
        charts = self.page.locator("#unroll-training svg")
        require(charts.count() == CHARTS, f"{charts.count()} charts, not {CHARTS}")
        for i in range(CHARTS):
            title = charts.nth(i).locator("title").first.text_content()
            box = charts.nth(i).bounding_box()
            require(box["width"] > 300 and box["height"] > 150, f"{title} is {box['width']} x {box['height']}")
            for text in charts.nth(i).locator("text").all():
                inner = text.bounding_box()
                inside = (
                    inner["x"] >= box["x"] - 1
                    and inner["y"] >= box["y"] - 1
                    and inner["x"] + inner["width"] <= box["x"] + box["width"] + 1
                    and inner["y"] + inner["height"] <= box["y"] + box["height"] + 1
                )
                require(inside, f"{title}: '{text.text_content()}' stands beyond the chart")
        require("Training" in self.page.locator(".navbar .active").first.inner_text(), "the tab is marked as open")

    def require_reloading(self):
        before = self.iteration()
        self.page.get_by_text("reload every 5 s").click()
        deadline = time.monotonic() + PATIENCE
        while self.iteration() <= before:
            require(time.monotonic() < deadline, "the page does not reload")
            time.sleep(1)
        self.page.get_by_text("stop reloading").click()
        self.page.get_by_text("reload every 5 s").wait_for()

    def follow(self, link, path):
        self.page.locator(".navbar").get_by_role("link", name=link, exact=True).click()
        self.page.wait_for_load_state("networkidle")
        require(self.page.url.startswith(self.origin[:-1] + path), f"{link} leads to {self.page.url}")

    def iteration(self):
        return number(self.page.locator("li", has_text="Iteration: ").inner_text())

    def picture(self, name):
        self.page.screenshot(path=PICTURES / f"{name}.png", full_page=True)


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
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            with urllib.request.urlopen(url) as response:
                if wanted(response.read().decode()):
                    return
        except OSError:
            pass  # not there yet
        require(process.poll() is None, f"{process.args[0]} has ended")
        require(time.monotonic() < deadline, f"{url} does not become what it must within {PATIENCE} s")
        time.sleep(0.5)


@contextmanager
def training(port, directory):
    """The default job, which takes half a minute, on one core beside the browser."""
    (directory / "events").mkdir()
    confs = {
        "spark.ui.enabled": "true",
        "spark.ui.port": port,
        "spark.app.name": HOSTILE,
        "spark.eventLog.enabled": "true",
        "spark.eventLog.dir": (directory / "events").as_uri(),
    }
    command = [ROOT / "submit" / "unroll", "train", "--master", "local[1]", "--validation-interval", "100", "--model", directory / "model"]
    command += [part for key, value in confs.items() for part in ("--spark-conf", f"{key}={value}")]
    with running(command, stdout=subprocess.PIPE, text=True) as process:
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
    with running([spark_home() / "bin" / "spark-class", "org.apache.spark.deploy.history.HistoryServer"], environment) as process:
        server = f"http://127.0.0.1:{port}"
        answer(f"{server}/api/v1/applications/{application}", process, lambda text: True)  # asked for before it is listed, an application has no name
        yield f"{server}/history/{application}/training/", process


@contextmanager
def running(command, environment=(), **options):
    env = {**os.environ, "SPARK_HOME": str(spark_home()), "SPARK_LOCAL_IP": "127.0.0.1", **dict(environment)}
    process = subprocess.Popen(list(map(str, command)), env=env, stderr=subprocess.DEVNULL, **options)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()


@contextmanager
def proxy(port):
    """A reverse proxy as a gateway is: it serves the UI below PREFIX and says so in the header that Spark knows."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            if not self.path.startswith(PREFIX + "/"):
                return self.send_error(404)
            back = http.client.HTTPConnection("127.0.0.1", port)
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
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    return found or sys.exit("Chromium is not on the PATH")


def browser_name():
    return subprocess.run([chromium(), "--version"], capture_output=True, text=True).stdout.strip()


if __name__ == "__main__":
    main()
