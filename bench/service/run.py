"""Compares Steno's service with a FastAPI service with the same API on this machine. Both run alternately within
one run. Writes a table of medians to docs/benchmarks-service.md."""

import argparse
import json
import os
import pathlib
import random
import re
import resource
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
import wave

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(ROOT / "tests/e2e"))
from service import Service  # noqa: E402
import many  # noqa: E402
from many import cpu_seconds, memory_mb  # noqa: E402

STENO = ROOT / "build/steno"
MEASURES = ["status", "uploads", "clips", "streams", "many", "table", "start"]


class Peer:
    """The FastAPI service, and its worker if a model is given."""

    def __init__(self, folder, port, pin=None):
        self.folder, self.port, self.pin = folder, port, pin
        self.processes = []
        self.url = f"http://127.0.0.1:{port}"

    def run(self, role, *more, pin=False):
        prefix = ["taskset", "-c", self.pin] if pin and self.pin else []
        self.processes.append(subprocess.Popen(
            [*prefix, sys.executable, str(HERE / "peer.py"), role, str(self.folder), *more],
            stdout=subprocess.DEVNULL))
        return self.processes[-1]

    def start(self):
        self.run("api", "--port", str(self.port), pin=True)
        for _ in range(300):
            try:
                urllib.request.urlopen(self.url + "/health").read()
                return self
            except OSError:
                time.sleep(0.1)
        raise SystemExit("the peer did not start")

    def fill(self, jobs):
        subprocess.run([sys.executable, str(HERE / "peer.py"), "fill", str(self.folder), str(jobs)],
                       check=True, stdout=subprocess.DEVNULL)

    def stop(self):
        for process in self.processes:
            process.terminate()
            process.wait()


def wrk(url, *options, key=None, script=(), seconds=8, connections=16):
    """Requests per second; a run with failed requests does not count."""
    headers = ["-H", f"X-API-Key: {key}"] if key else []
    command = ["taskset", "-c", str(os.cpu_count() - 1), "wrk", "-t1", f"-c{connections}", f"-d{seconds}s",
               *headers, *options, url, *(["--", *script] if script else [])]
    out = subprocess.run(command, capture_output=True, text=True, check=True)
    if "Non-2xx" in out.stdout or "Socket errors" in out.stdout or "status" in out.stderr:
        sys.exit(f"{' '.join(command)}: {out.stdout}{out.stderr[:300]}")
    return float(re.search(r"Requests/sec:\s+([\d.]+)", out.stdout)[1])


