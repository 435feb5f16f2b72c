"""Starts and faults that could delete data: no database, an older or another one, a wrong clock, a
full disk, a damaged page. Nothing is deleted, and log, readiness and doctor name the cause."""

import os
import shutil
import sqlite3
import time

import pytest
from service import Service, wait_for
from test_faults import fill, send
from test_maintenance import findings

DAY = 86_400
FAST = ("--set", "worker.count=0")


def call(service, *words):
    return service.command(*words, "--data-dir", service.folder)


@pytest.fixture
def own(steno, tmp_path):
    service = Service(steno.path, tmp_path / "data")
    yield service
    service.kill()


def blobs(service) -> set[str]:
    """The keys of audio, results and stage outputs."""
    root = service.folder / "blobs" / "blobs"
    return {str(path.relative_to(root)) for kind in ("audio", "results", "stages")
            for path in (root / kind).rglob("*") if path.is_file()}


def make_old(service, days: float = 3) -> None:
    """Sets the times of all blobs back, so that the sweep of orphans looks at them."""
    when = time.time() - days * DAY
    for path in (service.folder / "blobs" / "blobs").rglob("*"):
        os.utime(path, (when, when))


def remove_database(service) -> None:
    for path in service.folder.glob("steno.db*"):
        path.unlink()


def checks(service) -> dict[str, dict]:
    return {check["name"]: check for check in service.get("/health/ready", key="").json["checks"]}


def held(service, reason: str) -> bool:
    key = service.make_key("metrics", "metrics")
    return f'steno_deletions_held{{reason="{reason}"}} 1' in service.get("/metrics", key=key).text


def expect_held(service, reason: str, words: str) -> None:
    """Nothing is swept, and the cause is named everywhere."""
    before = blobs(service)
    warned = wait_for(lambda: (c := checks(service)["database_and_blobs"])["reason"] and words in c["reason"] and c,
                      20, "the warning")
    assert warned["ok"], "it is a warning: jobs can be accepted"
    wait_for(lambda: words in (log := service.log.read_text()) and "nothing is deleted" in log, 20, "the log")
    assert held(service, reason)
    state, text = findings(call(service, "doctor", "--listen", "127.0.0.1:0"))["database and blobs"]
    assert state == "look" and words in text
    time.sleep(3)
    assert blobs(service) == before


@pytest.fixture
def with_job(own, clip):
    """A stopped service with one completed job, whose files are old."""
    own.start()
    own.job_id = own.submit(clip.path)
    assert own.wait(own.job_id)["status"] == "completed"
    assert own.stop() == 0
    make_old(own)
    assert len(blobs(own)) >= 2
    return own


def test_a_missing_database_deletes_nothing(with_job, steno, tmp_path):
    remove_database(with_job)
    refused = call(with_job, "serve", "--listen", "127.0.0.1:0")
    assert refused.returncode == 1 and "there is no database" in refused.stderr
    assert "restore a backup" in call(with_job, "keys", "create", "--name", "me").stderr
    # A database that is as new, made where there are no recordings.
    new = Service(steno.path, tmp_path / "new")
    with_job.key = new.make_key()
    shutil.copy(new.folder / "steno.db", with_job.folder / "steno.db")
    with_job.start(*FAST)
    expect_held(with_job, "older_database", "older than the blobs")
    accepted = call(with_job, "accept", "blobs")
    assert accepted.returncode == 0, accepted.stderr
    with_job.stop()
    with_job.start(*FAST)
    wait_for(lambda: not blobs(with_job), 20, "the sweep")
    listed = call(with_job, "trash", "list")
    assert with_job.job_id in listed.stdout
    back = call(with_job, "trash", "restore", "results/")
    assert back.returncode == 0 and "1 files are back" in back.stdout
    assert blobs(with_job) and all(key.startswith("results/") for key in blobs(with_job))


def copied_then_used(service, clip, copy) -> str:
    """Makes a backup, and completes another job, whose id is returned. The service runs then."""
    assert call(service, "backup", copy).returncode == 0
    service.start()
    later = service.submit(clip.path)
    assert service.wait(later)["status"] == "completed"
    return later


def test_an_older_database_deletes_nothing(with_job, clip, tmp_path):
    copy = tmp_path / "copy.db"
    later = copied_then_used(with_job, clip, copy)
    with_job.stop()
    make_old(with_job)
    remove_database(with_job)
    shutil.copy(copy, with_job.folder / "steno.db")
    with_job.start(*FAST)
    expect_held(with_job, "older_database", "older than the blobs")
    assert later in " ".join(blobs(with_job))
    assert with_job.get(f"/api/v1/jobs/{with_job.job_id}/result").status == 200


