"""The pages of the service in a browser: Debian's chromium, headless."""

import json
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
from service import Service


@dataclass
class Visit:
    """A page as rendered by a browser."""
    dom: str
    console: list[str]  # errors of the page's scripts and the browser's policies
    requests: list[str]  # addresses that the page requested


# The sandbox does not work for root and in some containers. The pages are trusted.
BROWSER = ["chromium", "--headless", "--disable-gpu", "--no-sandbox", "--disable-dev-shm-usage"]


@pytest.fixture(scope="module", autouse=True)
def browser(tmp_path_factory):
    if not shutil.which("chromium"):
        pytest.skip("there is no chromium")
    profile = tmp_path_factory.mktemp("browser")
    started = subprocess.run([*BROWSER, f"--user-data-dir={profile}", "--dump-dom", "about:blank"],
                             stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120)
    if started.returncode != 0:
        pytest.skip("no right to what a browser needs: " + started.stderr[-300:])


@pytest.fixture(scope="module")
def service(steno, tmp_path_factory):
    service = Service(steno.path, tmp_path_factory.mktemp("pages") / "data", "--workers", "0").start()
    yield service
    service.kill()


def visit(url: str, folder: Path) -> Visit:
    log = folder / "net.json"
    command = [*BROWSER, "--no-first-run", "--disable-component-update",
               "--disable-background-networking", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
               f"--user-data-dir={folder / 'profile'}", "--enable-logging=stderr", f"--log-net-log={log}",
               "--virtual-time-budget=5000", "--dump-dom", url]
    run = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stderr
    console = [line for line in run.stderr.splitlines() if ":CONSOLE" in line]
    return Visit(run.stdout, console, requests_of_pages(json.loads(log.read_text())))


def requests_of_pages(log: dict) -> list[str]:
    """The addresses that a page requested. The browser's own requests have no origin."""
    start = log["constants"]["logEventTypes"]["URL_REQUEST_START_JOB"]
    starts = [event["params"] for event in log["events"] if event["type"] == start and "params" in event]
    return [params["url"] for params in starts if params.get("initiator", "").startswith("http")]


def test_the_documentation_shows_every_call_and_contacts_no_other_host(service, tmp_path):
    page = visit(service.url + "/docs", tmp_path)
    api = service.get("/openapi.json").json
    calls = {operation["operationId"] for path in api["paths"].values() for operation in path.values()}
    sections = re.findall(r'<section id="([^"]+)"', page.dom)
    assert calls == {name for name in sections if not name.startswith("schema-")}
    assert {f"schema-{name}" for name in api["components"]["schemas"]} <= set(sections)
    assert page.console == []
    assert service.url + "/openapi.json" in page.requests
    assert [url for url in page.requests if not url.startswith(service.url + "/")] == []


def test_the_links_of_the_first_page_work(service, tmp_path):
    page = visit(service.url + "/", tmp_path)
    assert page.console == []
    assert page.requests == [service.url + "/docs/style.css"]
    links = re.findall(r'href="([^"]+)"', page.dom)
    assert {"docs", "health", "metrics"} <= set(links)
    # Without workers it is not ready. The metrics need a key with a scope.
    statuses = {link: service.get("/" + link, key="").status for link in links}
    assert statuses.pop("metrics") == 401
    assert statuses.pop("health/ready") == 503
    assert set(statuses.values()) == {200}


def test_errors_of_a_page_are_detected(tmp_path):
    page = visit("data:text/html,<script>nothing()</script>", tmp_path)
    assert "nothing is not defined" in "".join(page.console)
