"""API keys: created, listed, changed and revoked by the program and over HTTP, and never disclosed."""

import json
import os
import time
from pathlib import Path

import pytest
from service import Service, wait_for

SOON = 1.5  # one second, plus tolerance for a busy machine


@pytest.fixture(scope="module")
def service(steno, tmp_path_factory):
    service = Service(steno.path, tmp_path_factory.mktemp("keys") / "data", "--workers", "0",
                      "--log-level", "debug").start()
    yield service
    service.kill()


@pytest.fixture
def keys(service):
    """Runs `steno keys` on the service's folder and returns its output."""

    def run(*words: object, status: int = 0) -> str:
        run = service.command("keys", words[0], "--data-dir", service.folder, *words[1:])
        assert run.returncode == status, run.stderr
        return run.stdout if status == 0 else run.stderr

    return run


def status(service, key: str, path: str = "/api/v1/jobs") -> int:
    return service.get(path, key=key).status


def row_of(listed: str, name: str) -> list[str]:
    [row] = [line.split() for line in listed.splitlines() if line.endswith("  " + name)]
    return row


# By the program.

def test_keys_are_made_listed_and_ended_without_a_service(steno, tmp_path):
    service = Service(steno.path, tmp_path / "data", "--workers", "0")
    made, ended = service.make_key("made-before"), service.make_key("ended-before")
    assert made.startswith("steno_") and made != ended
    assert service.command("keys", "revoke", "--data-dir", service.folder, "ended-before").returncode == 0
    listed = service.command("keys", "list", "--data-dir", service.folder).stdout
    assert "good" in row_of(listed, "made-before") and "revoked" in row_of(listed, "ended-before")
    service.key = made
    service.start()
    try:
        assert status(service, made) == 200
        assert status(service, ended) == 401
    finally:
        service.kill()


@pytest.mark.parametrize("called", ["id", "prefix", "name"])
def test_a_revoked_key_fails_within_a_second(service, keys, called):
    key = service.make_key(f"revoked-by-{called}")
    assert status(service, key) == 200
    row = row_of(keys("list"), f"revoked-by-{called}")
    assert key.startswith(row[1])
    name = {"id": row[0], "prefix": row[1], "name": row[-1]}[called]
    asked = time.monotonic()
    keys("revoke", name)
    wait_for(lambda: status(service, key) == 401, 10, "the end of the key")
    assert time.monotonic() - asked < SOON
    assert "revoked already" in keys("revoke", row[0], status=1)


def test_a_key_fails_within_a_second_of_its_expiry(service, keys):
    key = keys("create", "--name", "short", "--expires-days", 1.5 / 86_400).strip()
    made = time.monotonic()
    assert status(service, key) == 200
    wait_for(lambda: status(service, key) == 401, 10, "the end of the key")
    assert 1 < time.monotonic() - made < 1.5 + SOON
    assert "expired" in row_of(keys("list"), "short")


def test_a_rotated_key_ends_after_its_grace_and_the_new_one_has_its_jobs(service, keys, clip):
    old = service.make_key("rotated")
    job = service.request("POST", "/api/v1/transcribe", clip.path.read_bytes(), {"Content-Type": "audio/wav"},
                          key=old).json["job_id"]
    fresh = keys("rotate", "rotated", "--grace", "2").strip()
    asked = time.monotonic()
    assert status(service, old, f"/api/v1/jobs/{job}") == 200
    assert status(service, fresh, f"/api/v1/jobs/{job}") == 200
    wait_for(lambda: status(service, old) == 401, 10, "the end of the old key")
    assert 1 < time.monotonic() - asked < 2 + SOON
    assert status(service, fresh, f"/api/v1/jobs/{job}") == 200


