"""check_source_map.py finds folders without a row, missing names, and file names with two meanings."""

import check_source_map

ROWS = "| Folder | Start with |\n|---|---|\n| `one/` | `one/a.h` |\n| `one/two/` | `one/two/b.cc` |\n"


def write(root, document):
    (root / "src" / "one" / "two").mkdir(parents=True)
    (root / "src" / "main.cc").write_text("int main() {}\n")
    (root / "src" / "one" / "a.h").write_text("int step(int x);\n")
    (root / "src" / "one" / "two" / "b.cc").write_text("void Type::other() {}\n")
    (root / "src" / "README.md").write_text(document)


def test_a_complete_document_passes(tmp_path):
    write(tmp_path, ROWS + "| where? | `one/a.h`: `step()`; `one/two/b.cc`: `Type::other()` |\n")
    assert check_source_map.check(tmp_path) == []


def test_a_folder_without_a_row_is_reported(tmp_path):
    write(tmp_path, ROWS.replace("| `one/two/` | `one/two/b.cc` |\n", ""))
    assert check_source_map.check(tmp_path) == ["src/README.md: src/one/two/ has no row"]


def test_a_mention_is_not_a_row(tmp_path):
    write(tmp_path, ROWS.replace("| `one/two/` |", "| beside `one/two/` |"))
    assert check_source_map.check(tmp_path) == ["src/README.md: src/one/two/ has no row"]


def test_a_missing_folder_is_reported(tmp_path):
    write(tmp_path, ROWS + "| `three/` | |\n")
    assert check_source_map.check(tmp_path) == ["src/README.md:5: there is no folder src/three/"]


def test_a_missing_file_is_reported(tmp_path):
    write(tmp_path, ROWS + "| where? | `one/c.cc`: `step()` |\n")
    assert check_source_map.check(tmp_path) == ["src/README.md:5: there is no file src/one/c.cc"]


def test_a_missing_function_is_reported(tmp_path):
    write(tmp_path, ROWS + "| where? | `one/a.h`: `stop()` |\n")
    assert check_source_map.check(tmp_path) == [
        "src/README.md:5: src/one/a.h has no function stop()"
    ]


def test_a_file_name_with_two_meanings_is_reported(tmp_path):
    write(tmp_path, ROWS + "| `three/` | |\n")
    (tmp_path / "src" / "three").mkdir()
    (tmp_path / "src" / "three" / "b.h").write_text("")
    assert check_source_map.check(tmp_path) == [
        "src/one/two/ and src/three/ have a file called b: rename one"
    ]


def test_a_backend_may_repeat_the_name_of_its_interface(tmp_path):
    write(tmp_path, ROWS + "| `one/six/` | |\n")
    (tmp_path / "src" / "one" / "six").mkdir()
    for backend in ("two", "six"):
        (tmp_path / "src" / "one" / backend / "a.cc").write_text("")
    assert check_source_map.check(tmp_path) == []


def test_the_repository_passes():
    root = check_source_map.Path(check_source_map.__file__).resolve().parent.parent
    assert check_source_map.check(root) == []
