"""The commands in README work as described."""

import re
import shlex
import subprocess

import pytest
from conftest import ROOT


def commands() -> list[str]:
    """The lines of README's "Use it" that call the program, without their comments."""
    section = (ROOT / "README.md").read_text(encoding="utf-8").split("\n## Use it\n")[1].split("\n## ")[0]
    block = re.search(r"```\n(.*?)```", section, re.S).group(1)
    return [line.split("  #")[0].strip() for line in block.splitlines() if "build/steno" in line]


@pytest.mark.parametrize("command", commands())
def test_command(command, steno, clip, ffmpeg, tmp_path):
    for name in ("talk.mp3", "meeting.mp3", "first.mp4", "second.mp4"):
        ffmpeg("-i", clip.path, "-vn", tmp_path / name)
    (tmp_path / "call.wav").write_bytes(clip.path.read_bytes())
    command = command.replace("build/steno", shlex.quote(str(steno.path))).replace("…", "talk.mp3")
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command}"], cwd=tmp_path, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    if "--output-dir out" in command:
        written = {path.name for path in (tmp_path / "out").iterdir()}
        assert written == {"first.srt", "first.json", "second.srt", "second.json"}
    elif command.endswith("models"):
        assert "tiny.en" in done.stdout
    elif "--format rttm" in command:
        assert re.fullmatch(r"(SPEAKER call 1 \S+ \S+ <NA> <NA> SPEAKER_00 <NA> <NA>\n)+", done.stdout)
    else:
        assert "Dashwood" in done.stdout
        assert ("SPEAKER_00: " in done.stdout) == ("--diarize" in command)
