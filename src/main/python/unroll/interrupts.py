"""An interrupt ends a training in the JVM, and not only the wait for it.

Python runs handlers of signals in the main thread. PySpark's own handler cancels all jobs, which fails where that thread waits for
the JVM's answer; so here the JVM trains in a thread of its own.
"""

from __future__ import annotations

import functools
import re
import signal
import threading
import uuid
from multiprocessing.pool import Pool
from typing import Any, Callable, List, Optional, Set

from py4j.protocol import Py4JJavaError
from pyspark import InheritableThread
from pyspark.sql import SparkSession

_POLL_SECONDS = 0.2


class TrainingError(RuntimeError):
    """A training cannot go on, or was stopped: why, in one sentence."""


class Training:
    """A call into the JVM that trains.

    :param call: trains, in a thread of its own, and returns what comes of it
    :param switch: Java's StopSwitch, which ends the training after an update; None where its jobs are cancelled instead
    :param saved: says after an interrupt what is there to go on from
    :param stopped: what was stopped where jobs were cancelled
    """

    def __init__(
        self,
        session: SparkSession,
        call: Callable[[], Any],
        switch: Optional[Any],
        saved: Callable[[], str],
        stopped: str = "the training was stopped before its first update",
    ):
        self._context = session.sparkContext
        self._call = call
        self._switch = switch
        self._saved = saved
        self._stopped = stopped
        self._tag = f"unroll-{uuid.uuid4().hex}"
        self._value: Any = None
        self._error: Optional[BaseException] = None
        self.owner = threading.current_thread()
        self.interrupted = False
        self.over = threading.Event()
        self._turn = threading.Lock()  # taken once and kept: by the thread that trains, or by the one that waits, if it gives up before

    def result(self) -> Any:
        """What the call returns.

        :raises KeyboardInterrupt: in the main thread, after an interrupt, when the training has stopped; a second interrupt does not wait for that
        :raises TrainingError: if the training cannot go on, or was stopped otherwise
        """
        listen()
        try:
            _running.add(self)
            try:
                InheritableThread(target=self._run, daemon=True).start()
                self.over.wait()
            except BaseException as e:
                if self._turn.acquire(blocking=False):  # nothing has begun, and now nothing will
                    self.over.set()
                    raise
                if not isinstance(e, KeyboardInterrupt):
                    raise
                self.interrupt()
                self._wait_for_the_end()
        finally:
            if self.over.is_set():
                _running.discard(self)
        if self.interrupted:
            kind = KeyboardInterrupt if self.owner is threading.main_thread() else TrainingError
            raise kind(self.sentence()) from None
        if self._error is not None:
            raise translated(self._error) from None
        return self._value

    def _run(self) -> None:
        if not self._turn.acquire(blocking=False):
            return
        try:
            self._context.addJobTag(self._tag)
            try:
                self._value = self._call()
            finally:
                self._context.removeJobTag(self._tag)
        except BaseException as e:  # for the thread that waits
            self._error = e
        finally:
            _running.discard(self)
            self.over.set()

    def _wait_for_the_end(self) -> None:
        try:
            self.over.wait()
        except KeyboardInterrupt:
            raise KeyboardInterrupt("nothing waits for the training any more; it still stops after its current update") from None

    def interrupt(self) -> None:
        """Has the training stop, from any thread, the one that waits for it included."""
        if not self.interrupted:
            self.interrupted = True
            threading.Thread(target=self._stop, daemon=True).start()

    def _stop(self) -> None:
        if self._switch is not None:
            self._switch.stop("by an interrupt")
        while not self.over.wait(_POLL_SECONDS):  # rows are read in one job after the other
            if self._switch is None or not self._switch.hasUpdated():
                self._context.cancelJobsWithTag(self._tag)

    def sentence(self) -> str:
        """How an interrupted training ended, and how to go on."""
        error = translated(self._error) if self._error is not None else None
        if error is None:
            how = "the training had just ended when it was interrupted"
        elif isinstance(error, TrainingError):
            how = f"the training {error}" if str(error).startswith("stopped by") else self._stopped
        else:
            how = f"the training was interrupted, and failed: {error}"
        return f"{how}; {self._saved()}"


_running: Set[Training] = set()


def translated(error: BaseException) -> BaseException:
    """The sentence of a training that failed, without Java's stack."""
    if isinstance(error, Py4JJavaError):
        java = error.java_exception
        if java.getClass().getName() == "dev.unroll.train.TrainingException":
            return TrainingError(java.getMessage())
    of_server = re.match(r"\(dev\.unroll\.train\.TrainingException\) ([^\n]*)", str(error))
    return TrainingError(of_server[1]) if of_server else error


def listen() -> None:
    """Has interrupts end trainings in other threads as well, such as those of a CrossValidator; a handler of the user's own is left alone."""
    if threading.current_thread() is not threading.main_thread():
        return
    handler = signal.getsignal(signal.SIGINT)
    ours = handler is signal.default_int_handler or str(getattr(handler, "__module__", "")).startswith("pyspark.")
    if ours and callable(handler):
        signal.signal(signal.SIGINT, functools.partial(_on_interrupt, handler))


def _on_interrupt(before: Callable[..., Any], number: int, frame: Any) -> None:
    running = list(_running)
    for pool in _tuning(frame):  # otherwise the next fit would begin
        threading.Thread(target=pool.terminate, daemon=True).start()
    waits = any(not training.interrupted for training in running)
    for training in running:
        training.interrupt()
    if any(training.owner is threading.main_thread() for training in running):
        raise KeyboardInterrupt  # out of the wait for it
    said: List[str] = []
    if waits:
        for training in running:
            training.over.wait()
        said = [running[0].sentence()]
    try:
        before(number, frame)
    except (KeyboardInterrupt, RuntimeError):  # PySpark's fails where this thread waits for the JVM
        raise KeyboardInterrupt(*said) from None


def _tuning(frame: Any) -> List[Pool]:
    """The pools whose fits the main thread waits for, of a CrossValidator and its kind."""
    pools = []
    while frame is not None:
        if str(frame.f_globals.get("__name__", "")).startswith("pyspark.ml."):
            pools += [value for value in frame.f_locals.values() if isinstance(value, Pool)]
        frame = frame.f_back
    return pools
