"""steno config: the program's own environment, files and exit statuses."""

import json
import os


def environment(**variables: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("STENO_")}
    return {**kept, **variables}


def test_show_says_where_each_value_came_from(steno, tmp_path):
    file = tmp_path / "steno.toml"
    file.write_text('[jobs]\nmax_attempts = 4\nmax_queued = 4\n[log]\nlevel = "debug"\n')
    shown = steno(
        "config", "show", "--format", "json", "--config", file, "--workers", "2",
        env=environment(STENO_JOBS_MAX_QUEUED="5", STENO_WORKER_COUNT="3"),
    )
    assert shown.status == 0 and shown.err == ""
    settings = json.loads(shown.out)
    assert settings["jobs.max_attempts"] == {"value": 4, "origin": f"{file}:2"}
    assert settings["jobs.max_queued"] == {"value": 5, "origin": "STENO_JOBS_MAX_QUEUED"}
    assert settings["worker.count"] == {"value": 2, "origin": "--workers"}
    assert settings["log.format"] == {"value": "auto", "origin": "default"}


def test_what_is_shown_is_a_file_that_is_right(steno, tmp_path):
    file = tmp_path / "steno.toml"
    shown = steno("config", "show", "--data-dir", tmp_path, env=environment())
    file.write_text(shown.out)
    checked = steno("config", "check", env=environment(STENO_CONFIG=str(file)))
    assert (checked.status, checked.out, checked.err) == (0, "ok\n", "")


def test_check_says_every_error(steno, tmp_path):
    file = tmp_path / "steno.toml"
    file.write_text("[server]\nlisten = 8080\nthread = 2\n")
    checked = steno("config", "check", "--config", file, env=environment(STENO_SERVER_LISTN="x"))
    assert checked.status == 2 and checked.out == ""
    assert len(checked.errors) == 3
    assert checked.errors[0].startswith(f"steno: {file}:2: server.listen must be a list")
    assert checked.errors[1].endswith("did you mean server.threads?")
    assert checked.errors[2].endswith("did you mean STENO_SERVER_LISTEN?")
