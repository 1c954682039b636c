"""What a provider's error means to us: one row of a driver's table of errors."""

from collections.abc import Mapping
from dataclasses import dataclass

from studybuddy.errors import StorageError


@dataclass(frozen=True, slots=True)
class Meaning:
    """Our error, and its texts: they may hold {what} and the other words that the driver's table names."""

    error: type[StorageError]
    happened: str
    fix: str = ""

    def told(self, words: Mapping[str, str], *, key: str = "", code: str = "") -> StorageError:
        """Return our error. Nothing of the provider's own text but its code is in it: that may hold signed URLs."""
        happened = self.happened.format(**words) + (f" ({code})" if code else "")
        return self.error(happened, key=key, fix=self.fix.format(**words))
