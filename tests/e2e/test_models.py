"""`steno models` with a local host. No test uses the network."""

import os
import pathlib
import resource
import signal
import subprocess
import threading
import time

import model_host
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = pathlib.Path(os.environ.get("STENO", ROOT / "build" / "steno"))
TOKEN = "hf_secretsecretsecret"

if not PROGRAM.exists():
    pytest.skip(f"{PROGRAM} is not built", allow_module_level=True)


class Machine:
    """A user's folders and environment, and the host to pull from."""

    def __init__(self, folder, host):
        self.folder = folder
        self.host = host
        self.own = folder / "data" / "steno" / "models"
        self.cache = folder / "cache" / "models"
        self.environment = {
            "HOME": str(folder),
            "PATH": os.environ["PATH"],
            "XDG_DATA_HOME": str(folder / "data"),
            "STENO_CACHE": str(folder / "cache"),
            "HF_ENDPOINT": host.endpoint,
        }

    def start(self, *arguments, **options):
        command = [PROGRAM, "models", *arguments]
        return subprocess.Popen(
            command,
            env=self.environment,
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **options,
        )

    def run(self, *arguments, **options):
        process = self.start(*arguments, **options)
        out, errors = process.communicate(timeout=60)
        return subprocess.CompletedProcess(arguments, process.returncode, out, errors)

    def pull(self, *arguments, status=0, **options):
        done = self.run("pull", *arguments, **options)
        assert done.returncode == status, done.stderr
        assert done.stdout == ""
        return done.stderr

    def installed(self):
        """The folders that look like models."""
        found = [p.parent for p in self.folder.rglob("model.bin") if ".unfinished" not in p.parts]
        return sorted(str(path.relative_to(self.folder)) for path in found)

    def unfinished(self):
        folder = self.own / ".unfinished"
        return sorted(p.name for p in folder.rglob("*") if p.is_file()) if folder.exists() else []


@pytest.fixture
def machine(tmp_path):
    host = model_host.ModelHost(
        {"Systran/faster-whisper-tiny": model_host.files(), "owner/repo-ct2": model_host.files(1)}
    )
    yield Machine(tmp_path, host)
    host.close()


def check_tiny(machine):
    folder = machine.own / "tiny"
    content = machine.host.repos["Systran/faster-whisper-tiny"]
    for name in ("config.json", "model.bin", "tokenizer.json", "vocabulary.json"):
        assert (folder / name).read_bytes() == content[name]
    names = sorted(path.name for path in folder.iterdir())
    assert names == sorted([*content, "model.int8.bin", "steno.json"])[1:]  # no README.md
    assert machine.installed() == ["data/steno/models/tiny"]
    assert machine.unfinished() == []


def test_pull_list_path_remove(machine):
    said = machine.pull("tiny")
    assert "installed in" in said and "downloading model.bin" in said
    check_tiny(machine)
    folder = machine.own / "tiny"
    assert machine.run("path", "tiny").stdout == f"{folder}\n"
    assert machine.run("path", "Systran/faster-whisper-tiny").stdout == f"{folder}\n"
    listed = machine.run("list").stdout
    assert machine.run().stdout == listed
    line = next(line for line in listed.splitlines() if str(folder) in line)
    assert line.split()[:3] == ["tiny", "99", "languages"]
    assert "tiny.en" in listed and listed.count(" tiny ") == 1
    size = sum(path.stat().st_size for path in folder.iterdir())
    assert f" {round(size / 1e6)} MB " in line
    assert "removed" in machine.run("remove", "tiny").stderr
    assert machine.installed() == []
    again = machine.run("remove", "tiny")
    assert again.returncode == 1 and "tiny is not installed" in again.stderr
    assert "Installed: none" in machine.run().stdout


def test_pull_of_owner_and_repo(machine):
    machine.pull("owner/repo-ct2", "--quiet")
    assert machine.installed() == ["data/steno/models/owner/repo-ct2"]
    assert "owner/repo-ct2" in machine.run().stdout
    machine.run("remove", "owner/repo-ct2")
    assert not (machine.own / "owner").exists()


