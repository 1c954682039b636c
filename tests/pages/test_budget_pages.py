"""A month that costs more than its limit: what Home, the strip and Storage say."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from studybuddy import server
from studybuddy.catalog import usage
from studybuddy.spending.budget import Budget
from studybuddy.units import GIB
from studybuddy.wiring import Wiring
from tests.pages.server import ROOT
from tests.pages.shown import labels, opened, said
from tests.waiting import PATIENCE_S

STRIP = ":small[New files go to: **{}]"


@pytest.fixture
def wiring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Wiring]:
    """A library whose new files go to a bucket, from which 200 GB were read today."""
    monkeypatch.chdir(tmp_path)
    settings = {"STORAGE": "S3", "STUDY_BUDDY_BUCKET_NAME": "mine", "S3_ENDPOINT_URL": "", "AWS_REGION": "us-east-1"}
    for name, value in {**settings, "UPLOADS_DIR": "uploads", "STUDY_BUDDY_DATA": "data"}.items():
        monkeypatch.setenv(name, value)
    server.close()
    wiring = server.wiring()
    wiring.library.create_session("Optics")
    with wiring.catalog.write() as db:
        read_today = [(str(datetime.now(UTC).date()), "received", 200 * GIB)]
        usage.add_counts(db, wiring.storages().named("s3").identity, read_today)
    yield wiring
    server.close()


@pytest.fixture
def app(wiring: Wiring) -> AppTest:
    app = AppTest.from_file(str(ROOT / "pages/main.py"), default_timeout=PATIENCE_S)
    app.context = {"url": "http://localhost:8501/", "timezone_offset": 0}
    return app


def test_home_tells_the_month_where_there_is_a_limit_and_warns_where_it_is_exceeded(
    app: AppTest, wiring: Wiring
) -> None:
    assert "limit" not in said(app.run())
    wiring.budgets.set(Budget(Decimal(500)))
    text = said(app.run())
    assert ":material/savings: This month has cost $9.00 so far" in text
    wiring.budgets.set(Budget(Decimal(5)))
    text = said(app.run())
    assert ":material/savings: **This month has cost $9.00 so far" in text
    assert "your limit is $5.00" in text
    assert "stay on this computer" not in text
    assert labels(app, "page_link")[0] == STRIP.format("▲ S3 · mine**")


def test_where_new_files_stay_here_meanwhile_is_said_on_each_page(app: AppTest, wiring: Wiring) -> None:
    wiring.budgets.set(Budget(Decimal(5), local=True))
    assert "New files stay on this computer meanwhile." in said(app.run())
    assert labels(app, "page_link")[0] == STRIP.format("● this computer**, to save money")
    text = said(opened(app, "storage.py"))
    assert "New files stay on this computer for now, to keep to your limit of $5.00 a month." in text
    wiring.budgets.set(None)
    app.run()
    assert labels(app, "page_link")[0] == STRIP.format("▲ S3 · mine**")
