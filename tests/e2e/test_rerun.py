"""A recording is transcribed once: reruns, and workers that die during an attempt."""

import os
import re
import signal
import time
import wave
from pathlib import Path

import pytest
from service import Service, wait_for


@pytest.fixture
def own(steno, tmp_path):
    service = Service(steno.path, tmp_path / "data")
    yield service
    service.kill()


@pytest.fixture
def meeting(ffmpeg, speech, tmp_path):
    """The telephone call eight times: 4 minutes of two voices."""
    path = tmp_path / "meeting.wav"
    ffmpeg("-stream_loop", "7", "-i", speech["telephone.wav"].path, path)
    return path


@pytest.fixture
def own_models(own, models, tmp_path):
    """The folder of models of `own`: without "tiny.en" in it, no words can be transcribed."""
    folder = tmp_path / "models"
    (folder / "diarization").mkdir(parents=True)
    for name in ("tiny.en", "silero_vad_v6.onnx", "diarization/segmentation.onnx", "diarization/embedding.onnx"):
        (folder / name).symlink_to(models / name)
    own.environment["STENO_MODELS"] = str(folder)
    return folder


def rerun(service: Service, job: str, **changes) -> str:
    answer = service.post_json(f"/api/v1/jobs/{job}/rerun", changes)
    assert answer.status == 202, answer.text
    assert answer.json["rerun_of"] == job
    return answer.json["job_id"]


def stage(service: Service, job: str, name: str) -> Path:
    return service.folder / "blobs/blobs/stages" / job / name


def result(service: Service, job: str) -> dict:
    answer = service.get(f"/api/v1/jobs/{job}/result")
    assert answer.status == 200, answer.text
    return answer.json


def words_of(transcript: dict) -> list:
    return [(word["word"], word["start"]) for segment in transcript["segments"] for word in segment["words"]]


def test_a_rerun_does_not_transcribe_again(own, speech):
    own.start()
    first = own.submit(speech["telephone.wav"].path)
    assert own.wait(first)["status"] == "completed"
    plain = result(own, first)
    assert not plain.get("speakers")
    second = rerun(own, first, diarize=True, replace=[{"pattern": "Chicago", "replacement": "Springfield"}])
    assert own.wait(second)["status"] == "completed"
    assert own.job(second)["rerun_of"] == first
    told = result(own, second)
    assert [speaker["speaker"] for speaker in told["speakers"]] == ["SPEAKER_00", "SPEAKER_01"]
    assert "Springfield" in told["text"] and "Chicago" not in told["text"] and "Chicago" in plain["text"]
    assert len(words_of(told)) == len(words_of(plain))
    third = rerun(own, second, num_speakers=1)  # of a rerun
    assert own.wait(third)["status"] == "completed"
    assert [speaker["speaker"] for speaker in result(own, third)["speakers"]] == ["SPEAKER_00"]
    assert "Springfield" in result(own, third)["text"]
    # Nothing is transcribed again: the segments are reported at once.
    events = own.get(f"/api/v1/jobs/{third}/events").text
    assert "Springfield" not in events.split("event: status")[1] and events.count("event: end") == 1


def test_a_rerun_needs_no_recording_where_the_stages_do(steno, tmp_path, speech):
    service = Service(steno.path, tmp_path / "data", "--set", "jobs.retention_audio_s=0")
    service.start()
    try:
        first = service.submit(speech["telephone.wav"].path, diarize="true")
        assert service.wait(first)["status"] == "completed"
        assert not list((service.folder / "blobs/blobs/audio").rglob("aud_*"))
        second = rerun(service, first, redact=["number"], num_speakers=1)
        assert service.wait(second)["status"] == "completed"
        assert len(result(service, second)["speakers"]) == 1
        assert not stage(service, second, "words").exists()  # its text is not redacted
        refused = service.post_json(f"/api/v1/jobs/{second}/rerun", {"redact": []})
        assert refused.status == 409 and refused.json["code"] == "audio_deleted"
        assert service.request("DELETE", f"/api/v1/jobs/{first}?purge=true").status == 204
        assert service.get(f"/api/v1/jobs/{second}/result").status == 200
    finally:
        service.kill()


def test_a_rerun_that_waits_outlives_the_job_before(steno, tmp_path, speech):
    service = Service(steno.path, tmp_path / "data", "--set", "jobs.retention_audio_s=0")
    service.start("--workers", "0")
    worker = service.start_worker()
    try:
        first = service.submit(speech["telephone.wav"].path, diarize="true")
        assert service.wait(first)["status"] == "completed"
        worker.kill()
        worker.wait()
        second = rerun(service, first, num_speakers=1)
        assert service.request("DELETE", f"/api/v1/jobs/{first}?purge=true").status == 204
        service.start_worker()
        assert service.wait(second)["status"] == "completed"
        assert len(result(service, second)["speakers"]) == 1
    finally:
        service.kill()


def test_a_rerun_that_redacts_owns_its_words_until_it_ends(steno, tmp_path, speech):
    service = Service(steno.path, tmp_path / "data", "--set", "jobs.retention_audio_s=0")
    service.start("--workers", "0")
    worker = service.start_worker()
    try:
        first = service.submit(speech["telephone.wav"].path)
        assert service.wait(first)["status"] == "completed"
        worker.kill()
        worker.wait()
        redacted, cancelled = (rerun(service, first, redact=["number"]) for _ in range(2))
        assert service.request("DELETE", f"/api/v1/jobs/{first}?purge=true").status == 204
        copies = service.folder / "blobs/blobs/unredacted"
        assert [path for path in copies.rglob("*") if path.is_file()]
        assert service.request("DELETE", f"/api/v1/jobs/{cancelled}").status == 200
        service.start_worker()
        assert service.wait(redacted)["status"] == "completed"
        wait_for(lambda: not [path for path in copies.rglob("*") if path.is_file()], 10, "the removal of the copies")
        assert not stage(service, redacted, "words").exists()
    finally:
        service.kill()


