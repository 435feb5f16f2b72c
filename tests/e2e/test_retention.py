"""Retention: the data of a job, its duration, and complete deletion."""

import sqlite3

import pytest
from service import Service, wait_for

WORDS = "leisure to consider"


@pytest.fixture
def own(steno, tmp_path):
    service = Service(steno.path, tmp_path / "data")
    yield service
    service.kill()


def done(service, recording, **fields) -> str:
    job = service.submit(recording, **fields)
    assert service.wait(job)["status"] == "completed"
    return job


def files_of(service, job: str) -> list[str]:
    return sorted(path.relative_to(service.folder / "blobs" / "blobs").parts[0]
                  for path in (service.folder / "blobs").rglob("*") if path.is_file() and job in str(path))


def audio_files(service) -> list:
    return [path for path in (service.folder / "blobs" / "blobs" / "audio").rglob("*") if path.is_file()]


def audio_status(service, job: str) -> int:
    return service.get(f"/api/v1/jobs/{job}/audio").status


def test_audio_goes_at_once_where_none_is_to_be_kept(own, clip):
    own.start("--set", "jobs.retention_audio_s=0")
    job = done(own, clip.path)
    wait_for(lambda: not audio_files(own), 5, "the audio's end")
    assert own.job(job)["audio"]["url"] is None
    assert audio_status(own, job) in (404, 410)
    assert WORDS in own.text_of(job)
    # The audio of a waiting job is kept.
    own.stop()
    own.start("--set", "jobs.retention_audio_s=0", "--set", "worker.count=0")
    waiting = own.submit(clip.path)
    assert len(audio_files(own)) == 1
    assert own.request("DELETE", f"/api/v1/jobs/{waiting}").status == 200
    wait_for(lambda: not audio_files(own), 5, "the audio's end")


def test_audio_and_results_go_each_in_its_time(own, clip):
    own.start()
    job = done(own, clip.path)
    link = own.job(job)["audio"]["url"]
    assert link and own.get(link.removeprefix(own.url), key="").status == 200
    assert own.stop() == 0

    own.start("--set", "jobs.retention_audio_s=1", listen=f"127.0.0.1:{own.address[1]}")
    wait_for(lambda: not audio_files(own), 10, "the audio's end")
    state = own.job(job)
    assert state["status"] == "completed" and state["audio"]["url"] is None
    assert state["audio"]["bytes"] == clip.path.stat().st_size
    assert own.get(link.removeprefix(own.url), key="").status in (404, 410)
    assert WORDS in own.text_of(job)
    assert own.stop() == 0

    own.start("--set", "jobs.retention_results_s=1", "--set", "jobs.retention_audio_s=1")
    wait_for(lambda: own.get(f"/api/v1/jobs/{job}").status == 404, 10, "the job's end")
    assert own.get(f"/api/v1/jobs/{job}/result").status == 404
    wait_for(lambda: not [p for p in (own.folder / "blobs").rglob("*") if p.is_file() and p.name != "installation"], 5, "an empty folder")


def places_of(service, text: str) -> list[str]:
    """Files of the data folder with the text in them."""
    return [str(path) for path in service.folder.rglob("*")
            if path.is_file() and text.encode() in path.read_bytes()]


def test_a_purge_leaves_no_trace(own, clip):
    own.start()
    job = done(own, clip.path, recording_id="the-recording-of-nobody")
    kept = done(own, clip.path.with_name("austen-0890.wav"))
    for text in (WORDS, "the-recording-of-nobody"):
        assert places_of(own, text)
    assert own.request("DELETE", f"/api/v1/jobs/{job}?purge=true").status == 204
    for path in ("", "/result", "/events", "/audio"):
        assert own.get(f"/api/v1/jobs/{job}{path}").status == 404
    assert job not in own.get("/api/v1/jobs").text
    assert files_of(own, job) == []
    for text in (WORDS, "the-recording-of-nobody"):
        wait_for(lambda text=text: not places_of(own, text), 10, "the end of what is purged")
    assert own.job(kept)["status"] == "completed"
    with sqlite3.connect(own.folder / "steno.db") as database:
        assert database.execute("pragma integrity_check").fetchone() == ("ok",)
        # The purge itself stays in the audit log.
        assert database.execute("select count(*) from audit where subject = ?", (job,)).fetchone()[0] > 0
