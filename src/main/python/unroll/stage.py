"""What every stage needs whose Java class is not one of Spark's. Each works in a classic session and through Spark Connect."""

from __future__ import annotations

import difflib
import inspect
import re
import sys
from typing import TYPE_CHECKING, Any, Callable, Dict, Optional

from pyspark.ml.param import Param
from pyspark.ml.util import JavaMLReadable, JavaMLReader, JavaMLWritable, MLReader
from pyspark.ml.wrapper import JavaEstimator, JavaModel, JavaParams, JavaTransformer
from pyspark.sql import DataFrame
from pyspark.sql.utils import is_remote

from unroll import interrupts
from unroll.frames import frame, plain

if TYPE_CHECKING:
    from typing_extensions import Self

JAVA_PACKAGE = "dev.unroll.ml"


class _Reader(JavaMLReader[Any]):
    @classmethod
    def _java_loader_class(cls, clazz: Any) -> str:
        return clazz._java_class


class _RemoteReader(MLReader[Any]):
    """PySpark's own asks the server for a class that is called like the Python one; here it is the Java class of the stage."""

    def __init__(self, stage: Any):
        super().__init__()
        self._stage = stage

    def load(self, path: str) -> Any:
        from pyspark.ml.connect.readwrite import RemoteMLReader

        named = type(self._stage._java_class.rpartition(".")[2], (self._stage,), {"__module__": JAVA_PACKAGE})
        stage: Any = RemoteMLReader(named).load(path)
        stage.__class__ = self._stage  # that of the package, which the name stands for, or a subclass of one's own
        return stage


class Stage(JavaParams, JavaMLReadable[Any], JavaMLWritable):
    """A stage of this package; its class says what each of its Params is."""

    _java_obj: Any
    _java_class: str  # not derived from the name of the Python class: a subclass is the same stage under another name

    def __init_subclass__(cls, **of_bases: Any) -> None:
        super().__init_subclass__(**of_bases)
        listed = next((base.__doc__ for base in cls.__mro__ if base.__module__ == "unroll._params"), None)
        if listed and "__doc__" in vars(cls) and cls.__doc__:
            cls.__doc__ = f"{inspect.cleandoc(cls.__doc__)}\n\n{inspect.cleandoc(listed)}"

    def _set(self, **params: Any) -> Self:
        for name in params:
            if not self.hasParam(name):
                camel = re.sub(r"_(\w)", lambda match: match.group(1).upper(), name)
                near = camel if self.hasParam(camel) else next(iter(difflib.get_close_matches(camel, [p.name for p in self.params], 1)), None)
                raise AttributeError(f"{type(self).__name__} has no Param {name}" + (f"; there is {near}" if near else ""))
        return super()._set(**{name: plain(value) for name, value in params.items()})

    def copy(self, extra: Optional[Dict[Param[Any], Any]] = None) -> Self:
        interrupts.listen()
        return super().copy({param: plain(value) for param, value in (extra or {}).items()})

    def __del__(self, ends: Callable[[], bool] = sys.is_finalizing) -> None:
        if not ends():  # while Python ends no thread starts any more, and PySpark would wait for one that asks the server to forget the model
            super().__del__()

    @classmethod
    def read(cls) -> Any:
        return _RemoteReader(cls) if is_remote() else _Reader(cls)

    @classmethod
    def _from_java(cls, java_stage: Any) -> Any:
        stage: Any = cls(java_stage) if issubclass(cls, JavaModel) else cls()
        stage._java_obj = java_stage
        stage._resetUid(java_stage.uid())
        stage._transfer_params_from_java()
        return stage


class Built(Stage):
    """A stage that is made here, and not by a training."""

    if TYPE_CHECKING:

        def _set_defaults(self) -> None:
            """What the generated Params of each stage have."""

    def __init__(self, **params: Any):
        super().__init__()
        interrupts.listen()
        self._java_obj = self._new_java_obj(self._java_class, self.uid)
        self._set_defaults()
        self._set(**params)


class Estimator(Built, JavaEstimator[Any]):
    def setParams(self, **params: Any) -> Self:
        """Sets several Params at once, by name."""
        return self._set(**params)

    def _fit(self, dataset: DataFrame) -> Any:
        try:
            return super()._fit(frame(dataset))
        except Exception as e:
            raise interrupts.translated(e) from None


class Transformer(Built, JavaTransformer):
    def _transform(self, dataset: DataFrame) -> DataFrame:
        return super()._transform(frame(dataset))
