"""The order of jobs, their time limits, and the handling of failures."""

import http.server
import threading
import time
from datetime import datetime

import pytest
from service import Service, wait_for
from test_service import words


class Host:
    """Serves recordings at /name. It can delay answers and refuse the first requests of a path."""

    def __init__(self):
        self.files: dict[str, bytes] = {}
        self.failures: dict[str, int] = {}
        self.asked: list[str] = []
        self.open = threading.Event()
        self.open.set()
        host = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def do_GET(self):
                host.asked.append(self.path)
                host.open.wait(60)
                left = host.failures.get(self.path, 0)
                host.failures[self.path] = left - 1
                content = b"" if left > 0 else host.files.get(self.path)
                self.send_response(404 if content is None else 503 if left > 0 else 200)
                self.send_header("Content-Length", str(len(content or b"")))
                self.end_headers()
                self.wfile.write(content or b"")

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}{path}"

    def close(self):
        self.open.set()
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture(scope="module")
def host(clip):
    host = Host()
    host.files = {"/clip.wav": clip.path.read_bytes(), "/notes": b"No audio at all.\n" * 40}
    yield host
    host.close()


@pytest.fixture(scope="module")
def narrow(steno, host, tmp_path_factory):
    """One worker that runs one job at a time. 0.2 s of waiting equal one step of priority."""
    service = Service(steno.path, tmp_path_factory.mktemp("narrow") / "data",
                      "--set", "worker.jobs_at_once=1", "--set", "worker.short_reserve=0",
                      "--set", "jobs.ageing_s=0.2", "--set", "fetch.allow_networks=127.0.0.0/8").start()
    yield service
    service.kill()


@pytest.fixture
def blocked(narrow, host):
    """`narrow` while its worker waits for a recording that is delayed until it is released."""
    host.open.clear()
    job = by_url(narrow, host.url("/notes"))
    wait_for(lambda: narrow.job(job)["status"] == "processing", 30, "the blocking job")
    yield narrow
    host.open.set()


def by_url(service, url: str, **fields) -> str:
    answer = service.post_json("/api/v1/transcribe", {"url": url, **fields})
    assert answer.status == 202, answer.text
    return answer.json["job_id"]


def submit(service, priority: int = 5, key: str | None = None, **fields) -> str:
    """A job without audio, which takes no time."""
    query = "&".join(f"{name}={value}" for name, value in {"priority": priority, **fields}.items())
    answer = service.request("POST", "/api/v1/transcribe?" + query, b"No audio at all.\n" * 40,
                             {"Content-Type": "audio/wav"}, key=key)
    assert answer.status == 202, answer.text
    return answer.json["job_id"]


def in_order(service, jobs: dict[str, str | None]) -> list[str]:
    """The jobs (with their keys) in the order of their starts."""
    ended = {}
    for job, key in jobs.items():
        wait_for(lambda: service.job(job, key=key)["finished_at"], 60, "the job's end")
        ended[job] = service.job(job, key=key)["started_at"]
    return sorted(ended, key=ended.get)


# Order.

def test_an_urgent_job_overtakes_waiting_jobs(blocked, host):
    low = [submit(blocked, 0) for _ in range(3)]
    high = submit(blocked, 9)
    assert blocked.job(high)["queue_position"] == 1
    assert blocked.job(low[2])["queue_position"] == 4
    host.open.set()
    assert in_order(blocked, dict.fromkeys([*low, high])) == [high, *low]


def test_waiting_makes_up_for_priority(blocked, host):
    old = submit(blocked, 0)
    waited_since = time.monotonic()
    wait_for(lambda: time.monotonic() - waited_since > 1.1, what="five steps of ageing")
    young = submit(blocked, 3)
    urgent = submit(blocked, 9)
    host.open.set()
    assert in_order(blocked, dict.fromkeys([old, young, urgent])) == [urgent, old, young]


def test_owners_take_turns_however_much_one_of_them_has_sent(blocked, host):
    other = blocked.make_key("another-owner")
    many = [submit(blocked) for _ in range(4)]
    waited_since = time.monotonic()
    wait_for(lambda: time.monotonic() - waited_since > 0.5, what="two steps of ageing")
    few = [submit(blocked, key=other) for _ in range(2)]
    host.open.set()
    order = in_order(blocked, dict.fromkeys(many) | dict.fromkeys(few, other))
    assert set(order[:4]) == {*few, *many[:2]}, order
    assert order[4:] == many[2:]


