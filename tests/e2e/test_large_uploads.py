"""The service processes recordings of any size in constant memory.

LARGE_MB makes them larger than the tests' time allows, such as 2048."""

import os
import socket
import uuid
from pathlib import Path

import pytest
from service import Service, wait_for

MB = 1 << 20
LARGE = int(os.environ.get("LARGE_MB", 256)) * MB
PIECE = bytes(MB)
ALLOWED_GROWTH = 24 * MB


@pytest.fixture(scope="module")
def service(steno, tmp_path_factory):
    """Without workers, because the uploads contain no speech."""
    service = Service(steno.path, tmp_path_factory.mktemp("large") / "data", "--workers", "0",
                      "--set", "jobs.min_free_disk_bytes=0").start()
    yield service
    service.kill()


def peak_memory(service) -> int:
    """The peak memory of the process in bytes."""
    [line] = [line for line in Path(f"/proc/{service.process.pid}/status").read_text().splitlines()
              if line.startswith("VmHWM:")]
    return int(line.split()[1]) * 1024


def files(service) -> list[Path]:
    return [path for path in (service.folder / "blobs").rglob("*") if path.is_file() and path.name != "installation"]


def pieces(size: int):
    for begin in range(0, size, MB):
        yield PIECE[:size - begin]


def post(service, path: str, kind: str, size: int, head: bytes = b"", tail: bytes = b""):
    headers = {"Content-Type": kind, "Content-Length": str(len(head) + size + len(tail))}

    def body():
        yield head
        yield from pieces(size)
        yield tail

    return service.request("POST", path, body(), headers)


def raw_body(service, size: int) -> str:
    answer = post(service, "/api/v1/transcribe", "audio/wav", size)
    assert answer.status == 202, answer.text
    return answer.json["job_id"]


def form(service, size: int) -> str:
    boundary = uuid.uuid4().hex
    head = (f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="long.wav"\r\n'
            "Content-Type: audio/wav\r\n\r\n").encode()
    answer = post(service, "/api/v1/transcribe", f"multipart/form-data; boundary={boundary}", size, head,
                  f"\r\n--{boundary}--\r\n".encode())
    assert answer.status == 202, answer.text
    return answer.json["job_id"]


def resumable(service, size: int) -> str:
    version = {"Tus-Resumable": "1.0.0"}
    made = service.request("POST", "/api/v1/uploads", headers={**version, "Upload-Length": str(size)})
    assert made.status == 201, made.text
    path = made.headers["location"].removeprefix(service.url)
    headers = {**version, "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream",
               "Content-Length": str(size)}
    sent = service.request("PATCH", path, pieces(size), headers)
    assert sent.status == 204, sent.text
    answer = service.post_json("/api/v1/transcribe", {"upload_id": path.rsplit("/", 1)[1]})
    assert answer.status == 202, answer.text
    return answer.json["job_id"]


@pytest.mark.parametrize("send", [raw_body, form, resumable])
def test_a_large_recording_needs_no_more_memory_than_a_small_one(service, send):
    send(service, MB)
    before = peak_memory(service)
    job = send(service, LARGE)
    after = peak_memory(service)
    # Visible with -s.
    print(f"{send.__name__}: peak {before / MB:.1f} MB before, {after / MB:.1f} MB after {LARGE / MB:.0f} MB")
    assert after - before < ALLOWED_GROWTH
    assert service.job(job)["audio"]["bytes"] == LARGE
    assert LARGE in [path.stat().st_size for path in files(service)]
    # Reading it again needs no memory either.
    link = service.job(job)["audio"]["url"].removeprefix(service.url)
    assert read(service, link) == LARGE
    assert peak_memory(service) - before < ALLOWED_GROWTH
    for listed in service.get("/api/v1/jobs").json["jobs"]:
        service.request("DELETE", f"/api/v1/jobs/{listed['job_id']}")
        assert service.request("DELETE", f"/api/v1/jobs/{listed['job_id']}?purge=true").status == 204
    assert files(service) == []