class Bench:
    def __init__(self, args, folder):
        self.args, self.folder = args, folder
        self.number = 0

    def new_folder(self):
        self.number += 1
        return self.folder / f"data{self.number}"

    def service(self, *arguments, model="base", start=True):
        service = Service(STENO, self.new_folder(), *arguments, model=model)
        return service.start() if start else service

    def measure_status(self):
        """One core for the server, another for the load."""
        rates, peers = [], []
        for _ in range(self.args.rounds):
            service = self.service("--set", "server.threads=1")
            job = service.submit(self.clips(1)[0], language="en")
            service.wait(job)
            os.sched_setaffinity(service.process.pid, {0})
            for task in os.listdir(f"/proc/{service.process.pid}/task"):
                os.sched_setaffinity(int(task), {0})
            rates.append(wrk(f"{service.url}/api/v1/jobs/{job}", key=service.key))
            service.stop()
            peer = Peer(self.new_folder(), 18451, "0")
            peer.fill(100)
            peer.start()
            peers.append(wrk(f"{peer.url}/api/v1/jobs/job-7", key="peer-key"))
            peer.stop()
        ours, theirs = statistics.median(rates), statistics.median(peers)
        return [("status requests a second, one core", f"{ours:.0f}", f"{theirs:.0f}", f"{ours / theirs:.1f}")]

    def measure_uploads(self):
        rates, peers, costs = [], [], []
        for _ in range(self.args.rounds):
            service = self.service("--set", "server.threads=1", "--workers", "0", "--set",
                                   "jobs.max_queued=1000000", "--set", "jobs.max_queued_per_key=1000000")
            before = cpu_seconds(service.process.pid)
            rate = wrk(f"{service.url}/api/v1/transcribe", "-s", str(HERE / "upload.lua"),
                       script=(service.key, "raw"), connections=8)
            after = cpu_seconds(service.process.pid)
            costs.append([(a - b) / (rate * 8) * 1000 for a, b in zip(after, before)])
            rates.append(rate)
            service.stop()
            shutil.rmtree(service.folder)
            peer = Peer(self.new_folder(), 18452).start()
            peers.append(wrk(f"{peer.url}/api/v1/transcribe", "-s", str(HERE / "upload.lua"),
                             script=("peer-key", "form"), connections=8))
            peer.stop()
            shutil.rmtree(peer.folder)
        ours, theirs = statistics.median(rates), statistics.median(peers)
        return [("uploads of 1 MB a second", f"{ours:.0f}", f"{theirs:.0f}", f"{ours / theirs:.1f}"),
                ("processor time of one upload: own, and the kernel's for it",
                 f"{statistics.median(c[0] for c in costs):.2f} ms, "
                 f"{statistics.median(c[1] for c in costs):.2f} ms", "", "")]

    def clips(self, count):
        """`count` clips of 2 to 15 s from the recordings of set-up."""
        sources = sorted((self.args.cache / "speech").glob("*.wav"))
        chooser = random.Random(count)
        files = []
        for number in range(count):
            with wave.open(str(sources[number % len(sources)])) as source:
                rate, frames = source.getframerate(), source.getnframes()
                length = min(frames, int(chooser.uniform(2, 15) * rate))
                source.setpos(chooser.randint(0, frames - length))
                raw = source.readframes(length)
                path = self.folder / f"clip{count}-{number}.wav"
                with wave.open(str(path), "wb") as out:
                    out.setparams(source.getparams())
                    out.writeframes(raw)
            files.append(path)
        return files

    def measure_clips(self):
        """200 clips through both services, and by the program without a service."""
        files = self.clips(self.args.clips)
        ours, theirs, alone = [], [], []
        for _ in range(self.args.rounds):
            began = time.monotonic()
            subprocess.run([STENO, "transcribe", "--model", "base", "--language", "en", "--word-timestamps",
                            "--format", "json", "--output-dir", self.folder / "alone", *files], check=True,
                           stderr=subprocess.DEVNULL)
            alone.append(time.monotonic() - began)

            service = self.service("--set", "worker.warm_models=base", "--set",
                                   "jobs.max_queued_per_key=100000")
            began = time.monotonic()
            jobs = [service.submit(path, language="en") for path in files]
            for job in jobs:
                assert service.wait(job)["status"] == "completed"
            ours.append(time.monotonic() - began)
            service.stop()

            peer = Peer(self.new_folder(), 18453).start()
            peer.run("worker", "--model", str(self.args.cache / "models/base"), "--threads",
                     str(os.cpu_count()))
            time.sleep(6)  # until its model is loaded
            theirs.append(self.time_peer(peer, files))
            peer.stop()
        ours, theirs, alone = map(statistics.median, (ours, theirs, alone))
        return [(f"{len(files)} clips of 2 to 15 s through the API", f"{ours:.1f} s", f"{theirs:.1f} s",
                 f"{theirs / ours:.2f} times the clips a minute"),
                ("the same against `steno transcribe` on the files", f"{ours:.1f} s", f"{alone:.1f} s",
                 f"{ours / alone:.2f} times the time")]

    def time_peer(self, peer, files):
        began = time.monotonic()
        jobs = []
        for path in files:
            content = path.read_bytes()
            body = (b"--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\n\r\n" + content +
                    b"\r\n--b--\r\n")
            request = urllib.request.Request(peer.url + "/api/v1/transcribe", body, {
                "X-API-Key": "peer-key", "Content-Type": "multipart/form-data; boundary=b"})
            jobs.append(json.load(urllib.request.urlopen(request))["job_id"])
        for job in jobs:
            while True:
                request = urllib.request.Request(f"{peer.url}/api/v1/jobs/{job}", headers={"X-API-Key": "peer-key"})
                if json.load(urllib.request.urlopen(request))["status"] == "completed":
                    break
                time.sleep(0.02)
        return time.monotonic() - began

    def measure_streams(self):
        count = 10_000
        service = self.service("--workers", "0")
        clip = self.clips(1)[0]
        jobs = [service.submit(clip) for _ in range(10)]
        before = memory_mb(service.process.pid)
        client = subprocess.Popen(
            [sys.executable, str(HERE / "streams.py"), service.address[0], str(service.address[1]), service.key,
             str(count), *jobs], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert json.loads(client.stdout.readline())["open"] == count
        memory = memory_mb(service.process.pid)
        client.stdin.write("\n")
        client.stdin.flush()
        began = time.monotonic()
        for job in jobs:
            service.request("DELETE", f"/api/v1/jobs/{job}")
        client.stdout.readline()
        seconds = time.monotonic() - began
        client.wait()
        service.stop()
        return [(f"{count} event streams open: memory of the service", f"{memory:.0f} MB", "",
                 f"{(memory - before) * 1024 / count:.1f} KB each"),
                ("an event to all of them, until the last has it", f"{seconds:.2f} s", "", "")]

    def measure_many(self):
        count = self.args.jobs
        service = self.service(*many.LIMITS, start=False)
        rows, waits = many.many_jobs(service, many.tiny_clip(self.folder), count)
        for part in rows:
            print(f"{count // 10} jobs: {part.seconds:.1f} s, {part.cpu:.1f} s of processor time, "
                  f"serve {part.serve_mb:.1f} MB, worker {part.worker_mb:.1f} MB", flush=True)
        second, last = rows[1], rows[-1]
        return [(f"{count} tiny jobs without an engine: jobs a second in the second tenth, in the last",
                 f"{count / 10 / second.seconds:.0f}, {count / 10 / last.seconds:.0f}", "",
                 f"{second.seconds / last.seconds:.2f}"),
                ("processor time of one of them, from upload to result", f"{second.cpu / count * 10_000:.2f} ms, "
                 f"{last.cpu / count * 10_000:.2f} ms", "", f"{second.cpu / last.cpu:.2f}"),
                ("memory of `serve` and of the worker behind the second tenth, behind the last",
                 f"{second.serve_mb:.0f} + {second.worker_mb:.0f} MB, {last.serve_mb:.0f} + {last.worker_mb:.0f} MB",
                 "", f"{(last.serve_mb + last.worker_mb) / (second.serve_mb + second.worker_mb):.2f}"),
                ("from the request to the start of the work by an idle worker: median, p99",
                 f"{statistics.median(waits):.1f} ms, {many.p99(waits):.1f} ms", "", "")]

    def measure_table(self):
        """The same requests with 100 and with 100,000 finished jobs in the database."""
        clip = many.tiny_clip(self.folder)
        figures = {}
        for count in (100, 100_000):
            service = self.service(*many.LIMITS)
            worker = many.start_worker(service)
            many.Submitter(service, clip, 1).run()
            service.stop()
            worker.terminate()
            worker.wait()
            job = many.fill(service.folder / "steno.db", count)
            service.start()
            worker = many.start_worker(service)
            api = f"{service.url}/api/v1/jobs"
            rates = [wrk(url, key=service.key, seconds=4) for url in
                     (f"{api}/{job}", f"{api}?limit=20", f"{api}?status=completed&limit=20",
                      f"{api}?status=failed&limit=20")]
            claim = statistics.median(many.milliseconds_to_start(service, clip, 200))
            worker.terminate()
            worker.wait()
            service.stop()
            figures[count] = [*rates, claim]
        names = ("status", "a list of 20", "a list of 20 by status", "an empty list by status")
        rows = [(f"{name}: requests a second with 100 jobs, with 100,000", f"{few:.0f}, {lot:.0f}", "", f"{lot / few:.2f}")
                for name, few, lot in zip(names, figures[100], figures[100_000])]
        few, lot = figures[100][-1], figures[100_000][-1]
        return rows + [("request to start of the work with 100 jobs, with 100,000",
                        f"{few:.1f} ms, {lot:.1f} ms", "", f"{few / lot:.2f}")]

    def measure_start(self):
        times, first = [], []
        clip = self.clips(1)[0]
        for _ in range(2 * self.args.rounds + 1):
            service = self.service(start=False)
            service.folder.mkdir(parents=True)
            service.key = service.make_key()
            began = time.monotonic()
            process = subprocess.Popen([STENO, "serve", "--data-dir", service.folder, "--listen",
                                        "127.0.0.1:18454"], stderr=subprocess.DEVNULL)
            while True:
                try:
                    urllib.request.urlopen("http://127.0.0.1:18454/health").read()
                    break
                except OSError:
                    time.sleep(0.002)
            times.append(time.monotonic() - began)
            service.process, service.address = process, ("127.0.0.1", 18454)
            service.wait(service.submit(clip, language="en"))
            first.append(time.monotonic() - began)
            service.stop()
        return [("`serve` answers /health", f"{statistics.median(times) * 1000:.0f} ms", "", ""),
                ("first transcript of a cold service, its start included", f"{statistics.median(first):.2f} s", "",
                 "")]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=pathlib.Path, required=True)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--clips", type=int, default=200)
    parser.add_argument("--jobs", type=int, default=50_000)
    parser.add_argument("--only", help="comma-separated: " + ",".join(MEASURES))
    parser.add_argument("--output", type=pathlib.Path, default=ROOT / "docs/benchmarks-service.md")
    args = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    wanted = args.only.split(",") if args.only else MEASURES
    with tempfile.TemporaryDirectory(prefix="steno-bench-") as folder:
        bench = Bench(args, pathlib.Path(folder))
        rows = []
        for name in wanted:
            for row in getattr(bench, f"measure_{name}")():
                print(" | ".join(row), flush=True)
                rows.append(row)
    if not args.only:
        write(args.output, rows)


def write(path, rows):
    cpu = next(line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name"))
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    path.write_text(f"""# The service in figures

{cpu}, {os.cpu_count()} cores; measured with `bench/run.sh service`. The peer is the same API in FastAPI with
uvicorn and SQLAlchemy over SQLite (`bench/service/peer.py`), and a worker process with faster-whisper.

| what | Steno | peer | ratio |
|---|---|---|---|
{table}
""")


if __name__ == "__main__":
    main()
