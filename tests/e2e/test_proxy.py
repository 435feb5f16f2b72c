"""The service behind the proxies of docs/proxy.md, which run with the configurations printed there."""

import json
import re
import shutil
import socket
import subprocess
import threading

import pytest
from conftest import ROOT
from service import Service, wait_for
from test_tls import make_certificate


def example(language: str) -> str:
    text = (ROOT / "docs/proxy.md").read_text(encoding="utf-8")
    return re.search(rf"```{language}\n(.*?)```", text, re.S).group(1)


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Proxied:
    """A service, and a proxy in front of it."""

    def __init__(self, program, folder, proxy: str):
        make_certificate(folder, "speech")
        self.trust = folder / "speech.crt"
        self.service = Service(program, folder / "data", "--workers", "0", "--set",
                               f"server.trusted_proxies={example_networks()}").start()
        self.port = free_port()
        self.url = f"https://127.0.0.1:{self.port}/steno"
        self.process = getattr(self, proxy)(folder)
        wait_for(lambda: self.curl("/health/live")[0] == 200, 30, "the proxy")

    def nginx(self, folder):
        text = example("nginx").replace("443", f"127.0.0.1:{self.port}").replace("/etc/ssl", str(folder))
        text = text.replace("127.0.0.1:8080", "%s:%d" % self.service.address)
        (folder / "nginx.conf").write_text(
            f"daemon off; pid {folder}/pid; error_log {folder}/error.log;\nevents {{}}\n"
            f"http {{ access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;\n"
            f"fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;\n{text}}}\n")
        return subprocess.Popen(["nginx", "-c", folder / "nginx.conf", "-p", folder, "-g", "user root;"])

    def caddy(self, folder):
        text = example("caddy").replace("127.0.0.1:8080", "%s:%d" % self.service.address)
        text = text.replace("speech.example {", f"https://127.0.0.1:{self.port} {{\n"
                            f"    tls {folder}/speech.crt {folder}/speech.key")
        (folder / "Caddyfile").write_text(f"{{\n    admin off\n    auto_https disable_redirects\n}}\n{text}")
        environment = {"HOME": str(folder), "PATH": "/usr/bin:/bin"}
        return subprocess.Popen(["caddy", "run", "--adapter", "caddyfile", "--config", folder / "Caddyfile"],
                                env=environment, stderr=(folder / "caddy.log").open("w"))

    def curl(self, path: str, *more: str) -> tuple[int, str]:
        """Status and body, with HTTP/2 and the certificate's authority, as a user of curl asks."""
        url = path if path.startswith("https:") else self.url + path
        done = subprocess.run(["curl", "-sS", "--http2", "--cacert", self.trust, "-H", f"X-API-Key: {self.service.key}",
                               "-w", "\n%{http_code} %{http_version}", *more, url], capture_output=True, text=True,
                              timeout=60)
        if done.returncode:
            return 0, done.stderr
        body, _, codes = done.stdout.rpartition("\n")
        status, version = codes.split()
        assert version == "2"
        return int(status), body

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait()
        self.service.kill()


def example_networks() -> str:
    return re.search(r"trusted_proxies = \[(.*)\]", example("toml")).group(1).strip('"')


@pytest.fixture(scope="module", params=["nginx", "caddy"])
def proxied(request, steno, tmp_path_factory):
    if not shutil.which(request.param):
        pytest.skip(f"set-up has not brought {request.param}")
    one = Proxied(steno.path, tmp_path_factory.mktemp(request.param), request.param)
    yield one
    one.stop()


def test_a_job_through_the_proxy(proxied, clip):
    status, body = proxied.curl("/api/v1/transcribe", "-F", f"file=@{clip.path}")
    assert status == 202, body
    status, body = proxied.curl("/api/v1/jobs/" + json.loads(body)["job_id"])
    links = [link for link in json.loads(body)["links"].values() if isinstance(link, str)]
    assert links and all(link.startswith(proxied.url + "/api/v1/jobs/") for link in links), links
    assert proxied.curl(json.loads(body)["links"]["self"])[0] == 200


def test_the_audit_shows_the_client_and_not_what_it_claims(proxied, clip):
    """The client is 127.0.0.2, which is no trusted proxy."""
    status, body = proxied.curl("/api/v1/transcribe", "-F", f"file=@{clip.path}", "--interface", "127.0.0.2",
                                "-H", "X-Forwarded-For: 203.0.113.9")
    assert status == 202, body
    admin = proxied.service.make_key("admin", "admin")
    entries = proxied.service.get("/api/v1/audit?limit=50", key=admin).json["entries"]
    submitted = next(entry for entry in entries if json.loads(body)["job_id"] in json.dumps(entry))
    assert "127.0.0.2" in submitted.values(), submitted


def test_uploads_say_where_they_continue(proxied):
    done = subprocess.run(["curl", "-sS", "--cacert", proxied.trust, "-H", f"X-API-Key: {proxied.service.key}", "-D", "-",
                           "-H", "Tus-Resumable: 1.0.0", "-H", "Upload-Length: 5", "-X", "POST",
                           proxied.url + "/api/v1/uploads"], capture_output=True, text=True, timeout=60)
    place = re.search(r"(?im)^location: (\S+)", done.stdout).group(1)
    assert place.startswith("/steno/api/v1/uploads/")
    root = proxied.url.removesuffix("/steno")
    assert proxied.curl(root + place, "-I", "-H", "Tus-Resumable: 1.0.0")[0] == 200


def test_events_arrive_at_once(proxied, clip):
    _, body = proxied.curl("/api/v1/transcribe", "-F", f"file=@{clip.path}")
    events = f"{proxied.url}/api/v1/jobs/{json.loads(body)['job_id']}/events"
    process = subprocess.Popen(["curl", "-sSN", "--cacert", proxied.trust, "-H", f"X-API-Key: {proxied.service.key}",
                                events], stdout=subprocess.PIPE, text=True)
    overdue = threading.Timer(20, process.kill)
    overdue.start()
    try:
        assert process.stdout.readline().startswith(("id:", "event:", "data:", "retry:", ":"))
    finally:
        overdue.cancel()
        process.kill()


def test_the_pages_find_their_parts(proxied):
    status, page = proxied.curl("/docs")
    assert status == 200
    for path in re.findall(r'(?:href|src)="([^"]+)"', page):
        assert not path.startswith("/"), path
        assert proxied.curl("/" + path)[0] == 200, path