def test_an_empty_list_removes_known_speakers(own, steno, speech, tmp_path):
    own.start()
    clip = tmp_path / "Sheila.wav"
    with wave.open(str(speech["telephone.wav"].path)) as call, wave.open(str(clip), "wb") as out:
        out.setparams(call.getparams())
        call.setpos(int(24.06 * call.getframerate()))
        out.writeframes(call.readframes(int(4.3 * call.getframerate())))
    environment = os.environ | {"STENO_URL": own.url, "STENO_API_KEY": own.key}
    first = own.submit(speech["telephone.wav"].path, diarize="true", known_speakers="[]")
    assert own.wait(first)["status"] == "completed"
    run = steno("jobs", "rerun", first, "--known-speaker", f"Sheila={clip}", env=environment)
    named = run.out.strip()
    assert own.wait(named)["status"] == "completed", run.err
    assert "Sheila: " in own.text_of(named)
    for nobody in ([], None):
        again = rerun(own, named, known_speakers=nobody)
        assert own.wait(again)["status"] == "completed"
        assert "Sheila: " not in own.text_of(again) and "SPEAKER_01: " in own.text_of(again)
    run = steno("jobs", "rerun", named, "--no-diarize", "--known-speaker", "none", "--replace", "none", env=environment)
    assert run.status == 0, run.err
    assert own.wait(run.out.strip())["status"] == "completed" and "SPEAKER" not in own.text_of(run.out.strip())


def test_jobs_rerun_prints_the_new_job(own, steno, speech):
    own.start()
    first = own.submit(speech["telephone.wav"].path)
    assert own.wait(first)["status"] == "completed"
    environment = os.environ | {"STENO_URL": own.url, "STENO_API_KEY": own.key}
    run = steno("jobs", "rerun", first, "--diarize", "--no-filler-words", "--replace", "Chicago=>Springfield",
                env=environment)
    assert run.status == 0, run.err
    assert re.fullmatch(r"job_\w+\n", run.out)
    watched = steno("jobs", "watch", run.out.strip(), env=environment)
    assert watched.status == 0 and "Springfield" in watched.out, watched.err
    refused = steno("jobs", "rerun", first, "--num-speakers", "2", env=environment)
    assert refused.status == 1 and "num_speakers has no effect without diarize" in refused.err
    unknown = steno("jobs", "rerun", first, "--language", "de", env=environment)
    assert unknown.status == 2 and "--language" in unknown.err


def test_a_worker_that_dies_during_diarization_has_stored_the_words(own, own_models, meeting):
    own.start()
    first = own.submit(meeting)
    assert own.wait(first)["status"] == "completed"
    second = rerun(own, first, diarize=True)
    wait_for(lambda: own.job(second)["stage"] == "diarizing", 30, "diarization")
    [worker] = own.workers()
    os.kill(worker, signal.SIGKILL)
    (own_models / "tiny.en").unlink()
    shown = own.wait(second)
    assert shown["status"] == "completed" and shown["losses"] == 1
    assert len(result(own, second)["speakers"]) == 2
    assert words_of(result(own, second)) == words_of(result(own, first))
    assert stage(own, second, "words").exists() and stage(own, second, "voices").exists()


@pytest.mark.parametrize("dies", ["during transcription", "after the words", "after the voices"])
def test_a_worker_that_dies_costs_no_stage_that_is_done(own, own_models, meeting, dies):
    own.start()
    job = own.submit(meeting, diarize="true", paragraphs="true")
    waits_for = {"after the words": "words", "after the voices": "voices"}.get(dies)
    end = time.monotonic() + 120
    while not (stage(own, job, waits_for).exists() if waits_for else own.job(job)["progress"] > 10):
        assert time.monotonic() < end
        time.sleep(0.001)
    [worker] = own.workers()
    os.kill(worker, signal.SIGKILL)
    if waits_for:
        (own_models / "tiny.en").unlink()
    shown = own.wait(job)
    assert shown["status"] == "completed" and shown["warnings"] == []
    assert shown["losses"] <= 1  # it may have ended before the kill
    told = result(own, job)
    assert len(told["speakers"]) == 2 and told["paragraphs"]
    assert told["duration"] == pytest.approx(240, abs=1)
    hearings = own.log.read_text().count('"message":"job started"')
    assert hearings == 1 + shown["losses"]


def test_a_job_that_failed_for_its_speakers_has_kept_its_words(own, own_models, models, meeting):
    networks = own_models / "diarization"
    for network in networks.iterdir():
        network.unlink()
        network.write_bytes(b"no network")
    own.start()
    job = own.submit(meeting, diarize="true", require="diarize")
    assert own.wait(job)["status"] == "failed"
    words = stage(own, job, "words").read_bytes()
    (own_models / "tiny.en").unlink()
    for network in networks.iterdir():
        network.unlink()
        network.symlink_to(models / "diarization" / network.name)
    assert own.request("POST", f"/api/v1/jobs/{job}/retry").status == 202
    shown = own.wait(job)
    assert shown["status"] == "completed", shown
    assert len(result(own, job)["speakers"]) == 2
    assert stage(own, job, "words").read_bytes() == words
