"""Commands for operators: doctor, backup, migrate, drain."""

import shutil
import socket
import sqlite3
import stat
import subprocess
import threading

import pytest
from service import Service, wait_for
from test_service import words


@pytest.fixture
def own(steno, tmp_path):
    """A separate service for one test, not started."""
    service = Service(steno.path, tmp_path / "data")
    yield service
    service.kill()


def call(service, *command) -> subprocess.CompletedProcess:
    """A command on the service's folder, with its settings."""
    return service.command(command[0], "--data-dir", service.folder, *service.arguments, *command[1:])


def findings(run: subprocess.CompletedProcess) -> dict[str, tuple[str, str]]:
    """The doctor's report: state and text by subject."""
    return {line[6:].split(": ", 1)[0]: (line[:4].strip(), line[6:].split(": ", 1)[1])
            for line in run.stdout.splitlines()}


# steno doctor

def test_the_doctor_finds_all_well(own):
    before = call(own, "doctor", "--listen", "127.0.0.1:0")
    assert before.returncode == 0, before.stdout
    assert findings(before)["data folder"][0] == "look" and str(own.folder) in findings(before)["data folder"][1]
    assert not own.folder.exists()
    own.start()
    during = call(own, "doctor", "--listen", f"127.0.0.1:{own.address[1]}")
    assert during.returncode == 0, during.stdout
    assert f"process {own.process.pid}" in findings(during)["addresses"][1]
    assert {"model", "voice activity detection", "disk", "database", "addresses", "clock", "processor"} <= set(findings(during))
    assert "BAD" not in during.stdout


def test_the_doctor_names_every_problem(own):
    own.make_key()  # creates the folder
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        run = call(own, "doctor", "--listen", f"127.0.0.1:{port}", "--set", "worker.model=no-such-model",
                   "--set", f"jobs.min_free_disk_bytes={1 << 50}", "--set", "server.tls_certificate=/no/cert.pem",
                   "--set", "server.tls_key=/no/key.pem")
    found = findings(run)
    assert run.returncode == 1
    assert found["model"][0] == "BAD" and "no-such-model" in found["model"][1]
    assert found["disk"][0] == "BAD" and "min_free_disk_bytes" in found["disk"][1]
    assert found["addresses"][0] == "BAD" and str(port) in found["addresses"][1]
    assert found["certificate"][0] == "BAD" and "/no/cert.pem" in found["certificate"][1]
    assert "4 things are bad" in run.stderr


@pytest.mark.parametrize("fault", ["no folder for the database", "no folder for the blobs", "a file as data folder",
                                   "a folder as database", "no database of the blobs", "no right to write"])
def test_the_doctor_names_what_serve_refuses(own, tmp_path, fault):
    """One rule for both: the same reason, with the next step, and nothing is made."""
    folder, settings = own.folder, []
    if fault == "no folder for the database":
        settings = ["--set", f"store.url=sqlite:{tmp_path}/none/all.db"]
    elif fault == "no folder for the blobs":
        settings = ["--set", f"blobs.url=file:{tmp_path}/none/blobs"]
    elif fault == "a file as data folder":
        folder.write_text("x")
    elif fault == "a folder as database":
        settings = ["--set", f"store.url=sqlite:{tmp_path}"]
    elif fault == "no database of the blobs":
        (folder / "blobs" / "blobs" / "audio").mkdir(parents=True)
        (folder / "blobs" / "unfinished").mkdir()
        (folder / "blobs" / "blobs" / "audio" / "one").write_text("x")
    elif subprocess.run(["mount", "-t", "tmpfs", "-o", "ro", "tmpfs", tmp_path], capture_output=True).returncode:
        pytest.skip("no right to mount a file system")
    before = sorted(tmp_path.rglob("*"))
    try:
        serve = call(own, "serve", "--listen", "127.0.0.1:0", *settings)
        doctor = call(own, "doctor", "--listen", "127.0.0.1:0", *settings)
        assert serve.returncode == 1 and len(serve.stderr.splitlines()) == 1, serve.stderr
        reason = serve.stderr.split(": ", 2)[-1].strip()
        bad = [line for line in doctor.stdout.splitlines() if line.startswith("BAD")]
        assert doctor.returncode == 1 and len([line for line in bad if reason in line]) == 1, (serve.stderr, bad)
        assert sorted(tmp_path.rglob("*")) == before
    finally:
        if fault == "no right to write":
            subprocess.run(["umount", "-l", tmp_path], check=True)


