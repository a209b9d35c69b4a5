"""A progress bar while ``fit`` runs: updates, their speed, the time left, and the loss of the latest batch."""

from __future__ import annotations

import contextlib
import sys
import threading
from typing import Any, Iterator

from py4j.protocol import Py4JError
from pyspark import InheritableThread

_POLL_SECONDS = 0.2
_is_on = True


def progress(show: bool = True) -> None:
    """Whether ``fit`` shows a progress bar in notebooks and terminals, as it does at first where tqdm is installed."""
    global _is_on
    _is_on = show


@contextlib.contextmanager
def over(session: Any, estimator: Any, name: str) -> Iterator[None]:
    """Shows how a training gets on, until the block ends, where somebody sees it.

    :param estimator: Java's, which is given a listener
    :param name: what the bar is called
    """
    tqdm = _tqdm() if _is_on and _is_seen() else None
    if tqdm is None:
        yield
        return
    latest = session._jvm.dev.unroll.train.LatestUpdate()
    estimator.addListener(latest)
    bar = _Bar(tqdm, latest, name)
    try:
        bar.start()
        yield
        bar.is_done = True
    finally:
        bar.end()


def _is_seen() -> bool:
    """Whether a notebook runs this, or standard error is a terminal."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return hasattr(shell, "kernel") or (sys.stderr is not None and sys.stderr.isatty())


def _tqdm() -> Any:
    """The bar of tqdm for where this runs; None without tqdm, which is optional."""
    try:
        from tqdm.auto import tqdm
    except ImportError:
        return None
    return tqdm


class _Bar:
    """Asks for the latest update and draws, in a thread of its own: an interrupt of the one that waits for the training must not meet a
    question to the JVM, whose answer the next question would get."""

    def __init__(self, tqdm: Any, latest: Any, name: str):
        self._tqdm = tqdm
        self._latest = latest
        self._name = name
        self._bar: Any = None
        self._over = threading.Event()
        self.is_done = False
        self._thread = InheritableThread(target=self._run, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def end(self) -> None:
        """Draws the latest update, and returns when the bar is closed."""
        self._over.set()
        if self._thread.ident is not None:  # it was started
            self._thread.join()

    def _run(self) -> None:
        with contextlib.suppress(Py4JError):  # where the JVM has ended, which the training itself says
            while not self._over.wait(_POLL_SECONDS):
                self._draw()
            self._draw()
        if self._bar is not None:
            if self.is_done:  # before its limits, maybe: that is no failure
                self._bar.total = self._bar.n
            self._bar.close()

    def _draw(self) -> None:
        found = self._latest.report()
        if found.isEmpty():
            return
        report = found.get()
        loss = {"loss": f"{report.loss():.4g}"}
        if self._bar is None:  # a training that is resumed does not begin with 0
            count = {"total": report.updates(), "initial": report.iteration(), "miniters": 1, "unit": " updates"}
            self._bar = self._tqdm(desc=self._name, postfix=loss, **count)
        else:
            self._bar.set_postfix(loss, refresh=False)
            self._bar.update(report.iteration() - self._bar.n)
