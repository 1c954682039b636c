"""Errors as HTTP says them: a status and `{"error": {"code", "message", "fix"}}`."""

import logging
from collections.abc import Mapping

from starlette.responses import JSONResponse, Response

from studybuddy import errors
from studybuddy.errors import StudyBuddyError

log = logging.getLogger(__name__)

# The first class that an error is an instance of decides.
_STATUS: tuple[tuple[type[StudyBuddyError], int], ...] = (
    (errors.InvalidInputError, 400),
    (errors.NotFoundError, 404),
    (errors.ConflictError, 409),
    (errors.TooLargeError, 413),
    (errors.InvalidRangeError, 416),
    (errors.NoSpaceError, 507),
    (errors.UnavailableError, 503),
    (errors.UnsupportedError, 501),
    (errors.CatalogError, 503),
    (errors.StorageError, 502),
)


class HttpError(StudyBuddyError):
    """Raised when a request is wrong as HTTP, whatever it asks for."""

    def __init__(
        self, status: int, code: str, message: str, *, fix: str = "", headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message, fix=fix)
        self.status = status
        self.code = code
        self.headers = headers


def body_of(error: StudyBuddyError) -> dict[str, str]:
    """Return an error as it stands in an answer."""
    return {"code": error.code, "message": str(error), "fix": error.fix}


def status_of(error: StudyBuddyError) -> int:
    """Return the status that tells of an error."""
    if isinstance(error, HttpError):
        return error.status
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 500)


def answer(error: StudyBuddyError) -> Response:
    """Turn one of our errors into an answer."""
    status = status_of(error)
    if status >= 500:
        log.warning("answered %d: %s", status, error)
    headers = dict(error.headers or {}) if isinstance(error, HttpError) else {}
    if isinstance(error, errors.UnavailableError):
        headers["Retry-After"] = "10"
    return JSONResponse({"error": body_of(error)}, status, headers=headers)


def answer_bug(error: Exception) -> Response:
    """Log a bug with its traceback and turn it into a plain answer."""
    log.error("a request failed", exc_info=error)
    message = "Study Buddy made a mistake; its log tells more"
    return JSONResponse({"error": {"code": "bug", "message": message, "fix": "Try again, and report it."}}, 500)
