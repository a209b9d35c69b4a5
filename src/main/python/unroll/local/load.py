"""Reads the files of a saved model."""

from __future__ import annotations

from os import PathLike
from typing import Dict, Union

import numpy as np

from unroll.local import files, safetensors, spec
from unroll.local.files import FormatError
from unroll.local.model import LocalModel
from unroll.local.spec import Spec


def load_local(path: Union[str, "PathLike[str]"]) -> LocalModel:
    """Reads a saved model, or that of a saved pipeline with one, without Spark and without a JVM.

    :param path: a directory on a local disk
    :raises FileNotFoundError: if there is no model
    :raises FormatError: if a file is damaged, or has what this version does not know
    """
    data = files.data_directory(path)
    read = spec.read(files.read(data / files.SPEC), str(data / files.SPEC))
    file = str(data / files.TENSORS)
    tensors, metadata = safetensors.read(files.read(data / files.TENSORS, files.MOST_TENSORS), file)
    _require_layout(read, tensors, file)
    model = LocalModel(read, tensors, str(files.params(data).get("featuresCol", "features")))
    written = metadata.get("parameterHash")  # None where another tool wrote the file
    if written is not None and written != model.parameterHash:
        raise FormatError(f"{file} is damaged: the hash of its parameters is {model.parameterHash}; when written it was {written}")
    if written is not None and read.parameter_hash not in ("", written):
        hashes = f"the hash of its parameters is {written}; {files.SPEC} is for {read.parameter_hash}"
        raise FormatError(f"{file} is of another version than {files.SPEC}: {hashes}")
    return model


def _require_layout(model: Spec, tensors: Dict[str, np.ndarray], file: str) -> None:
    layout = model.layout()
    for name, shape in layout.items():
        if name not in tensors:
            raise FormatError(f"{file} has no tensor {name}; expected is one of shape {list(shape)}")
        if tensors[name].shape != shape:
            raise FormatError(f"{file}: tensor {name} has shape {list(tensors[name].shape)}; expected is {list(shape)}")
        if not np.isfinite(tensors[name]).all():
            raise FormatError(f"{file}: tensor {name} has what is no finite number")
    for name in tensors:
        if name not in layout:
            raise FormatError(f"{file} has a tensor {name}; expected are only {', '.join(layout)}")
