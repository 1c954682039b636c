"""The costs page as it comes out of the library: what is there, what could be, what a move and the example cost."""

import csv
import io
import re
from decimal import Decimal
from html import unescape
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pages.costs_lines import as_csv
from studybuddy import server
from studybuddy.catalog import usage
from studybuddy.catalog.migrations import Scope
from studybuddy.costs import example
from studybuddy.costs.prices import load
from studybuddy.library import Library
from studybuddy.units import GIB, utc_now
from tests import samples
from tests.pages.conftest import put
from tests.pages.shown import found, labels, opened, press, said


@pytest.fixture
def aws(library: Library, monkeypatch: pytest.MonkeyPatch) -> Library:
    """A library with 100 GB in a bucket of Frankfurt."""
    monkeypatch.setenv("STUDY_BUDDY_BUCKET_NAME", "mine")
    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIA0000000000000000")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "0" * 40)
    server.close()
    bucket = server.wiring().storages().named("s3").id
    with server.wiring().catalog.write() as db:
        held = [bucket, "audio", 1000, 100 * GIB, 0]
        db.execute("INSERT INTO totals (storage_id, kind, files, bytes, duration_ms) VALUES (?, ?, ?, ?, ?)", held)
        days = [bucket, "2020-01-01", 67108865, 1000, 100 * GIB, 0, 0, 0]
        db.execute("INSERT INTO held_days VALUES (?, ?, ?, ?, ?, ?, ?, ?)", days)
    return server.wiring().library


def drawn(app: AppTest) -> str:
    """Return the words of the bills and pictures."""
    text = " ".join(str(element.proto.body) for element in found(app, "html"))
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


def costs(app: AppTest, **query: str) -> AppTest:
    return opened(app, "costs.py", **query)


def test_where_nothing_is_a_course_is_asked_about_first(app: AppTest) -> None:
    costs(app)
    assert app.get("button_group")[0].proto.default == [0]
    assert "Say what you know of a course" in said(app)
    assert "for what you have" not in said(app)
    assert "Add the first files" in labels(app, "page_link")
    costs(app, show="Your library")
    assert list(app.metric) == []


def test_what_is_there_is_priced_with_source_and_date(app: AppTest, aws: Library) -> None:
    costs(app)
    assert "$2.45 a month for what you have" in said(app)
    assert "100 GB-month × $0.0245" in drawn(app)
    assert "Price of 2026-09-28 · Others' reading of AWS's price list of AmazonS3, eu-central-1" in drawn(app)
    assert "Your own disk: nothing to pay" in said(app)


def test_on_this_computer_alone_nothing_is_to_pay_and_what_it_would_cost_is_told(
    app: AppTest, library: Library
) -> None:
    session = library.create_session("Optics")
    put(library, session.id, "slides.pdf", samples.pdf("light"))
    costs(app)
    assert "$0.00 a month for what you have" in said(app)
    assert list(app.metric) == []
    assert [tab.label for tab in app.tabs] == ["Classes, in us-east-1", "Regions", "Providers"]