def test_a_second_pull_downloads_nothing(machine):
    machine.pull("tiny")
    machine.host.requests.clear()
    assert "already there" in machine.pull("tiny")
    assert machine.host.seen("store") == []
    # The same files without a record of their source are the same model.
    (machine.own / "tiny" / "steno.json").unlink()
    assert "already there" in machine.pull("tiny")
    assert machine.host.seen("store") == []


def test_a_new_revision_takes_the_place_of_the_old(machine):
    machine.pull("tiny")
    record = machine.own / "tiny" / "steno.json"
    record.write_text(record.read_text().replace(model_host.COMMIT, "f" * 40))
    machine.host.repos["Systran/faster-whisper-tiny"]["config.json"] = b'{"new": 1}'
    machine.pull("tiny")
    check_tiny(machine)


def test_several_models_and_a_failure_among_them(machine):
    said = machine.pull("no/such", "tiny", status=1)
    assert "has no model no/such" in said
    check_tiny(machine)


def test_steno_models_comes_first(machine):
    machine.environment["STENO_MODELS"] = str(machine.folder / "mine")
    machine.pull("tiny")
    assert machine.installed() == ["mine/tiny"]


def test_a_cut_connection_is_continued(machine):
    machine.host.cut_after = [1_500_000, 700_000]
    said = machine.pull("tiny")
    assert said.count("trying again") == 2
    ranges = [headers.get("range") for _, _, _, headers in machine.host.seen("store")]
    assert ranges[0] is None and len(ranges) == 3
    first, second = (int(r.removeprefix("bytes=").removesuffix("-")) for r in ranges[1:])
    assert 0 < first <= 1_500_000 and first < second <= 2_200_000
    check_tiny(machine)


def test_a_host_without_ranges(machine):
    machine.host.ranges = False
    machine.host.cut_after = [1_500_000]
    machine.pull("tiny")
    check_tiny(machine)


def test_a_host_that_always_cuts_is_given_up(machine):
    machine.host.ranges = False
    machine.host.cut_after = [1000] * 20
    machine.host.repos["Systran/faster-whisper-tiny"]["model.bin"] = model_host.weights(1)
    start = time.monotonic()
    said = machine.pull("tiny", status=1)
    assert "model.bin" in said and "given up after 6 attempts" in said
    assert time.monotonic() - start < 40
    assert machine.installed() == []


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_busy_host_is_asked_again(machine, status):
    machine.host.statuses = {
        "/revision/main": [status],
        "tokenizer.json": [status, status],
        "tiny": [status],  # the large file's address
    }
    said = machine.pull("tiny")
    assert said.count(f"status {status}") == 4
    check_tiny(machine)


def test_retry_after_is_waited_for(machine):
    machine.host.statuses = {"/revision/main": [429]}
    machine.host.retry_after = "2"
    start = time.monotonic()
    machine.pull("tiny")
    assert time.monotonic() - start >= 2


def test_the_token_goes_to_the_host_only(machine):
    machine.host.token = TOKEN
    machine.environment["HF_TOKEN"] = TOKEN
    said = machine.pull("tiny")
    assert TOKEN not in said
    assert {h.get("authorization") for *_, h in machine.host.seen("hub")} == {f"Bearer {TOKEN}"}
    assert machine.host.seen("store")
    assert all("authorization" not in headers for *_, headers in machine.host.seen("store"))
    check_tiny(machine)


def test_a_model_that_needs_a_token(machine):
    machine.host.token = TOKEN
    assert "needs a token in HF_TOKEN" in machine.pull("tiny", status=1)
    machine.environment["HF_TOKEN"] = "hf_wrong"
    said = machine.pull("tiny", status=1)
    assert "the token in HF_TOKEN is not good for it" in said and "hf_wrong" not in said
    assert machine.installed() == [] and machine.unfinished() == []


