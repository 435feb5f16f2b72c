"""Tests the report of .ci/run with a substitute for make."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

CI = Path(__file__).resolve().parent.parent / ".ci" / "run"


@pytest.fixture
def ci(tmp_path):
    """Runs .ci/run where `make TARGET` runs the shell line `bodies[TARGET]`; gives status and last line."""

    def run(budget, **bodies):
        (tmp_path / ".ci").mkdir()
        shutil.copy(CI, tmp_path / ".ci")
        cases = "".join(f"{target}) {body};;\n" for target, body in bodies.items())
        make = tmp_path / "make"
        make.write_text(f'#!/bin/sh\ncase "$1" in\n{cases}esac\n')
        make.chmod(0o755)
        environment = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}", "BUDGET": str(budget)}
        result = subprocess.run([tmp_path / ".ci" / "run"], env=environment, capture_output=True, text=True, timeout=60)
        return result.returncode, result.stdout.splitlines()[-1]

    return run


def test_all_passed(ci):
    assert ci(600) == (0, "all passed")


def test_a_failure_is_named(ci):
    assert ci(600, asan="exit 3") == (1, "FAILED: asan")


def test_steps_after_the_tests_keep_within_the_budget(ci):
    left = "the rest of lint, fuzz, asan, tsan, tidy"
    assert ci(2, lint="exec sleep 50") == (0, "passed, but NOT RUN for want of time: " + left)


def test_what_was_left_out_is_said_beside_a_failure(ci):
    assert ci(0, test="exit 1") == (1, "FAILED: test; NOT RUN for want of time: lint, fuzz, asan, tsan, tidy")
