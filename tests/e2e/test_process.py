"""Exit statuses, signals, pipes and full disks."""

import os
import re
import resource
import signal
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

import pytest


def test_help_and_version(steno):
    assert steno("--version").out.startswith("steno ")
    everything = steno("--help")
    assert everything.status == 0 and "transcribe" in everything.out
    assert "--beam-size" in steno("transcribe", "--help").out


def test_wrong_usage_is_two(steno, clip):
    for arguments in ([], ["transcribe"], ["transcrib", "a"], ["transcribe", "--nonsense", clip.path]):
        result = subprocess.run([steno.path, *arguments], capture_output=True, text=True)
        assert result.returncode == 2 and result.stdout == ""
        assert result.stderr.startswith("steno: ")


def test_unknown_model_is_one_line(steno, clip):
    result = steno("transcribe", "--model", "no-such-model", clip.path)
    assert result.status == 1
    assert len(result.errors) == 1 and "no-such-model" in result.err


def test_missing_voice_activity_model_is_one_line(steno, clip, models, tmp_path):
    environment = {**os.environ, "STENO_CACHE": str(tmp_path), "STENO_MODELS": str(tmp_path / "mine")}
    call = ["--model", models / "tiny.en", clip.path]
    result = steno("transcribe", *call, env=environment)
    assert result.status == 1
    assert len(result.errors) == 1 and str(tmp_path / "mine") in result.err and "make setup" in result.err
    assert "Dashwood" in steno("transcribe", "--no-vad-filter", *call, env=environment).out
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "silero_vad_v6.onnx").symlink_to(models / "silero_vad_v6.onnx")
    assert "Dashwood" in steno("transcribe", *call, env=environment).out


def test_broken_model_is_one_line(steno, clip, models, tmp_path):
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "model.bin").write_bytes((models / "tiny.en" / "model.bin").read_bytes()[:100000])
    result = steno("transcribe", "--model", tmp_path, clip.path)
    assert result.status == 1
    assert len(result.errors) == 1 and str(tmp_path) in result.err


def test_cuda_is_used_or_refused(steno, clip):
    result = steno("transcribe", "-v", "--device", "cuda", clip.path)
    if os.path.exists("/dev/nvidiactl") and "libcublas" not in result.err:
        assert result.status == 0, result.err
        assert "on cuda" in result.err and "Dashwood" in result.out
        return
    assert result.status == 1
    assert len(result.errors) == 1 and ("cuda" in result.err.lower() or "GPU" in result.err)


