"""`steno jobs …` and `steno transcribe --server` against a running service."""

import json
import os
import signal
import subprocess
import time

import pytest
from service import Service, wait_for


@pytest.fixture(scope="module")
def service(steno, tmp_path_factory):
    service = Service(steno.path, tmp_path_factory.mktemp("jobs_command") / "data").start()
    yield service
    service.kill()


@pytest.fixture
def call(steno, service):
    """Runs the program as a user of the service, with address and key in the environment."""

    def run(*words, key=None, url=None, **options):
        variables = os.environ | {"STENO_URL": url or service.url, "STENO_API_KEY": key or service.key}
        return steno(*words, env=variables, **options)

    return run


@pytest.fixture
def begin(steno, service):
    """Starts the program in the same way without waiting for it."""
    started = []

    def run(*words):
        variables = os.environ | {"STENO_URL": service.url, "STENO_API_KEY": service.key}
        started.append(steno.start(*words, env=variables))
        return started[-1]

    yield run
    for process in started:
        process.kill()
        process.communicate()


# One job.

def test_a_job_is_listed_shown_and_its_result_is_written(call, service, clip, tmp_path):
    job = service.submit(clip.path, recording_id="the-clip")
    service.wait(job)
    listed = call("jobs", "list", "--status", "completed")
    assert listed.status == 0, listed.err
    assert job in listed.out
    assert job in [entry["job_id"] for entry in json.loads(call("jobs", "list", "--format", "json").out)]
    shown = call("jobs", "show", job)
    assert "completed" in shown.out and "the-clip" in shown.out
    assert json.loads(call("jobs", "show", job, "--format", "json").out)["progress"] == 100
    for form in ("txt", "json", "srt", "vtt", "tsv"):
        expected = service.get(f"/api/v1/jobs/{job}/result?format={form}").text
        assert call("jobs", "result", job, "--format", form).out == expected
        assert call("jobs", "result", job, "--format", form, "-o", tmp_path / form).status == 0
        assert (tmp_path / form).read_text() == expected


def test_list_goes_over_pages(call, service, clip):
    jobs = [service.submit(clip.path) for _ in range(4)]
    listed = json.loads(call("jobs", "list", "--limit", "3", "--format", "json").out)
    assert [entry["job_id"] for entry in listed] == jobs[:0:-1]
    for job in jobs:
        service.wait(job)


def test_a_watched_job_prints_its_words(call, service, speech):
    job = service.submit(speech["telephone.wav"].path)
    watched = call("jobs", "watch", job)
    assert watched.status == 0, watched.err
    assert watched.out == service.text_of(job)
    assert f"{job}: completed" in watched.errors
    again = call("jobs", "watch", "--quiet", job)
    assert (again.out, again.err, again.status) == (watched.out, "", 0)


def test_a_failed_job_gives_an_exit_status(call, service, tmp_path):
    (tmp_path / "notes.wav").write_text("These are notes, and no audio at all.\n" * 40)
    job = service.submit(tmp_path / "notes.wav")
    watched = call("jobs", "watch", job)
    assert watched.status == 1
    assert watched.errors[-1].startswith(f"steno: {job}: failed: ")
    unready = call("jobs", "result", job, "-o", tmp_path / "result.txt")
    assert unready.status == 1 and not (tmp_path / "result.txt").exists()
    sent = call("jobs", "retry", job)
    assert sent.status == 0, sent.err
    assert service.wait(job)["status"] == "failed"


def test_jobs_are_cancelled_and_purged(call, service, long_talk):
    jobs = [service.submit(long_talk) for _ in range(2)]
    assert call("jobs", "cancel", *jobs).errors == [f"{job}: cancelled" for job in jobs]
    assert [service.job(job)["status"] for job in jobs] == ["cancelled"] * 2
    again = call("jobs", "cancel", *jobs)
    assert again.status == 1 and len(again.errors) == 2
    assert call("jobs", "watch", jobs[0]).status == 1
    assert call("jobs", "purge", *jobs).status == 0
    gone = call("jobs", "show", jobs[0])
    assert gone.status == 1 and jobs[0] in gone.err


# Errors are reported.

def test_a_wrong_key_and_a_wrong_address_are_named(call, service):
    refused = call("jobs", "list", key="steno_nonsense")
    assert refused.status == 1
    assert "STENO_API_KEY" in refused.err and "steno_nonsense" not in refused.err
    nowhere = call("jobs", "list", url="http://127.0.0.1:9")
    assert nowhere.status == 1 and "http://127.0.0.1:9" in nowhere.err
    assert call("jobs", "list", url="ftp://host").status == 2