def test_an_open_stream_of_events_ends_with_its_key(service, keys, clip):
    key = service.make_key("watcher")
    job = service.request("POST", "/api/v1/transcribe", clip.path.read_bytes(), {"Content-Type": "audio/wav"},
                          key=key).json["job_id"]
    connection = service.connect(timeout=20)
    connection.request("GET", f"/api/v1/jobs/{job}/events", headers={"X-API-Key": key})
    stream = connection.getresponse()
    assert stream.readline() == b"id: 1\n"
    keys("revoke", "watcher")
    asked = time.monotonic()
    assert b"event: end" not in stream.read()  # until the service ends it
    assert time.monotonic() - asked < 5
    connection.close()


def test_each_error_is_one_clear_line(keys):
    assert "no key is called nobody" in keys("revoke", "nobody", status=1)
    assert "--scopes" in keys("create", "--name", "x", "--scopes", "submit,everything", status=2)
    for name in ("", "two\nlines", "\x1b[2J", "\x7f"):
        assert "--name" in keys("create", "--name", name, status=2)
    keys("create", "--name", "two-of-a-name")
    keys("create", "--name", "two-of-a-name")
    assert "give the id instead" in keys("revoke", "two-of-a-name", status=1)


@pytest.mark.parametrize(("name", "is_good"), [("n" * 100, True), ("n" * 101, False), ("é" * 100, True), ("two\nlines", False),
                                               ("\x7f", False)])
def test_both_ways_of_making_a_key_have_one_rule_for_names(service, keys, name, is_good):
    admin = service.make_key("rules", "admin")
    by_api = service.post_json("/api/v1/keys", {"name": name}, key=admin)
    by_program = service.command("keys", "create", "--data-dir", service.folder, "--name", name)
    assert (by_api.status == 201) == is_good, by_api.text
    assert (by_program.returncode == 0) == is_good, by_program.stderr
    if is_good:
        owners = [key["owner"] for key in service.get("/api/v1/keys", key=admin).json["keys"] if key["name"] == name]
        assert len(owners) >= 2 and all(owner.startswith("owner_") for owner in owners)


def test_a_further_key_of_an_owner_sees_its_jobs(service, keys, clip):
    first = service.make_key("first-of-owner")
    job = service.request("POST", "/api/v1/transcribe", clip.path.read_bytes(), {"Content-Type": "audio/wav"},
                          key=first).json["job_id"]
    owner = row_of(keys("list"), "first-of-owner")[-2]
    second = keys("create", "--name", "second-of-owner", "--owner", owner).strip()
    assert status(service, second, f"/api/v1/jobs/{job}") == 200


@pytest.mark.parametrize("days", ["nan", "inf", "-1", "soon"])
def test_days_until_expiry_are_a_number(keys, days):
    assert "--expires-days" in keys("create", "--name", "odd", "--expires-days", days, status=2)
    assert "odd" not in keys("list")


def test_an_expired_key_is_not_rotated(service, keys):
    admin = service.make_key("rotator", "admin")
    keys("create", "--name", "short-lived", "--expires-days", 1 / 86_400)
    row = row_of(keys("list"), "short-lived")
    wait_for(lambda: "expired" in row_of(keys("list"), "short-lived"), 10, "the end of the key")
    assert "create a new key" in keys("rotate", "short-lived", status=1)
    refused = service.post_json(f"/api/v1/keys/{row[0]}/rotate", {}, key=admin)
    assert refused.status == 409 and refused.json["code"] == "key_expired"
    entries = service.get("/api/v1/audit?limit=50", key=admin).json["entries"]
    refusals = [entry["actor"] for entry in entries if entry["subject"] == row[0] and entry["result"] == "key_expired"]
    assert len(refusals) == 2 and "local" in refusals


# By the API.

