"""What the README, the Makefile and the lists of packages say is true, and stays so."""

import re
import subprocess
from pathlib import Path

import pytest

from studybuddy.cli import COMMANDS
from studybuddy.settings import load_settings
from tests.test_layers import SOURCES, imports

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
EXAMPLE = ROOT / ".env.example"
# The names that they are imported by, where those differ.
IMPORTED_AS = {"pillow": "PIL", "python-dotenv": "dotenv", "webvtt-py": "webvtt"}
OTHERS_ADDRESS = re.compile(r"""(?:src|href|url|import|from|fetch)\s*[=(]?\s*["'(]\s*(?:https?:)?//[^"')\s]+""")


def requirements(name: str) -> list[str]:
    lines = (ROOT / name).read_text("utf-8").splitlines()
    return [line.split("#")[0].strip() for line in lines if line.split("#")[0].strip() and not line.startswith("-r")]


def test_every_make_command_of_the_readme_is_in_the_makefile() -> None:
    named = set(re.findall(r"\bmake ([a-z-]+)", README))
    assert {"run", "test"} <= named
    assert named <= set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))


def test_every_command_is_in_the_readme() -> None:
    assert [name for name in COMMANDS if not re.search(rf"^\| `{name}[ `]", README, re.MULTILINE)] == []


def test_every_dependency_stands_in_the_readme_and_is_imported() -> None:
    used = {name.split(".")[0] for path in SOURCES.values() for name in imports(path)}
    for package in requirements("requirements.in"):
        assert re.search(rf"^\| {re.escape(package)} \|", README, re.MULTILINE), f"{package} is missing in the README"
        assert IMPORTED_AS.get(package, package.replace("-", "_")) in used, f"nothing imports {package}"


@pytest.mark.parametrize("name", ["requirements", "requirements-dev"])
def test_versions_are_exact_and_no_index_is_named(name: str) -> None:
    pinned = requirements(f"{name}.txt")
    assert [line for line in pinned if not re.fullmatch(r"[a-z0-9][a-z0-9.-]*==[^=\s]+", line)] == []
    wanted = {re.split(r"\[", line)[0] for line in requirements(f"{name}.in")}
    assert wanted <= {line.split("==")[0] for line in pinned}
    assert "://" not in (ROOT / f"{name}.txt").read_text("utf-8")


def test_both_lists_name_the_same_versions() -> None:
    assert set(requirements("requirements.txt")) <= set(requirements("requirements-dev.txt"))


def test_the_example_names_every_setting_and_changes_nothing() -> None:
    plain = load_settings({}, env_file=ROOT / "no.env")
    example = load_settings({}, env_file=EXAMPLE)
    text = EXAMPLE.read_text("utf-8")
    for setting in example.in_force:
        assert re.search(rf"^#?{setting.name}=", text, re.MULTILINE), f"{setting.name} is missing in .env.example"
        assert f"`{setting.name}`" in README, f"{setting.name} is missing in the README"
    assert {one.name: one.value for one in example.in_force} == {one.name: one.value for one in plain.in_force}
    assert {"AWS_S3_BUCKET", "STUDY_BUDDY_BUCKET_NAME"} <= set(re.findall(r"^#?([A-Z0-9_]+)=", text, re.MULTILINE))


def test_the_checks_run_the_readmes_own_test_command() -> None:
    script = (ROOT / ".ci/run").read_text("utf-8")
    assert "\nmake test\n" in script
    subprocess.run(["bash", "-n", str(ROOT / ".ci/run")], check=True)


def test_pages_load_nothing_from_elsewhere() -> None:
    for path in (ROOT / "pages").rglob("*"):
        if path.suffix in {".py", ".js", ".mjs", ".css", ".html"} and "vendor" not in path.parts:
            found = OTHERS_ADDRESS.findall(path.read_text("utf-8"))
            assert found == [], f"{path}: {found}"


def test_pictures_and_files_that_the_readme_shows_are_there() -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", README)
    assert "docs/home.png" in links
    assert [link for link in links if not (ROOT / link).exists()] == []
