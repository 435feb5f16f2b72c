"""check_layers.py finds forbidden includes and calls."""

import subprocess
import sys
from pathlib import Path

import pytest

import check_layers

SCRIPT = Path(__file__).with_name("check_layers.py")


@pytest.mark.parametrize(
    ("source", "included", "why"),
    [
        ("base/result.h", "transcript/transcript.h", "base may not include transcript"),
        ("pipeline/vad/vad.cc", "pipeline/asr/asr.h", "pipeline/vad may not include pipeline/asr"),
        ("transcript/json.cc", "options/options.h", "transcript may not include"),
        ("pipeline/decode/decode.cc", "pipeline/pipeline.h", "decode may not include pipeline"),
        ("pipeline/pipeline.cc", "app/config.h", "pipeline may not include app"),
        ("app/main.cc", "pipeline/vad/vad.h", "app may not include pipeline/vad"),
        ("pipeline/pipeline.cc", "pipeline/asr/tokenizer.h", "is private to pipeline/asr"),
        ("nowhere/x.cc", "base/result.h", "not in the table"),
        ("base/x.cc", "nowhere/x.h", "in no folder of the table"),
    ],
)
def test_refuses(source, included, why):
    assert why in check_layers.complaint(source, included)


@pytest.mark.parametrize(
    ("source", "included"),
    [
        ("app/main.cc", "pipeline/pipeline.h"),
        ("pipeline/asr/asr.cc", "pipeline/asr/native/engine.h"),
        ("pipeline/asr/asr.cc", "models/model_file.h"),
        ("pipeline/vad/vad.cc", "options/options.h"),
        ("pipeline/pipeline.cc", "pipeline/asr/asr.h"),
    ],
)
def test_allows(source, included):
    assert check_layers.complaint(source, included) is None


def test_finds_processes_that_are_started(tmp_path):
    for folder, line in {
        "models": "  if (fork() == 0) return;",
        "pipeline/decode": '  FILE* pipe = ::popen("ffmpeg", "r");',
        "pipeline/vad": "  execvp (name, words);",
        "pipeline/asr": "  throw std::system_error(errno);  // not system(), nor fork()",
        "app": "  posix_spawn(&child, path, nullptr, nullptr, words, environ);",
    }.items():
        (tmp_path / "src" / folder).mkdir(parents=True)
        (tmp_path / "src" / folder / "x.cc").write_text(line + "\n")
    assert check_layers.check(tmp_path) == [
        "src/models/x.cc:1: fork starts a process; use a library",
        "src/pipeline/decode/x.cc:1: popen starts a process; use a library",
        "src/pipeline/vad/x.cc:1: execvp starts a process; use a library",
    ]


def test_finds_mutexes_that_clang_does_not_check(tmp_path):
    folder = tmp_path / "src" / "base"
    folder.mkdir(parents=True)
    (folder / "mutex.h").write_text("  std::mutex mutex_;\n")
    (folder / "x.h").write_text("  std::mutex a;  // std::mutex\n  std::once_flag b;\n"
                                "  std::shared_mutex c;\n  MutexLock d(a_, std::adopt_lock);\n"
                                "  std::condition_variable_any e;\n  std::unique_lock f(a);\n")
    assert check_layers.check(tmp_path) == [
        f"src/base/x.h:{line}: clang does not check std::{name}; use base/mutex.h"
        for line, name in [(1, "mutex"), (3, "shared_mutex"), (5, "condition_variable_any"),
                           (6, "unique_lock")]
    ]


def test_names_file_and_line_and_fails(tmp_path):
    folder = tmp_path / "src" / "base"
    folder.mkdir(parents=True)
    (folder / "x.h").write_text('#pragma once\n#include <string>\n#include "app/main.h"\n')
    done = subprocess.run([sys.executable, SCRIPT, tmp_path], stdout=subprocess.PIPE, text=True)
    assert done.returncode == 1
    assert done.stdout.startswith("src/base/x.h:3: base may not include app")
