"""Fixtures of the tests that run the built program on real audio."""

import contextlib
import json
import os
import re
import resource
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from service import Service

ROOT = Path(__file__).resolve().parents[2]


def cache_folder() -> Path:
    if os.environ.get("STENO_CACHE"):
        return Path(os.environ["STENO_CACHE"])
    if os.environ.get("XDG_CACHE_HOME"):
        return Path(os.environ["XDG_CACHE_HOME"]) / "steno"
    return Path.home() / ".cache" / "steno"


@dataclass
class Result:
    """The result of one run of the program."""

    status: int  # negative: ended by that signal
    out: str
    err: str
    seconds: float
    peak_mb: float

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()

    @property
    def errors(self) -> list[str]:
        return self.err.splitlines()


class Program:
    """The built program. The default model is tiny.en."""

    def __init__(self, path: Path):
        self.path = path

    def command(self, *arguments: object) -> list[str]:
        words = [str(argument) for argument in arguments]
        if words and words[0] == "transcribe" and not {"-m", "--model"} & set(words):
            words[1:1] = ["--model", "tiny.en"]
        return [str(self.path), *words]

    def start(self, *arguments: object, **options) -> subprocess.Popen:
        options.setdefault("stdout", subprocess.PIPE)
        options.setdefault("stderr", subprocess.PIPE)
        options.setdefault("stdin", subprocess.DEVNULL)
        # A shell starts its background jobs with interrupts ignored, and children inherit this: the
        # program is started as a terminal would start it. A handler is not inherited.
        before = signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            return subprocess.Popen(self.command(*arguments), **options)
        finally:
            signal.signal(signal.SIGINT, before)

    def __call__(self, *arguments: object, timeout: float = 300, stdin: object = None, **options) -> Result:
        source = {"stdin": stdin} if stdin is not None else {}
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            options.setdefault("stdout", out)
            begin = time.monotonic()
            process = self.start(*arguments, stderr=err, **source, **options)
            overdue = threading.Timer(timeout, process.kill)
            overdue.start()
            _, status, usage = os.wait4(process.pid, 0)
            seconds = time.monotonic() - begin
            overdue.cancel()
            process.returncode = os.waitstatus_to_exitcode(status)
            out.seek(0)
            err.seek(0)
            return Result(
                process.returncode,
                out.read().decode("utf-8"),
                err.read().decode("utf-8"),
                seconds,
                usage.ru_maxrss / 1024,
            )

    def text(self, *arguments: object, **options) -> str:
        """The text on standard output of a run that must succeed."""
        result = self("transcribe", *arguments, **options)
        assert result.status == 0, result.err
        return result.out

    def json(self, *arguments: object, **options) -> dict:
        return json.loads(self.text("--format", "json", *arguments, **options))


@pytest.fixture(scope="session")
def steno() -> Program:
    path = Path(os.environ.get("STENO", ROOT / "build" / "steno"))
    if not path.exists():
        pytest.skip(f"{path} has not been built")
    return Program(path)


@pytest.fixture(scope="session", autouse=True)
def models() -> Path:
    folder = cache_folder() / "models"
    for name in ("tiny.en", "base", "silero_vad_v6.onnx"):
        if not (folder / name).exists():
            pytest.skip(f"set-up has not brought {folder / name}")
    return folder


@dataclass
class Recording:
    path: Path
    text: str
    seconds: float


@pytest.fixture(scope="session")
def speech() -> dict[str, Recording]:
    """Recordings with known words, by file name."""
    listed = json.loads((ROOT / "tests" / "speech.json").read_text(encoding="utf-8"))
    found = {}
    for entry in listed["recordings"]:
        path = cache_folder() / "speech" / entry["file"]
        if not path.exists():
            pytest.skip(f"set-up has not brought {path}")
        text = entry.get("text") or " ".join(segment["text"] for segment in entry["segments"])
        found[entry["file"]] = Recording(path, text, entry["seconds"])
    return found


@pytest.fixture(scope="session")
def clip(speech) -> Recording:
    """One sentence of 7 s that every model transcribes correctly."""
    return speech["austen-0870.wav"]


@pytest.fixture(scope="session")
def ffmpeg():
    """Runs ffmpeg with the usual arguments and the given ones."""
    program = shutil.which("ffmpeg")
    if program is None:
        pytest.skip("ffmpeg is not installed")

    def run(*arguments: object) -> None:
        words = [program, "-nostdin", "-loglevel", "error", "-y", *map(str, arguments)]
        subprocess.run(words, check=True, timeout=120)

    return run


@pytest.fixture(scope="session")
def long_talk(speech, ffmpeg, tmp_path_factory) -> Path:
    """Two and a half minutes of speech."""
    path = tmp_path_factory.mktemp("talk") / "long.wav"
    ffmpeg("-stream_loop", 4, "-i", speech["telephone.wav"].path, "-ar", 16000, path)
    return path


def words_of(text: str) -> list[str]:
    return re.sub(r"[^\w' ]+", " ", text.lower()).split()


def word_error_rate(expected: str, actual: str) -> float:
    """Edit distance between the words, over the number of expected ones; punctuation does not count."""
    wanted, got = words_of(expected), words_of(actual)
    row = list(range(len(got) + 1))
    for i, word in enumerate(wanted, 1):
        diagonal, row[0] = row[0], i
        for j, other in enumerate(got, 1):
            best = min(diagonal + (word != other), row[j] + 1, row[j - 1] + 1)
            diagonal, row[j] = row[j], best
    return row[-1] / max(1, len(wanted))


@pytest.fixture(scope="session")
def wer():
    return word_error_rate


@pytest.fixture
def no_core_dumps():
    """A crash must give an exit status and no core file."""
    before = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (0, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_CORE, before)


@pytest.fixture(scope="session")
def interrupt():
    """Sends a signal to a started program; gives (exit status, seconds until it ended, out, err)."""

    def send(process: subprocess.Popen, which: int = signal.SIGINT):
        begin = time.monotonic()
        process.send_signal(which)
        out, err = process.communicate(timeout=20)
        return process.returncode, time.monotonic() - begin, out.decode(), err.decode()

    return send


@pytest.fixture
def small_disk(tmp_path):
    """A folder on a separate disk of 40 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=40m", "tmpfs", folder], capture_output=True).returncode:
        pytest.skip("no right to mount a small file system")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


@pytest.fixture
def on_small_disk(steno, small_disk):
    """Starts a service whose data is on the small disk, and ends it."""

    @contextlib.contextmanager
    def start(min_free: int):
        service = Service(steno.path, small_disk / "data", "--set", f"jobs.min_free_disk_bytes={min_free}")
        service.log = small_disk.parent / "service.log"
        try:
            yield service.start()
        finally:
            service.kill()

    return start
