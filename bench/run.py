"""Compares Steno with faster-whisper on this machine: speed, start, memory, words, noise. Both run alternately
within one run, medians count, and docs/benchmarks.md gets the tables. Steno's times are of the whole
process; faster-whisper's are without its start and model load, unless the row says otherwise."""

import argparse
import json
import os
import pathlib
import random
import statistics
import struct
import subprocess
import sys
import time
import wave
from math import pi, sin

from whisper_normalizer.basic import BasicTextNormalizer
from whisper_normalizer.english import EnglishTextNormalizer

RATE = 16000
HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--cache", type=pathlib.Path, required=True)
    parser.add_argument("--model", default="base")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--meeting", nargs="+", help="speech to join up to 390 s")
    parser.add_argument("--words", action="append", default=[], metavar="FILE.json",
                        help="more recordings with known words: {name: {language, text}}, beside the file")
    parser.add_argument("--only", help="comma-separated: meeting,clips,first,words,joined,noise,replicas")
    parser.add_argument("--output", type=pathlib.Path, default=ROOT / "docs/benchmarks.md")
    return parser.parse_args()


def read_wave(path):
    """16-bit mono samples of any audio file, through Debian's ffmpeg."""
    raw = subprocess.run(["ffmpeg", "-v", "error", "-i", path, "-f", "s16le", "-ac", "1",
                          "-ar", str(RATE), "-"], check=True, capture_output=True).stdout
    return raw


def write_wave(path, raw):
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(raw)
    return str(path)


