"""Trained models with NumPy alone: no Spark, no JVM.

    from unroll.local import load_local
    model = load_local("models/names")
    model.predict(["anna", "otto"])

It reads the files of docs/spark-ml.md#without-spark, and needs Python's standard library and NumPy.
"""

from unroll.local.files import FormatError
from unroll.local.load import load_local
from unroll.local.model import LocalModel, Prediction

__all__ = ["FormatError", "LocalModel", "Prediction", "load_local"]
