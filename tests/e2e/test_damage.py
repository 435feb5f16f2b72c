"""Damaged files: checkpoints, stage outputs and results of which bytes are gone or changed. The cost
is work, never a wrong text and never a job."""

import json
import os
import signal
import subprocess
from pathlib import Path

import pytest
from service import Service, wait_for
from test_checkpoints import SETTINGS, parts, result, wait_for_new_part
from test_retention import places_of

MARK = b"steno stage 1\n"
CARD = "4111 1111 1111 1111"


@pytest.fixture
def own(steno, tmp_path):
    service = Service(steno.path, tmp_path / "data", *SETTINGS, "--set", "server.shutdown_grace_s=0.2")
    yield service
    service.kill()


def stages(service: Service, job: str) -> Path:
    return service.folder / "blobs/blobs/stages" / job


def flip(path: Path, place: float) -> None:
    """Changes one bit of a file, at that share of its length."""
    content = bytearray(path.read_bytes())
    content[int(len(content) * place)] ^= 1
    path.write_bytes(content)


def rerun(service: Service, job: str, **changes) -> str:
    answer = service.post_json(f"/api/v1/jobs/{job}/rerun", changes)
    assert answer.status == 202, answer.text
    return answer.json["job_id"]


def test_damaged_checkpoints_cost_work_and_change_no_text(own, speech):
    own.start("--workers", "0")
    worker = own.start_worker()
    talk = speech["telephone.wav"].path
    fields = {"chunk_length": "3", "batch_size": "1"}
    job = own.submit(talk, **fields)
    known: set[str] = set()
    while len(known) < 4:
        known = wait_for_new_part(own, job, known)
    worker.kill()
    worker.wait()
    files = sorted((stages(own, job) / "checkpoints").iterdir())
    files[0].write_bytes(b"")
    files[1].write_bytes(files[1].read_bytes()[:-7])
    flip(files[2], 0.6)
    own.start_worker()
    assert own.wait(job)["status"] == "completed"
    log = own.log.read_text()
    assert '"a checkpoint is ignored' in log and '"count":3' in log
    plain = own.submit(talk, **fields)
    assert own.wait(plain)["status"] == "completed"
    assert result(own, job)["segments"] == result(own, plain)["segments"]
    assert not parts(own, job)


def test_damaged_words_and_voices_are_made_again(own, clip):
    own.start()
    first = own.submit(clip.path, diarize="true")
    assert own.wait(first)["status"] == "completed"
    kept = {name: (stages(own, first) / name).read_bytes() for name in ("words", "voices")}
    assert all(content.startswith(MARK) for content in kept.values())
    for damage in ("empty", "cut", "flipped"):
        for name, content in kept.items():
            path = stages(own, first) / name
            path.unlink()  # reruns share the file
            path.write_bytes({"empty": b"", "cut": content[:-20], "flipped": content}[damage])
            if damage == "flipped":
                flip(path, 0.5)
        second = rerun(own, first)
        assert own.wait(second)["status"] == "completed"
        assert result(own, second)["segments"] == result(own, first)["segments"]
        assert result(own, second)["speakers"] == result(own, first)["speakers"]
        assert {name: (stages(own, second) / name).read_bytes() for name in kept} == kept, damage
    assert own.log.read_text().count("the checksum is wrong") == 4


def test_a_damaged_result_leaves_the_status_readable(own, clip):
    own.start()
    job = own.submit(clip.path, word_timestamps="false")
    assert own.wait(job)["status"] == "completed"
    own.stop()
    [stored] = (own.folder / "blobs/blobs/results" / job).iterdir()
    stored.write_bytes(stored.read_bytes()[:-50])
    own.start()
    assert own.job(job)["status"] == "completed"
    damaged = own.get(f"/api/v1/jobs/{job}/result?format=srt")
    assert damaged.status == 500 and damaged.json["code"] == "result_damaged"
    again = rerun(own, job)
    assert own.wait(again)["status"] == "completed"