class Bench:
    def __init__(self, args, folder):
        self.args = args
        self.folder = folder
        self.steno = str(ROOT / "build/steno")
        self.model_folder = str(args.cache / "models" / args.model)
        self.threads = os.cpu_count()
        self.speech = args.cache / "speech"

    def run_steno(self, files, *options, prefix=()):
        """(seconds of the whole process, text of each file, peak memory in MB)"""
        out = self.folder / "out"
        command = [*prefix, self.steno, "transcribe", "--model", self.model_folder, "--format", "json",
                   "--output-dir", str(out), *options, *files]
        start = time.monotonic()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        errors = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - start
        if status:
            sys.exit(f"steno failed: {errors.decode()}")
        texts = [json.loads((out / (pathlib.Path(f).stem + ".json")).read_text())["text"] for f in files]
        return seconds, texts, usage.ru_maxrss / 1024

    def run_peer(self, files, languages, *options):
        """(seconds of work after loading, text of each file, peak memory in MB, whole process)"""
        start = time.monotonic()
        lines = subprocess.run(
            [sys.executable, str(HERE / "peer.py"), "--model", self.model_folder, "--threads",
             str(self.threads), "--languages", ",".join(languages), *options, *files],
            check=True, capture_output=True, text=True).stdout.splitlines()
        rows = [json.loads(line) for line in lines]
        return rows[-1]["work"], [r["text"] for r in rows[:-1]], rows[-1]["memory_mb"], \
            time.monotonic() - start

    def meeting_file(self):
        sources = self.args.meeting or sorted(str(p) for p in self.speech.glob("*.wav"))
        raw = b"".join(read_wave(source) for source in sources)
        wanted = 390 * RATE * 2
        return write_wave(self.folder / "meeting.wav", (raw * (wanted // len(raw) + 1))[:wanted])

    def pair(self, files, languages):
        """Medians over the rounds: Steno's and the peer's seconds, their ratio, and memories."""
        ours, theirs, ratios, memories = [], [], [], []
        for _ in range(self.args.rounds):
            seconds, _, memory = self.run_steno(files, "--language", languages[0])
            peer_seconds, _, peer_memory, _ = self.run_peer(files, languages)
            ours.append(seconds)
            theirs.append(peer_seconds)
            ratios.append(seconds / peer_seconds)
            memories.append((memory, peer_memory))
        return (statistics.median(ours), statistics.median(theirs), statistics.median(ratios),
                statistics.median(m[0] for m in memories), statistics.median(m[1] for m in memories))

    def measure_meeting(self):
        ours, theirs, ratio, memory, peer_memory = self.pair([self.meeting_file()], ["en"])
        return [("390 s of speech, wall time", f"{ours:.1f} s", f"{theirs:.1f} s", f"{ratio:.2f}"),
                ("the same, peak memory", f"{memory:.0f} MB", f"{peer_memory:.0f} MB",
                 f"{memory / peer_memory:.2f}")]

    def measure_clips(self):
        raw = read_wave(self.meeting_file())
        chooser = random.Random(20)
        files = []
        for i in range(20):
            length = chooser.uniform(2, 15)
            start = chooser.uniform(0, 390 - length)
            files.append(write_wave(self.folder / f"clip{i:02}.wav",
                                    raw[int(start * RATE) * 2:int((start + length) * RATE) * 2]))
        ours, theirs, ratio, _, _ = self.pair(files, ["en"] * 20)
        return [("20 clips of 2 to 15 s in one call", f"{ours:.1f} s", f"{theirs:.1f} s",
                 f"{ratio:.2f}")]

    def measure_first(self):
        clip = write_wave(self.folder / "first.wav", read_wave(self.meeting_file())[:11 * RATE * 2])
        ours, theirs = [], []
        for _ in range(2 * self.args.rounds + 1):
            start = time.monotonic()
            process = subprocess.Popen(
                [self.steno, "transcribe", "--model", self.model_folder, "--language", "en", "--stream",
                 clip], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
            process.stdout.read(1)
            ours.append(time.monotonic() - start)
            process.communicate()
            theirs.append(self.run_peer([clip], ["en"])[3])
        ours, theirs = statistics.median(ours), statistics.median(theirs)
        return [("first text of an 11 s clip, program start included on both sides", f"{ours:.2f} s",
                 f"{theirs:.2f} s", f"{ours / theirs:.2f}")]

    def measure_replicas(self):
        """Also measures one replica on one core. Otherwise voice activity detection runs on the other core."""
        meeting = self.meeting_file()
        rows = {"one": [], "one core": [], "two": []}
        for _ in range(self.args.rounds):
            for name, times in rows.items():
                workers = "2" if name == "two" else "1"
                prefix = ["taskset", "-c", "0"] if name == "one core" else []
                times.append(self.run_steno([meeting], "--language", "en", "--num-workers", workers,
                                            "--cpu-threads", "1", prefix=prefix)[0])
        one, core, two = (statistics.median(times) for times in rows.values())
        return [f"Two replicas of one thread take {two:.1f} s where one takes {one:.1f} s: "
                f"{one / two:.2f} times as fast; with the whole process on one core one takes "
                f"{core:.1f} s: {core / two:.2f} times as fast on twice the cores."]

    def known_words(self):
        index = json.loads((ROOT / "tests/speech.json").read_text())["recordings"]
        for recording in index:
            text = recording.get("text") or " ".join(s["text"] for s in recording["segments"])
            yield str(self.speech / recording["file"]), recording["language"], text
        for more in self.args.words:
            for name, recording in json.loads(pathlib.Path(more).read_text()).items():
                yield str(pathlib.Path(more).parent / name), recording["language"], recording["text"]

    def measure_words(self):
        totals = {}
        for path, language, reference in self.known_words():
            wanted = normal(reference, language)
            heard = self.run_steno([path], "--language", language)[1][0]
            peer = self.run_peer([path], [language])[1][0]
            group = "English" if language == "en" else "other languages"
            if "telephone" in path or "sample" in path:
                group = "telephone call (pyannote.audio's sample)"
            row = totals.setdefault(group, [0, 0, 0, 0])
            row[0] += 1
            row[1] += len(wanted)
            row[2] += distance(wanted, normal(heard, language))
            row[3] += distance(wanted, normal(peer, language))
        return [(f"word error rate, {group} ({n} recordings, {words} words)",
                 f"{100 * ours / words:.1f} %", f"{100 * theirs / words:.1f} %",
                 "" if not theirs else f"{ours / theirs:.2f}")
                for group, (n, words, ours, theirs) in totals.items()]

    def measure_joined(self):
        """All English recordings in four orders, with short pauses: windows hold several voices."""
        english = [(path, text) for path, language, text in self.known_words()
                   if language == "en" and "digits" not in path]
        chooser = random.Random(5)
        wanted = ours = theirs = 0
        for number in range(4):
            chooser.shuffle(english)
            raw = b""
            for path, _ in english:
                pause = int(chooser.uniform(0.2, 1.5) * RATE)
                raw += read_wave(path) + struct.pack(f"<{pause}h", *(chooser.randint(-8, 8) for _ in range(pause)))
            joined = write_wave(self.folder / f"joined{number}.wav", raw)
            reference = normal(" ".join(text for _, text in english), "en")
            wanted += len(reference)
            ours += distance(reference, normal(self.run_steno([joined], "--language", "en")[1][0], "en"))
            theirs += distance(reference, normal(self.run_peer([joined], ["en"])[1][0], "en"))
        return [(f"word error rate, English, several voices joined ({wanted} words)",
                 f"{100 * ours / wanted:.1f} %", f"{100 * theirs / wanted:.1f} %", f"{ours / theirs:.2f}")]

    def measure_noise(self):
        files = [write_wave(self.folder / f"noise-{name}.wav", samples) for name, samples in noises()]
        ours = sum(bool(text.strip()) for text in self.run_steno(files, "--language", "en")[1])
        batched = sum(bool(t.strip()) for t in self.run_peer(files, ["en"] * len(files))[1])
        plain = sum(bool(t.strip()) for t in self.run_peer(files, ["en"] * len(files), "--plain")[1])
        return [(f"noises and silence with invented text, of {len(files)}", str(ours),
                 f"{batched} (plain: {plain})", "")]


def normal(text, language):
    if language == "en":
        return EnglishTextNormalizer()(text).split()
    words = BasicTextNormalizer()(text)
    return list(words.replace(" ", "")) if language in ("zh", "ja", "th") else words.split()


def distance(wanted, heard):
    row = list(range(len(heard) + 1))
    for i, word in enumerate(wanted, 1):
        above, row[0] = row[:], i
        for j, other in enumerate(heard, 1):
            row[j] = min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (word != other))
    return row[-1]


def noises():
    """Twenty seconds each of several sounds without speech, as 16-bit samples."""
    chooser = random.Random(7)
    count = 20 * RATE

    def pack(samples):
        return struct.pack(f"<{count}h", *(int(max(-1, min(1, s)) * 32767) for s in samples))

    def walk(step, pull):
        value = 0.0
        for _ in range(count):
            value = (value + chooser.gauss(0, step)) * pull
            yield value

    def tones(*frequencies, rate=0.0):
        for i in range(count):
            t = i / RATE
            swell = 0.5 + 0.5 * sin(2 * pi * rate * t) if rate else 1
            yield 0.3 * swell * sum(sin(2 * pi * f * t) for f in frequencies) / len(frequencies)

    def tune(notes, seconds):
        for i in range(count):
            t = i / RATE
            note = notes[int(t / seconds) % len(notes)]
            fade = 1 - (t % seconds) / seconds
            yield 0.3 * fade * (sin(2 * pi * note * t) + 0.5 * sin(4 * pi * note * t))

    yield "silence", bytes(2 * count)
    yield "dither", pack(chooser.choice((-1, 0, 1)) / 32768 for _ in range(count))
    yield "white", pack(chooser.gauss(0, 0.1) for _ in range(count))
    yield "white-loud", pack(chooser.gauss(0, 0.4) for _ in range(count))
    yield "brown", pack(walk(0.02, 0.998))
    yield "rumble", pack(walk(0.01, 0.9995))
    yield "hum-50", pack(tones(50, 100, 150))
    yield "hum-60", pack(tones(60, 120, 240))
    yield "tone-1000", pack(tones(1000))
    yield "dial", pack(tones(350, 440))
    yield "siren", pack(tones(600, 800, rate=0.5))
    yield "clicks", pack(0.8 if i % 8000 < 20 else 0 for i in range(count))
    yield "square", pack(0.2 if i // 40 % 2 else -0.2 for i in range(count))
    yield "music", pack(tune((262, 330, 392, 523, 392, 330), 0.4))
    yield "organ", pack(tune((131, 165, 196, 175), 2.0))
    yield "breath", pack(s * (0.5 + 0.5 * sin(2 * pi * 0.3 * i / RATE)) for i, s in
                         enumerate(chooser.gauss(0, 0.05) for _ in range(count)))


def machine():
    for line in open("/proc/cpuinfo"):
        if line.startswith("model name"):
            name = line.split(":")[1].strip()
        if line.startswith("flags"):
            flags = set(line.split(":")[1].split())
            break
    sets = [f for f in ("avx2", "avx512f", "avx512_vnni", "amx_int8") if f in flags]
    return f"{name}, {os.cpu_count()} cores, {', '.join(sets)}"


def main():
    args = arguments()
    import tempfile
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(args, pathlib.Path(folder))
        only = args.only.split(",") if args.only else None
        rows = []
        for name in ("meeting", "clips", "first", "words", "joined", "noise"):
            if only is None or name in only:
                rows += getattr(bench, f"measure_{name}")()
                print(*rows[-1], sep=" | ", flush=True)
        notes = bench.measure_replicas() if only is None or "replicas" in only else []
    lines = [
        "# Benchmarks", "",
        f"`make bench` on {machine()}; {time.strftime('%Y-%m-%d')}. Model `{args.model}`, int8, beam 5, "
        f"language given; medians of {args.rounds} rounds in which both run alternately. Steno's times are "
        "of the whole process, faster-whisper's (1.2.1, batched, 8 windows) without its start and model "
        "load, unless the row says otherwise.", "",
        "| what | Steno | faster-whisper | ratio |", "|---|---|---|---|",
        *("| " + " | ".join(row) + " |" for row in rows), "", *notes]
    print("\n".join(lines))
    if only is None:
        args.output.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