def test_serve_says_what_it_makes(own, tmp_path):
    made = "a new place for data is made"
    own.start()
    assert own.log.read_text().count(made) == 1
    own.stop()
    own.start("--set", "blobs.url=file:elsewhere")
    log = own.log.read_text()
    assert log.count(made) == 2 and f"{own.folder}/elsewhere" in log
    assert (own.folder / "elsewhere").is_dir()  # a relative path is in the data folder


def test_the_doctor_finds_a_broken_database(own):
    own.start()
    own.stop()
    with (own.folder / "steno.db").open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * 8192)
    run = call(own, "doctor", "--listen", "127.0.0.1:0")
    assert run.returncode == 1
    bad = {subject: text for subject, (state, text) in findings(run).items() if state == "BAD"}
    assert set(bad) & {"database", "data folder"}, run.stdout


# steno backup

def test_a_copy_made_while_jobs_run_serves_in_another_place(own, clip, steno, tmp_path):
    own.start()
    done = own.submit(clip.path)
    own.wait(done)
    submitted, ended = [], threading.Event()

    def submit_on():
        while not ended.is_set() and len(submitted) < 12:
            submitted.append(own.submit(clip.path))

    busy = threading.Thread(target=submit_on)
    busy.start()
    wait_for(lambda: len(submitted) >= 3, what="jobs")
    copy = tmp_path / "copy.db"
    run = call(own, "backup", copy)
    ended.set()
    busy.join()
    assert run.returncode == 0, run.stderr
    assert str(copy) in run.stdout
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    with sqlite3.connect(f"file:{copy}?mode=ro", uri=True) as database:
        assert database.execute("pragma integrity_check").fetchone() == ("ok",)
        assert database.execute("pragma foreign_key_check").fetchall() == []
        copied = dict(database.execute("select id, state from jobs"))
    assert copied[done] == "completed" and set(submitted[:3]) <= set(copied)
    again = call(own, "backup", copy)
    assert again.returncode == 1 and "exists already" in again.stderr

    # In the order of docs/service.md: the copy, then the blobs.
    restored = Service(steno.path, tmp_path / "restored", "--set", "jobs.lease_s=1.5",
                       "--set", "worker.heartbeat_s=0.5")
    restored.folder.mkdir()
    shutil.copy(copy, restored.folder / "steno.db")
    shutil.copytree(own.folder / "blobs", restored.folder / "blobs")
    restored.key = own.key
    own.kill()
    restored.start()
    try:
        assert words(restored.text_of(done)) == words(clip.text)
        for job in copied:
            assert restored.wait(job)["status"] == "completed"
    finally:
        restored.kill()


def test_a_backup_that_cannot_be_written_is_one_line(own, tmp_path):
    own.start()
    run = call(own, "backup", tmp_path / "nowhere" / "copy.db")
    assert run.returncode == 1
    assert len(run.stderr.splitlines()) == 1 and str(tmp_path / "nowhere") in run.stderr


@pytest.mark.parametrize("command", [["backup", "copy.db"], ["drain"], ["keys", "list"], ["migrate"],
                                     ["keys", "revoke", "x"], ["worker"]], ids=" ".join)
def test_a_mistyped_folder_is_no_service(own, tmp_path, command):
    words = [str(tmp_path / word) if word.endswith(".db") else word for word in command]
    run = own.command(*words, "--data-dir", own.folder)
    assert run.returncode == 1
    assert len(run.stderr.splitlines()) == 1 and f"{own.folder}: no steno service" in run.stderr
    assert not own.folder.exists() and not (tmp_path / "copy.db").exists()


