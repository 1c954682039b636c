"""What a page says as it comes out of the library, and clicks on it; names that try to be more than text."""

import re
from collections.abc import Iterable
from typing import Any

from streamlit.testing.v1 import AppTest

FORMULA, PICTURE = "$\\href{javascript:alert(1)}{x}$", "<img src=x onerror=alert(1)>.pdf"


def found(app: AppTest, kind: str) -> list[Any]:
    return list(app.get(kind))


def opened(app: AppTest, page: str, **query: str) -> AppTest:
    app.run()
    for name, value in query.items():
        app.query_params[name] = value
    app.switch_page(page).run()
    assert not app.exception
    return app


def said(app: AppTest) -> str:
    """Return all words of a page, without the escapes of Markdown."""
    parts: Iterable[str] = (
        str(element.value) for kind in ("title", "subheader", "markdown", "caption", "error", "code", "warning")
        for element in found(app, kind) if element.value is not None
    )  # fmt: skip
    return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", "\n".join(parts)).replace("\u2060", "")


def labels(app: AppTest, kind: str = "button") -> list[str]:
    return [re.sub(r"\\(.)", r"\1", str(element.label)) for element in found(app, kind)]


def press(app: AppTest, label: str) -> AppTest:
    next(button for button in app.button if button.label == label).click().run()
    assert not app.exception
    return app
