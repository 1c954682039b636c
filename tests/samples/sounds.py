"""Recordings and films, made byte by byte."""

import io
import math
import struct
import wave


def wav(seconds: float = 0.1, *, hertz: int = 8000) -> bytes:
    """Return a WAV with a quiet tone of 440 Hz."""
    out = io.BytesIO()
    with wave.open(out, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(hertz)
        tone = (round(3000 * math.sin(2 * math.pi * 440 * at / hertz)) for at in range(round(seconds * hertz)))
        sound.writeframes(b"".join(struct.pack("<h", value) for value in tone))
    return out.getvalue()


def long_wav(seconds: int, *, hertz: int = 4000) -> bytes:
    """Return a WAV of 8 bits, made in no time; 4 kHz is about the least that browsers play."""
    out = io.BytesIO()
    with wave.open(out, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(1)
        sound.setframerate(hertz)
        sound.writeframes(bytes(128 + step % 3 for step in range(hertz)) * seconds)
    return out.getvalue()


def mp3(frames: int = 40, *, tag_bytes: int | None = None) -> bytes:
    """Return silence of 26 ms a frame; `tag_bytes` puts an ID3 tag of that size in front."""
    # MPEG 1 layer III, 128 kbit/s, 44.1 kHz, mono: 417 bytes a frame
    sound = (b"\xff\xfb\x90\xc4" + bytes(413)) * frames
    if tag_bytes is None:
        return sound
    size = bytes(tag_bytes >> shift & 0x7F for shift in (21, 14, 7, 0))
    return b"ID3\x04\0\0" + size + bytes(tag_bytes) + sound


def aac(frames: int = 40) -> bytes:
    """Return ADTS frames of silence."""
    content = bytes.fromhex("00c80010")  # one channel, nothing in it
    length = 7 + len(content)
    header = bytes((0xFF, 0xF1, 0x50, 0x40 | length >> 11, length >> 3 & 0xFF, (length & 7) << 5 | 0x1F, 0xFC))
    return (header + content) * frames


def flac(seconds: int = 1) -> bytes:
    """Return the head of a FLAC recording of so many seconds at 44.1 kHz, without its frames."""
    rates = 44100 << 44 | 0 << 41 | 15 << 36 | seconds * 44100
    stream_info = struct.pack(">HH", 4096, 4096) + bytes(6) + rates.to_bytes(8, "big") + bytes(16)
    return b"fLaC\x80" + len(stream_info).to_bytes(3, "big") + stream_info


def ogg(packet: bytes, *, end_at: int = 48000) -> bytes:
    """Return an Ogg stream of two pages; the first holds `packet`."""
    pages = ((2, 0, packet), (4, end_at, bytes(20)))
    return b"".join(_ogg_page(flags, at, number, content) for number, (flags, at, content) in enumerate(pages))


def _ogg_page(flags: int, position: int, number: int, content: bytes) -> bytes:
    header = struct.pack("<4sBBQIIIBB", b"OggS", 0, flags, position, 7, number, 0, 1, len(content))
    crc = 0
    for byte in header + content:
        crc ^= byte << 24
        for _ in range(8):
            crc = (crc << 1 ^ (0x04C11DB7 if crc & 0x80000000 else 0)) & 0xFFFFFFFF
    return header[:22] + struct.pack("<I", crc) + header[26:] + content


def element(ident: str, content: bytes) -> bytes:
    """Return an EBML element."""
    return bytes.fromhex(ident) + _ebml_size(len(content)) + content


def _ebml_size(size: int) -> bytes:
    return (size | 0x80).to_bytes(1, "big") if size < 127 else (size | 0x4000).to_bytes(2, "big")


def webm(*, video: bool = False, doctype: bytes = b"webm") -> bytes:
    """Return the head of a recording as a browser makes it, of unknown length."""
    tracks = [element("ae", element("d7", b"\1") + element("83", b"\2") + element("86", b"A_OPUS"))]
    if video:
        tracks.append(element("ae", element("d7", b"\2") + element("83", b"\1") + element("86", b"V_VP9")))
    info = element(
        "1549a966", element("2ad7b1", b"\x0f\x42\x40") + element("4d80", b"Study") + element("5741", b"Buddy")
    )
    segment = info + element("1654ae6b", b"".join(tracks)) + element("1f43b675", element("e7", b"\0"))
    head = element("4286", b"\1") + element("42f7", b"\1") + element("4282", doctype) + element("4287", b"\4")
    return element("1a45dfa3", head) + bytes.fromhex("1853806701ffffffffffffff") + segment


def box(kind: bytes, content: bytes, *, long: bool = False) -> bytes:
    """Return an MP4 box; `long` writes its size in 64 bits."""
    if long:
        return struct.pack(">I4sQ", 1, kind, 16 + len(content)) + content
    return struct.pack(">I4s", 8 + len(content), kind) + content


def m4a(seconds: int = 1, *, brand: bytes = b"M4A ") -> bytes:
    """Return an M4A recording of so many seconds, its index at the end and its sound left out."""
    return mp4(seconds, brand=brand, handlers=(b"soun",))


def mp4(seconds: int = 1, *, brand: bytes = b"isom", handlers: tuple[bytes, ...] = (b"vide", b"soun")) -> bytes:
    """Return an MP4 with one track for each handler, its index at the end and its frames left out."""
    times = struct.pack(">IIII", 0, 0, 1000, seconds * 1000)
    header = box(b"mvhd", bytes(4) + times + struct.pack(">IH", 0x10000, 0x100) + bytes(70) + struct.pack(">I", 9))
    media_header = box(b"mdhd", bytes(4) + times + bytes(4))
    tracks = b"".join(
        box(b"trak", box(b"mdia", media_header + box(b"hdlr", bytes(8) + handler + bytes(13)))) for handler in handlers
    )
    start = box(b"ftyp", brand + bytes(4) + brand) + box(b"free", b"")
    return start + box(b"mdat", bytes(2000), long=True) + box(b"moov", header + tracks)


def wma(*, video: bool = False) -> bytes:
    """Return the head of a Windows Media file, without its packets."""
    stream_types = ["409e69f84d5bcf11a8fd00805f5c442b"] + ["c0ef19bc4d5bcf11a8fd00805f5c442b"] * video
    streams = b"".join(
        bytes.fromhex("9107dcb7b7a9cf118ee600c00c205365") + struct.pack("<Q", 40) + bytes.fromhex(kind)
        for kind in stream_types
    )
    header = bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c")
    return header + struct.pack("<QIBB", 30 + len(streams), len(stream_types), 1, 2) + streams


def caf() -> bytes:
    """Return a Core Audio file of a hundred samples of silence."""
    description = struct.pack(">d4sIIIII", 44100.0, b"lpcm", 0, 2, 1, 1, 16)
    data = bytes(4) + bytes(200)
    chunks = b"desc" + struct.pack(">q", len(description)) + description + b"data" + struct.pack(">q", len(data)) + data
    return b"caff\0\1\0\0" + chunks
