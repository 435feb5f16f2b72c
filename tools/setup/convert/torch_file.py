"""Reads the tensors of a file that torch.save() wrote, without torch.

Such a file is a zip archive: data.pkl describes the object, data/KEY hold the numbers. Only what a
dictionary of tensors needs is unpickled; any other class becomes an empty one, and no code of the
file's choosing is run.
"""

import collections
import io
import pickle
import zipfile

import numpy as np

_TYPES = {"FloatStorage": np.float32, "LongStorage": np.int64}


class _Ignored:
    """Stands for every class that is not a tensor's."""

    def __init__(self, *_args, **_named):
        pass

    def __setstate__(self, _state):
        pass


class _Unpickler(pickle.Unpickler):
    def __init__(self, archive: zipfile.ZipFile, folder: str):
        super().__init__(io.BytesIO(archive.read(f"{folder}/data.pkl")))
        self._archive = archive
        self._folder = folder

    def find_class(self, module, name):
        if (module, name) == ("collections", "OrderedDict"):
            return collections.OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _rebuild
        return type(name, (_Ignored,), {})

    def persistent_load(self, pid):
        _, storage_type, key, _, _ = pid
        kind = _TYPES[storage_type.__name__]
        return np.frombuffer(self._archive.read(f"{self._folder}/data/{key}"), kind)


def _rebuild(storage, offset, shape, strides, *_rest):
    strides = [step * storage.itemsize for step in strides]
    return np.lib.stride_tricks.as_strided(storage[offset:], shape, strides).copy()


def read(path: str) -> dict[str, np.ndarray]:
    """The file's tensors by name; where the file holds a dictionary with a state_dict, that one's."""
    with zipfile.ZipFile(path) as archive:
        entry = next(n for n in archive.namelist() if n.endswith("/data.pkl"))
        content = _Unpickler(archive, entry.removesuffix("/data.pkl")).load()
    content = content.get("state_dict", content)
    return {name: value for name, value in content.items() if isinstance(value, np.ndarray)}
