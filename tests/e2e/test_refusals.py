"""Unsupported requests are refused before a job exists, and the error names the field."""

import pytest
from service import Service


@pytest.fixture(scope="module")
def refusing(steno, tmp_path_factory):
    service = Service(steno.path, tmp_path_factory.mktemp("refusing") / "data", "--workers", "0").start()
    yield service
    service.kill()


@pytest.mark.parametrize("field,value,code", [
    ("num_speakers", 2, "contradictory_options"), ("webhook_url", "https://example.com/hook", "unsupported_field"),
    ("url", "s3://bucket/key", "unsupported_field"), ("callback", "https://example.com", "unknown_field"),
    ("priority", 10, "out_of_range"), ("priority", "high", "wrong_type"), ("time_limit", 0, "out_of_range"),
    ("language", "klingon", "unknown_language"), ("model", "no-such-model", "unknown_model"),
    ("beam_size", 0, "out_of_range")])
def test_unsupported_values_are_refused_by_name(refusing, field, value, code):
    wanted = {"url": "https://example.com/a.wav"} | {field: value}
    answer = refusing.post_json("/api/v1/transcribe", wanted)
    assert answer.status in (400, 422), answer.text
    assert answer.headers["content-type"].startswith("application/problem+json")
    [error] = answer.json["errors"]
    assert error["path"] == f"$.{field}" and error["message"]
    assert answer.json["code"] == code
    assert refusing.get("/api/v1/jobs").json["jobs"] == []
