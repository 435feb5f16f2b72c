#!/usr/bin/env python3
"""Writes tests/golden/reference/defaults.json: the names and default values of every option of faster-whisper's two
pipelines and of its voice detector, as their signatures have them.

Needs the reference, so it runs only when it is to be made anew, not in CI:

    pip install faster-whisper==1.2.1
    make_defaults.py
"""

import dataclasses
import inspect
import json
import math
from importlib.metadata import version
from pathlib import Path

from faster_whisper import BatchedInferencePipeline, WhisperModel
from faster_whisper.vad import VadOptions

OUT = Path(__file__).resolve().parents[2] / "tests/golden/reference/defaults.json"


def plain(value):
    """The value as JSON has it: infinity, which it has not, as null."""
    if isinstance(value, float) and math.isinf(value):
        return None
    return list(value) if isinstance(value, tuple) else value


def defaults(function) -> dict:
    parameters = inspect.signature(function).parameters.values()
    return {p.name: plain(p.default) for p in parameters if p.default is not p.empty}


def main():
    golden = {
        "faster_whisper": version("faster-whisper"),
        "sequential": defaults(WhisperModel.transcribe),
        "batched": defaults(BatchedInferencePipeline.transcribe),
        "vad": {field.name: plain(field.default) for field in dataclasses.fields(VadOptions)},
        "model": defaults(WhisperModel.__init__),
    }
    OUT.write_text(json.dumps(golden, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