def watches(process, which):
    """Whether the program handles a signal already: it blocks it and reads it from a file."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    try:
        files = {os.readlink(file) for file in Path(f"/proc/{process.pid}/fd").iterdir()}
    except FileNotFoundError:  # one was closed meanwhile
        return False
    if "anon_inode:[signalfd]" not in files:
        return False
    return int(re.search(r"^SigBlk:\s*(\w+)", status, re.MULTILINE)[1], 16) >> (which - 1) & 1


@pytest.mark.parametrize("which", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("delay", [0, 1.5], ids=["loading", "decoding"])
def test_interruption_ends_within_a_second(steno, interrupt, long_talk, which, delay):
    took = []
    for _ in range(3):  # a busy machine may be slow once
        process = steno.start("transcribe", "--model", "base", "--beam-size", 20, *[long_talk] * 3)
        while not watches(process, which) and process.poll() is None:
            time.sleep(0.001)
        time.sleep(delay)
        status, seconds, _, err = interrupt(process, which)
        assert status == 130, err
        took.append(seconds)
        if seconds < 1:
            break
    assert min(took) < 1, took


def test_interruption_keeps_finished_files(steno, interrupt, clip, long_talk, tmp_path):
    process = steno.start("transcribe", "-o", tmp_path, "-f", "txt,json", clip.path, *long_copies(long_talk))
    finished = tmp_path / "austen-0870.json"
    while not finished.exists() and process.poll() is None:
        time.sleep(0.02)
    status, _, _, err = interrupt(process)
    assert status == 130
    assert "Dashwood" in (tmp_path / "austen-0870.txt").read_text()
    assert "Dashwood" in finished.read_text()
    assert "interrupted" in err
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {"austen-0870.txt", "austen-0870.json"}, "half a file was left"


def long_copies(talk):
    """The same recording under several names, so that the outputs do not collide."""
    copies = [talk.with_name(f"copy-{number}.wav") for number in range(4)]
    for copy in copies:
        if not copy.exists():
            os.link(talk, copy)
    return copies


def test_interruption_prints_the_text_so_far(steno, interrupt, long_talk):
    """Interrupted later each time, until some words of the first file are available."""
    for seconds in (1, 2, 4, 8):
        process = steno.start("transcribe", *[long_talk] * 4)
        time.sleep(seconds)
        status, _, out, err = interrupt(process)
        assert status == 130, "too fast a machine: lengthen the recording"
        assert "interrupted" in err
        if "; its text up to" in err:
            assert out.startswith(f"==> {long_talk} <==\n") and len(out.split()) > 10
            return
    pytest.fail("no words were known after 8 s")


def test_interruption_while_waiting_for_input(steno, interrupt):
    took = []
    for _ in range(3):  # a busy machine may be slow once
        process = steno.start("transcribe", "-", stdin=subprocess.PIPE)
        time.sleep(1)
        held, process.stdin = process.stdin, None  # else interrupt() would close it
        status, seconds, out, _ = interrupt(process)
        held.close()
        assert (status, out) == (130, "")
        took.append(seconds)
        if seconds < 1:
            break
    assert min(took) < 1, took


def test_a_reader_that_goes_away_is_quiet(steno, long_talk):
    process = steno.start("transcribe", "--stream", *[long_talk] * 4)
    assert process.stdout.readline()
    process.stdout.close()
    begin = time.monotonic()
    assert process.wait(timeout=30) == 0
    assert time.monotonic() - begin < 15
    assert process.stderr.read() == b""


def test_full_standard_output(steno, clip):
    with open("/dev/full", "wb") as full:
        result = steno("transcribe", clip.path, stdout=full)
    assert result.status == 1
    assert result.errors == ["steno: standard output cannot be written: No space left on device"]


@pytest.mark.parametrize("arguments", ["--version", "transcribe --help", "models list", "models path tiny.en"])
def test_full_standard_output_of_other_commands(steno, arguments):
    command = [str(steno.path), *arguments.split()]
    with open("/dev/full", "wb") as full:
        result = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, timeout=60)
    assert result.returncode == 1
    assert result.stderr == "steno: standard output cannot be written: No space left on device\n"


@pytest.mark.parametrize("closed", ["<&-", ">&-", "<&- >&-"])
def test_closed_streams(steno, clip, closed):
    path = "-" if closed == "<&-" else clip.path
    shell = f'exec "$0" "$@" {closed}'
    process = subprocess.run(
        ["sh", "-c", shell, *steno.command("transcribe", path)], capture_output=True, text=True, timeout=60
    )
    cause = "standard input: is closed" if path == "-" else "standard output cannot be written: Bad file descriptor"
    assert (process.returncode, process.stdout, process.stderr) == (1, "", f"steno: {cause}\n")


@contextmanager
def small_disk(folder):
    """A folder with 16 kB of space; for users without the right to mount, a limit of the file size."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", str(folder)]
    if os.geteuid() == 0 and subprocess.run(mount, capture_output=True).returncode == 0:
        try:
            yield {}
        finally:
            subprocess.run(["umount", str(folder)], check=True)
        return

    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (16384, 16384))

    yield {"preexec_fn": limit}


def test_a_full_disk_leaves_no_half_file(steno, long_talk, clip, tmp_path):
    disk = tmp_path / "disk"
    with small_disk(disk) as options:
        arguments = ["-f", "json", "--word-timestamps", "-o", disk, long_talk, clip.path]
        with subprocess.Popen(
            steno.command("transcribe", *arguments),
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options,
        ) as process:  # fmt: skip
            _, err = process.communicate(timeout=200)
        left = {path.name for path in disk.iterdir()}
    assert process.returncode == 1
    assert str(disk / "long.json") in err and len(err.splitlines()) == 1
    assert left == {"austen-0870.json"}


def test_output_folder_that_cannot_be(steno, clip, tmp_path):
    (tmp_path / "file").write_text("")
    result = steno("transcribe", "-o", tmp_path / "file" / "out", clip.path)
    assert result.status == 1
    assert len(result.errors) == 1 and str(tmp_path / "file") in result.err


def test_progress_bar_on_a_terminal_only(steno, clip):
    import pty

    main, terminal = pty.openpty()
    process = steno.start("transcribe", clip.path, stderr=terminal)
    out, _ = process.communicate(timeout=120)
    os.close(terminal)
    shown = os.read(main, 100000).decode()
    os.close(main)
    assert process.returncode == 0 and b"Dashwood" in out
    assert "austen-0870" in shown and shown.endswith("\r\x1b[K")
    assert "Dashwood" not in shown