def test_what_nobody_knows_is_not_told_to_be_free(app: AppTest, aws: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("S3_ENDPOINT_URL", "http://garage.example.org:3900")
    server.close()
    bucket = server.wiring().storages().named("s3").id
    with server.wiring().catalog.write() as db:
        for table in ("totals", "held_days"):
            db.execute(f"UPDATE {table} SET storage_id = ?", [bucket])
    costs(app)
    assert "The price of what you have is not known" in said(app)
    assert "**▲ S3 · mine** · not known" in said(app)
    assert "The prices of Garage are not known" in said(app)
    assert list(app.metric) == []


def test_this_month_and_those_to_come_are_told_and_each_can_be_opened(app: AppTest, aws: Library) -> None:
    bucket = server.wiring().storages().named("s3")
    with server.wiring().catalog.write() as db:
        usage.add_counts(db, bucket.identity, [(utc_now()[:10], "received", 4_000 * GIB)])
        usage.note_sightings(db, bucket.id, {"unfinished_bytes": 20 * GIB})
    costs(app)
    told = {metric.label: metric.value for metric in app.metric}
    assert list(told)[:2] == ["This month so far", "At its end, at this rate"]
    assert len(told) == 3
    surprises = " ".join(warning.value for warning in app.warning)
    assert "more than keeping it" in surprises
    assert "20 GB of parts that were never joined" in surprises
    assert "`python -m studybuddy setup-bucket`" in surprises
    months = app.selectbox(key="months")
    assert len(months.options) == 12
    months.select_index(11).run()
    assert not app.exception
    assert "older versions" not in drawn(app)
    # In the month's two bills, in the kept one and in the one that was opened.
    assert drawn(app).count("S3 Standard, unfinished parts, first 51,200 GB") == 4
    assert [tab.label for tab in app.tabs] == ["Classes, in eu-central-1", "Regions", "Providers"]
    assert "EU (Frankfurt) as now" in drawn(app)


def test_a_limit_is_set_told_and_dropped(app: AppTest, aws: Library) -> None:
    costs(app)
    app.number_input(key="budget-limit").set_value(2.0)
    app.checkbox(key="budget-local").check()
    press(app, "Save")
    status = server.wiring().budgets.status()
    assert status is not None
    assert (status.budget.limit_usd, status.budget.local, status.over) == (Decimal(2), True, True)
    assert "The limit is $2.00 a month." in said(app)
    assert "your limit is $2.00" in said(app)
    press(app, "No limit any more")
    assert server.wiring().budgets.status() is None
    assert "your limit" not in said(app)


def test_a_what_if_is_opened_by_its_address(app: AppTest) -> None:
    costs(
        app, show="What if", students="300", mb_an_hour="300", hours_a_week="12.5",
        region="Asia Pacific (Mumbai) · ap-south-1", **{"class": "S3 Standard-IA"},
    )  # fmt: skip
    assert app.slider(key="students").value == 300
    assert app.slider(key="hours_a_week").value == 12.5
    assert app.selectbox(key="region").value == "ap-south-1"
    assert "S3 Standard-IA, data retrievals" in drawn(app)
    assert "What is downloaded costs" in " ".join(warning.value for warning in app.warning)
    link = next(code.value for code in app.code if "/costs?" in code.value)
    assert "students=300" in link
    assert "class=S3+Standard-IA" in link


def test_an_address_that_says_nonsense_asks_as_usual(app: AppTest) -> None:
    costs(app, show="Nonsense", students="many", mb_an_hour="999999999", region="mars-1")
    assert app.slider(key="students").value == 30
    assert app.selectbox(key="region").value == "us-east-1"


def test_another_answer_is_another_bill(app: AppTest) -> None:
    costs(app, show="What if")
    before = [one.value for one in app.subheader]
    app.slider(key="mb_an_hour").set_value(3000).run()
    assert [one.value for one in app.subheader] != before


def test_the_same_use_is_compared_and_each_bill_can_be_opened(app: AppTest) -> None:
    costs(app, show="What if")
    assert [tab.label for tab in app.tabs] == ["Classes, in us-east-1", "Regions", "Providers"]
    for name in ("S3 Glacier Deep Archive", "EU (Frankfurt)", "Cloudflare R2", "Wasabi"):
        assert name in drawn(app)
    app.selectbox(key="what-if-providers").set_value("wasabi").run()
    assert not app.exception
    assert "Others' reading of wasabi.com/pricing" in drawn(app)
    assert "At least 1,024 GB are billed" in drawn(app)


def test_the_example_is_opened_line_by_line(app: AppTest) -> None:
    costs(app, show="The 28 cent example")
    assert "Not $0.28 a month: $75.12" in said(app)
    assert "931 GB, of which 100 GB a month are free — $74.82" in drawn(app)
    assert "Together $0.28 $75.12" in drawn(app)
    assert "With MB of 2^20 bytes it is $79.21. Prices of 2026-09-25" in said(app)


def test_any_move_has_a_price_on_both_sides(app: AppTest, aws: Library) -> None:
    costs(app, show="A move")
    app.selectbox(key="move_from").set_value("▲ S3 · mine").run()
    app.selectbox(key="move_to").set_value("Amazon S3 · EU (Ireland) · eu-west-1").run()
    assert not app.exception
    assert "Source: Data transfer to eu-west-1" in drawn(app)
    assert "Target, first month: S3 Standard" in drawn(app)


def test_a_planned_move_has_its_price_before_it_is_begun(app: AppTest, aws: Library) -> None:
    session = aws.create_session("Optics")
    put(aws, session.id, "slides.pdf", samples.pdf("light"))
    server.wiring().migrations.plan("local", "s3", Scope())
    costs(app, show="A move")
    assert "Planned" in said(app)
    assert "less than $0.01 once, then less than $0.01 a month" in said(app)
    assert "Target, first month: S3 Standard, PUT, COPY, POST" in drawn(app)


def test_a_move_at_home_costs_nothing_as_far_as_is_known(app: AppTest, library: Library, tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "storages.toml").write_text(f'[disk]\nkind = "local"\nfolder = "{tmp_path}/disk"\n')
    server.close()
    session = server.wiring().library.create_session("Optics")
    put(server.wiring().library, session.id, "slides.pdf", samples.pdf("light"))
    server.wiring().migrations.plan("local", "disk", Scope())
    costs(app, show="A move")
    assert "Planned" in said(app)
    assert said(app).count("Nothing to pay, as far as prices are known") == 2
    assert "Open" in labels(app, "page_link")


def test_bills_can_be_taken_away_with_exact_numbers_and_sources(app: AppTest) -> None:
    costs(app, show="The 28 cent example")
    assert "Download as CSV" in labels(app, "download_button")
    rows = list(csv.DictReader(io.StringIO(as_csv([("Guide", example.bill(load()))]))))
    out = next(row for row in rows if row["What"].endswith("first 10,240 GB"))
    assert (out["Quantity"], out["USD for one unit"]) == ("831.322574615478515625", "0.09")
    assert (out["USD"], out["Price of"]) == ("74.81903171539306640625", "2026-09-25")
    assert (rows[-1]["What"], rows[-1]["USD"][:9]) == ("Total", "75.123235")
