"""The service from a user's view: `steno serve`, a key, HTTP, real recordings."""

import json
import os
import signal
import socket
import subprocess
import threading
import time

import pytest
from service import Service, is_idle, multipart, wait_for


@pytest.fixture(scope="module")
def shared(steno, tmp_path_factory):
    """One running service for tests that do not change it."""
    service = Service(steno.path, tmp_path_factory.mktemp("service") / "data").start()
    yield service
    service.kill()


@pytest.fixture
def own(steno, tmp_path):
    """A separate service for one test, not started."""
    service = Service(steno.path, tmp_path / "data")
    yield service
    service.kill()


def words(text: str) -> list[str]:
    return [w for w in "".join(c.lower() if c.isalnum() else " " for c in text).split() if w]


# Submitting and reading.

def test_a_recording_becomes_its_words(shared, clip):
    job = shared.submit(clip.path)
    state = shared.wait(job)
    assert state["status"] == "completed", state
    assert state["progress"] == 100
    assert words(shared.text_of(job)) == words(clip.text)


def test_a_form_a_json_body_and_an_upload_give_the_same(shared, clip):
    import base64

    kind, body = multipart({"language": "en"}, [("file", "book.wav", clip.path.read_bytes())])
    form = shared.request("POST", "/api/v1/transcribe", body, {"Content-Type": kind})
    coded = shared.post_json("/api/v1/transcribe",
                             {"audio_base64": base64.b64encode(clip.path.read_bytes()).decode()})
    made = shared.request("POST", "/api/v1/uploads", headers={
        "Tus-Resumable": "1.0.0", "Upload-Length": str(clip.path.stat().st_size)})
    assert made.status == 201, made.text
    path = made.headers["location"].removeprefix(shared.url)
    sent = shared.request("PATCH", path, clip.path.read_bytes(), {
        "Tus-Resumable": "1.0.0", "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"})
    assert sent.status == 204, sent.text
    uploaded = shared.post_json("/api/v1/transcribe", {"upload_id": path.rsplit("/", 1)[1]})
    for answer in (form, coded, uploaded):
        assert answer.status == 202, answer.text
        job = answer.json["job_id"]
        assert shared.wait(job)["status"] == "completed"
        assert words(shared.text_of(job)) == words(clip.text)


def test_redacted_text_is_in_no_output(own, clip):
    own.start()
    rules = [{"pattern": "D[a]shw[o]od", "replacement": "[NAME]"}]
    job = own.submit(clip.path, redact="card,number", replace=json.dumps(rules), paragraphs="true")
    assert own.wait(job)["status"] == "completed"
    told = list(own.events(job))
    assert any("[NAME]" in str(data) for _, kind, data in told if kind == "segment")
    assert "Dashwood" not in str(told)
    for form in ("json", "txt", "srt", "vtt", "tsv"):
        text = own.get(f"/api/v1/jobs/{job}/result?format={form}").text
        assert "[NAME]" in text and "Dashwood" not in text
    own.kill()
    for path in own.folder.rglob("*"):
        assert not path.is_file() or b"Dashwood" not in path.read_bytes(), path


def test_a_wrong_rule_is_refused_with_its_path(shared, clip):
    rules = [{"pattern": "a", "replacement": "b"}, {"pattern": "a(b", "replacement": ""}]
    answer = shared.post_json("/api/v1/transcribe", {"url": "https://example.com/a.mp3", "replace": rules})
    assert (answer.status, answer.json["code"]) == (422, "invalid_rule")
    assert answer.json["errors"][0]["path"] == "$.replace[1].pattern"


def test_every_format_is_given(shared, clip):
    job = shared.submit(clip.path)
    shared.wait(job)
    result = shared.get(f"/api/v1/jobs/{job}/result")
    segments = result.json["segments"]
    assert {"id", "start", "end", "text", "words", "extra_data"} <= set(segments[0])
    assert {"word", "start", "end", "probability"} <= set(segments[0]["words"][0])
    assert shared.get(f"/api/v1/jobs/{job}/result?format=vtt").text.startswith("WEBVTT")
    assert "-->" in shared.get(f"/api/v1/jobs/{job}/result?format=srt").text
    assert shared.get(f"/api/v1/jobs/{job}/result?format=tsv").text.startswith("start\tend\ttext")
    assert shared.get(f"/api/v1/jobs/{job}/result?format=docx").status in (400, 422)


