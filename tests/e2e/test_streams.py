"""Event streams that resume in another process, and lists that stay complete during submissions."""

import threading

import pytest
from service import Service, wait_for


@pytest.fixture
def own(steno, tmp_path):
    service = Service(steno.path, tmp_path / "data")
    yield service
    service.kill()


def read_until(service, job: str, enough, last: int | None = None) -> list:
    """Events up to the first one that is `enough`. The stream is then closed."""
    read = []
    for event in service.events(job, last):
        read.append(event)
        if enough(event):
            break
    return read


def test_a_stream_resumes_after_the_last_read_event_after_a_kill(own, long_talk):
    own.start()
    job = own.submit(long_talk)
    read = read_until(own, job, lambda event: event[1] == "segment")
    own.kill()
    own.start()
    rest = list(own.events(job, read[-1][0]))
    numbers = [number for number, _, _ in read + rest]
    assert numbers == list(range(1, len(numbers) + 1))
    assert rest[-1][1] == "end" and rest[-1][2]["status"] == "completed"
    spoken = [data["text"] for _, kind, data in read + rest if kind == "segment"]
    result = own.get(f"/api/v1/jobs/{job}/result").json
    assert spoken == [segment["text"] for segment in result["segments"]]
    assert list(own.events(job)) == read + rest


def test_events_of_another_process_arrive_at_once(own, clip):
    """The worker is a separate process that starts after the stream has been opened."""
    own.start("--set", "worker.count=0")
    job = own.submit(clip.path)
    events = []
    listening = threading.Thread(target=lambda: events.extend(own.events(job)))
    listening.start()
    own.start_worker()
    listening.join(60)
    assert events[-1][1] == "end" and events[-1][2]["status"] == "completed"


def test_a_list_shows_every_job_once_while_jobs_come(own):
    own.start("--set", "worker.count=0", "--set", "jobs.max_queued_per_key=10000")

    def submit() -> str:
        answer = own.request("POST", "/api/v1/transcribe", b"x" * 100, {"Content-Type": "audio/wav"})
        assert answer.status == 202, answer.text
        return answer.json["job_id"]

    there = {submit() for _ in range(30)}
    ended = threading.Event()

    def submit_on():
        while not ended.is_set():
            submit()

    others = [threading.Thread(target=submit_on) for _ in range(2)]
    for other in others:
        other.start()
    try:
        seen, cursor, removed = [], "", None
        while cursor is not None:
            page = own.get("/api/v1/jobs?limit=7" + (f"&cursor={cursor}" if cursor else "")).json
            seen += [job["job_id"] for job in page["jobs"]]
            cursor = page["next_cursor"]
            if removed is None:  # the cursor's own job may go
                removed = page["jobs"][-1]["job_id"]
                assert own.request("DELETE", f"/api/v1/jobs/{removed}").status == 200
                assert own.request("DELETE", f"/api/v1/jobs/{removed}?purge=true").status == 204
    finally:
        ended.set()
        for other in others:
            other.join()
    assert len(seen) == len(set(seen))
    assert there - {removed} <= set(seen)
