from tests.cli.conftest import Shell
from tests.servers.place import Server


def test_the_doctor_looks_at_the_storage_for_new_files(shell: Shell) -> None:
    ran = shell("doctor")
    assert ran.code == 0
    assert ran.out.startswith("this computer\n")
    assert "Free space" in ran.out
    assert "failed" not in ran.out
    told = shell.json("doctor")
    assert [found["storage"] for found in told["storages"]] == ["local"]
    assert told["storages"][0]["healthy"] is True


def test_what_is_wrong_is_told_with_its_fix_and_the_exit_code(shell: Shell, strict_s3_server: Server) -> None:
    missing = strict_s3_server.environ("no-such-bucket", STORAGE="LOCAL")
    ran = shell("doctor", "s3", **missing)
    assert ran.code == 1
    assert "python -m studybuddy setup-bucket s3" in ran.out
    assert "1 failed, 1 unknown, 19 skipped (waits for: Bucket no-such-bucket)" in ran.out
    assert missing["AWS_SECRET_ACCESS_KEY"] not in ran.out + ran.err
    assert missing["AWS_ACCESS_KEY_ID"] not in ran.out + ran.err


def test_all_storages_are_looked_at_and_the_one_that_is_not_well_is_named(
    shell: Shell, strict_s3_server: Server
) -> None:
    ran = shell("doctor", "--all", "--json", **strict_s3_server.environ("no-such-bucket", STORAGE="LOCAL"))
    assert ran.code == 1
    assert {found["storage"]: found["healthy"] for found in ran.json["storages"]} == {"local": True, "s3": False}
    assert "no-such-bucket" in ran.json["error"]["message"]


def test_a_bucket_is_looked_at_from_the_command_line(shell: Shell, strict_s3_server: Server) -> None:
    ran = shell("doctor", **strict_s3_server.environ(strict_s3_server.new_bucket()))
    assert ran.code == 0, ran
    assert "Versioning: warning" in ran.out
    assert "python -m studybuddy setup-bucket s3" in ran.out


def test_a_wrong_name_and_a_contradiction_are_told(shell: Shell) -> None:
    assert shell("doctor", "nowhere").code == 1
    assert shell("doctor", "local", "--all").code == 2
