"""Shared by all Python tests."""

import os

import pytest


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """With STENO_REQUIRE_ALL=1, a skipped test is a failure, unless the machine lacks a permission."""
    outcome = yield
    report = outcome.get_result()
    strict = os.environ.get("STENO_REQUIRE_ALL") == "1"
    withheld = report.skipped and "no right to" in str(report.longrepr)
    if strict and report.skipped and not withheld and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped, which counts as a failure here: {report.longrepr}"