@pytest.mark.parametrize(
    "status, expected",
    [(403, "its terms must be accepted there first"), (404, "has no model"), (410, "status 410")],
)
def test_a_host_that_refuses(machine, status, expected):
    machine.host.statuses = {"/revision/main": [status]}
    said = machine.pull("tiny", status=1)
    assert expected in said and "127.0.0.1" in said and "Systran/faster-whisper-tiny" in said
    assert len(said.strip().splitlines()) <= 2


def test_a_revision_that_is_not_there(machine):
    said = machine.pull("tiny", "--revision", "some/branch", status=1)
    assert "in revision some/branch" in said
    machine.pull("tiny", "--revision", model_host.COMMIT)
    check_tiny(machine)


@pytest.mark.parametrize("name", ["model.bin", "config.json"])
def test_a_wrong_hash_is_refused(machine, name):
    machine.host.wrong_hash = {name}
    said = machine.pull("tiny", status=1)
    assert f"{name}: what 127.0.0.1" in said and "does not have the hash" in said
    assert machine.installed() == []
    assert not any(left.startswith(name) for left in machine.unfinished())
    machine.host.wrong_hash = set()
    machine.pull("tiny")
    check_tiny(machine)


def test_a_damaged_transfer_is_refused(machine):
    machine.host.flip = True
    assert "does not have the hash" in machine.pull("tiny", status=1)
    assert machine.installed() == []


def test_a_damaged_part_of_an_earlier_pull_is_fetched_anew(machine):
    machine.host.cut_after = [2_000_000]
    interrupt_pull(machine)
    (part,) = machine.own.rglob("model.bin.part")
    with open(part, "r+b") as file:
        file.seek(1000)
        file.write(b"damage")
    machine.host.pace = None
    assert "what an earlier pull left is damaged" in machine.pull("tiny")
    check_tiny(machine)


@pytest.mark.parametrize("name", ["model.bin", "config.json"])
def test_a_host_without_hashes_is_refused(machine, name):
    machine.host.no_hash = {name}
    assert f"no hash for {name}" in machine.pull("tiny", status=1)
    assert machine.installed() == []


def interrupt_pull(machine, with_signal=signal.SIGINT):
    """Stops a pull during the large file, and returns the time until it ended."""
    machine.host.pace = 2_000_000
    process = machine.start("pull", "tiny")
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        parts = list(machine.own.rglob("model.bin.part"))
        if parts and parts[0].stat().st_size > 500_000:
            break
        time.sleep(0.02)
    sent = time.monotonic()
    process.send_signal(with_signal)
    _, errors = process.communicate(timeout=20)
    took = time.monotonic() - sent
    if with_signal == signal.SIGINT:
        assert process.returncode == 130, errors
        assert "interrupted" in errors
    return took


@pytest.mark.parametrize("with_signal", [signal.SIGINT, signal.SIGKILL])
def test_an_interrupted_pull_leaves_no_model_and_continues(machine, with_signal):
    assert interrupt_pull(machine, with_signal) < 1.5
    assert machine.installed() == []
    assert "tiny is not installed" in machine.run("path", "tiny").stderr
    assert "Installed: none" in machine.run().stdout
    machine.host.requests.clear()
    machine.host.pace = None
    machine.pull("tiny")
    ((*_, headers),) = machine.host.seen("store")
    assert int(headers["range"].removeprefix("bytes=").removesuffix("-")) > 500_000
    check_tiny(machine)