def test_the_database_of_another_service_deletes_nothing(with_job, steno, tmp_path):
    other = Service(steno.path, tmp_path / "other", *FAST)
    other.start()
    other.stop()
    remove_database(with_job)
    shutil.copy(other.folder / "steno.db", with_job.folder / "steno.db")
    with_job.key = ""
    with_job.start(*FAST)
    expect_held(with_job, "foreign_database", "another database")


def test_a_damaged_page_deletes_nothing(with_job):
    with sqlite3.connect(with_job.folder / "steno.db") as database:
        database.execute("pragma journal_mode = delete")
        page = database.execute("select rootpage from sqlite_schema where name = 'usage'").fetchone()[0]
        size = database.execute("pragma page_size").fetchone()[0]
    database.close()
    with (with_job.folder / "steno.db").open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xff" * size)
    with_job.start(*FAST)
    before = blobs(with_job)
    wait_for(lambda: "damaged" in (checks(with_job)["database_and_blobs"]["reason"] or ""), 20, "the warning")
    assert "the database is damaged" in with_job.log.read_text()
    assert held(with_job, "damaged_database")
    run = call(with_job, "doctor", "--listen", "127.0.0.1:0")
    assert findings(run)["database"][0] == "BAD"
    time.sleep(3)
    assert blobs(with_job) == before


def shift_times(service, days: float) -> None:
    """Moves all times of the stopped service back: the clock then is ahead by so much."""
    by = int(days * DAY * 1000)
    columns = {"jobs": ["created_at", "updated_at", "available_at", "queue_until", "finished_at", "started_at"],
               "events": ["at"], "uploads": ["created_at", "expires_at"], "leaders": ["taken_at"]}
    with sqlite3.connect(service.folder / "steno.db") as database:
        for table, names in columns.items():
            database.execute(f"update {table} set " + ", ".join(f"{name} = {name} - {by}" for name in names))
        [seen] = database.execute("select value from state where name = 'clock'").fetchone()
        believed, lasted = seen.split()
        database.execute("update state set value = ? where name = 'clock'", [f"{int(believed) - by} {lasted}"])
    database.close()
    make_old(service, days)


def test_a_clock_that_is_forty_days_ahead_deletes_nothing(own, clip):
    own.start()
    done = own.submit(clip.path)
    assert own.wait(done)["status"] == "completed"
    own.stop()
    own.start(*FAST)
    waiting = own.submit(clip.path)
    own.stop()
    shift_times(own, 40)
    before = blobs(own)
    own.start()
    warned = wait_for(lambda: (c := checks(own)["clock"])["reason"] and c, 10, "the warning")
    assert warned["ok"] and "40 days ahead" in warned["reason"] and "steno accept clock" in warned["reason"]
    assert "the clock is not believed" in own.log.read_text()
    assert own.wait(waiting)["status"] == "completed"
    assert before <= blobs(own) and own.job(done)["status"] == "completed"
    assert held(own, "clock")
    found = findings(call(own, "doctor", "--listen", "127.0.0.1:0"))
    assert found["time"][0] == "look" and "40 days" in found["time"][1]
    accepted = call(own, "accept", "clock")
    assert accepted.returncode == 0, accepted.stderr
    own.stop()
    own.start(*FAST)
    assert checks(own)["clock"]["reason"] is None
    wait_for(lambda: own.get(f"/api/v1/jobs/{done}").status == 404, 70, "retention")