def with_card(service: Service, job: str) -> None:
    """Lets the first segment of the stored words say a card number, as an earlier program stored them."""
    path = stages(service, job) / "words"
    content = path.read_bytes()
    transcript = json.loads(content[len(MARK) + 32:])
    segment = transcript["segments"][0]
    begin, end = segment["words"][0]["start"], segment["words"][-1]["end"]
    spoken = ["My", "card", "is", *CARD.split()]
    step = (end - begin) / len(spoken)
    segment["text"] = " " + " ".join(spoken)
    segment["words"] = [{**segment["words"][0], "word": " " + word, "start": begin + i * step,
                         "end": begin + (i + 1) * step} for i, word in enumerate(spoken)]
    path.write_text(json.dumps(transcript))


@pytest.mark.parametrize("end", ["completed", "cancelled", "killed"])
def test_a_rerun_that_redacts_leaves_no_word_of_it(own, clip, end):
    own.start("--workers", "0")
    worker = own.start_worker()
    first = own.submit(clip.path)
    assert own.wait(first)["status"] == "completed"
    with_card(own, first)
    worker.kill()
    worker.wait()
    second = rerun(own, first, redact=["card"])
    assert own.request("DELETE", f"/api/v1/jobs/{first}?purge=true").status == 204
    assert [place for place in places_of(own, CARD.split()[0]) if "unredacted" in place]
    if end == "cancelled":
        assert own.request("DELETE", f"/api/v1/jobs/{second}").status == 200
    else:
        worker = own.start_worker()
        if end == "killed":
            wait_for(lambda: own.job(second)["status"] != "queued", 30, "the rerun's start")
            worker.kill()
            worker.wait()
            own.start_worker()
        assert own.wait(second)["status"] == "completed"
        text = own.text_of(second)
        assert "My card is" in text and "4111" not in text
        assert "4111" not in own.get(f"/api/v1/jobs/{second}/events").text
    wait_for(lambda: not places_of(own, "4111"), 15, "the removal of the copy")
    assert own.request("DELETE", f"/api/v1/jobs/{second}?purge=true").status == 204
    wait_for(lambda: not places_of(own, "My card is") and not places_of(own, "4111"), 15, "the end of what is purged")
    assert "4111" not in own.log.read_text()


@pytest.fixture
def lockable(own):
    """Makes the folder of blobs of the running service read-only, and writable again."""
    folder = own.folder / "blobs"

    def lock() -> None:
        if subprocess.run(["mount", "--bind", folder, folder], capture_output=True).returncode:
            pytest.skip("no right to mount a folder")
        subprocess.run(["mount", "-o", "remount,ro,bind", folder], check=True)

    def unlock() -> None:
        subprocess.run(["umount", "-l", folder], capture_output=True)

    yield lock, unlock
    unlock()


def test_blobs_that_cannot_be_written_stop_nothing_for_good(own, clip, lockable):
    lock, unlock = lockable
    own.start("--set", "jobs.max_attempts=100", "--set", "jobs.retry_max_s=0.5", "--set", "jobs.retention_audio_s=0")
    done = own.submit(clip.path)
    assert own.wait(done)["status"] == "completed"
    for worker in own.workers():
        os.kill(worker, signal.SIGSTOP)
    waiting = own.submit(clip.path)
    lock()
    for worker in own.workers():
        os.kill(worker, signal.SIGCONT)
    refused = own.request("POST", "/api/v1/transcribe", clip.path.read_bytes(), {"Content-Type": "audio/wav"})
    assert refused.status in (503, 507), refused.text
    ready = own.get("/health/ready", key="")
    assert ready.status == 503 and "storage" in ready.text
    assert own.job(done)["status"] == "completed"
    key = own.make_key("metrics", "metrics")
    wait_for(lambda: own.job(waiting)["attempt"] > 1, 30, "an attempt that cannot store its result")
    assert own.request("DELETE", f"/api/v1/jobs/{waiting}").status == 200  # its audio cannot be removed
    failures = 'steno_housekeeping_failures_total{duty="audio_removal"}'
    counted = [line for line in own.get("/metrics", key=key).text.splitlines() if line.startswith(failures)]
    assert float(counted[0].split()[1]) > 0, counted
    assert '"housekeeping failed","duty":"audio_removal"' in own.log.read_text()
    unlock()
    wait_for(lambda: own.get("/health/ready", key="").status == 200, 20, "readiness")
    again = own.submit(clip.path)
    assert own.wait(again)["status"] == "completed"