@pytest.mark.parametrize("command", [["backup", "copy.db"], ["keys", "list"], ["migrate"], ["keys", "create", "--name", "x"]],
                         ids=" ".join)
def test_a_command_for_the_database_makes_no_data_folder(own, tmp_path, command):
    own.make_key()
    words = [str(tmp_path / word) if word.endswith(".db") else word for word in command]
    run = own.command(*words, "--data-dir", tmp_path / "mistyped", "--set", f"store.url=sqlite:{own.folder}/steno.db")
    assert run.returncode == 0, run.stderr
    assert not (tmp_path / "mistyped").exists()


def test_a_first_key_says_which_database_it_makes(own):
    made = own.command("keys", "create", "--data-dir", own.folder, "--name", "first")
    assert made.returncode == 0 and len(made.stdout.splitlines()) == 1
    assert made.stderr.count(str(own.folder / "steno.db")) == 1
    again = own.command("keys", "create", "--data-dir", own.folder, "--name", "second")
    assert again.returncode == 0 and again.stderr == ""


# steno migrate

def test_an_older_program_refuses_a_newer_database(own, clip):
    own.make_key()  # creates the database
    assert call(own, "migrate").returncode == 0
    assert call(own, "migrate").returncode == 0  # nothing to do
    with sqlite3.connect(own.folder / "steno.db") as database:
        [version] = database.execute("pragma user_version").fetchone()
        database.execute(f"pragma user_version = {version + 1}")
    for command in (["migrate"], ["serve", "--listen", "127.0.0.1:0"], ["backup", own.folder / "copy"],
                    ["worker"]):
        run = call(own, *command)
        assert run.returncode == 1, command
        assert len(run.stderr.splitlines()) == 1, run.stderr
        assert "newer Steno" in run.stderr and str(own.folder / "steno.db") in run.stderr
        assert f"version {version + 1}" in run.stderr and f"knows {version}" in run.stderr
    with sqlite3.connect(own.folder / "steno.db") as database:
        assert database.execute("pragma user_version").fetchone() == (version + 1,)


def test_the_database_of_another_program_is_left_alone(own):
    own.folder.mkdir()
    with sqlite3.connect(own.folder / "steno.db") as database:
        database.execute("create table wine (name text)")
    before = (own.folder / "steno.db").read_bytes()
    run = call(own, "migrate")
    assert run.returncode == 1 and "another program" in run.stderr
    assert (own.folder / "steno.db").read_bytes() == before


# steno drain

def test_drain_ends_the_service_and_loses_nothing(own, speech):
    own.start("--set", "server.shutdown_grace_s=0.2")
    running = own.submit(speech["telephone.wav"].path)
    wait_for(lambda: own.job(running)["status"] == "processing", 30, "the job's start")
    run = call(own, "drain", "--wait", "20")
    assert run.returncode == 0, run.stderr
    assert own.process.wait(5) == 0
    again = call(own, "drain")
    assert again.returncode == 1 and "no steno serve runs" in again.stderr
    own.start()
    assert own.wait(running)["status"] == "completed"


def test_drain_lets_running_jobs_end_and_says_when_it_takes_too_long(own, speech):
    own.start()
    running = own.submit(speech["telephone.wav"].path)
    wait_for(lambda: own.job(running)["status"] == "processing", 30, "the job's start")
    early = call(own, "drain", "--wait", "0.1")
    assert early.returncode == 1 and "still runs" in early.stderr
    again = call(own, "drain", "--wait", "0.1")  # a repeated SIGTERM does not cut the grace
    assert again.returncode == 1 and "still runs" in again.stderr
    assert own.process.wait(60) == 0
    own.start("--set", "worker.count=0")
    state = own.job(running)
    assert state["status"] == "completed" and state["attempt"] == 1
