"""Compares the diarization of Steno and sherpa-onnx with the same two networks, on recordings with known
speakers. Prints the table of docs/benchmarks.md."""

import argparse
import collections
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time
import warnings

import numpy
import soundfile
from pyannote.core import Annotation, Segment
from pyannote.metrics.diarization import DiarizationErrorRate

warnings.filterwarnings("ignore")  # the whole file is scored
ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
STENO = ROOT / "build/steno"
PEER = pathlib.Path(__file__).with_name("peer.py")
RATE = 16000


def read_rttm(path):
    """Turns by recording: (start, end, speaker)."""
    turns = collections.defaultdict(list)
    for line in path.read_text().splitlines():
        fields = line.split()
        start, length = float(fields[3]), float(fields[4])
        turns[fields[1]].append((start, start + length, fields[7]))
    return turns


def annotation(turns):
    made = Annotation()
    for number, (start, end, speaker) in enumerate(turns):
        made[Segment(start, end), number] = speaker
    return made


class Recordings:
    """Recordings as wav files of 16 kHz in a folder, with the turns of each."""

    def __init__(self, folder):
        self.folder = folder
        self.turns = {}
        self.groups = {}  # title -> names

    def add(self, name, samples, turns):
        soundfile.write(self.folder / f"{name}.wav", samples, RATE, subtype="PCM_16")
        self.turns[name] = turns

    def read(self, name):
        return soundfile.read(self.folder / f"{name}.wav", dtype="float32")[0]

    def join(self, title, name, pieces, seconds=None):
        """Recordings joined and repeated until they have this many seconds."""
        samples, turns, at = [], [], 0.0
        while not samples or (seconds and at < seconds):
            for piece in pieces:
                part = self.read(piece)
                samples.append(part)
                turns += [(at + start, at + end, speaker) for start, end, speaker in self.turns[piece]]
                at += len(part) / RATE
        self.add(name, numpy.concatenate(samples), turns)
        self.groups[title] = [name]

    def seconds(self, names):
        return sum(soundfile.info(self.folder / f"{name}.wav").duration for name in names)


def unpack(source, folder):
    """The clips of AMI meetings (CC BY 4.0) and of a telephone call in pyannote.audio's source."""
    with tarfile.open(source) as archive:
        for member in archive:
            path = pathlib.PurePosixPath(member.name)
            if member.isfile() and path.parts[1:3] in (("tests", "data"), ("tutorials", "assets")):
                (folder / path.name).write_bytes(archive.extractfile(member).read())
    return folder


def gather(args, folder):
    recordings = Recordings(folder)
    with tempfile.TemporaryDirectory() as unpacked:
        data = unpack(args.sdist, pathlib.Path(unpacked))
        turns = {}
        for part in ("train", "development", "test"):
            turns |= read_rttm(data / f"debug.{part}.rttm")
        for name in sorted(turns):
            recordings.add(name, soundfile.read(data / f"{name}.wav")[0], turns[name])
        clips = list(recordings.turns)
        call = read_rttm(data / "sample.rttm")
        recordings.add("telephone", soundfile.read(data / "sample.wav")[0], call["sample"])
    for given in args.recordings:
        recordings.add(given.stem, soundfile.read(given)[0], read_rttm(given.with_suffix(".rttm"))[given.stem])
    recordings.groups["telephone call of 30 s"] = ["telephone"]
    recordings.groups["the same and two clips of one meeting"] = ["telephone", "dev00", "dev01"]
    recordings.groups["14 clips of AMI meetings, 30 s each"] = clips
    recordings.join("these 14 as one recording, 27 voices", "joined", clips)
    recordings.join("the clips of two meetings in turn, 390 s", "meeting", ["dev00", "dev01"], 390)
    if args.recordings:
        recordings.groups["given"] = [given.stem for given in args.recordings]
    return recordings


def peak_memory(pid):
    """The peak memory so far in MB; 0 if the process has ended. The kernel's final value also includes the
    memory of the process that started it."""
    try:
        status = pathlib.Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    peak = re.search(r"VmHWM:\s+(\d+) kB", status)
    return int(peak[1]) / 1024 if peak else 0


def timed(command):
    """Processor seconds, wall seconds, peak memory in MB, of a process."""
    begin = time.monotonic()
    peak = 0
    with tempfile.TemporaryFile("w+") as complaints:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=complaints)
        while True:
            pid, status, usage = os.wait4(process.pid, os.WNOHANG)
            if pid:
                break
            peak = max(peak, peak_memory(process.pid))
            time.sleep(0.02)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            complaints.seek(0)
            sys.exit(f"{' '.join(map(str, command))}: {complaints.read()}")
    return usage.ru_utime + usage.ru_stime, time.monotonic() - begin, peak


