"""Predictions of events that arrive one by one."""

from __future__ import annotations

from datetime import timedelta
from typing import Callable, Optional, Sequence

from pyspark.sql import DataFrame

from unroll.frames import frame


class Streamed:
    """What a model does with a stream of events."""

    _ask: Callable[..., DataFrame]

    def transformWithState(self, events: DataFrame, timeCol: str, keyCols: Sequence[str], timeout: Optional[timedelta] = None) -> DataFrame:
        """Adds to each event the prediction from all events of its key up to it; the state of every key is kept between micro-batches.

        An event has one value of each column that has an array of them in a sequence. The session of a stream needs
        ``spark.sql.streaming.stateStore.providerClass=org.apache.spark.sql.execution.streaming.state.RocksDBStateStoreProvider``.

        :param timeCol: the order of the events of a key
        :param keyCols: columns whose values say which sequence an event is of
        :param timeout: of ``timeCol``, from one event of a key to the next, after which that one begins a new sequence; with a watermark states
            are dropped that it has passed by so much
        """
        millis = None if timeout is None else round(timeout.total_seconds() * 1000)
        return self._ask("stream", frame(events), timeCol=timeCol, keyCols=list(keyCols), timeoutMillis=millis)
