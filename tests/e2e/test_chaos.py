"""Kills the service, its workers, or both at random moments while jobs are submitted: none may be lost.

CHAOS_JOBS and CHAOS_KILLS make it larger than the tests' time allows."""

import http.client
import os
import random
import signal
import sqlite3
import threading
import time

import pytest
from service import Service, wait_for
from test_service import words

JOBS = int(os.environ.get("CHAOS_JOBS", 24))
KILLS = int(os.environ.get("CHAOS_KILLS", 6))
GONE = (OSError, http.client.HTTPException, AssertionError)


class Chaos:
    """Submits jobs from one thread while another one kills."""

    def __init__(self, service: Service, recordings, seed: int = 7):
        self.service = service
        self.recordings = recordings
        self.chooser = random.Random(seed)
        self.accepted: dict[str, str] = {}  # job -> its text
        self.twice: list[str] = []
        self.ended = threading.Event()

    def submit(self, number: int) -> None:
        recording = self.recordings[number % len(self.recordings)]
        content = recording.path.read_bytes()
        while True:
            try:
                answer = self.service.request(
                    "POST", "/api/v1/transcribe", content,
                    {"Content-Type": "audio/wav", "Idempotency-Key": f"chaos-{number}"}, timeout=20)
            except GONE:
                time.sleep(0.1)
                continue
            if answer.status == 202:
                job = answer.json["job_id"]
                if job in self.accepted:
                    self.twice.append(job)
                self.accepted[job] = recording.text
                return
            assert answer.status in (409, 429, 503), answer.text
            time.sleep(0.1)

    def kill_one(self) -> None:
        victim = self.chooser.choice(["service", "worker", "worker", "all"])
        try:
            if victim == "worker":
                for worker in self.service.workers():
                    os.kill(worker, signal.SIGKILL)
                return
            if victim == "service":
                self.service.process.kill()
                self.service.process.wait()
            else:
                self.service.kill()
        except ProcessLookupError:
            return
        self.service.start(listen=f"127.0.0.1:{self.service.address[1]}")

    def kill(self, times: int, longest_pause: float) -> None:
        for _ in range(times):
            time.sleep(self.chooser.uniform(0.05, longest_pause))
            self.kill_one()


def audio_left(service: Service) -> list[str]:
    return [str(p.relative_to(service.folder)) for p in (service.folder / "blobs").rglob("*") if p.is_file() and p.name != "installation"]


@pytest.mark.parametrize("seed", [7])
def test_no_accepted_job_is_lost_however_it_is_killed(steno, tmp_path, speech, seed):
    recordings = [speech[f"austen-{n}.wav"] for n in ("0870", "0880", "0890", "0920", "0930")]
    service = Service(steno.path, tmp_path / "data", "--set", "jobs.retry_base_s=0.1",
                      "--set", "jobs.max_queued_per_key=100000", "--set", "jobs.lease_s=5",
                      "--set", "worker.heartbeat_s=1", "--workers", "2")
    service.start()
    try:
        calm = {r.text: service.text_of(i) for r in recordings if service.wait(i := service.submit(r.path))}
        chaos = Chaos(service, recordings, seed)
        killer = threading.Thread(target=chaos.kill, args=(KILLS, 2.0 * JOBS / KILLS / 4))
        killer.start()
        for number in range(JOBS):
            chaos.submit(number)
        killer.join()
        assert not chaos.twice
        assert len(chaos.accepted) == JOBS
        for job, text in chaos.accepted.items():
            state = wait_for(lambda: ended(service, job), 600, f"the end of {job}")
            assert state["status"] == "completed", state
            assert words(service.text_of(job)) == words(calm[text])
        listed = service.get("/api/v1/jobs?limit=200").json["jobs"]
        assert len({j["job_id"] for j in listed}) == min(200, JOBS + len(recordings))
        kept = audio_left(service)
        assert not [p for p in kept if not p.startswith("blobs/blobs/")], kept
        assert service.stop() == 0
        for path in service.folder.glob("blobs/blobs/**/*"):  # what a kill has left is removed after a day
            os.utime(path, (time.time() - 2 * 86_400,) * 2)
        service.start()
        jobs = JOBS + len(recordings)
        wait_for(lambda: len(audio_left(service)) == 3 * jobs, 30, "audio, words and result of each job, and no more")
        assert service.stop() == 0
        with sqlite3.connect(service.folder / "steno.db") as database:
            assert database.execute("pragma integrity_check").fetchone() == ("ok",)
    finally:
        service.kill()


def ended(service: Service, job: str):
    try:
        state = service.job(job + "?wait=5")
    except GONE:
        return None
    return state if state["status"] in ("completed", "failed", "cancelled") else None
