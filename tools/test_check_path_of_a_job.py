"""check_path_of_a_job.py finds missing files and functions."""

import check_path_of_a_job


SOURCE = "int first_step(int x) { return x; }\nvoid Type::second() {}\n"


def write(root, document):
    (root / "docs").mkdir()
    (root / "src").mkdir()
    (root / "src" / "a.cc").write_text(SOURCE)
    (root / "docs" / "path-of-a-job.md").write_text(document)


def test_existing_names_pass(tmp_path):
    write(tmp_path, "1. `src/a.cc`: `first_step()`, then `Type::second()`.\n")
    assert check_path_of_a_job.check(tmp_path) == []


def test_a_missing_file_is_named(tmp_path):
    write(tmp_path, "1. `src/a.cc`\n2. `src/b.cc`: `first_step()`\n")
    assert check_path_of_a_job.check(tmp_path) == [
        "docs/path-of-a-job.md:2: there is no file src/b.cc"
    ]


def test_a_missing_function_is_named(tmp_path):
    write(tmp_path, "`src/a.cc`: `step()`\n")
    assert check_path_of_a_job.check(tmp_path) == [
        "docs/path-of-a-job.md:1: src/a.cc holds no function step()"
    ]


def test_a_function_without_a_file_is_named(tmp_path):
    write(tmp_path, "`first_step()`\n")
    assert check_path_of_a_job.check(tmp_path) == [
        "docs/path-of-a-job.md:1: first_step() has no file before it"
    ]
