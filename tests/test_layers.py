"""Imports go down the layers only, and each layer keeps to its own work: walked in the source."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# From the bottom to the top. A module may import its own layer and those below. The longest name that fits decides.
LAYERS: tuple[tuple[str, ...], ...] = (
    ("studybuddy", "studybuddy.errors"),
    (
        "studybuddy.units", "studybuddy.keys", "studybuddy.names", "studybuddy.fields", "studybuddy.kinds",
        "studybuddy.streams", "studybuddy.settings", "studybuddy.slices", "studybuddy.in_flight",
        "studybuddy.temporary", "studybuddy.adding.folders", "studybuddy.drivers.checks",
        "studybuddy.drivers.setup_steps", "studybuddy.pauses", "studybuddy.spreadsheets",
        "studybuddy.processing.results", "studybuddy.processing.derived",
    ),
    (
        "studybuddy.drivers.driver", "studybuddy.drivers.ranges", "studybuddy.drivers.counters", "studybuddy.claims",
        "studybuddy.adding.upload_records", "studybuddy.adding.spool",
    ),
    ("studybuddy.drivers", "studybuddy.catalog", "studybuddy.costs"),
    (
        "studybuddy.storage", "studybuddy.storages", "studybuddy.status", "studybuddy.doctor",
        "studybuddy.backups.layout", "studybuddy.spending.metering", "studybuddy.spending.measured",
        "studybuddy.spending.monthly_use",
        "studybuddy.spending.library", "studybuddy.spending.bills", "studybuddy.shapes",
    ),
    (
        "studybuddy.answers", "studybuddy.reading", "studybuddy.moving", "studybuddy.outbox", "studybuddy.adding",
        "studybuddy.removal", "studybuddy.library", "studybuddy.recovery",
        "studybuddy.bucket_setup", "studybuddy.scan", "studybuddy.mode",
        "studybuddy.spending.budget", "studybuddy.spending.shapes", "studybuddy.search",
        "studybuddy.backups.parts", "studybuddy.backups.backup", "studybuddy.backups.look_over",
        "studybuddy.listening", "studybuddy.cards",
    ),
    (
        "studybuddy.migration", "studybuddy.importing", "studybuddy.processing", "studybuddy.jobs",
        "studybuddy.session_zip",
    ),
    ("studybuddy.opening", "studybuddy.migration.cluster", "studybuddy.migration.worker"),
    ("studybuddy.wiring", "studybuddy.background"),
    ("studybuddy.server", "studybuddy.backups.recover", "studybuddy.demo"),
    ("studybuddy.api", "studybuddy.cli", "studybuddy.__main__"),
    ("pages", "app"),
)  # fmt: skip
LEVELS = {name: level for level, names in enumerate(LAYERS) for name in names}


def sources() -> dict[str, Path]:
    """Return every module of the program by its name."""
    found = [ROOT / "app.py", *ROOT.glob("pages/**/*.py"), *ROOT.glob("studybuddy/**/*.py")]
    return {".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path for path in found}


SOURCES = sources()


def imports(path: Path) -> Iterator[str]:
    """Yield what a module imports, modules of ours by their whole names."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports say the whole name"
            for name in node.names:
                whole = f"{node.module}.{name.name}"
                yield whole if whole in SOURCES else str(node.module)


def level(module: str) -> int:
    parts = module.split(".")
    for length in range(len(parts), 0, -1):
        name = ".".join(parts[:length])
        if name in LEVELS and (length == len(parts) or name != "studybuddy"):
            return LEVELS[name]
    raise AssertionError(f"{module} stands in no layer: add it to the list")


@pytest.mark.parametrize("module", SOURCES)
def test_imports_go_down_only(module: str) -> None:
    ours = [name for name in imports(SOURCES[module]) if name.split(".")[0] in {"studybuddy", "pages", "app"}]
    assert [name for name in ours if level(name) > level(module)] == []


def test_api_and_command_line_do_not_know_each_other() -> None:
    for one, other in (("studybuddy.api", "studybuddy.cli"), ("studybuddy.cli", "studybuddy.api")):
        for module, path in SOURCES.items():
            if module.startswith(one):
                assert [name for name in imports(path) if name.startswith(other)] == [], module


def test_the_package_knows_nothing_of_streamlit() -> None:
    assert importers("streamlit", within="studybuddy") == []


def test_only_one_module_knows_the_drivers() -> None:
    concrete = {"studybuddy.drivers.local.driver", "studybuddy.drivers.s3.driver", "studybuddy.drivers.supabase.driver"}
    assert [
        module
        for module, path in SOURCES.items()
        if concrete & set(imports(path)) and not module.startswith("studybuddy.drivers")
    ] == ["studybuddy.opening"]


@pytest.mark.parametrize("provider", ["boto3", "botocore"])
def test_only_drivers_speak_to_providers(provider: str) -> None:
    assert [name for name in importers(provider) if not name.startswith("studybuddy.drivers.s3.")] == []


@pytest.mark.parametrize("package", ["sqlite3", "sqlite_utils"])
def test_only_the_catalog_opens_the_database(package: str) -> None:
    assert [name for name in importers(package) if not name.startswith("studybuddy.catalog")] == []


def test_only_the_catalog_has_sql() -> None:
    having = [
        module
        for module, path in SOURCES.items()
        if any(
            isinstance(node, ast.Attribute) and node.attr in {"execute", "executemany", "executescript"}
            for node in ast.walk(ast.parse(path.read_text("utf-8")))
        )
    ]
    assert [name for name in having if not name.startswith("studybuddy.catalog")] == []


def importers(package: str, *, within: str = "") -> list[str]:
    return [
        module
        for module, path in SOURCES.items()
        if module.startswith(within) and any(name.split(".")[0] == package for name in imports(path))
    ]
