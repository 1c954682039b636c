"""`export notes`."""

from tests import samples
from tests.cli.conftest import Shell


def test_notes_are_written_to_a_file_or_to_standard_output(shell: Shell) -> None:
    (shell.folder / "unit.wav").write_bytes(samples.wav(5, hertz=100))
    shell.json("add", "unit.wav", "--session", "Heat")
    assert shell.json("export", "notes", "notes.csv") == {"notes": 0, "path": "notes.csv", "format": "csv"}
    assert (shell.folder / "notes.csv").read_text("utf-8-sig").startswith("session,recording,")
    assert shell("export", "notes", "-", "--session", "1").out == ""
    assert "Wrote 0 notes and bookmarks to all.md." in shell("export", "notes", "all.md").out


def test_what_is_not_there_and_what_cannot_be_written_is_told(shell: Shell) -> None:
    assert shell("export", "notes", "a.md", "--session", "9").code == 1
    assert "There is no file 9" in shell("export", "notes", "a.md", "--recording", "9").err
    assert "cannot be written" in shell("export", "notes", "no/a.md").err
    assert shell("export", "notes", "-", "--json").code == 2