def test_a_full_disk_still_lets_an_operator_act(on_small_disk, small_disk, clip):
    with on_small_disk(min_free=0) as service:
        done = service.submit(clip.path)
        assert service.wait(done)["status"] == "completed"
        service.stop()
        service.start(*FAST)
        reserve = service.folder / "steno.db.reserve"
        wait_for(reserve.exists, 10, "the reserve")
        waiting = [service.submit(clip.path) for _ in range(20)]
        other = service.make_key("other")
        # The log has no room left to write to: only the reserve helps.
        call(service, "backup", small_disk.parent / "copy.db")
        with sqlite3.connect(service.folder / "steno.db") as database:
            database.execute("pragma wal_checkpoint(truncate)")
        database.close()
        fill(small_disk)
        for job in waiting:
            assert service.request("DELETE", f"/api/v1/jobs/{job}").status == 200
        assert service.request("DELETE", f"/api/v1/jobs/{waiting[0]}?purge=true").status == 204
        revoked = call(service, "keys", "revoke", "other")
        assert revoked.returncode == 0, revoked.stderr
        assert service.get("/api/v1/jobs", key=other).status == 401
        assert not reserve.exists()
        wait_for(lambda: "its reserve has been given up" in service.log.read_text(), 10, "the log")
        assert service.get("/health/ready", key="").status == 503
        assert send(service, clip).status == 507
        (small_disk / "filler").unlink()
        wait_for(reserve.exists, 10, "the reserve")
        accepted = wait_for(lambda: (a := send(service, clip)).status == 202 and a, 20, "an accepted job")
        fill(small_disk)
        drained = call(service, "drain", "--wait", "20")
        assert drained.returncode == 0, drained.stderr
        (small_disk / "filler").unlink()
        service.start()
        assert service.wait(accepted.json["job_id"])["status"] == "completed"


# Backup and restore of all

def test_a_backup_of_all_is_restored(with_job, clip, tmp_path):
    copy = tmp_path / "copy"
    with_job.start()
    run = call(with_job, "backup", "--with-blobs", copy)
    assert run.returncode == 0 and "files of audio and results" in run.stdout, run.stderr
    again = call(with_job, "backup", "--with-blobs", copy)
    assert again.returncode == 1 and "exists already" in again.stderr
    refused = call(with_job, "restore", copy)
    assert refused.returncode == 1 and len(refused.stderr.splitlines()) == 1, "while it runs"
    later = with_job.submit(clip.path)
    assert with_job.wait(later)["status"] == "completed"
    with_job.kill()  # leaves the log of the database
    result = next((with_job.folder / "blobs" / "blobs" / "results" / with_job.job_id).iterdir())
    result.unlink()

    run = call(with_job, "restore", copy)
    assert run.returncode == 0, run.stderr
    assert "is restored" in run.stdout and "1 files of audio and results are restored" in run.stdout
    assert "newer than the backup" in run.stdout and "steno accept blobs" in run.stdout
    make_old(with_job)
    with_job.start(*FAST)
    expect_held(with_job, "older_database", "older than the blobs")
    assert with_job.get(f"/api/v1/jobs/{with_job.job_id}/result?format=txt").status == 200
    assert with_job.get(f"/api/v1/jobs/{later}").status == 404
    assert later in " ".join(blobs(with_job))


def test_a_backup_of_all_restores_an_empty_folder(with_job, steno, tmp_path):
    copy = tmp_path / "copy"
    assert call(with_job, "backup", "--with-blobs", copy).returncode == 0
    restored = Service(steno.path, tmp_path / "restored", *FAST)
    run = call(restored, "restore", copy)
    assert run.returncode == 0, run.stderr
    assert "missing" not in run.stdout and "newer" not in run.stdout
    restored.key = with_job.key
    restored.start()
    try:
        wait_for(lambda: checks(restored)["database_and_blobs"]["reason"] is None, 10, "the comparison")
        assert restored.get(f"/api/v1/jobs/{with_job.job_id}/result?format=txt").status == 200
        assert restored.get(f"/api/v1/jobs/{with_job.job_id}/audio").status == 200
    finally:
        restored.kill()


def test_a_lost_recording_is_called_lost(with_job):
    for path in (with_job.folder / "blobs" / "blobs" / "audio").rglob("*"):
        if path.is_file():
            path.unlink()
    with_job.start(*FAST)
    lost = with_job.get(f"/api/v1/jobs/{with_job.job_id}/audio")
    assert lost.status == 410 and lost.json["code"] == "lost"


def test_an_old_log_beside_a_copied_database_is_set_aside(with_job, clip, tmp_path):
    copy = tmp_path / "copy.db"
    later = copied_then_used(with_job, clip, copy)
    with_job.kill()
    assert (with_job.folder / "steno.db-wal").stat().st_size > 0
    shutil.copy(copy, with_job.folder / "steno.db")
    with_job.start(*FAST)
    assert with_job.get(f"/api/v1/jobs/{later}").status == 404
    assert with_job.job(with_job.job_id)["status"] == "completed"
    assert "a file was set aside" in with_job.log.read_text()
    assert list(with_job.folder.glob("steno.db.replaced-*-wal"))
    with sqlite3.connect(with_job.folder / "steno.db") as database:
        assert database.execute("pragma integrity_check").fetchone() == ("ok",)