def test_two_pulls_at_once_download_once(machine):
    machine.host.pace = 2_000_000
    both = [machine.start("pull", "tiny") for _ in range(2)]
    said = [process.communicate(timeout=60)[1] for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert sum("already there" in text for text in said) == 1
    assert sum("waiting for another pull of tiny" in text for text in said) == 1
    assert len(machine.host.seen("store")) == 1
    check_tiny(machine)


def limit_files():
    """Simulates a full disk: writes beyond 2 MB of a file fail."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, 2_000_000))


def test_a_full_disk(machine):
    said = machine.pull("tiny", status=1, preexec_fn=limit_files)
    assert "model.bin.part: cannot be written: File too large" in said
    assert machine.installed() == []
    machine.pull("tiny")
    check_tiny(machine)


def test_a_lack_of_disk_space_is_reported_before_the_download(machine):
    real = machine.host._resolve

    def huge(request, name, content):
        if name != "model.bin":
            return real(request, name, content)
        headers = {
            "Location": "/elsewhere",
            "X-Linked-Size": str(10**15),
            "X-Linked-Etag": '"' + "0" * 64 + '"',
        }
        return machine.host._reply(request, 302, b"", headers)

    machine.host._resolve = huge
    said = machine.pull("tiny", status=1)
    assert "not enough room on the disk for tiny: 1600000000 MB needed" in said
    assert machine.installed() == [] and machine.unfinished() == []


def test_a_host_that_cannot_be_reached(machine):
    machine.host.close()
    said = machine.pull("tiny", status=1)
    assert "trying again" in said and "Failed to connect" in said


def test_redirects_without_end(machine):
    machine.host.redirect_to = f"{machine.host.endpoint}/loop"
    real = machine.host._answer_hub

    def loop(request, headers):
        if not request.path.startswith("/loop"):
            return real(request, headers)
        return machine.host._reply(request, 302, b"", {"Location": "/loop"})

    machine.host._answer_hub = loop
    assert "redirects too often" in machine.pull("tiny", status=1)


@pytest.mark.parametrize("body", [b"<html>", b"{}", b'{"sha": "../..", "siblings": []}', b"[1]"])
def test_a_host_of_another_kind(machine, body):
    machine.host._answer_hub = lambda request, _: machine.host._reply(request, 200, body)
    assert "is not that of a Hugging Face compatible host" in machine.pull("tiny", status=1)
    assert machine.installed() == []


def test_repositories_that_hold_no_model(machine):
    machine.host.repos["owner/torch"] = {"pytorch_model.bin": b"x", "config.json": b"{}"}
    assert "owner/torch holds no model.bin" in machine.pull("owner/torch", status=1)
    other = {**model_host.files(1), "model.bin": model_host.weights(1, spec="TransformerSpec")}
    machine.host.repos["owner/translator"] = other
    assert "another kind than Whisper's" in machine.pull("owner/translator", status=1)
    assert machine.installed() == [] and machine.unfinished() == []


def test_wrong_usage(machine):
    assert "did you mean tiny?" in machine.pull("tinny", status=1)
    assert "no model ../x to pull" in machine.pull("../x", status=1)
    machine.environment["HF_ENDPOINT"] = "localhost"
    assert "HF_ENDPOINT must be a URL" in machine.pull("tiny", status=1)
    for arguments in (["pull"], ["fetch", "tiny"], ["pull", "tiny", "--fast"]):
        assert machine.run(*arguments).returncode == 2


def test_convert(machine):
    folder = machine.folder / "some model"
    folder.mkdir()
    for name, content in model_host.files(1).items():
        (folder / name).write_bytes(content)
    assert "int8 weights written" in machine.run("convert", "./some model").stderr
    int8 = folder / "model.int8.bin"
    assert int8.stat().st_size < 0.75 * (folder / "model.bin").stat().st_size
    assert "has int8 weights" in machine.run("convert", str(folder)).stderr
    int8.write_bytes(b"")
    assert machine.run("convert", "--quiet", str(folder)).stderr == ""
    assert int8.stat().st_size > 1000


@pytest.mark.parametrize(
    "name, content",
    [
        ("model.bin", None),
        ("model.bin", b""),
        ("model.bin", model_host.weights(1)[:-1000]),
        ("vocabulary.json", b'["'),
        ("config.json", b"\xff"),
    ],
)
def test_damaged_folders_are_named(machine, name, content):
    folder = machine.cache / "base"
    folder.mkdir(parents=True)
    for file, whole in model_host.files(1).items():
        (folder / file).write_bytes(whole)
    (folder / name).unlink()
    if content is not None:
        (folder / name).write_bytes(content)
    done = machine.run("convert", str(folder))
    assert done.returncode == 1
    assert name in done.stderr and str(folder) in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert not (folder / "model.int8.bin").exists()
    if content is not None:
        assert "damaged" in machine.run().stdout
