"""Old addresses in texts: found in whatever spelling, replaced by the new ones."""

import re
from collections import Counter
from collections.abc import Mapping

from studybuddy.errors import InvalidInputError
from studybuddy.importing.addresses import Addresses

# Up to what no address holds; in JSON a slash may be written `\/`.
_CANDIDATE = re.compile(r"https?:(?:\\?/){2}(?:[^\s\"<>\\^`{}|]|\\/)+", re.IGNORECASE)
# A text that may be an address as a whole, then also with spaces in its path.
_ALONE = re.compile(r"\s*https?://[^\t\r\n\"<>{}?#]+(?:[?#]\S*)?\s*", re.IGNORECASE)
_OLD_TAIL = re.compile(r"\?(?![A-Za-z0-9])")  # old clients wrote one behind each address
# An address in a text may end before these: behind them comes nothing of an address.
_ENDS = re.compile(r"'(?![A-Za-z0-9])|[)\]*,;:!.?']+(?:$|https?:)")
_ENDING = frozenset(")]*,;:!.?'")


class Rewriter:
    """Replaces addresses by those of `new_of`, whose keys are the addresses' one spelling. Counts what it cannot."""

    def __init__(self, new_of: Mapping[str, str], addresses: Addresses) -> None:
        self._new_of = new_of
        self._addresses = addresses
        self.left: Counter[str] = Counter()  # addresses in the same buckets that are not in `new_of`

    def __call__(self, text: str) -> tuple[str, int]:
        """Return the text with new addresses, and how many they are."""
        if _ALONE.fullmatch(text) and (whole := self._new(text)) is not None:
            return whole, 1
        pieces, position, count = [], 0, 0
        while match := _CANDIDATE.search(text, position):
            end, new = self._first(match[0])
            pieces.append(text[position : match.start()])
            pieces.append(match[0][:end] if new is None else new)
            position = match.start() + end
            count += new is not None
        return "".join([*pieces, text[position:]]), count

    def _first(self, candidate: str) -> tuple[int, str | None]:
        """Return how much of a candidate is an address, and the new one, None for one that stays."""
        ends = _possible_ends(candidate)
        for end in ends:
            address = candidate[:end]
            new = self._new(address.replace("\\/", "/"))
            if new is not None:
                tail = _OLD_TAIL.match(candidate, end)
                return tail.end() if tail else end, new.replace("/", "\\/") if "\\/" in address else new
        self._take_note(candidate[: ends[0]].replace("\\/", "/"))
        inner = candidate.lower().find("http", 4)
        return inner if inner > 0 else len(candidate), None

    def _new(self, address: str) -> str | None:
        try:
            return self._new_of.get(self._addresses.locate(address).origin_url)
        except InvalidInputError:
            return None

    def _take_note(self, address: str) -> None:
        found = self._addresses.at_supabase(address)
        if found is not None:
            self.left[found.origin_url] += 1


def _possible_ends(candidate: str) -> list[int]:
    """Return where an address may end, the first first: behind a query, all the rest would fit as well."""
    inner = [
        at
        for at, character in enumerate(candidate)
        if character in _ENDING and (_ENDS.match(candidate, at) or _closes(candidate, at))
    ]
    return [*inner, len(candidate)]


def _closes(candidate: str, at: int) -> bool:
    """Tell whether a bracket closes one that was opened before the address."""
    before = candidate[:at]
    return candidate[at] == ")" and before.count("(") <= before.count(")")
