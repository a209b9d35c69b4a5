"""Models in MLflow: ``log_model`` keeps one with its signature, ``load_model`` has it again, and ``mlflow.pyfunc.load_model`` predicts tables of pandas
with it, without Spark."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Dict, List, Optional, Union

import mlflow
import numpy as np
import pandas as pd
from mlflow.models import Model as MLflowModel
from mlflow.models import ModelSignature, infer_signature
from mlflow.models.model import ModelInfo
from mlflow.types.schema import AnyType, Array, ColSpec, DataType, Schema

import unroll
from unroll.local import columns, files, load_local
from unroll.local.spec import Spec, Tokens
from unroll.local.text import END

if TYPE_CHECKING:
    from unroll.model import Model

FLAVOR_NAME = "unroll"
_ANY = AnyType()  # type: ignore[no-untyped-call]  # MLflow does not say its types


def log_model(model: Model, name: str = "model", **how: Any) -> ModelInfo:
    """Logs a model under a name, in the active run or a new one.

    :param how: as in ``save_model``, and what MLflow's own ``log_model`` takes, such as ``registered_model_name``
    """
    return MLflowModel.log(artifact_path=None, name=name, flavor=sys.modules[__name__], unroll_model=model, **how)


def save_model(
    unroll_model: Model,
    path: str,
    mlflow_model: Optional[MLflowModel] = None,
    signature: Optional[ModelSignature] = None,
    input_example: Optional[pd.DataFrame] = None,
    pip_requirements: Optional[List[str]] = None,
    **how: Any,
) -> None:
    """Writes a model with what MLflow has to know of it to a local directory.

    :param signature: None: made from the columns that the model reads and adds, or if there is an example from its types
    :param input_example: rows to predict
    :param pip_requirements: None: this package, NumPy and pandas, and PySpark, each of the version that is there, unless ``how`` has a ``conda_env``
    :param how: what ``mlflow.pyfunc.save_model`` takes besides; ``extra_pip_requirements`` come after the others
    :raises unroll.local.FormatError: for a model that NumPy does not predict, such as one with a cell of your own
    :raises RuntimeError: if the server of a session of Spark Connect wrote the model to a disk of its own
    """
    described = MLflowModel() if mlflow_model is None else mlflow_model
    with tempfile.TemporaryDirectory() as folder:
        saved = Path(folder) / "stage"
        unroll_model.write().save(_uri(saved))
        if not saved.is_dir():
            raise RuntimeError("the session's server wrote the model to a disk of its own; MLflow needs one that this process reads as well")
        predictor = _Predictor(saved)
        if signature is None and input_example is not None:
            signature = infer_signature(input_example, predictor.predict(input_example))
        described.add_flavor(FLAVOR_NAME, version=unroll.__version__, stage=unroll_model._java_class.rpartition(".")[2])
        mlflow.pyfunc.save_model(
            path,
            loader_module=__name__,
            data_path=str(saved),
            mlflow_model=described,
            signature=predictor.signature() if signature is None else signature,
            input_example=input_example,
            **_environment(pip_requirements, how),
        )


def load_model(model_uri: str, dst_path: Optional[str] = None) -> Model:
    """A model of Spark that was logged or saved; the session must read the directory to which it is downloaded.

    :raises mlflow.exceptions.MlflowException: if there is none, or it is one of another flavor
    """
    path = mlflow.artifacts.download_artifacts(artifact_uri=model_uri, dst_path=dst_path)
    flavors = MLflowModel.load(path).flavors
    if FLAVOR_NAME not in flavors:
        raise mlflow.exceptions.MlflowException(f"the model {model_uri} has the flavors {', '.join(flavors)}; allowed is one with {FLAVOR_NAME}")
    saved = Path(path, flavors[mlflow.pyfunc.FLAVOR_NAME][mlflow.pyfunc.DATA])
    found: Model = getattr(unroll, flavors[FLAVOR_NAME]["stage"]).load(_uri(saved))
    return found


def _load_pyfunc(path: str) -> _Predictor:
    """What MLflow loads, under this name."""
    return _Predictor(Path(path))


class _Predictor:
    """A saved model as MLflow calls it."""

    def __init__(self, path: Path):
        self._model = load_local(path)
        self._params = files.params(files.data_directory(path))
        self._added = columns.added(self._model._spec, self._params)

    def predict(self, model_input: pd.DataFrame, params: Any = None) -> pd.DataFrame:
        """The columns that ``transform`` adds, under the index of the rows."""
        outputs = self._model.outputs(model_input)
        cells = {column.name: pd.Series([column.of(one) for one in outputs], index=model_input.index, dtype=self._dtype(column)) for column in self._added}
        return pd.DataFrame(cells)

    @staticmethod
    def _dtype(column: columns.Column) -> Any:
        return object if column.depth or column.text else float

    def signature(self) -> ModelSignature:
        outputs: List[Any] = [ColSpec(_array(column.depth, DataType.string if column.text else DataType.double), column.name) for column in self._added]
        return ModelSignature(Schema(_inputs(self._model._spec, str(self._params.get("featuresCol", "features")))), Schema(outputs))


def _inputs(spec: Spec, features: str) -> List[Any]:
    """The columns that a model reads; any type where it reads several."""
    keys = [ColSpec(_ANY, name) for name in spec.scaling.key_columns]
    if isinstance(spec.inputs, Tokens):
        return [ColSpec(_of_tokens(spec, spec.inputs.vocabulary.tokens[1:]), features)]
    inputs = spec.inputs
    required = not inputs.masked
    if not inputs.columns:  # steps of one number are a number each or an array of one
        return [ColSpec(_ANY if inputs.width == 1 else _array(2), features, required), *keys]
    numbers = [ColSpec(_array(1), name, required) for name in inputs.names]
    # MLflow 3 cuts the texts of a list with None to their first letters; of any type it leaves them alone.
    categories = [ColSpec(_of_categories(one.vocabulary.tokens[1:], 1) if required else Array(_ANY), one.column, required) for one in inputs.categories]
    statics = [ColSpec(DataType.double, name, required) for name in inputs.static_names]
    of_all = [ColSpec(_of_categories(one.vocabulary.tokens[1:], 0), one.column, required) for one in inputs.statics]
    there = {*inputs.columns}
    return [*numbers, *categories, *statics, *of_all, *(key for key in keys if key.name not in there)]


def _array(depth: int, of: DataType = DataType.double) -> Union[Array, DataType]:
    return Array(_array(depth - 1, of)) if depth else of


def _of_tokens(spec: Spec, tokens: Any) -> Any:
    """Text, where the tokenizer makes such tokens of it."""
    known = [token for token in tokens if token != END]
    by_tokenizer = {"char": all(len(token) == 1 for token in known), "whitespace": not any(token.split() != [token] for token in known)}
    if by_tokenizer.get(spec.provenance.get("tokenizer", "char"), False):
        return DataType.string
    return _of_categories(known, 1)


def _of_categories(tokens: Any, depth: int) -> Any:
    """Texts; or what may be whole numbers or booleans as well."""
    other = all(token in ("true", "false") or token.lstrip("-").isdecimal() for token in tokens)
    return _ANY if other else _array(depth, DataType.string)


def _uri(path: Path) -> str:
    """For Hadoop, which takes a percent sign for one of the name."""
    return f"file:{path.absolute()}"


def _environment(pip_requirements: Optional[List[str]], how: Dict[str, Any]) -> Dict[str, Any]:
    """The arguments for MLflow, of which it takes one of the environment alone."""
    extra = how.pop("extra_pip_requirements", None)
    if pip_requirements is None and how.get("conda_env") is None:
        pip_requirements = _requirements()
    if extra is not None and not isinstance(extra, list):
        raise TypeError(f"extra_pip_requirements is a {type(extra).__name__}; allowed is a list")
    return {**how, "pip_requirements": pip_requirements if extra is None else [*(pip_requirements or []), *extra]}


def _requirements() -> List[str]:
    import pyspark

    versions = {"unroll-spark": unroll.__version__, "pyspark": pyspark.__version__, "numpy": np.__version__, "pandas": pd.__version__}
    return [f"{name}=={version}" for name, version in versions.items()]
