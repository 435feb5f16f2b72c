"""Runs many jobs through the service with a worker without an engine (scripted_worker.cc)."""

import http.client
import json
import os
import pathlib
import sqlite3
import statistics
import subprocess
import threading
import time
import wave
from dataclasses import dataclass
from datetime import datetime

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
LIMITS = ["--workers", "0", "--set", "jobs.max_queued=1000000", "--set", "jobs.max_queued_per_key=1000000"]


def memory_mb(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def cpu_seconds(pid):
    """Processor seconds in the program's own code, and in the kernel for it."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return int(fields[11]) / os.sysconf("SC_CLK_TCK"), int(fields[12]) / os.sysconf("SC_CLK_TCK")


@dataclass
class Part:
    seconds: float
    cpu: float
    serve_mb: float
    worker_mb: float


def start_worker(service):
    worker = subprocess.Popen([ROOT / "build/tests/steno_scripted_worker", service.folder])
    time.sleep(0.5)
    assert worker.poll() is None
    return worker


def tiny_clip(folder):
    """A tenth of a second."""
    path = folder / "tiny.wav"
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(8000)
        out.writeframes(bytes(1600))
    return path.read_bytes()


class Submitter(threading.Thread):
    """Sends clips over one connection, with at most `ahead` of its jobs waiting."""

    def __init__(self, service, clip, count, ahead=50):
        super().__init__()
        self.service, self.clip, self.count, self.ahead = service, clip, count, ahead
        self.connection = http.client.HTTPConnection(*service.address, timeout=90)

    def ask(self, method, path, body=None):
        headers = {"X-API-Key": self.service.key, "Content-Type": "audio/wav"}
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        content = json.loads(answer.read())
        assert answer.status < 300, content
        return content

    def submit(self):
        return self.ask("POST", "/api/v1/transcribe", self.clip)["job_id"]

    def until_ended(self, job):
        while (state := self.ask("GET", f"/api/v1/jobs/{job}?wait=30"))["status"] in ("pending", "processing"):
            pass
        assert state["status"] == "completed", state
        return state

    def run(self):
        for number in range(1, self.count + 1):
            job = self.submit()
            if number % self.ahead == 0 or number == self.count:
                self.until_ended(job)


def milliseconds_to_start(service, clip, count):
    """Time from the request to the start of the work by an idle worker."""
    asker = Submitter(service, clip, 0)
    waits = []
    for _ in range(count):
        began = time.time()
        state = asker.until_ended(asker.submit())
        # Times are whole milliseconds.
        waits.append((datetime.fromisoformat(state["started_at"].replace("Z", "+00:00")).timestamp() - began) * 1000)
    return waits


def p99(values):
    return statistics.quantiles(values, n=100)[98]


def many_jobs(service, clip, count, threads=4, parts=10):
    """A Part for each tenth of `count` jobs, and the times that single jobs waited for an idle worker."""
    service.start()
    worker = start_worker(service)
    rows = []
    for _ in range(parts):
        began = time.monotonic()
        cpu_before = sum(sum(cpu_seconds(pid)) for pid in (service.process.pid, worker.pid))
        submitters = [Submitter(service, clip, count // parts // threads) for _ in range(threads)]
        for submitter in submitters:
            submitter.start()
        for submitter in submitters:
            submitter.join()
        cpu = sum(sum(cpu_seconds(pid)) for pid in (service.process.pid, worker.pid)) - cpu_before
        rows.append(Part(time.monotonic() - began, cpu, memory_mb(service.process.pid), memory_mb(worker.pid)))
    waits = milliseconds_to_start(service, clip, 300)
    total = service.get("/api/v1/jobs?status=completed&limit=1").status
    assert total == 200
    worker.terminate()
    worker.wait()
    service.stop()
    with sqlite3.connect(service.folder / "steno.db") as database:
        states = dict(database.execute("SELECT state, count(*) FROM jobs GROUP BY state"))
    assert states == {"completed": count // parts // threads * threads * parts + 300}, states
    return rows, waits


def fill(database_file, count):
    """Copies the database's one finished job, and its events, until there are `count`."""
    with sqlite3.connect(database_file) as database:
        columns = [row[1] for row in database.execute("PRAGMA table_info(jobs)") if row[1] != "id"]
        one, = database.execute("SELECT id FROM jobs").fetchone()
        values = ", ".join("created_at - n" if name == "created_at" else name for name in columns)
        numbers = f"WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {count - 1}) "
        database.execute(f"INSERT INTO jobs (id, {', '.join(columns)}) {numbers}"
                         f"SELECT printf('job_copy%022d', n), {values} FROM jobs, numbers WHERE id = ?", (one,))
        database.execute("INSERT INTO events (job_id, number, type, data, at) "
                         "SELECT jobs.id, number, events.type, data, at FROM jobs, events "
                         "WHERE events.job_id = ? AND jobs.id <> ?", (one, one))
    return one
