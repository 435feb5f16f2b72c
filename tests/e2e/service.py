"""Starts `steno serve` on a free port and sends requests to it as an external client."""

import http.client
import json
import os
import signal
import ssl
import subprocess
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def text(self) -> str:
        return self.body.decode("utf-8")


def multipart(fields: dict[str, str], files: list[tuple[str, str, bytes]]) -> tuple[str, bytes]:
    """Content type and body of a form; files are (field, file name, content)."""
    boundary = uuid.uuid4().hex
    parts = b""
    for name, value in fields.items():
        parts += f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
    for field, name, content in files:
        parts += (f'--{boundary}\r\nContent-Disposition: form-data; name="{field}"; filename="{name}"\r\n'
                  "Content-Type: application/octet-stream\r\n\r\n").encode() + content + b"\r\n"
    return f"multipart/form-data; boundary={boundary}", parts + f"--{boundary}--\r\n".encode()


def wait_for(condition, timeout: float = 60, what: str = "the condition"):
    """The first true value of `condition`, which is evaluated ten times a second."""
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        if value := condition():
            return value
        time.sleep(0.1)
    raise AssertionError(f"{what} did not come within {timeout} s")


def is_idle(pid: int) -> bool:
    """Whether a process uses next to no processor time over a third of a second."""

    def used() -> float:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    before = used()
    time.sleep(0.3)
    return used() - before < 0.04


class Service:
    """A data folder, and the service that runs on it."""

    def __init__(self, program: Path, folder: Path, *arguments: str, model: str = "tiny.en"):
        self.program = program
        self.folder = folder
        self.arguments = [*arguments, "--set", f"worker.model={model}"]
        self.log = folder.with_name(folder.name + ".log")
        self.environment: dict[str, str] = {}
        self.trust: ssl.SSLContext | None = None  # for clients, if the service uses TLS
        self.process: subprocess.Popen | None = None
        self.separate: list[subprocess.Popen] = []  # workers that are not child processes
        self.address = ("127.0.0.1", 0)
        self.key = ""

    def command(self, *words: str) -> subprocess.CompletedProcess:
        return subprocess.run([self.program, *map(str, words)], capture_output=True, text=True, timeout=60)

    def make_key(self, name: str = "test", scopes: str = "submit,read") -> str:
        made = self.command("keys", "create", "--data-dir", self.folder, "--name", name, "--scopes", scopes)
        assert made.returncode == 0, made.stderr
        return made.stdout.strip()

    def start(self, *more: str, listen: str = "127.0.0.1:0") -> "Service":
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [self.program, "serve", "--data-dir", self.folder, "--listen", listen, *self.arguments, *more],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                env={**os.environ, **self.environment})
        wait_for(self.look_for_address, 30, "the service's address")
        if not self.key:
            self.key = self.make_key()
        return self

    def look_for_address(self) -> bool:
        assert self.process.poll() is None, self.log.read_text()
        try:
            running = json.loads((self.folder / "run" / "serve.json").read_text())
        except (FileNotFoundError, json.JSONDecodeError):
            return False
        if running["pid"] != self.process.pid:
            return False
        host, port = running["addresses"][0].rsplit(":", 1)
        self.address = (host, int(port))
        return True

    @property
    def url(self) -> str:
        return f"http{'s' if self.trust else ''}://{self.address[0]}:{self.address[1]}"

    def connect(self, timeout: float = 90) -> http.client.HTTPConnection:
        if self.trust:
            return http.client.HTTPSConnection(*self.address, timeout=timeout, context=self.trust)
        return http.client.HTTPConnection(*self.address, timeout=timeout)

    def start_worker(self, *more: str) -> subprocess.Popen:
        """Starts a `steno worker` with the same folder and settings. It may need a moment."""
        with self.log.open("ab") as log:
            worker = subprocess.Popen(
                [self.program, "worker", "--data-dir", self.folder, *self.arguments, *more],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                env={**os.environ, **self.environment})
        self.separate.append(worker)
        return worker

    def stop(self) -> int:
        """Stops the service as an operator does, and returns its exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)

    def kill(self) -> None:
        """Kills the service and its workers, which are in its process group, as a power cut does."""
        if self.process and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        for worker in self.separate:
            worker.kill()
            worker.wait()
        self.separate.clear()

    def workers(self) -> list[int]:
        """Process ids of the worker processes."""
        found = []
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            try:
                stat = (entry / "stat").read_text().rsplit(")", 1)[1].split()
                words = (entry / "cmdline").read_bytes().split(b"\0")
            except (FileNotFoundError, ProcessLookupError):
                continue
            if int(stat[1]) == self.process.pid and stat[0] != "Z" and b"worker" in words:
                found.append(int(entry.name))
        return found

    def request(self, method: str, path: str, body: bytes | None = None, headers: dict | None = None,
                key: str | None = None, timeout: float = 90) -> Answer:
        connection = self.connect(timeout)
        fields = {"X-API-Key": self.key if key is None else key, **(headers or {})}
        fields = {name: value for name, value in fields.items() if value}
        try:
            connection.request(method, path, body, fields)
            answer = connection.getresponse()
            return Answer(answer.status, {n.lower(): v for n, v in answer.getheaders()}, answer.read())
        finally:
            connection.close()

    def get(self, path: str, **options) -> Answer:
        return self.request("GET", path, **options)

    def post_json(self, path: str, value, **options) -> Answer:
        headers = {"Content-Type": "application/json", **options.pop("headers", {})}
        return self.request("POST", path, json.dumps(value).encode(), headers=headers, **options)

    def submit(self, path: Path, **fields) -> str:
        """Sends a recording as a raw body, and returns the job's id."""
        query = "?" + urlencode(fields) if fields else ""
        answer = self.request("POST", "/api/v1/transcribe" + query, path.read_bytes(),
                              {"Content-Type": "audio/wav"})
        assert answer.status == 202, answer.text
        return answer.json["job_id"]

    def job(self, job: str, **options) -> dict:
        answer = self.get(f"/api/v1/jobs/{job}", **options)
        assert answer.status == 200, answer.text
        return answer.json

    def wait(self, job: str, timeout: float = 120) -> dict:
        """The job once it has ended."""
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            state = self.job(job + "?wait=10")
            if state["status"] in ("completed", "failed", "cancelled"):
                return state
        raise AssertionError(f"{job} has not ended: {state}")

    def text_of(self, job: str) -> str:
        answer = self.get(f"/api/v1/jobs/{job}/result?format=txt")
        assert answer.status == 200, answer.text
        return answer.text

    def events(self, job: str, last: int | None = None, timeout: float = 90):
        """(id, type, data) of each event until the stream ends."""
        connection = self.connect(timeout)
        headers = {"X-API-Key": self.key} | ({"Last-Event-ID": str(last)} if last is not None else {})
        try:
            connection.request("GET", f"/api/v1/jobs/{job}/events", headers=headers)
            answer = connection.getresponse()
            assert answer.status == 200, answer.read()
            fields: dict[str, str] = {}
            while line := answer.readline().decode("utf-8"):
                line = line.rstrip("\n")
                if not line and fields:
                    yield int(fields["id"]), fields["event"], json.loads(fields["data"])
                    fields = {}
                elif line and not line.startswith(":"):
                    name, _, value = line.partition(":")
                    fields[name] = value.removeprefix(" ")
        finally:
            connection.close()
