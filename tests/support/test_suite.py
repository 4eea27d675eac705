"""The parts of `make test` leave nothing out."""

from tests.support.suite import TESTS, modules_marked


def test_marks_are_set_where_the_parts_look_for_them() -> None:
    """In modules: none is set by a hook, and none is imported under another name."""
    mine = TESTS / "support" / "test_suite.py"
    sources = [path.read_text() for path in TESTS.rglob("*.py") if path != mine]
    assert [text for text in sources if "add_marker(" in text or "import mark\n" in text] == []


def test_modules_are_found_by_their_marks() -> None:
    for mark, name in (("browser", "test_viewing.py"), ("stack", "test_run.py")):
        assert name in {path.rpartition("/")[2] for path in modules_marked(mark)}
    assert not set(modules_marked("browser")) & set(modules_marked("db"))