def read(service, path: str) -> int:
    connection = service.connect()
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        size = 0
        while piece := answer.read(MB):
            size += len(piece)
        return size
    finally:
        connection.close()


@pytest.mark.parametrize("kind", ["audio/wav", "multipart/form-data; boundary=b", "chunked", "application/json"])
def test_a_partial_upload_leaves_no_files(service, kind):
    head = {"multipart/form-data; boundary=b": b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n',
            "application/json": b'{"audio_base64": "' + b"AAAA" * 1000}.get(kind, b"")
    length = "Transfer-Encoding: chunked" if kind == "chunked" else f"Content-Length: {LARGE}"
    if kind == "chunked":
        content = b"100000\r\n" + bytes(MB) + b"\r\n" + b"100000\r\n" + bytes(1000)
    else:
        content = head + (b"AAAA" * (MB // 4) if kind == "application/json" else bytes(MB))
    sent_as = "audio/wav" if kind == "chunked" else kind
    with socket.create_connection(service.address) as connection:
        connection.sendall(f"POST /api/v1/transcribe HTTP/1.1\r\nHost: x\r\nX-API-Key: {service.key}\r\n"
                           f"Content-Type: {sent_as}\r\n{length}\r\n\r\n".encode() + content)
        wait_for(lambda: files(service), 10, "the first bytes on disk")
    wait_for(lambda: not files(service), 10, "an empty folder")
    assert service.get("/api/v1/jobs").json["jobs"] == []


def test_a_partial_upload_of_a_killed_service_is_removed_at_the_next_start(service):
    with socket.create_connection(service.address) as connection:
        connection.sendall(f"POST /api/v1/transcribe HTTP/1.1\r\nHost: x\r\nX-API-Key: {service.key}\r\n"
                           f"Content-Type: audio/wav\r\nContent-Length: {LARGE}\r\n\r\n".encode() + bytes(MB))
        wait_for(lambda: files(service), 10, "the first bytes on disk")
        service.kill()
    assert files(service)
    service.start()
    wait_for(lambda: not files(service), 10, "an empty folder")


def test_a_resumable_upload_goes_on_after_the_service_was_killed(service):
    version = {"Tus-Resumable": "1.0.0"}
    made = service.request("POST", "/api/v1/uploads", headers={**version, "Upload-Length": str(4 * MB)})
    path = made.headers["location"].removeprefix(service.url)
    with socket.create_connection(service.address) as connection:
        connection.sendall(f"PATCH {path} HTTP/1.1\r\nHost: x\r\nX-API-Key: {service.key}\r\n"
                           "Tus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\n"
                           "Content-Type: application/offset+octet-stream\r\n"
                           f"Content-Length: {4 * MB}\r\n\r\n".encode() + bytes(2 * MB))
        wait_for(lambda: any(file.stat().st_size >= MB for file in files(service)), 10, "the first half")
        service.kill()
    service.start()
    offset = int(service.request("HEAD", path, headers=version).headers["upload-offset"])
    assert MB <= offset <= 2 * MB
    sent = service.request("PATCH", path, bytes(4 * MB - offset), {
        **version, "Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"})
    assert sent.status == 204 and sent.headers["upload-offset"] == str(4 * MB)
    assert service.request("DELETE", path, headers=version).status == 204
    assert service.request("HEAD", path, headers=version).status in (404, 410)
    assert files(service) == []


def test_too_large_is_refused_before_it_is_sent(service):
    with socket.create_connection(service.address, 10) as connection:
        connection.sendall(f"POST /api/v1/transcribe HTTP/1.1\r\nHost: x\r\nX-API-Key: {service.key}\r\n"
                           "Content-Type: audio/wav\r\nExpect: 100-continue\r\n"
                           f"Content-Length: {5 << 30}\r\n\r\n".encode())
        assert connection.recv(4096).startswith(b"HTTP/1.1 413 ")
    assert files(service) == []
