"""`cost` and `prices` as a person and a program call them."""

import json
import subprocess
from decimal import Decimal

from studybuddy.costs.inputs import INPUTS
from tests.cli.conftest import ROOT, Shell
from tests.costs import bulk

SEEDS_EXAMPLE = ("--bytes", "10000000000", "--put", "10000", "--get", "100000", "--egress-bytes", "1000000000000")


def test_the_seeds_example_is_75_dollars_not_28_cents(shell: Shell) -> None:
    told = shell.json("cost", "estimate", *SEEDS_EXAMPLE)
    assert (told["rounded"], told["region"], told["at_least"]) == ("75.12", "us-east-1", False)
    assert Decimal(told["total"]) == sum(Decimal(part["cost"]) for part in told["components"])
    assert {part["price"]["as_of"] for part in told["components"] if part["price"]} == {"2026-09-25"}
    ran = shell("cost", "estimate", *SEEDS_EXAMPLE)
    assert ran.out.splitlines()[-1] == "$75.12 a month in us-east-1, without taxes."
    assert "$74.82" in ran.out


def test_usage_comes_from_a_file_or_from_standard_input_and_options_go_before_it(shell: Shell) -> None:
    usage = {"region": "eu-west-1", "classes": [{"gb": 100}, {"class": "GLACIER", "gb": "1000.5"}], "egress_gb": 200}
    (shell.folder / "usage.json").write_text(json.dumps(usage))
    told = shell.json("cost", "estimate", "--usage", "usage.json", "--egress-gb", "100")
    assert Decimal(told["total"]) == 100 * Decimal("0.023") + Decimal("1000.5") * Decimal("0.0036")
    ran = subprocess.run(
        shell.command("cost", "estimate", "--usage", "-", "--json"), cwd=shell.folder, env=shell.environ(),
        input='{"gb": 0.1}', capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert json.loads(ran.stdout)["total"] == "0.0023"


def test_a_class_may_be_written_with_dashes(shell: Shell) -> None:
    told = shell.json("cost", "estimate", "--class", "express-onezone", "--gb", "10", "--upload-gb", "3")
    assert {part["name"].split(",")[0] for part in told["components"]} == {"S3 Express One Zone"}
    assert shell("cost", "estimate", "--class", "fast").code == 2


def test_every_quantity_has_its_option(shell: Shell) -> None:
    text = shell("cost", "estimate", "--help").out
    assert [name for name in INPUTS if "--" + name.replace("_", "-") not in text] == []
    readme = (ROOT / "README.md").read_text("utf-8")
    assert [name for name in INPUTS if f"`{name}`" not in readme] == []


def test_wrong_input_fails_by_its_name(shell: Shell) -> None:
    for arguments, says in (
        (("--gb", "lots"), "gb is 'lots'"),
        (("--region", "mars-1"), "mars-1"),
        (("--usage", "no.json"), "no.json cannot be read"),
    ):
        ran = shell("cost", "estimate", *arguments, "--json")
        assert ran.code == 1
        assert says in ran.json["error"]["message"]


def test_the_library_is_priced_where_it_is(shell: Shell) -> None:
    (shell.folder / "a.txt").write_text("x")
    shell.json("add", "a.txt", "--session", "One")
    told = shell.json("cost", "library", STUDY_BUDDY_BUCKET_NAME="mine")
    assert [(one["storage"], one["files"], one["estimate"]["total"]) for one in told["storages"]] == [
        ("local", 1, "0"),
        ("s3", 0, "0"),
    ]
    assert "Your own disk" in shell("cost", "library").out


def test_prices_are_read_anew_and_used(shell: Shell) -> None:
    use = ("cost", "estimate", "--region", "eu-west-1", "--class", "standard_ia", "--gb", "1000")
    assert shell.json(*use)["rounded"] == "12.50"
    with bulk.serving(bulk.ireland()) as url:
        told = shell.json("prices", "refresh", "eu-west-1", "--from", url)
        assert {"name": "storage.STANDARD_IA", "usd": "0.0126", "before": "0.0125"} in told["regions"][0]["changes"]
        again = shell("prices", "refresh", "--from", url, STUDY_BUDDY_BUCKET_NAME="mine", AWS_REGION="eu-west-1")
    assert again.out.startswith("eu-west-1: 24 prices of 2026-11-01, 0 are new or other than before.")
    told = shell.json(*use)
    assert (told["rounded"], told["components"][0]["price"]["as_of"]) == ("12.60", "2026-11-01")


def test_the_same_use_is_compared(shell: Shell) -> None:
    told = shell.json("cost", "compare", "--gb", "100", "--egress-gb", "300", "--region", "eu-west-1")
    assert {row["code"] for row in told["providers"]} == {"aws", "r2", "b2", "wasabi", "supabase"}
    assert "And 22 more" in shell("cost", "compare", "--gb", "100").out
    whole = shell("cost", "compare", "--only", "regions", "--gb", "100").out
    assert "(eu-west-1)" in whole
    assert "more, which" not in whole


def test_without_a_use_it_is_the_library_s_own(shell: Shell) -> None:
    (shell.folder / "a.bin").write_bytes(b"x" * 2**20)
    shell.json("add", "a.bin", "--session", "One")
    told = shell.json("cost", "compare")
    here = next(row for row in told["providers"] if row["code"] == "aws")
    assert (here["components"][0]["quantity"], here["title"]) == ("0.0009765625", "Amazon S3, us-east-1")


def test_a_limit_warns_and_is_dropped(shell: Shell) -> None:
    assert shell("cost", "budget").out == "There is no limit.\n"
    told = shell.json("cost", "budget", "5", "--local")
    assert (told["limit_usd"], told["local"], told["status"]["held"]) == ("5", True, False)
    assert shell("cost", "budget").out.endswith("your limit is $5.00.\n")
    assert shell("cost", "budget", "--local").code == 2
    assert shell("cost", "budget", "lots", "--json").json["error"]["message"].startswith("'lots' is no limit")
    assert shell.json("cost", "budget", "none")["limit_usd"] is None