def run_steno(recordings, names, out, *options):
    return timed([STENO, "diarize", "--quiet", "--format", "rttm", "--output-dir", out, *options,
                  *[recordings.folder / f"{name}.wav" for name in names]])


def run_peer(recordings, names, out, args):
    return timed([sys.executable, PEER, args.cache / "models/diarization", out, str(args.threshold),
                  *[recordings.folder / f"{name}.wav" for name in names]])


def error_rate(recordings, names, out):
    """Diarization error rate over all of them, no collar, overlap counted."""
    metric = DiarizationErrorRate(collar=0, skip_overlap=False)
    for name in names:
        found = read_rttm(out / f"{name}.rttm")[name]
        whole = Segment(0, recordings.seconds([name]))
        metric(annotation(recordings.turns[name]), annotation(found), uem=whole)
    return 100 * abs(metric)


def compare(args, recordings, folder):
    every = list(recordings.turns)
    seconds = recordings.seconds(every)
    out = {"steno": folder / "steno", "peer": folder / "sherpa-onnx"}
    figures = collections.defaultdict(list)
    for _ in range(args.rounds):
        figures["steno"].append(run_steno(recordings, every, out["steno"]))
        figures["peer"].append(run_peer(recordings, every, out["peer"], args))
    rows = [(f"diarization error: {title}", "%.1f %%", error_rate(recordings, names, out["steno"]),
             error_rate(recordings, names, out["peer"])) for title, names in recordings.groups.items()]

    def median(who, place):
        return statistics.median(run[place] for run in figures[who])

    rows.append(("processor time per second of audio", "%.0f ms", 1000 * median("steno", 0) / seconds,
                 1000 * median("peer", 0) / seconds))
    rows.append((f"wall time of these {seconds:.0f} s", "%.1f s", median("steno", 1), median("peer", 1)))
    rows.append(("peak memory", "%.0f MB", median("steno", 2), median("peer", 2)))
    print("| what | Steno | sherpa-onnx | ratio |\n|---|---|---|---|")
    for what, form, own, peer in rows:
        print(f"| {what} | {form % own} | {form % peer} | {own / peer:.2f} |")


def lengthen(args, recordings, folder):
    """Compares a long meeting with a short one of the same voices."""
    clips = ["trn04", "trn05", "tst00"]  # eleven voices
    print("\n| recording | processor time per hour of audio | wall time | peak memory | speakers | error |\n"
          "|---|---|---|---|---|---|")
    for title, seconds in (("10 min", 600), (f"{args.hours:g} h", 3600 * args.hours)):
        recordings.join(title, "long", clips, seconds)
        cpu, wall, memory = run_steno(recordings, ["long"], folder / "long")
        found = {speaker for _, _, speaker in read_rttm(folder / "long/long.rttm")["long"]}
        hours = recordings.seconds(["long"]) / 3600
        print(f"| {title} | {cpu / hours:.1f} s | {wall:.1f} s | {memory:.0f} MB | {len(found)} "
              f"| {error_rate(recordings, ['long'], folder / 'long'):.1f} % |")


def added(args, recordings):
    """Measures the additional time of --diarize for the meeting."""
    ways = {"text alone": (), "with times of words": ("--word-timestamps",), "with speakers": ("--diarize",)}
    runs = collections.defaultdict(list)
    for _ in range(args.rounds):
        for title, options in ways.items():
            runs[title].append(timed([STENO, "transcribe", "--model", "base", "--language", "en", "--quiet",
                                      "--format", "json", *options, recordings.folder / "meeting.wav"]))
    print("\n| 390 s by `base` | wall time | processor time | peak memory |\n|---|---|---|---|")
    for title in ways:
        cpu, wall, memory = (statistics.median(run[i] for run in runs[title]) for i in range(3))
        print(f"| {title} | {wall:.1f} s | {cpu:.1f} s | {memory:.0f} MB |")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=pathlib.Path, required=True)
    parser.add_argument("--sdist", type=pathlib.Path, required=True, help="of pyannote.audio 2.1.1")
    parser.add_argument("--recordings", type=pathlib.Path, nargs="*", default=[],
                        help="more of them, 16 kHz mono NAME.wav, each beside its NAME.rttm")
    parser.add_argument("--threshold", type=float, default=0.8, help="of the peer's clustering: its best")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--hours", type=float, default=4, help="of the long recording; 0: leave it out")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        recordings = gather(args, folder)
        compare(args, recordings, folder)
        added(args, recordings)
        if args.hours:
            lengthen(args, recordings, folder)


if __name__ == "__main__":
    main()
