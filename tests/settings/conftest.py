"""Settings of a test's own, and what is said of them."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from studybuddy.errors import SettingsError
from studybuddy.settings import Setting, Settings, load_settings

KEY_ID = "AKIAIOSFODNN7EXAMPLE"
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
KEYS = {"AWS_ACCESS_KEY_ID": KEY_ID, "AWS_SECRET_ACCESS_KEY": SECRET}
NOWHERE = Path("/nowhere/.env")


def load(environ: Mapping[str, str] | None = None, **more: str) -> Settings:
    return load_settings({**(environ or {}), **more}, env_file=NOWHERE)


def refused(environ: Mapping[str, str] | None = None, **more: str) -> SettingsError:
    with pytest.raises(SettingsError) as caught:
        load(environ, **more)
    return caught.value


def shown(settings: Settings, name: str) -> Setting:
    return next(setting for setting in settings.in_force if setting.name == name)


@pytest.fixture
def env_file(tmp_path: Path) -> Path:
    path = tmp_path / ".env"
    path.touch(mode=0o600)
    return path