def test_an_administrator_makes_rotates_and_revokes_keys(service):
    admin = service.make_key("boss", "admin")
    made = service.post_json("/api/v1/keys", {"name": "by-api", "scopes": ["read"]}, key=admin)
    assert made.status == 201 and made.headers["cache-control"] == "no-store", made.text
    key = made.json["key"]
    assert status(service, key) == 200
    listed = service.get("/api/v1/keys", key=admin)
    assert "by-api" in [entry["name"] for entry in listed.json["keys"]]
    assert key not in listed.text
    path = f"/api/v1/keys/{made.json['key_id']}"
    fresh = service.post_json(path + "/rotate", {"grace_seconds": 0}, key=admin).json
    wait_for(lambda: status(service, key) == 401, SOON, "the end of the rotated key")
    assert status(service, fresh["key"]) == 200
    assert service.request("DELETE", f"/api/v1/keys/{fresh['key_id']}", key=admin).status == 204
    wait_for(lambda: status(service, fresh["key"]) == 401, SOON, "the end of the revoked key")
    entries = service.get("/api/v1/audit?limit=20", key=admin).json
    done = [(entry["action"], entry["subject"]) for entry in entries["entries"]]
    for action, subject in (("key.create", made.json["key_id"]), ("key.rotate", made.json["key_id"]),
                            ("key.revoke", fresh["key_id"])):
        assert (action, subject) in done


def test_a_key_may_do_only_what_its_scopes_allow(service, clip):
    job = service.submit(clip.path)
    calls = {
        "submit": ("POST", "/api/v1/transcribe"),
        "read": ("GET", f"/api/v1/jobs/{job}"),
        "metrics": ("GET", "/metrics"),
        "admin": ("GET", "/api/v1/keys"),
    }
    for scope in calls:
        key = service.make_key(f"only-{scope}", scope)
        for needed, (method, path) in calls.items():
            content = clip.path.read_bytes() if method == "POST" else None
            answer = service.request(method, path, content, {"Content-Type": "audio/wav"} if content else None,
                                     key=key)
            if needed == scope:
                # Another owner's job is reported as missing.
                assert answer.status in (200, 202) or (needed == "read" and answer.status == 404), answer.text
            else:
                assert answer.status == 403 and answer.json["code"] == "insufficient_scope"
                assert needed in answer.json["detail"]
    for method, path in (("DELETE", f"/api/v1/jobs/{job}"), ("POST", f"/api/v1/jobs/{job}/retry"),
                         ("POST", "/api/v1/uploads"), ("POST", "/api/v1/keys"), ("GET", "/api/v1/audit")):
        reader = service.make_key("reader", "read")
        assert service.request(method, path, key=reader).status == 403, path


# Keys are not disclosed.

def words_of_processes() -> bytes:
    words = b""
    for process in Path("/proc").iterdir():
        if process.name.isdigit():
            try:
                words += (process / "cmdline").read_bytes() + (process / "comm").read_bytes()
            except (FileNotFoundError, ProcessLookupError):
                continue
    return words


def test_a_key_is_in_no_log_answer_file_or_list_of_processes(service, steno, clip):
    key = service.make_key("secret-one", "submit,read,admin,metrics")
    answers = []
    for path in (f"/api/v1/jobs?api_key={key}", "/api/v1/jobs", "/api/v1/keys", "/api/v1/audit", "/metrics",
                 "/health/ready", "/api/v1/usage", "/"):
        answers.append(service.get(path, key=key))
        answers.append(service.get(path, key=key + "x"))
        answers.append(service.get(path, key="", headers={"Authorization": f"Basic {key}"}))
        answers.append(service.get(path, key="", headers={"Authorization": f"Bearer {key}"}))
    variables = os.environ | {"STENO_URL": service.url, "STENO_API_KEY": key}
    watching = steno.start("jobs", "list", "--format", "json", env=variables)
    assert key.encode() not in words_of_processes()
    out, err = watching.communicate(timeout=20)
    assert watching.returncode == 0, err
    seen = {"the output of a client": out + err, "the log": service.log.read_bytes()}
    for number, answer in enumerate(answers):
        seen[f"answer {number}"] = json.dumps(answer.headers).encode() + answer.body
    for file in service.folder.rglob("*"):
        if file.is_file():
            seen[str(file)] = file.read_bytes()
    assert [place for place, content in seen.items() if key.encode() in content] == []
    assert {answer.status for answer in answers} >= {200, 401}
