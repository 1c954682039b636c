from tests.cli.conftest import Shell
from tests.servers.place import REGION, Server

DEAD = {
    "STUDY_BUDDY_BUCKET_NAME": "my-bucket",
    "S3_ENDPOINT_URL": "http://127.0.0.1:1",
    "AWS_ACCESS_KEY_ID": "AKIASTUDYBUDDYSHOWNX",
    "AWS_SECRET_ACCESS_KEY": "a-secret-that-nobody-may-see",
}


def test_the_doctor_looks_at_the_storage_for_new_files(shell: Shell) -> None:
    ran = shell("doctor")
    assert ran.code == 0
    assert ran.out.startswith("this computer\n")
    assert "Free space" in ran.out
    assert "failed" not in ran.out
    told = shell.json("doctor")
    assert [found["storage"] for found in told["storages"]] == ["local"]
    assert told["storages"][0]["healthy"] is True


def test_what_is_wrong_is_told_with_its_fix_and_the_exit_code(shell: Shell) -> None:
    ran = shell("doctor", "s3", **DEAD)
    assert ran.code == 1
    assert "S3_ENDPOINT_URL" in ran.out
    assert "23 skipped (waits for: Reaching the service)" in ran.out
    assert DEAD["AWS_SECRET_ACCESS_KEY"] not in ran.out + ran.err
    assert DEAD["AWS_ACCESS_KEY_ID"] not in ran.out + ran.err


def test_all_storages_are_looked_at_and_the_one_that_is_not_well_is_named(shell: Shell) -> None:
    ran = shell("doctor", "--all", "--json", **DEAD)
    assert ran.code == 1
    assert {found["storage"]: found["healthy"] for found in ran.json["storages"]} == {"local": True, "s3": False}
    assert "my-bucket" in ran.json["error"]["message"]


def test_a_bucket_is_looked_at_from_the_command_line(shell: Shell, strict_s3_server: Server) -> None:
    settings = {
        "STUDY_BUDDY_BUCKET_NAME": strict_s3_server.new_bucket(),
        "AWS_REGION": REGION,
        "S3_ENDPOINT_URL": strict_s3_server.url,
        "AWS_ACCESS_KEY_ID": strict_s3_server.access_key,
        "AWS_SECRET_ACCESS_KEY": strict_s3_server.secret_key,
        "STORAGE": "S3",
    }
    ran = shell("doctor", **settings)
    assert ran.code == 0, ran
    assert "Versioning: warning" in ran.out
    assert "python -m studybuddy setup-bucket" in ran.out


def test_a_wrong_name_and_a_contradiction_are_told(shell: Shell) -> None:
    assert shell("doctor", "nowhere").code == 1
    assert shell("doctor", "local", "--all").code == 2
