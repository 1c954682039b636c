"""Bytes as text, whatever wrote them."""

import codecs

_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",  # looked for first: UTF-16's mark begins it
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_WESTERN = "cp1252"
_SAMPLE_BYTES = 4096


def decoded(content: bytes, *, declared: str = "") -> str:
    """Return the text of bytes: by their mark, as UTF-8, as they declare, or as Windows wrote it in the west."""
    for mark, encoding in _MARKS.items():
        if content.startswith(mark):
            return content.decode(encoding, "replace")
    if encoding := _unmarked(content[:_SAMPLE_BYTES]):
        return content.decode(encoding, "replace")
    try:
        # Not `bytes.decode`: the last character may have been cut in two.
        return codecs.getincrementaldecoder("utf-8")().decode(content)
    except UnicodeDecodeError:
        return _declared(content, declared or _WESTERN)


def _unmarked(sample: bytes) -> str:
    """Recognise UTF-16 without its mark: every other byte of western text is nought."""
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if min(even, odd) * 4 > max(even, odd) or max(even, odd) * 5 < len(sample):
        return ""
    return "utf-16-le" if odd > even else "utf-16-be"


def _declared(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding, "replace")
    except (LookupError, UnicodeError):
        return content.decode(_WESTERN, "replace")
