"""check_words.py finds banned words in comments and documentation, and nothing else."""

import check_words


def findings(root, name, text):
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return check_words.check(root)


def test_a_comment_in_cpp_is_checked(tmp_path):
    assert findings(tmp_path, "src/a.h", "int a;\n/// Hears the words.\nint b;\n") == [
        'src/a.h:2: write transcribe, recognise or decode instead of "Hears"'
    ]


def test_a_comment_behind_code_is_checked(tmp_path):
    assert len(findings(tmp_path, "src/a.cc", "int a;  // nobody uses it\n")) == 1


def test_code_and_strings_are_not_checked(tmp_path):
    code = 'hear(told);\nlog("nobody");\nconst char* url = "http://whoever.example";\n'
    assert findings(tmp_path, "src/a.cc", code) == []


def test_markdown_is_checked_except_for_code(tmp_path):
    assert findings(tmp_path, "docs/a.md", "Call `hear()` now.\n") == []
    assert len(findings(tmp_path, "docs/a.md", "A bell is needed.\n")) == 1


def test_python_comments_are_checked(tmp_path):
    assert findings(tmp_path, "tools/a.py", 'heard = "told"\n') == []
    assert len(findings(tmp_path, "tools/a.py", "a = 1  # who waits is told\n")) == 2


def test_a_heartbeat_is_allowed(tmp_path):
    text = "// A heartbeat is sent. No other hypothesis can beat it.\n"
    assert findings(tmp_path, "src/a.cc", text) == []


def test_a_comment_does_not_start_with_what(tmp_path):
    assert len(findings(tmp_path, "src/a.h", "/// What a key may do.\n")) == 1
    assert findings(tmp_path, "src/a.h", "/// Returns what it read.\n") == []


def test_the_repository_passes():
    root = check_words.Path(check_words.__file__).resolve().parent.parent
    assert check_words.check(root) == []
