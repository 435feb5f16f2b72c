"""Faults of the machine: a full disk, a folder that cannot be written, a database that others
hold, a clock that jumps. The answer is a clear error; afterwards everything goes on by itself."""

import contextlib
import glob
import os
import sqlite3
import subprocess
import time
from pathlib import Path

import pytest
from service import Service, wait_for
from test_service import words

LOCKED_S = float(os.environ.get("FAULT_LOCKED_S", 8))


def fill(folder) -> None:
    """Takes the last byte of the disk. Removing `filler` makes room."""
    with (folder / "filler").open("wb", buffering=0) as out:
        for size in (65_536, 4096, 512, 1):
            with contextlib.suppress(OSError):
                while True:
                    out.write(b"x" * size)


def send(service: Service, clip, **options):
    return service.request("POST", "/api/v1/transcribe", clip.path.read_bytes(),
                           {"Content-Type": "audio/wav", **options})


def test_a_full_disk_refuses_recordings_until_there_is_room(on_small_disk, small_disk, clip):
    with on_small_disk(min_free=0) as service:
        first = service.submit(clip.path)
        assert service.wait(first)["status"] == "completed"
        fill(small_disk)
        refused = send(service, clip)
        assert refused.status == 507, refused.text
        assert refused.json["code"] == "insufficient_storage"
        assert service.job(first)["status"] == "completed"  # reading still works
        (small_disk / "filler").unlink()
        accepted = wait_for(lambda: (a := send(service, clip)).status == 202 and a, 20, "an accepted job")
        state = service.wait(accepted.json["job_id"])
        assert state["status"] == "completed"
        assert service.stop() == 0
        files = [p for p in (service.folder / "blobs").rglob("*") if p.is_file() and p.name != "installation"]
        assert len(files) == 6, files  # audio, words and result of two jobs, no half of the refused one


def test_too_little_room_is_said_before_the_disk_is_full(on_small_disk, clip):
    with on_small_disk(min_free=1_000_000_000) as service:
        assert send(service, clip).status == 507
        ready = service.get("/health/ready", key="")
        assert ready.status == 503 and "storage" in ready.text


def test_a_folder_that_cannot_be_written_is_named(steno, small_disk):
    data = small_disk / "data"
    data.mkdir()
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    run = subprocess.run([steno.path, "serve", "--data-dir", data, "--listen", "127.0.0.1:0"],
                         capture_output=True, text=True, timeout=30)
    assert run.returncode == 1
    assert str(data) in run.stderr and len(run.stderr.splitlines()) <= 2, run.stderr


def test_a_locked_database_costs_time_and_no_job(steno, tmp_path, clip, speech):
    service = Service(steno.path, tmp_path / "data").start()
    try:
        running = service.submit(speech["telephone.wav"].path)
        wait_for(lambda: service.job(running)["status"] == "processing", 30, "the job's start")
        held = sqlite3.connect(service.folder / "steno.db", isolation_level=None)
        held.execute("begin exclusive")
        locked_since = time.monotonic()
        refused = send(service, clip)
        assert refused.status == 503, refused.text
        assert int(refused.headers["retry-after"]) >= 1
        assert service.get("/health", key="").status == 200
        time.sleep(max(0.0, LOCKED_S - (time.monotonic() - locked_since)))
        held.execute("rollback")
        held.close()
        accepted = wait_for(lambda: (a := send(service, clip)).status == 202 and a, 20, "an accepted job")
        for job in (running, accepted.json["job_id"]):
            assert service.wait(job)["status"] == "completed"
        assert words(service.text_of(accepted.json["job_id"])) == words(clip.text)
        assert service.job(running)["attempt"] == 1
    finally:
        service.kill()


@pytest.mark.parametrize("jump", ["+1h", "-1h"])
def test_a_clock_that_jumps_takes_no_job_from_its_worker(steno, tmp_path, speech, jump):
    libraries = glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")
    if not libraries:
        pytest.skip("faketime is not installed")
    offset = tmp_path / "offset"
    offset.write_text("+0s\n")
    service = Service(steno.path, tmp_path / "data", "--set", "jobs.lease_s=5", "--set", "worker.heartbeat_s=1")
    service.environment = {"LD_PRELOAD": libraries[0], "FAKETIME_TIMESTAMP_FILE": str(offset),
                           "FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
    service.start()
    try:
        long = tmp_path / "long.wav"
        subprocess.run(["ffmpeg", "-v", "error", "-stream_loop", "5", "-i", speech["telephone.wav"].path, "-c",
                        "copy", long], check=True)
        running = service.submit(long)
        wait_for(lambda: service.job(running)["status"] == "processing", 30, "the job's start")
        replaced = Path(str(offset) + ".new")
        replaced.write_text(jump + "\n")
        replaced.rename(offset)
        waiting = service.submit(speech["austen-0870.wav"].path)
        for job in (running, waiting):
            state = service.wait(job)
            assert state["status"] == "completed" and state["attempt"] == 1, state
        hours = [service.job(job)["created_at"][11:13] for job in (running, waiting)]
        assert hours[0] != hours[1]  # the clock jumped
    finally:
        service.kill()
