"""Many clients at once: one Idempotency-Key, a queue that is nearly full."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from service import Service, multipart


@pytest.fixture
def full(steno, tmp_path):
    """A service without workers whose queue holds five jobs."""
    service = Service(steno.path, tmp_path / "data", "--workers", "0", "--set", "jobs.max_queued=5").start()
    yield service
    service.kill()


def send_batch(service: Service, clip, count: int, key: str = ""):
    kind, body = multipart({}, [("file", f"{i}.wav", clip.path.read_bytes()) for i in range(count)])
    return service.request("POST", "/api/v1/transcribe", body, {"Content-Type": kind, "Idempotency-Key": key})


def audio_files(service: Service) -> int:
    folder = service.folder / "blobs" / "blobs" / "audio"
    return len([path for path in folder.rglob("*") if path.is_file()])


def test_batches_with_one_key_are_one_batch(full, clip):
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: send_batch(full, clip, 3, "same"), range(8)))
    accepted = [answer for answer in answers if answer.status == 202]
    assert accepted and {answer.status for answer in answers} <= {202, 409}, [a.text for a in answers]
    assert len({answer.json["batch_id"] for answer in accepted}) == 1
    assert len({tuple(job["job_id"] for job in answer.json["jobs"]) for answer in accepted}) == 1
    assert send_batch(full, clip, 3, "same").json["batch_id"] == accepted[0].json["batch_id"]
    assert len(full.get("/api/v1/jobs").json["jobs"]) == 3
    assert audio_files(full) == 3  # those of the repeated submissions are gone


def test_a_queue_takes_what_it_holds_and_no_part_of_a_batch(full, clip):
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: full.request("POST", "/api/v1/transcribe", clip.path.read_bytes(),
                                                       {"Content-Type": "audio/wav"}), range(8)))
    assert sorted(answer.status for answer in answers) == [202] * 5 + [429] * 3
    assert all(int(answer.headers["retry-after"]) > 0 for answer in answers if answer.status == 429)
    [job] = full.get("/api/v1/jobs?limit=1").json["jobs"]
    assert full.request("DELETE", f"/api/v1/jobs/{job['job_id']}").status == 200
    assert send_batch(full, clip, 2).status == 429
    assert send_batch(full, clip, 1).status == 202
    assert len([j for j in full.get("/api/v1/jobs").json["jobs"] if j["status"] == "pending"]) == 5
    assert audio_files(full) == 6  # of the five that wait, and of the cancelled one
