"""Workers as separate processes: `steno serve --workers 0` and `steno worker`."""

import signal
import time

import pytest
from service import Service, is_idle, wait_for
from test_service import words


@pytest.fixture(scope="module")
def service(steno, tmp_path_factory):
    service = Service(steno.path, tmp_path_factory.mktemp("workers") / "data", "--workers", "0",
                      "--set", "server.shutdown_grace_s=0.2", "--set", "jobs.retry_base_s=0.1").start()
    yield service
    service.kill()


@pytest.fixture
def start(service):
    """Starts workers and stops them after the test."""
    started = []

    def run(*more):
        started.append(service.start_worker(*more))
        return started[-1]

    yield run
    for worker in started:
        worker.kill()
        worker.wait()
    wait_for(lambda: not list((service.folder / "run" / "workers").glob("*.lock")), 10, "no worker")


def is_ready(service) -> bool:
    return service.get("/health/ready", key="").status == 200


def running(service, recording) -> str:
    """A job that a worker has claimed."""
    job = service.submit(recording)
    wait_for(lambda: service.job(job)["status"] == "processing", 30, "the job's start")
    return job


def test_jobs_wait_for_a_worker_and_are_done_by_it(service, start, clip):
    job = service.submit(clip.path)
    wait_for(lambda: not is_ready(service), 5, "the lack of a worker")
    assert service.job(job)["status"] == "pending"
    start()
    assert service.wait(job)["status"] == "completed"
    assert words(service.text_of(job)) == words(clip.text)
    wait_for(lambda: is_ready(service), 5, "readiness")


def test_a_killed_worker_costs_no_attempt_and_the_next_one_does_the_job(service, start, speech):
    worker = start()
    job = running(service, speech["telephone.wav"].path)
    worker.kill()
    worker.wait()
    wait_for(lambda: service.job(job)["status"] == "pending", 5, "the job's return")
    start()
    state = service.wait(job)
    assert state["status"] == "completed" and state["attempt"] == 1, state
    spoken = [data["text"] for _, kind, data in service.events(job) if kind == "segment"]
    assert spoken == [segment["text"] for segment in service.get(f"/api/v1/jobs/{job}/result").json["segments"]]


def test_a_frozen_worker_is_seen_as_silent_and_its_job_is_done_by_another(service, start, speech):
    worker = start("--name", "frozen")
    job = running(service, speech["telephone.wav"].path)
    worker.send_signal(signal.SIGSTOP)
    reason = wait_for(lambda: [check["reason"] for check in service.get("/health/ready", key="").json["checks"]
                               if check["name"] == "workers" and not check["ok"]], 20, "the silence")
    assert "silent" in reason[0]
    metrics = service.get("/metrics", key=service.make_key("metrics", "metrics")).text
    assert 'steno_workers{state="silent"} 1' in metrics and 'steno_workers{state="busy"} 0' in metrics
    doctor = service.command("doctor", "--data-dir", service.folder, *service.arguments, "--listen", "127.0.0.1:0")
    assert "frozen, silent" in doctor.stdout
    start("--name", "second")
    wait_for(lambda: is_ready(service), 10, "readiness")
    state = service.wait(job)
    assert state["status"] == "completed" and state["attempt"] == 1 and state["losses"] == 1, state
    text = service.text_of(job)
    worker.send_signal(signal.SIGCONT)  # it finds that the job is not its own any more
    metrics_key = service.make_key("metrics again", "metrics")
    wait_for(lambda: 'steno_workers{state="silent"} 0' in service.get("/metrics", key=metrics_key).text, 10, "its heartbeat")
    assert service.job(job) == state and service.text_of(job) == text
    ends = [data for _, kind, data in service.events(job) if kind == "end"]
    assert ends == [{"status": "completed"}]
    assert "a worker's process is stopped or hangs" in service.log.read_text()


def test_sigterm_gives_a_job_back_at_once(service, start, speech):
    worker = start()
    job = running(service, speech["telephone.wav"].path)
    asked = time.monotonic()
    worker.send_signal(signal.SIGTERM)
    wait_for(lambda: service.job(job)["status"] == "pending", 3, "the job's return")
    assert worker.wait(10) == 0
    assert time.monotonic() - asked < 3
    start()
    state = service.wait(job)
    assert state["status"] == "completed" and state["attempt"] == 1, state


def test_a_job_given_back_is_taken_by_another_worker_that_runs(service, start, speech):
    first = start("--name", "first")
    job = running(service, speech["telephone.wav"].path)
    start("--name", "second")
    lock = service.folder / "run" / "workers" / "second.lock"
    wait_for(lock.exists, 10, "the second worker")
    first.send_signal(signal.SIGTERM)
    wait_for(lambda: first.poll() is not None, 5, "the first worker's end")
    state = service.wait(job)
    assert state["status"] == "completed" and state["attempt"] == 1, state


def test_a_second_worker_of_a_name_is_refused(service, start):
    start("--name", "twin")
    wait_for((service.folder / "run" / "workers" / "twin.lock").exists, 10, "the first worker")
    second = start("--name", "twin")
    assert second.wait(10) == 1
    assert "twin" in service.log.read_text().splitlines()[-1]


def test_a_killed_worker_may_start_again_under_its_name_at_once(service, start, speech):
    worker = start("--name", "again")
    job = running(service, speech["telephone.wav"].path)
    worker.kill()
    worker.wait()
    start("--name", "again")
    wait_for(lambda: service.job(job)["status"] != "processing", 5, "the job's return")
    assert service.wait(job)["status"] == "completed"


def test_a_name_that_is_no_file_name_is_wrong_usage(service, start):
    for name in ("../elsewhere", "a b", ".", "x" * 65):
        assert start("--name", name).wait(10) == 2


def test_cancel_reaches_a_worker_of_another_process(service, start, speech, ffmpeg, tmp_path):
    ffmpeg("-stream_loop", 100, "-i", speech["telephone.wav"].path, "-c", "copy", tmp_path / "minutes.wav")
    worker = start()
    job = running(service, tmp_path / "minutes.wav")
    wait_for(lambda: service.job(job)["progress"] > 0, 60, "progress")
    assert service.request("DELETE", f"/api/v1/jobs/{job}").status == 200
    wait_for(lambda: is_idle(worker.pid), 5, "an idle worker")
