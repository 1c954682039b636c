"""Where new files go, changed while the app runs: only to a storage that the doctor found well."""

from collections.abc import Callable

from studybuddy import doctor
from studybuddy.drivers.checks import Check
from studybuddy.errors import ConflictError
from studybuddy.storages import ChosenStorages

DEFAULT = "default"  # the name for: where the settings say


def change(
    storages: ChosenStorages, name: str, *, on_check: Callable[[Check], None] = lambda _: None
) -> tuple[Check, ...]:
    """Look whether a storage works, then send new files to it; what is there already stays where it is.

    `on_check` is told each check as it is made. Raises NotFoundError, and ConflictError when a check failed or the
    storage takes no files: then nothing is changed.
    """
    chosen = None if name == DEFAULT else name
    target = storages().default if chosen is None else storages().named(chosen)
    if not target.takes_files:
        raise ConflictError(f"{target.label} is read only", fix="Choose another storage for new files.")
    checks = []
    for check in doctor.diagnose(target):
        checks.append(check)
        on_check(check)
    if failed := next((check for check in checks if check.outcome == "failed"), None):
        message = f"New files go where they went: {target.label} is not well ({failed.title}: {failed.reason})"
        raise ConflictError(message, fix=failed.fix or f"Run python -m studybuddy doctor {target.name}.")
    storages.choose(chosen)
    return tuple(checks)
