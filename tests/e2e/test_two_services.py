"""Two services on one machine that share a database and blobs, and a service that keeps all in memory."""

import os
import signal
import socket
import sqlite3
import time

import pytest
from service import Service, wait_for
from test_service import words

DAY = 86_400
LEADS = "this process leads the housekeeping now"


class Sharing(Service):
    """A service whose keys are in a database outside of its data folder."""

    def make_key(self, name: str = "test", scopes: str = "submit,read") -> str:
        made = self.command("keys", "create", "--data-dir", self.folder, "--name", name, "--scopes", scopes,
                            *self.arguments)
        assert made.returncode == 0, made.stderr
        return made.stdout.strip()


@pytest.fixture
def two(steno, tmp_path):
    """Two services with a data folder each, on one database and one folder of blobs."""
    shared = tmp_path / "shared"
    shared.mkdir()
    addresses = ("--set", f"store.url=sqlite:{shared}/all.db", "--set", f"blobs.url=file:{shared}/blobs",
                 "--set", "jobs.retry_base_s=0.1")
    pair = [Sharing(steno.path, tmp_path / name, *addresses) for name in ("a", "b")]
    yield pair
    for service in pair:
        service.kill()


def blobs(service) -> list:
    return [p for p in (service.folder.parent / "shared" / "blobs").rglob("*") if p.is_file() and p.name != "installation"]


def test_both_show_and_do_the_jobs_of_one_database(two, clip):
    first, second = (service.start() for service in two)
    second.key = first.key
    jobs = [service.submit(clip.path) for service in (first, second) * 3]
    for job in jobs:
        for service in (second, first):
            assert service.wait(job)["status"] == "completed"
            assert words(service.text_of(job)) == words(clip.text)
    # An event stream of one service follows a job that the other one accepted.
    job = first.submit(clip.path)
    assert [kind for _, kind, _ in second.events(job)][-1] == "end"
    assert not (first.folder / "steno.db").exists()
    assert not [p for p in (first.folder / "blobs").rglob("*") if p.is_file()]


def test_a_second_service_deletes_no_recording_that_the_first_one_receives(two, long_talk):
    first = two[0].start()
    content = long_talk.read_bytes()  # larger than what is buffered before the file is made
    with socket.create_connection(first.address) as connection:
        connection.sendall(
            f"POST /api/v1/transcribe HTTP/1.1\r\nHost: x\r\nX-API-Key: {first.key}\r\nConnection: close\r\n"
            f"Content-Type: audio/wav\r\nContent-Length: {len(content)}\r\n\r\n".encode() + content[:-100])
        wait_for(lambda: blobs(first), 10, "the file that is being written")
        second = two[1].start()
        upload = begin_upload(second, first.key, content)
        third = Sharing(first.program, first.folder.parent / "c", *first.arguments).start()
        time.sleep(2)  # two rounds of housekeeping
        third.kill()
        connection.sendall(content[-100:])
        answer = connection.makefile("rb").read()
    assert b" 202 " in answer.split(b"\r\n")[0], answer
    second.key = first.key
    job = second.get("/api/v1/jobs").json["jobs"][0]["job_id"]
    assert second.wait(job)["status"] == "completed"
    # Nor an upload that the second one has staged and finished, and that no job uses yet.
    made = first.post_json("/api/v1/transcribe", {"upload_id": upload})
    assert made.status == 202, made.text
    assert first.wait(made.json["job_id"])["status"] == "completed"


def begin_upload(service, key: str, content: bytes) -> str:
    version = {"Tus-Resumable": "1.0.0"}
    made = service.request("POST", "/api/v1/uploads", headers={**version, "Upload-Length": str(len(content))}, key=key)
    assert made.status == 201, made.text
    path = "/api/v1/uploads/" + made.headers["location"].rsplit("/", 1)[1]
    sent = service.request("PATCH", path, content, {**version, "Upload-Offset": "0",
                                                    "Content-Type": "application/offset+octet-stream"}, key=key)
    assert sent.status == 204, sent.text
    return path.rsplit("/", 1)[1]


def test_one_takes_over_the_jobs_and_duties_of_the_other(two, clip):
    first = two[0].start()
    second = two[1].start("--workers", "0", "--set", "jobs.queue_ttl_s=1")
    second.key = first.key
    done = first.submit(clip.path)
    assert first.wait(done)["status"] == "completed"
    first.kill()  # the leader, with its workers
    late = second.submit(clip.path)
    assert second.wait(late, 30)["error"]["code"] == "queue_timeout"
    # Orphans are removed by the one that leads now, when they are a day old.
    second.stop()
    orphan = first.folder.parent / "shared" / "blobs" / "blobs" / "audio" / "lost"
    young = orphan.with_name("young")
    for path in (orphan, young):
        path.write_bytes(b"x")
    os.utime(orphan, (time.time() - 2 * DAY,) * 2)
    second.start()
    wait_for(lambda: not orphan.exists(), 20, "the orphan's end")
    assert young.exists()
    assert words(second.text_of(done)) == words(clip.text)


