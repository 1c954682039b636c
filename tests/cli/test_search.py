"""`search`."""

from tests.cli.conftest import Shell


def test_words_are_found_and_told(shell: Shell) -> None:
    (shell.folder / "heat.txt").write_text("All about entropy")
    shell.json("add", "heat.txt", "--session", "Physics")
    ran = shell("search", "phys")
    assert ran.out.splitlines()[1].split("\t")[:3] == ["session", "1", "Physics"]
    assert "1 file is still to be read" in ran.err
    shell.json("process")
    found = shell.json("search", "entropy", "--kind", "document", "--session", "1")
    assert [(one["file"]["name"], one["hits"][0]["page"]) for one in found["results"]] == [("heat.txt", 1)]
    assert shell("search", "entro").out.splitlines()[1].split("\t")[4:] == ["page 1", "All about entropy"]
    assert shell.json("search", "--to", "2020-01-01", "entropy")["results"] == []


def test_what_cannot_be_searched_is_told(shell: Shell) -> None:
    ran = shell("search", "--", "-x")
    assert (ran.code, ran.err) == (0, "There is no word to look for in this query.\n")
    assert shell("search").code == 2
