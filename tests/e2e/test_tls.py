"""TLS: an address with a certificate, which is replaced while the service runs."""

import os
import signal
import socket
import ssl
import subprocess
import threading

import pytest
from service import Service, wait_for


def make_certificate(folder, name: str) -> tuple[bytes, bytes]:
    """A certificate for 127.0.0.1 with the name `name`, and its key."""
    files = [folder / f"{name}.crt", folder / f"{name}.key"]
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
         "-days", "2", "-subj", f"/CN={name}", "-addext", "subjectAltName=IP:127.0.0.1",
         "-out", files[0], "-keyout", files[1]], check=True, capture_output=True)
    return files[0].read_bytes(), files[1].read_bytes()


class Secured:
    """A service and the files of its certificate."""

    def __init__(self, program, folder):
        self.folder = folder
        self.first = make_certificate(folder, "first")
        self.second = make_certificate(folder, "second")
        self.install(*self.first)
        self.service = Service(program, folder / "data", "--workers", "0", "--set",
                               f"server.tls_certificate={folder / 'chain.pem'}", "--set",
                               f"server.tls_key={folder / 'key.pem'}", "--set",
                               "server.metrics_without_key=true")
        self.service.trust = ssl.create_default_context(cadata=(self.first[0] + self.second[0]).decode())

    def install(self, certificate: bytes, key: bytes) -> None:
        (self.folder / "chain.pem").write_bytes(certificate)
        (self.folder / "key.pem").write_bytes(key)

    def reload(self, *, expected: str) -> None:
        """Sends SIGHUP and waits for the log line with the result."""
        size = self.service.log.stat().st_size
        self.service.process.send_signal(signal.SIGHUP)

        def told() -> bool:
            with self.service.log.open() as log:
                log.seek(size)
                return expected in log.read()

        wait_for(told, 10, expected)

    def name(self) -> str:
        """The name in the certificate of a new connection."""
        with socket.create_connection(self.service.address, 10) as plain:
            with self.service.trust.wrap_socket(plain, server_hostname="127.0.0.1") as connection:
                return dict(pair for (pair,) in connection.getpeercert()["subject"])["commonName"]


@pytest.fixture
def secured(steno, tmp_path):
    secured = Secured(steno.path, tmp_path)
    secured.service.start()
    yield secured
    secured.service.kill()


def test_a_new_certificate_is_used_and_no_connection_ends(secured, clip):
    service = secured.service
    assert secured.name() == "first"
    job = service.submit(clip.path)
    kept = service.connect()
    kept.auto_open = 0  # it must be this connection, not one after it
    events = []
    watching = threading.Thread(target=lambda: events.extend(service.events(job)))

    def ask() -> int:
        kept.request("GET", f"/api/v1/jobs/{job}", headers={"X-API-Key": service.key})
        answer = kept.getresponse()
        answer.read()
        return answer.status

    kept.connect()
    assert ask() == 200
    watching.start()
    wait_for(lambda: "\nsteno_event_streams 1\n" in service.get("/metrics").text, 10, "the open stream")
    secured.install(*secured.second)
    secured.reload(expected="certificates read again")
    assert secured.name() == "second"
    assert ask() == 200
    assert service.request("DELETE", f"/api/v1/jobs/{job}").status == 200
    watching.join(10)
    assert events[-1][1] == "end" and events[-1][2]["status"] == "cancelled"
    kept.close()


@pytest.mark.parametrize("broken", ["no certificate", "the key of another", "no file"])
def test_a_broken_certificate_leaves_the_old_one(secured, broken):
    if broken == "no certificate":
        secured.install(b"-----BEGIN CERTIFICATE-----\nnonsense\n", secured.second[1])
    elif broken == "the key of another":
        secured.install(secured.second[0], secured.first[1])
    else:
        os.unlink(secured.folder / "chain.pem")
    secured.reload(expected="the old ones stay")
    assert secured.name() == "first"
    assert secured.service.get("/health").status == 200
    secured.install(*secured.second)
    secured.reload(expected="certificates read again")
    assert secured.name() == "second"


def test_the_program_trusts_the_configured_certificates(secured, steno, clip):
    service = secured.service
    variables = os.environ | {"STENO_URL": service.url, "STENO_API_KEY": service.key}
    variables.pop("SSL_CERT_FILE", None)
    stranger = steno("jobs", "list", env=variables)
    assert stranger.status == 1 and "certificate" in stranger.err and service.url in stranger.err
    job = service.submit(clip.path)
    friend = steno("jobs", "list", env=variables | {"SSL_CERT_FILE": str(secured.folder / "first.crt")})
    assert friend.status == 0, friend.err
    assert job in friend.out


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_old_protocols_and_plain_http_are_refused(secured):
    service = secured.service
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.check_hostname = False
    old.verify_mode = ssl.CERT_NONE
    old.set_ciphers("ALL:@SECLEVEL=0")
    old.minimum_version = ssl.TLSVersion.TLSv1
    old.maximum_version = ssl.TLSVersion.TLSv1_1
    with socket.create_connection(service.address, 10) as plain, pytest.raises(ssl.SSLError, match="(?i)alert"):
        old.wrap_socket(plain)
    with socket.create_connection(service.address, 10) as plain:
        plain.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
        try:
            assert b"200" not in plain.recv(4096)
        except ConnectionResetError:
            pass
    assert service.get("/health").status == 200


def test_the_doctor_knows_when_a_certificate_expires(secured):
    service = secured.service
    run = service.command("doctor", "--data-dir", service.folder, *service.arguments)
    [line] = [line for line in run.stdout.splitlines() if "certificate: " in line]
    assert line.startswith("look") and "expires in less than 30 days" in line and str(secured.folder / "chain.pem") in line


def test_a_certificate_that_cannot_be_used_is_named_at_the_start(steno, tmp_path):
    (tmp_path / "chain.pem").write_text("nonsense")
    (tmp_path / "key.pem").write_text("nonsense")
    run = steno("serve", "--data-dir", tmp_path / "data", "--listen", "127.0.0.1:0",
                "--set", f"server.tls_certificate={tmp_path / 'chain.pem'}",
                "--set", f"server.tls_key={tmp_path / 'key.pem'}", timeout=20)
    assert run.status == 1
    assert str(tmp_path / "chain.pem") in run.errors[-1]
