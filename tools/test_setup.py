"""Set-up leaves no partial files, and downloads again only what is needed."""

import subprocess
import time
from pathlib import Path

import pytest

SETUP = Path(__file__).parent / "setup"
START = f"""
set -euo pipefail
here={SETUP} cache=$PWD
source {SETUP}/lib.sh
mkdir -p stamps tmp
make_item() {{ mkdir "$1"; echo "made $key" >"$1/a"; {{body}} echo whole >"$1/b"; }}
"""


@pytest.fixture
def shell(tmp_path):
    def run(script, body=""):
        return subprocess.run(
            ["bash", "-c", START.replace("{body}", body) + script],
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    return run


PROVIDE = "key=1; provide things/x 1 make_item"


def test_an_item_is_made_once(shell, tmp_path):
    assert "fetching things/x" in shell(PROVIDE).stdout
    assert (tmp_path / "things/x/b").read_text() == "whole\n"
    assert shell(PROVIDE).stdout == ""


def test_an_item_of_another_recipe_is_made_again(shell, tmp_path):
    shell(PROVIDE)
    assert shell("key=2; provide things/x 2 make_item").returncode == 0
    assert (tmp_path / "things/x/a").read_text() == "made 2\n"


def test_an_item_that_was_deleted_is_made_again(shell, tmp_path):
    shell(PROVIDE)
    subprocess.run(["rm", "-r", tmp_path / "things"], check=True)
    assert "fetching" in shell(PROVIDE).stdout
    assert (tmp_path / "things/x/b").exists()


@pytest.mark.parametrize("body", ["false;", "die broken;", "kill -9 $$;"])
def test_what_breaks_half_way_leaves_nothing(shell, tmp_path, body):
    assert shell(PROVIDE, body).returncode != 0
    assert not (tmp_path / "things/x").exists()
    assert shell(PROVIDE).returncode == 0
    assert (tmp_path / "things/x/b").exists()


def test_what_breaks_half_way_leaves_the_old_item(shell, tmp_path):
    shell(PROVIDE)
    assert shell("key=2; provide things/x 2 make_item", "false;").returncode != 0
    assert (tmp_path / "things/x/a").read_text() == "made 1\n"


def test_a_wrong_hash_is_refused(shell, tmp_path):
    (tmp_path / "file").write_text("other\n")
    done = shell(f"check {'0' * 64} file; echo went on")
    assert done.returncode == 1
    assert "file is not the file it should be" in done.stdout
    assert "went on" not in done.stdout


def test_a_cut_line_is_tried_again(shell):
    script = "sleep() { :; }; cut() { echo try >>tries; (($(wc -l <tries) == 3)); }; retry cut"
    assert shell(script + "; wc -l <tries").stdout.endswith("3\n")


def test_a_dead_line_is_given_up(shell):
    assert shell("sleep() { :; }; retry false || echo given up").stdout.endswith("given up\n")


def test_two_set_ups_wait_for_each_other(shell, tmp_path):
    first = subprocess.Popen(
        ["bash", "-c", START + "take_lock; touch locked; sleep 1; echo first >>order"], cwd=tmp_path
    )
    while not (tmp_path / "locked").exists():
        time.sleep(0.01)
    done = shell("take_lock; echo second >>order")
    first.wait()
    assert "waiting" in done.stdout
    assert (tmp_path / "order").read_text() == "first\nsecond\n"