# Time limits.

def test_a_job_that_waits_too_long_says_so(steno, tmp_path, clip):
    service = Service(steno.path, tmp_path / "data", "--workers", "0", "--set", "jobs.queue_ttl_s=1").start()
    try:
        job = service.submit(clip.path)
        state = service.wait(job, 10)
        assert state["status"] == "failed" and state["error"]["code"] == "queue_timeout", state
        assert list(service.events(job))[-1][2]["status"] == "failed"
        assert service.post_json(f"/api/v1/jobs/{job}/retry", {}).status in (200, 202)
        assert service.job(job)["status"] == "pending"
    finally:
        service.kill()


def test_a_job_has_no_more_time_than_it_was_given(narrow, long_talk):
    job = narrow.submit(long_talk, time_limit=1)
    state = narrow.wait(job)
    assert state["status"] == "failed" and state["error"]["code"] == "timed_out", state
    assert "1 s" in state["error"]["message"] and state["attempt"] == 1

    def moment(name):
        return datetime.fromisoformat(state[name]).timestamp()

    assert 0.9 < moment("finished_at") - moment("started_at") < 4


# Temporary and permanent failures.

@pytest.fixture(scope="module")
def patient(steno, host, tmp_path_factory):
    service = Service(steno.path, tmp_path_factory.mktemp("patient") / "data", "--set", "jobs.max_attempts=2",
                      "--set", "jobs.retry_base_s=0.2", "--set", "fetch.allow_networks=127.0.0.0/8",
                      "--set", "worker.poll_s=0.2").start()
    yield service
    service.kill()


def test_an_address_that_fails_for_a_while_is_asked_again(patient, host, clip):
    """A fetch tries five times. Then the job is retried once, and fails permanently after that."""
    host.failures["/clip.wav?twice"] = 2
    host.failures["/clip.wav?seven"] = 7
    host.failures["/clip.wav?ever"] = host.failures["/clip.wav?never"] = 1000
    host.files |= {f"/clip.wav?{name}": clip.path.read_bytes() for name in ("twice", "seven", "ever", "never")}
    jobs = {name: by_url(patient, host.url(f"/clip.wav?{name}")) for name in ("twice", "seven", "ever", "never")}
    gone = by_url(patient, host.url("/nowhere"))
    ended = {name: patient.wait(job) for name, job in jobs.items()}
    assert ended["twice"]["status"] == ended["seven"]["status"] == "completed"
    assert ended["twice"]["attempt"] == 1 and ended["seven"]["attempt"] == 2
    assert words(patient.text_of(jobs["seven"])) == words(clip.text)
    assert ended["ever"]["status"] == "failed" and ended["ever"]["attempt"] == 2
    assert ended["ever"]["error"]["code"] == "fetch_failed"
    assert "clip.wav" not in ended["ever"]["error"]["message"]  # a URL may contain secrets

    # A permanent failure is not retried and is not a dead letter.
    state = patient.wait(gone)
    assert state["status"] == "failed" and state["error"]["code"] == "fetch_not_found"
    assert state["attempt"] == 1 and host.asked.count("/nowhere") == 1
    assert letters(patient) == [jobs["never"], jobs["ever"]]
    assert patient.request("DELETE", f"/api/v1/dead-letters/{jobs['never']}").status == 204
    assert patient.job(jobs["never"])["status"] == "failed"
    assert letters(patient) == [jobs["ever"]]

    # Retried when the host works again, it is completed. Its attempts are counted from zero.
    host.failures["/clip.wav?ever"] = 0
    assert patient.request("POST", f"/api/v1/dead-letters/{jobs['ever']}/retry").status == 202
    state = patient.wait(jobs["ever"])
    assert state["status"] == "completed" and state["attempt"] == 1
    assert letters(patient) == []


def letters(service) -> list[str]:
    return [letter["job_id"] for letter in service.get("/api/v1/dead-letters").json["jobs"]]