# Transcribing with the service.

@pytest.mark.parametrize("options", [
    [], ["--word-timestamps"], ["--max-words-per-line", "3"], ["--language", "en", "--beam-size", "2"],
    ["--no-vad-filter", "--sequential"]], ids=" ".join)
def test_the_output_is_that_of_the_local_engine(steno, call, clip, speech, tmp_path, options):
    files = [clip.path, speech["telephone.wav"].path]
    words = ["transcribe", *options, "--format", "all", "--quiet", *files]
    here = steno(*words, "-o", tmp_path / "here")
    assert here.status == 0, here.err
    there = call(*words, "--server", "-o", tmp_path / "there")
    assert there.status == 0, there.err
    names = sorted(path.name for path in (tmp_path / "here").iterdir())
    assert names == sorted(path.name for path in (tmp_path / "there").iterdir())
    for name in names:
        assert (tmp_path / "there" / name).read_text() == (tmp_path / "here" / name).read_text(), name


@pytest.mark.parametrize("form", ["txt", "json", "srt"])
def test_segments_are_streamed_as_they_come(steno, call, speech, form):
    words = ["transcribe", "--stream", "--format", form, speech["telephone.wav"].path]
    assert call(*words, "--server").out == steno(*words).out


def test_standard_input_is_sent(call, service, clip):
    with clip.path.open("rb") as recording:
        by_file = call("transcribe", "--server", service.url, "-", stdin=recording)
    pipe = subprocess.Popen(["cat", clip.path], stdout=subprocess.PIPE)
    by_pipe = call("transcribe", "--server", "-", stdin=pipe.stdout)
    pipe.stdout.close()
    pipe.wait()
    assert by_file.status == by_pipe.status == 0, by_file.err + by_pipe.err
    assert by_file.out == by_pipe.out != ""


def test_a_file_that_fails_does_not_hold_up_the_others(call, clip, tmp_path):
    (tmp_path / "notes.wav").write_text("These are notes, and no audio at all.\n" * 40)
    result = call("transcribe", "--server", tmp_path / "none.wav", tmp_path / "notes.wav", clip.path)
    assert result.status == 1
    assert len(result.errors) == 2
    assert all(str(tmp_path) in line for line in result.errors)
    assert str(clip.path) in result.out


def test_options_of_the_service_are_refused_by_name(call, clip):
    for option in (["--device", "cpu"], ["--compute-type", "int8"], ["--model", "./models/base"]):
        refused = call("transcribe", "--server", *option, clip.path)
        assert refused.status == 2
        assert option[0] in refused.err
    unknown = call("transcribe", "--server", "--model", "huge", clip.path)
    assert unknown.status == 1 and "not installed" in unknown.err


def test_an_interruption_cancels_the_jobs(begin, service, long_talk, tmp_path):
    before = {entry["job_id"] for entry in service.get("/api/v1/jobs?limit=200").json["jobs"]}
    process = begin("transcribe", "--server", "-o", tmp_path / "out", long_talk)

    def own_jobs():
        jobs = service.get("/api/v1/jobs?limit=200").json["jobs"]
        return [entry for entry in jobs if entry["job_id"] not in before]

    wait_for(lambda: [job for job in own_jobs() if job["status"] == "processing"], what="the job's start")
    asked = time.monotonic()
    process.send_signal(signal.SIGINT)
    assert process.wait(10) == 130
    assert time.monotonic() - asked < 1.5
    assert [job["status"] for job in own_jobs()] == ["cancelled"]
    assert not list((tmp_path / "out").iterdir())


def test_the_key_is_in_no_list_of_processes(begin, service, long_talk):
    process = begin("transcribe", "--server", long_talk)
    time.sleep(0.3)
    with open(f"/proc/{process.pid}/cmdline", "rb") as words:
        assert service.key.encode() not in words.read()


# A service that is unavailable for a while.

def test_a_watch_outlives_a_restart_of_the_service(steno, long_talk, tmp_path):
    service = Service(steno.path, tmp_path / "data").start("--set", "server.shutdown_grace_s=0.2")
    try:
        job = service.submit(long_talk)
        variables = os.environ | {"STENO_URL": service.url, "STENO_API_KEY": service.key}
        process = steno.start("jobs", "watch", job, env=variables)
        wait_for(lambda: service.job(job)["progress"] > 0, what="progress")
        service.kill()
        service.start(listen=f"127.0.0.1:{service.address[1]}")
        out, err = process.communicate(timeout=180)
        assert process.returncode == 0, err
        assert out.decode() == service.text_of(job)
    finally:
        service.kill()
