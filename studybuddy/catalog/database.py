"""The connection that all SQL goes through, imported without what would make every start slow."""

import sqlite3
import sys


def _hide(*names: str) -> list[str]:
    hidden = [name for name in names if name not in sys.modules]
    # None makes an import fail as if the package were not there.
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]
    return hidden


# sqlite-utils loads pandas and numpy, half a second, only to know their types as column types: we have none.
_hidden = _hide("pandas", "numpy")
try:
    from sqlite_utils import Database
finally:
    for _name in _hidden:
        del sys.modules[_name]

__all__ = ["Database", "plain"]


def plain(connection: sqlite3.Connection) -> Database:
    """Return what speaks through a connection, without plug-ins: they would be looked for, and run, for each."""
    return Database(connection, recursive_triggers=False, execute_plugins=False)
