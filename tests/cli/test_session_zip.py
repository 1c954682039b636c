"""`export session` and `import session`."""

from tests.cli.conftest import Shell


def test_a_session_is_exported_and_imported(shell: Shell) -> None:
    (shell.folder / "a.bin").write_bytes(b"\x00\x01words\xff")
    shell.json("add", "a.bin", "--session", "Heat")
    told = shell.json("export", "session", "1")
    assert (told["files"], told["path"]) == (1, str(shell.folder / "Heat.zip"))
    assert shell("export", "session", "1").err.startswith("Error: Heat.zip is there already")
    assert "Wrote 1 file to Heat.zip" in shell("export", "session", "1", "Heat.zip", "--force").out
    came = shell("import", "session", "Heat.zip")
    assert (came.code, came.err) == (0, "")
    assert "holds the same bytes; both are kept.\nMade the session 2, “Heat”, with 1 file." in came.out

    broken = (shell.folder / "Heat.zip").read_bytes().replace(b"words", b"wards")
    (shell.folder / "broken.zip").write_bytes(broken)
    for name, why in ("broken.zip", "damaged"), ("none.zip", "There is no"):
        refused = shell("import", "session", name)
        assert refused.code == 1
        assert why in refused.err
    assert [one["title"] for one in shell.json("sessions")["sessions"]] == ["Heat", "Heat"]
    assert not list(shell.folder.glob(".*.part"))