def test_events_come_as_they_happen_and_can_be_resumed(shared, speech):
    job = shared.submit(speech["telephone.wav"].path)
    live = list(shared.events(job))
    assert [number for number, _, _ in live] == list(range(1, len(live) + 1))
    assert live[-1][1] == "end" and live[-1][2]["status"] == "completed"
    spoken = [data["text"] for _, kind, data in live if kind == "segment"]
    result = shared.get(f"/api/v1/jobs/{job}/result").json
    assert [s["text"] for s in result["segments"]] == spoken
    middle = live[len(live) // 2][0]
    assert list(shared.events(job, last=middle)) == live[middle:]


def test_invalid_fields_are_refused_by_name(shared, clip):
    answer = shared.post_json("/api/v1/transcribe", {"url": "http://example.com/a.wav", "beam_sise": 5,
                                                     "priority": 11})
    assert answer.status in (400, 422)
    assert answer.headers["content-type"].startswith("application/problem+json")
    paths = {error["path"]: error["message"] for error in answer.json["errors"]}
    assert "beam_size" in paths["$.beam_sise"]
    assert "9" in paths["$.priority"]
    refused = shared.post_json("/api/v1/transcribe", {"url": "http://example.com/a.wav", "max_speakers": 2})
    assert refused.status == 422 and "diarize" in refused.text
    assert shared.post_json("/api/v1/transcribe", {}).status in (400, 422)
    assert shared.post_json("/api/v1/transcribe", {"url": "http://127.0.0.1/", "model": "huge"}).status == 422


def test_not_audio_fails_with_a_clear_line_and_no_second_attempt(shared, tmp_path):
    (tmp_path / "notes.wav").write_text("These are notes, and no audio at all.\n" * 40)
    state = shared.wait(shared.submit(tmp_path / "notes.wav"))
    assert state["status"] == "failed"
    assert state["error"]["code"] == "bad_audio"
    assert state["attempt"] == 1
    assert str(shared.folder) not in json.dumps(state)


def test_audio_of_private_addresses_is_not_fetched(shared):
    for host in ("127.0.0.1", "[::1]", "169.254.169.254", "0x7f.1", "[::ffff:10.0.0.1]"):
        answer = shared.post_json("/api/v1/transcribe", {"url": f"http://{host}:{shared.address[1]}/health"})
        assert answer.status in (202, 422), answer.text
        if answer.status == 202:
            state = shared.wait(answer.json["job_id"])
            assert state["status"] == "failed" and state["error"]["code"] == "fetch_blocked", state


def test_the_same_idempotency_key_gives_the_same_job(shared, clip):
    def send(key, content):
        return shared.request("POST", "/api/v1/transcribe", content,
                              {"Content-Type": "audio/wav", "Idempotency-Key": key})

    first = send("one", clip.path.read_bytes())
    again = send("one", clip.path.read_bytes())
    assert first.status == again.status == 202
    assert first.json["job_id"] == again.json["job_id"]
    assert send("one", clip.path.read_bytes()[:-2]).status == 422


def test_an_answered_submission_can_be_repeated_at_once(shared, clip):
    headers = {"Content-Type": "audio/wav", "Idempotency-Key": "at-once"}
    answers = [shared.request("POST", "/api/v1/transcribe", clip.path.read_bytes(), headers) for _ in range(200)]
    assert {answer.status for answer in answers} == {202}
    assert len({answer.json["job_id"] for answer in answers}) == 1


# Keys.

def test_no_key_and_a_wrong_key_are_refused(shared):
    assert shared.get("/api/v1/jobs", key="").status == 401
    assert shared.get("/api/v1/jobs", key="steno_nonsense").status == 401
    assert shared.get("/health", key="").status == 200


def test_a_stranger_sees_nothing(shared, clip):
    job = shared.submit(clip.path)
    stranger = shared.make_key("stranger")
    for path in ("", "/result", "/events", "/audio"):
        assert shared.get(f"/api/v1/jobs/{job}{path}", key=stranger).status == 404
    assert shared.request("DELETE", f"/api/v1/jobs/{job}", key=stranger).status == 404
    assert job not in shared.get("/api/v1/jobs", key=stranger).text
    assert shared.wait(job)["status"] == "completed"


# Cancelling.

def test_cancel_stops_the_work_soon(own, speech, tmp_path):
    own.start()
    long = tmp_path / "long.wav"
    subprocess.run(["ffmpeg", "-v", "error", "-stream_loop", "100", "-i", speech["telephone.wav"].path, "-c",
                    "copy", long], check=True)
    job = own.submit(long)
    wait_for(lambda: own.job(job)["progress"] > 0, 60, "progress")
    [worker] = own.workers()
    assert own.request("DELETE", f"/api/v1/jobs/{job}").status == 200
    assert own.job(job)["status"] == "cancelled"
    # One second is promised on an idle machine. The rest of the recording would take minutes.
    wait_for(lambda: is_idle(worker), 10, "the end of the work")
    assert own.request("DELETE", f"/api/v1/jobs/{job}").status == 409
    assert own.request("DELETE", f"/api/v1/jobs/{job}?purge=true").status == 204
    assert own.get(f"/api/v1/jobs/{job}").status == 404
    assert not [p for p in (own.folder / "blobs").rglob("*") if p.is_file() and job in str(p)]


# Nothing is lost.

def test_a_killed_service_finishes_every_accepted_job(own, clip):
    own.start()
    jobs = [own.submit(clip.path) for _ in range(6)]
    own.kill()
    own.start()
    for job in jobs:
        assert own.wait(job)["status"] == "completed"
        assert words(own.text_of(job)) == words(clip.text)


def test_a_service_may_be_killed_more_often_than_a_job_has_attempts(own, speech):
    own.start("--set", "jobs.max_attempts=2")
    job = own.submit(speech["telephone.wav"].path)
    for _ in range(4):
        wait_for(lambda: own.job(job)["status"] == "processing", 30, "the job's start")
        own.kill()
        own.start("--set", "jobs.max_attempts=2")
    state = own.wait(job)
    assert state["status"] == "completed"
    assert state["attempt"] == 1


def test_a_killed_worker_costs_no_job(own, speech):
    own.start()
    job = own.submit(speech["telephone.wav"].path)
    wait_for(lambda: own.job(job)["status"] == "processing", 30, "the job's start")
    [worker] = own.workers()
    os.kill(worker, signal.SIGKILL)
    state = own.wait(job)
    assert state["status"] == "completed"
    assert state["attempt"] == 1  # it does not count as a failed attempt
    assert own.get("/health").status == 200


def test_a_job_that_kills_its_worker_again_and_again_is_a_dead_letter(own, speech):
    own.start("--set", "jobs.retry_base_s=0.1", "--set", "jobs.max_losses=3")
    job = own.submit(speech["telephone.wav"].path)
    for attempt in (1, 2, 3):
        wait_for(lambda: own.job(job)["status"] == "processing", 60, f"attempt {attempt}")
        for worker in own.workers():
            os.kill(worker, signal.SIGKILL)
        wait_for(lambda: own.job(job)["status"] != "processing", 30, "the loss is seen")
    state = own.wait(job)
    assert state["status"] == "failed" and state["error"]["code"] == "worker_lost"
    letters = own.get("/api/v1/dead-letters").json
    assert job in json.dumps(letters)
    assert own.request("POST", f"/api/v1/dead-letters/{job}/retry").status in (200, 202)
    assert own.wait(job)["status"] == "completed"


def test_sigterm_gives_unfinished_work_back(own, speech):
    own.start("--set", "server.shutdown_grace_s=0.2")
    job = own.submit(speech["telephone.wav"].path)
    wait_for(lambda: own.job(job)["status"] == "processing", 30, "the job's start")
    assert own.stop() == 0
    own.start()
    state = own.wait(job)
    assert state["status"] == "completed" and state["attempt"] == 1


def test_sigterm_answers_requests_that_wait_for_a_change(own, speech):
    own.start("--set", "server.shutdown_grace_s=30", "--set", "worker.count=0")
    job = own.submit(speech["telephone.wav"].path)
    answers = []
    waiting = threading.Thread(target=lambda: answers.append(own.job(job + "?wait=60")))
    waiting.start()
    time.sleep(0.5)
    begin = time.monotonic()
    assert own.stop() == 0
    waiting.join()
    assert answers[0]["status"] == "pending"
    assert time.monotonic() - begin < 10


def test_sighup_ends_no_worker(own, speech):
    own.start()
    job = own.submit(speech["telephone.wav"].path)
    wait_for(lambda: own.job(job)["status"] == "processing", 30, "the job's start")
    os.killpg(own.process.pid, signal.SIGHUP)
    state = own.wait(job)
    assert state["status"] == "completed" and state["attempt"] == 1


def test_a_service_without_workers_is_not_ready(own):
    own.start("--set", "worker.count=0")
    ready = own.get("/health/ready", key="")
    assert ready.status == 503
    assert [check["name"] for check in ready.json["checks"] if not check["ok"]] == ["workers"]


def test_a_second_service_on_one_folder_is_refused(own):
    own.start()
    second = own.command("serve", "--data-dir", own.folder, "--listen", "127.0.0.1:0")
    assert second.returncode == 1
    assert "another steno serve" in second.stderr
    assert own.get("/health").status == 200


def test_a_half_sent_recording_leaves_nothing(own, clip):
    own.start()
    content = clip.path.read_bytes()
    with socket.create_connection(own.address) as connection:
        connection.sendall(
            f"POST /api/v1/transcribe HTTP/1.1\r\nHost: x\r\nX-API-Key: {own.key}\r\n"
            f"Content-Type: audio/wav\r\nContent-Length: {len(content)}\r\n\r\n".encode() + content[:50_000])
        time.sleep(0.3)
    wait_for(lambda: not [p for p in (own.folder / "blobs").rglob("*") if p.is_file() and p.name != "installation"], 10, "an empty folder")
    assert own.get("/api/v1/jobs").json["jobs"] == []


def test_an_idle_worker_starts_a_job_at_once(own, clip):
    own.start("--set", "worker.warm_models=tiny.en")
    own.wait(own.submit(clip.path))
    delays = []
    for _ in range(10):
        job = own.submit(clip.path)
        state = own.wait(job)

        def moment(name):
            return time.mktime(time.strptime(state[name][:19], "%Y-%m-%dT%H:%M:%S")) + float(state[name][19:23])

        delays.append(moment("started_at") - moment("created_at"))
    assert sorted(delays)[len(delays) // 2] < 0.05, delays


def test_short_clips_pass_a_long_recording(own, clip, speech, tmp_path):
    own.start("--set", "worker.jobs_at_once=3", "--set", "worker.short_reserve=1")
    long = tmp_path / "long.wav"
    subprocess.run(["ffmpeg", "-v", "error", "-stream_loop", "120", "-i", speech["telephone.wav"].path, "-c",
                    "copy", long], check=True)
    assert long.stat().st_size > 8 << 20
    longs = [own.submit(long) for _ in range(3)]
    wait_for(lambda: own.job(longs[0])["progress"] > 0, 60, "progress")
    begin = time.monotonic()
    state = own.wait(own.submit(clip.path), 60)
    assert state["status"] == "completed"
    assert own.job(longs[0])["status"] == "processing"
    assert time.monotonic() - begin < 30
    for job in longs:
        own.request("DELETE", f"/api/v1/jobs/{job}")


# Operation.

def test_metrics_and_readiness_reflect_the_state(own, clip):
    own.start("--set", "server.metrics_without_key=true")
    own.wait(own.submit(clip.path))
    metrics = own.get("/metrics", key="").text
    assert 'steno_jobs_total{cause="none",state="completed"} 1' in metrics
    assert "steno_http_requests_total" in metrics
    assert 'steno_workers{state="idle"} 1' in metrics
    claims = 'steno_database_seconds_count{operation="jobs.next_waiting"}'  # only workers call it
    wait_for(lambda: claims in own.get("/metrics", key="").text, 10, "the worker's calls to the database")
    wait_for(lambda: 'steno_models_loaded{model="tiny.en"} 1' in own.get("/metrics", key="").text, 10, "the model")
    ready = own.get("/health/ready", key="")
    assert ready.status == 200, ready.text


def test_a_request_id_is_kept_in_answer_and_log(own):
    own.start("--set", "log.format=json")
    answer = own.get("/api/v1/jobs", headers={"X-Request-Id": "trace-me-7"})
    assert answer.headers["x-request-id"] == "trace-me-7"

    def logged():
        lines = [json.loads(line) for line in own.log.read_text().splitlines()]
        return any(line.get("request_id") == "trace-me-7" for line in lines)

    wait_for(logged, 10, "the request in the log")


def test_no_secret_is_in_the_log_or_the_process_list(own, clip):
    own.start("--set", "log.level=debug")
    own.wait(own.submit(clip.path))
    own.post_json("/api/v1/transcribe", {"url": "http://user:hush@127.0.0.1/a.wav?token=hush"})
    time.sleep(1)
    assert own.key not in own.log.read_text()
    assert "hush" not in own.log.read_text()


def test_many_clients_at_once(own, clip):
    own.start()
    jobs, failures = [], []

    def client():
        try:
            jobs.append(own.submit(clip.path))
        except Exception as error:  # noqa: BLE001
            failures.append(error)

    threads = [threading.Thread(target=client) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert len(set(jobs)) == 20
    for job in jobs:
        assert own.wait(job)["status"] == "completed"
