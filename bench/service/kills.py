#!/usr/bin/env python3
"""Kills the worker of one recording at random moments, and compares its work with an unbroken run.

    bench/service/kills.py [--program build/steno] [--kills 20] [--minutes 10] [--model base] [--field NAME=VALUE]...

The work is the processor time of all worker processes, from their start. Exit status 1 if the transcripts differ.
docs/benchmarks-service.md has the figures."""

import argparse
import os
import pathlib
import random
import signal
import sys
import tempfile
import time
import wave

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests/e2e"))
from service import Service  # noqa: E402


def cpu_seconds(pid: int) -> float:
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def make_recording(path: pathlib.Path, speech: pathlib.Path, minutes: float) -> None:
    """Joins the recordings of the cache, in turn, up to that length."""
    sources = sorted(speech.glob("*.wav"))
    with wave.open(str(path), "wb") as out:
        frames = 0
        while True:
            for source in sources:
                with wave.open(str(source), "rb") as recording:
                    if frames == 0:
                        out.setparams(recording.getparams())
                    left = int(minutes * 60 * recording.getframerate()) - frames
                    if left <= 0:
                        return
                    out.writeframes(recording.readframes(min(left, recording.getnframes())))
                    frames += recording.getnframes()


class Run:
    """One job of its own service."""

    def __init__(self, options, folder: pathlib.Path, recording: pathlib.Path):
        self.service = Service(options.program, folder, "--set", "jobs.retry_base_s=0.01", "--set", "jobs.retry_max_s=0.01", "--set",
                               "jobs.max_losses=1000", "--set", "worker.heartbeat_s=0.5", model=options.model).start()
        self.fields = dict(field.split("=", 1) for field in options.field)
        self.job = self.service.submit(recording, **self.fields)
        self.work = 0.0
        self.begin = time.monotonic()

    def has_ended(self) -> bool:
        return self.service.job(self.job)["status"] in ("completed", "failed", "cancelled")

    def worker(self) -> int | None:
        """The process that transcribes, once it does."""
        while not self.has_ended():
            workers = self.service.workers()
            if workers and self.service.job(self.job)["stage"] in ("transcribing", "diarizing"):
                return workers[0]
            time.sleep(0.002)
        return None

    def kill(self, pid: int) -> None:
        os.kill(pid, signal.SIGSTOP)
        self.work += cpu_seconds(pid)
        os.kill(pid, signal.SIGKILL)
        while pathlib.Path(f"/proc/{pid}").exists() and pid in self.service.workers():
            time.sleep(0.002)

    def finish(self) -> list:
        while not self.has_ended():
            time.sleep(0.01)
        shown = self.service.job(self.job)
        assert shown["status"] == "completed", shown
        self.seconds = time.monotonic() - self.begin
        self.work += sum(cpu_seconds(pid) for pid in self.service.workers())
        segments = self.service.get(f"/api/v1/jobs/{self.job}/result").json["segments"]
        self.service.kill()
        return segments


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", type=pathlib.Path, default=ROOT / "build/steno")
    parser.add_argument("--cache", type=pathlib.Path,
                        default=os.environ.get("STENO_CACHE") or pathlib.Path.home() / ".cache/steno")
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--model", default="base")
    parser.add_argument("--field", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    moments = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        recording = folder / "recording.wav"
        make_recording(recording, pathlib.Path(options.cache) / "speech", options.minutes)
        unbroken = Run(options, folder / "unbroken", recording)
        expected = unbroken.finish()
        print(f"unbroken: {unbroken.work:.1f} s of processor time, {unbroken.seconds:.1f} s", flush=True)
        broken = Run(options, folder / "broken", recording)
        kills = 0
        while kills < options.kills and (pid := broken.worker()):
            time.sleep(moments.uniform(0, 2 * unbroken.seconds / options.kills))
            if broken.has_ended():
                break
            broken.kill(pid)
            kills += 1
        same = broken.finish() == expected
        print(f"{kills} kills: {broken.work:.1f} s of processor time, {broken.seconds:.1f} s; ratio "
              f"{broken.work / unbroken.work:.2f}; the transcripts are {'equal' if same else 'DIFFERENT'}")
        return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
