"""A retry continues from the checkpoints of a job: the same transcript, without the work again."""

import os
import signal
import time

import pytest
from service import Service, wait_for

SETTINGS = ["--set", "jobs.retry_base_s=0.05", "--set", "worker.heartbeat_s=0.5"]


@pytest.fixture
def own(steno, tmp_path):
    service = Service(steno.path, tmp_path / "data", *SETTINGS)
    yield service
    service.kill()


@pytest.fixture
def call(ffmpeg, speech, tmp_path):
    """The telephone call three times: 90 s of two voices."""
    path = tmp_path / "call.wav"
    ffmpeg("-stream_loop", "2", "-i", speech["telephone.wav"].path, path)
    return path


def parts(service: Service, job: str) -> set[str]:
    folder = service.folder / "blobs/blobs/stages" / job / "checkpoints"
    return {path.name for path in folder.iterdir()} if folder.exists() else set()


def result(service: Service, job: str) -> dict:
    answer = service.get(f"/api/v1/jobs/{job}/result")
    assert answer.status == 200, answer.text
    return answer.json


def segments_reported(service: Service, job: str) -> list[tuple[int, str]]:
    return [(data["index"], data["text"]) for _, kind, data in service.events(job) if kind == "segment"]


def wait_for_new_part(service: Service, job: str, known: set[str]) -> set[str]:
    end = time.monotonic() + 60
    while not (now := parts(service, job)) - known:
        if service.job(job)["status"] in ("completed", "failed"):
            break
        assert time.monotonic() < end, "no checkpoint came"
        time.sleep(0.005)
    return now


@pytest.mark.parametrize("fields", [
    {},
    {"decoding": "sequential"},
    {"diarize": "true", "word_timestamps": "true"},
], ids=["batched", "sequential", "speakers"])
def test_a_job_whose_workers_are_killed_continues(own, call, fields):
    own.start()
    fields = {"chunk_length": "6", "batch_size": "1", **fields}
    first = own.submit(call, **fields)
    assert own.wait(first)["status"] == "completed"
    job = own.submit(call, **fields)
    known: set[str] = set()
    for _ in range(3):
        known = wait_for_new_part(own, job, known)
        for worker in own.workers():
            os.kill(worker, signal.SIGKILL)
    shown = own.wait(job)
    assert shown["status"] == "completed" and shown["losses"] >= 1, shown
    assert result(own, job)["segments"] == result(own, first)["segments"]
    assert result(own, job).get("speakers") == result(own, first).get("speakers")
    reported = segments_reported(own, job)
    assert [index for index, _ in reported] == list(range(len(reported)))
    assert reported == segments_reported(own, first)
    assert '"the work continues from a checkpoint"' in own.log.read_text()
    wait_for(lambda: not parts(own, job), 10, "the removal of the checkpoints")


def test_a_worker_that_is_told_to_end_hands_its_job_back_after_a_checkpoint(own, call):
    own.start("--workers", "0", "--set", "server.shutdown_grace_s=0.2")
    worker = own.start_worker("--set", "server.shutdown_grace_s=0.2")
    job = own.submit(call, chunk_length="6", batch_size="1")
    wait_for_new_part(own, job, set())
    worker.send_signal(signal.SIGTERM)
    begin = time.monotonic()
    assert worker.wait(15) == 0
    assert time.monotonic() - begin < 0.2 + 5
    shown = own.job(job)
    assert shown["status"] == "pending" and shown["losses"] == 0, shown
    assert parts(own, job)
    own.start_worker()
    assert own.wait(job)["status"] == "completed"
    assert '"the work continues from a checkpoint"' in own.log.read_text()
    plain = own.submit(call, chunk_length="6", batch_size="1")
    assert own.wait(plain)["status"] == "completed"
    assert result(own, job)["segments"] == result(own, plain)["segments"]


def test_a_cancelled_job_leaves_no_checkpoint(own, call):
    own.start()
    job = own.submit(call, chunk_length="6", batch_size="1")
    wait_for_new_part(own, job, set())
    assert own.request("DELETE", f"/api/v1/jobs/{job}").status in (200, 202, 204)
    wait_for(lambda: not parts(own, job), 10, "the removal of the checkpoints")


def test_nothing_is_kept_of_words_that_are_to_be_redacted(own, call):
    own.start()
    job = own.submit(call, chunk_length="6", redact="card", diarize="true")
    wait_for_new_part(own, job, set())
    assert not [name for name in parts(own, job) if name.startswith("words")]
    assert own.wait(job)["status"] == "completed"