def test_a_frozen_leader_that_continues_does_nothing_twice(two, clip):
    settings = ("--set", "jobs.queue_ttl_s=2")
    first = two[0].start(*settings)
    wait_for(lambda: LEADS in first.log.read_text(), 15, "the first leader")
    second = two[1].start("--workers", "0", *settings)
    second.key = first.key
    held = first.submit(clip.path)
    first.process.send_signal(signal.SIGSTOP)  # its workers go on
    assert second.wait(held)["status"] == "completed"
    for worker in first.workers():
        os.kill(worker, signal.SIGSTOP)
    wait_for(lambda: LEADS in second.log.read_text(), 15, "the next leader")
    late = [second.submit(clip.path) for _ in range(5)]
    failed = [second.wait(job, 30) for job in late]
    assert [job["error"]["code"] for job in failed] == ["queue_timeout"] * 5
    events = {job: second.get(f"/api/v1/jobs/{job}/events").text for job in late}
    time.sleep(float(os.environ.get("FROZEN_S", 2)))
    for process in (first.process.pid, *first.workers()):
        os.kill(process, signal.SIGCONT)
    time.sleep(3)  # some rounds of housekeeping in both
    assert first.log.read_text().count(LEADS) == 1  # it knows that it leads no more
    for job in late:
        answer = second.get(f"/api/v1/jobs/{job}/events")
        assert answer.text == events[job]
    # Both do jobs again, and each of them once.
    for service in (first, second):
        job = service.submit(clip.path)
        assert first.wait(job)["status"] == "completed"
        ends = [data for _, kind, data in second.events(job) if kind == "end"]
        assert ends == [{"status": "completed"}]
    usage = sqlite3.connect(first.folder.parent / "shared" / "all.db").execute("select sum(jobs) from usage").fetchone()
    assert usage == (8,)  # nothing was counted twice


def test_memory_is_for_one_process_whose_workers_are_threads(steno, tmp_path, clip):
    service = Service(steno.path, tmp_path / "data", "--set", "store.url=memory:", "--set", "blobs.url=memory:",
                      "--set", "server.open_without_key=loopback")
    service.key = "none"
    service.start()
    service.key = ""
    try:
        assert service.workers() == []
        job = service.submit(clip.path)
        assert service.wait(job)["status"] == "completed"
        assert words(service.text_of(job)) == words(clip.text)
        assert service.get("/health/ready").status == 200
        for command in ("worker", "keys list", "backup copy.db"):
            refused = service.command(*command.split(), "--data-dir", service.folder, *service.arguments)
            assert refused.returncode == 1
            assert "store.url = memory:" in refused.stderr
        drained = service.command("drain", "--data-dir", service.folder, *service.arguments)
        assert drained.returncode == 0 and "its jobs are gone: store.url = memory: keeps nothing" in drained.stdout
        assert service.process.wait(10) == 0
        assert not (service.folder / "steno.db").exists()
    finally:
        service.kill()


@pytest.mark.parametrize("addresses, reason", [
    (["blobs.url=memory:"], "blobs.url = memory: forgets the recordings"),
    (["store.url=memory:"], "store.url = memory: forgets the jobs"),
    (["queue.url=memory:"], "queue.url = memory: cannot wake the workers")], ids=lambda value: str(value)[:20])
def test_addresses_that_do_not_fit_together_are_refused(steno, tmp_path, addresses, reason):
    settings = [word for address in addresses for word in ("--set", address)]
    for command in ("serve", "doctor", "config check"):
        refused = steno(*command.split(), "--data-dir", tmp_path / "data", *settings)
        assert refused.status == 2 and reason in refused.err
    assert not (tmp_path / "data").exists()


def test_a_scheme_that_is_not_built_in_is_named(steno, tmp_path):
    refused = steno("serve", "--data-dir", tmp_path / "data", "--set", "store.url=postgresql://db/steno")
    assert refused.status == 2
    assert 'store.url: the scheme "postgresql:" is not built into this program' in refused.err
    assert "sqlite:PATH or memory:" in refused.err
    assert not (tmp_path / "data").exists()
