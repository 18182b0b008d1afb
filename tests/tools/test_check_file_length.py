"""The length rule names what is too long, and looks only at what people wrote."""

from pathlib import Path

from tools.check_file_length import long_functions, source_files


def test_a_function_of_sixty_lines_passes_and_one_more_is_named() -> None:
    def function(lines: int) -> str:
        return "def talk():\n" + "    pass\n" * (lines - 1)

    assert list(long_functions(Path("a.py"), function(60))) == []
    assert list(long_functions(Path("a.py"), function(61))) == ["a.py:1: talk has 61 lines (at most 60)"]


def test_built_installed_and_generated_files_are_left_out(tmp_path: Path) -> None:
    written = ["Makefile", "safegrid/a/services.py", "frontend/src/b.ts", "tools/c.sh"]
    made = [
        "safegrid/console/static/console/console.js",
        "frontend/node_modules/x/y.js",
        ".venv/lib/z.py",
        "safegrid/a/migrations/0001_initial.py",
        "var/n.py",
        "photo.png",
    ]
    for name in written + made:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    assert {str(path) for path in source_files(tmp_path)} == set(written)
