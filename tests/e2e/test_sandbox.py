"""Recordings are decoded in processes that can reach nothing."""

import os
import signal
import subprocess
from pathlib import Path

import pytest

from service import Service, wait_for


def helpers(worker: int) -> list[int]:
    """Processes of a worker that fork its decoders."""
    children = Path(f"/proc/{worker}/task/{worker}/children").read_text().split()
    return [int(pid) for pid in children if Path(f"/proc/{pid}/comm").read_text() == "steno-sandbox\n"]


@pytest.fixture
def service(steno, tmp_path):
    service = Service(steno.path, tmp_path / "data")
    service.environment = {"A_TEST_SECRET": "hunter2"}
    service.start()
    yield service
    service.stop()


def test_the_helper_has_no_secrets_and_its_death_costs_one_worker(service, speech):
    [worker] = wait_for(service.workers, what="the worker")
    [helper] = wait_for(lambda: helpers(worker), what="the helper process")
    environment = Path(f"/proc/{helper}/environ").read_bytes()
    assert not environment.strip(b"\0"), environment
    arguments = Path(f"/proc/{helper}/cmdline").read_bytes().strip(b"\0")
    assert b"\0" not in arguments, arguments
    files = os.listdir(f"/proc/{helper}/fd")
    assert len(files) < 8, files

    os.kill(helper, signal.SIGKILL)
    wait_for(lambda: service.workers() not in ([], [worker]), what="another worker")
    job = service.submit(speech["austen-0870.wav"].path)
    assert service.wait(job)["status"] == "completed"
    assert "the helper process of the sandbox has died" in service.log.read_text()


def test_pictures_take_no_memory(steno, ffmpeg, clip, tmp_path):
    picture, film = tmp_path / "big.png", tmp_path / "pictures.mov"
    ffmpeg("-f", "lavfi", "-i", "color=black:s=6000x6000", "-frames:v", 1, "-pix_fmt", "rgb48be", picture)
    ffmpeg("-i", picture, "-i", clip.path, *["-map", 0] * 4, "-map", 1, "-c:v", "copy", "-c:a", "aac", film)
    process = subprocess.Popen([steno.path, "transcribe", "--model", "tiny.en", film], stdout=subprocess.PIPE)
    text = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = status
    assert status == 0 and b"Dashwood" in text
    assert used.ru_maxrss < 500_000, "kilobytes of the largest process; one picture has 216,000"
