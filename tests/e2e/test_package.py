"""The installed tree: complete, relocatable, and usable by any user. tools/try_package.sh installs the packages on a
bare Debian."""

import gzip
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from conftest import ROOT

NOBODY = 65534


@pytest.fixture(scope="module")
def installed(steno, tmp_path_factory) -> Path:
    """`make install` into a DESTDIR, then moved: nothing may know where it was built or installed."""
    built = steno.path.resolve().parent
    if not (built / "cmake_install.cmake").exists():
        pytest.skip(f"{built} is no build folder")
    folder = tmp_path_factory.mktemp("package")
    subprocess.run(["cmake", "--install", built, "--prefix", "/usr/local"], check=True, capture_output=True,
                   env={**os.environ, "DESTDIR": str(folder / "root")})
    moved = folder / "moved here"
    shutil.copytree(folder / "root/usr/local", moved)  # gives all files new times
    shutil.rmtree(folder / "root")
    for parent in (folder, *folder.parents):
        if parent.stat().st_uid == os.getuid() and parent.is_relative_to("/tmp") and parent != Path("/tmp"):
            parent.chmod(0o755)
    return moved


def run(installed: Path, *arguments: object, **variables: str) -> subprocess.CompletedProcess:
    """Runs the program without any variable, and as an ordinary user if the test may choose one."""
    user = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.getuid() == 0 else {}
    return subprocess.run([installed / "bin/steno", *arguments], capture_output=True, text=True, timeout=300, cwd="/",
                          env=variables, stdin=subprocess.DEVNULL, **user)


def test_transcribes_with_speakers_without_a_home(installed, clip, tmp_path_factory):
    shared = tmp_path_factory.mktemp("shared")
    for folder in (shared, shared.parent):
        folder.chmod(0o755)
    shutil.copy(clip.path, shared / "talk.wav")
    done = run(installed, "transcribe", "--diarize", "-v", shared / "talk.wav")
    assert done.returncode == 0, done.stderr
    assert "SPEAKER_00: " in done.stdout and "Dashwood" in done.stdout
    assert "int8" in done.stderr


def test_a_models_folder_needs_nothing_else(installed, clip):
    done = run(installed, "models", "path", installed / "share/steno/models/base")
    assert (done.returncode, done.stderr) == (0, "")


def test_knows_the_small_models(installed):
    listed = run(installed, "models").stdout
    for name in ("base", "silero", "diarization"):
        assert any(line.split()[:1] == [name] and str(installed) in line for line in listed.splitlines()), listed
        pulled = run(installed, "models", "pull", name)
        if name != "base":
            assert pulled.returncode == 0 and "already there" in pulled.stderr
            assert run(installed, "models", "path", name).stdout.startswith(str(installed))
    shutil.move(installed / "share/steno/models/diarization", installed / "away")
    try:
        missing = run(installed, "models", "pull", "diarization")
        assert missing.returncode == 1 and "share/steno/models" in missing.stderr
        findings = run(installed, "doctor", "--data-dir", "/nonexistent/data").stdout
        assert any("speakers" in line and "diarize" in line for line in findings.splitlines()), findings
    finally:
        shutil.move(installed / "away", installed / "share/steno/models/diarization")


def test_pages_describe_every_command(installed):
    pages = {page.name.removesuffix(".1.gz"): gzip.open(page, "rt").read()
             for page in (installed / "share/man/man1").iterdir()}
    commands = [line.split()[0] for line in run(installed, "--help").stdout.split("Subcommands:\n")[1].splitlines()
                if line.startswith("  ") and line[2] != " "]
    assert set(pages) == {"steno", *(f"steno-{name}" for name in commands)}
    assert r"\-\-diarize" in pages["steno-transcribe"]
    assert "steno models pull: Options" in pages["steno-models"]


@pytest.mark.parametrize("line, expected", [
    ("steno mod", {"models"}),
    ("steno models p", {"pull", "path"}),
    ("steno transcribe --diari", {"--diarize", "--no-diarize"}),
])
def test_completes_commands_and_options(installed, line, expected):
    script = 'source "$1"; read -ra COMP_WORDS <<<"$2"; COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _steno; echo "${COMPREPLY[@]}"'
    done = subprocess.run(["bash", "-c", script, "-", installed / "share/bash-completion/completions/steno", line],
                          capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) <= expected and done.stdout.split(), done.stdout


def test_the_unit_starts_the_installed_program_as_its_own_user(installed):
    unit = (installed / "lib/systemd/system/steno.service").read_text()
    assert "ExecStart=/usr/local/bin/steno serve --config /etc/steno/steno.toml\n" in unit
    assert "User=steno\n" in unit and "[Install]\nWantedBy=multi-user.target" in unit
    settings = run(installed, "config", "check", "--config", installed / "share/steno/steno.toml")
    assert settings.returncode == 0, settings.stderr
    if shutil.which("systemd-analyze"):
        here = installed / "steno.service"
        here.write_text(unit.replace("/usr/local/bin/steno", str(installed / "bin/steno")).replace("moved here", r"moved\x20here"))
        checked = subprocess.run(["systemd-analyze", "verify", "--man=no", here], capture_output=True, text=True)
        assert "steno.service" not in checked.stderr, checked.stderr


def test_states_the_licences_and_packages_that_it_needs(installed):
    documents = installed / "share/doc/steno"
    assert "libavcodec59" in (documents / "INSTALL.txt").read_text()
    assert {"LICENSE", "NOTICE"} <= {path.name for path in documents.iterdir()}


def test_bash_completion_and_scripts_are_sound():
    for script in ("packaging/debian/postinst", "packaging/debian/prerm", "packaging/debian/postrm"):
        subprocess.run(["sh", "-n", ROOT / script], check=True)
