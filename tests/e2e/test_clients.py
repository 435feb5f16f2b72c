"""The service with third-party clients: a tus client, and schemathesis from the API's own document."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import cache_folder
from service import Service
from test_service import words

CLIENTS = cache_folder() / "clients"
HERE = Path(__file__).parent

TUS = """
import sys
from tusclient.client import TusClient
url, key, path = sys.argv[1:]
client = TusClient(url + "/api/v1/uploads", headers={"X-API-Key": key})
upload = client.uploader(path, chunk_size=50_000, upload_checksum=True)
upload.upload_chunk()
upload.upload_chunk()
# Another client continues where this one stopped.
again = client.uploader(path, chunk_size=50_000, url=upload.url, upload_checksum=True)
assert again.offset == 100_000, again.offset
again.upload()
print(again.url)
"""


@pytest.fixture(scope="module")
def service(steno, tmp_path_factory):
    if not CLIENTS.exists():
        pytest.skip(f"set-up has not brought {CLIENTS}")
    service = Service(steno.path, tmp_path_factory.mktemp("clients") / "data").start()
    yield service
    service.kill()


def run_python(code: str, *arguments: str, timeout: float = 300) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True,
                          timeout=timeout, env={**os.environ, "PYTHONPATH": f"{CLIENTS}:{HERE}", "SCHEMATHESIS_HOOKS": "schemathesis_hooks"})


def test_a_tus_client_uploads_in_pieces_and_goes_on(service, clip):
    run = run_python(TUS, service.url, service.key, str(clip.path))
    assert run.returncode == 0, run.stderr
    upload = run.stdout.strip().rsplit("/", 1)[1]
    answer = service.post_json("/api/v1/transcribe", {"upload_id": upload, "language": "en"})
    assert answer.status == 202, answer.text
    job = answer.json["job_id"]
    assert service.wait(job)["status"] == "completed"
    assert words(service.text_of(job)) == words(clip.text)


def test_schemathesis_finds_nothing(service):
    """Requests made from /openapi.json, valid and invalid ones: no 500, and every answer matches the document."""
    admin = service.make_key("schemathesis", "submit,read,admin,metrics")
    run = run_python(
        "from schemathesis.cli import schemathesis; schemathesis()",
        "--config-file", str(HERE / "schemathesis.toml"), "run", service.url + "/openapi.json",
        "--header", f"X-API-Key: {admin}", "--checks", "all", "--phases", "examples,coverage,fuzzing",
        "--max-examples", os.environ.get("SCHEMATHESIS_EXAMPLES", "10"), "--seed", "1",
        "--request-timeout", "20", "--suppress-health-check", "all", timeout=560)
    assert run.returncode == 0, run.stdout[-6000:] + run.stderr[-2000:]
