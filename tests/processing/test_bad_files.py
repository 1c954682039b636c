"""Files that are locked, empty, damaged or made to hurt end in one plain reason, and hurt nobody."""

import io
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studybuddy.kinds import FORMATS
from studybuddy.processing.extract import MODULES, extract
from studybuddy.processing.results import Result, UnreadableError
from studybuddy.processing.workers import Worker
from tests.library import make_library
from tests.processing import bad
from tests.processing.rig import Rig, open_rig
from tests.processing.test_extract import read_bytes, remarks, texts
from tests.samples import docx, epub, every_kind, ole, pptx, xlsx

READ = sorted(MODULES)


def read_as(extension: str, content: bytes, folder: Path) -> list[Result]:
    """Read bytes as what they claim to be, whatever they are."""
    path = folder / f"file.{extension}"
    path.write_bytes(content)
    known = FORMATS[extension]
    return [*extract(path, kind=known.kind, content_type=known.content_type, name=path.name, into=folder)]


@pytest.mark.parametrize("extension", READ)
def test_an_empty_file_is_told(tmp_path: Path, extension: str) -> None:
    with pytest.raises(UnreadableError, match="The file is empty"):
        read_as(extension, b"", tmp_path)


@pytest.mark.parametrize("extension", sorted(set(READ) - {"txt", "md", "csv", "html", "vtt", "srt", "heic"}))
def test_noise_is_no_file_of_any_kind(tmp_path: Path, extension: str) -> None:
    with pytest.raises(UnreadableError, match="it is damaged or cut off") as caught:
        read_as(extension, bytes(range(256)) * 40, tmp_path)
    assert caught.value.fix


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("paper.pdf", bad.locked_pdf()),
        ("essay.docx", ole("EncryptedPackage")),
        ("slides.pptx", ole("EncryptedPackage")),
        ("table.xlsx", bad.locked_zip(xlsx("S"))),
        ("essay.odt", bad.locked_odt()),
    ],
)
def test_a_file_with_a_password_is_told(tmp_path: Path, name: str, content: bytes) -> None:
    with pytest.raises(UnreadableError, match="protected by a password") as caught:
        read_bytes(tmp_path, name, content)
    assert "without the password" in caught.value.fix


def test_a_book_of_a_shop_is_told(tmp_path: Path) -> None:
    rights = '<encryption><EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#aes128-cbc"/></encryption>'
    with pytest.raises(UnreadableError, match="DRM"):
        read_bytes(tmp_path, "book.epub", bad.changed_zip(epub("x"), {"META-INF/encryption.xml": rights.encode()}))


@pytest.mark.parametrize("name", ["essay.docx", "slides.pptx", "table.xlsx", "essay.odt", "book.epub"])
def test_an_office_file_that_was_cut_off_is_told(tmp_path: Path, name: str) -> None:
    content = every_kind()[name]
    with pytest.raises(UnreadableError, match="damaged or cut off"):
        read_bytes(tmp_path, name, content[: len(content) // 2])


def test_a_document_that_unpacks_to_too_much_is_refused_before_it_does(tmp_path: Path) -> None:
    bomb = bad.zip_bomb(docx("x"), "word/document.xml", 300)
    assert len(bomb) < 3_000_000
    with pytest.raises(UnreadableError, match="Its text would unpack to 315 MB"):
        read_bytes(tmp_path, "bomb.docx", bomb)
    with pytest.raises(UnreadableError, match="A part of it would unpack to 73"):
        read_bytes(tmp_path, "large.docx", bad.zip_bomb(docx("x"), "word/document.xml", 70))
    with pytest.raises(UnreadableError, match="more text than is read"):
        read_bytes(tmp_path, "large.xlsx", bad.zip_bomb(xlsx("S"), "xl/sharedStrings.xml", 70))


def test_an_archive_of_too_many_parts_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError, match="20,004 parts"):
        read_bytes(tmp_path, "crowd.docx", bad.crowded_docx())


def test_entities_are_never_filled_in(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError, match="document type definition"):
        read_bytes(tmp_path, "laughs.docx", bad.laughing_docx())
    secret = tmp_path / "secret"
    secret.write_text("passwords")
    outside = f'<!DOCTYPE svg [<!ENTITY x SYSTEM "{secret.as_uri()}">]>'
    for start in (bad.laughs("svg"), outside):
        drawing = f'{start}<svg xmlns="http://www.w3.org/2000/svg"><text>a&i;&x;b</text></svg>'
        try:
            found = str(texts(read_as("svg", drawing.encode(), tmp_path)))
        except UnreadableError:
            continue
        assert len(found) < 100 and "passwords" not in found


def test_a_drawing_with_a_document_type_of_the_web_is_read(tmp_path: Path) -> None:
    start = b'<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">'
    drawing = b'<svg xmlns="http://www.w3.org/2000/svg"><text>Leaf</text></svg>'
    assert texts(read_as("svg", start + drawing, tmp_path)) == {1: "Leaf"}


def test_a_picture_of_too_many_dots_is_refused_before_it_is_opened(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError, match="60,000 by 60,000 dots"):
        read_bytes(tmp_path, "flood.png", bad.flood_png())


def test_a_sheet_that_claims_to_be_endless_is_read(tmp_path: Path) -> None:
    assert texts(read_bytes(tmp_path, "far.xlsx", bad.far_xlsx())) == {1: "S\nfar"}


def test_a_text_without_end_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    found = read_bytes(tmp_path, "long.txt", b"word " * 8_000_000)
    assert sum(map(len, texts(found).values())) <= 20_000_000
    assert remarks(found)[0] == "Only the first 33.6 MB were read" and "left out: too much text" in remarks(found)[1]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Return a good file of each format that is read."""
    folder = tmp_path_factory.mktemp("whole")
    made = {one.name: (folder / one.session / one.name).read_bytes() for one in make_library(folder, quick=True)}
    found = {Path(name).suffix[1:]: content for name, content in (*every_kind().items(), *made.items())}
    return {extension: found[extension] for extension in READ}


@pytest.mark.parametrize("extension", READ)
@settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=[*HealthCheck])
@given(data=st.data())
def test_a_damaged_file_is_read_or_told(
    tmp_path: Path, whole: dict[str, bytes], extension: str, data: st.DataObject
) -> None:
    content = whole[extension]
    packed = content.startswith(b"PK")
    name, inner = _largest(content) if packed else ("", content)
    broken = bytearray(inner[: data.draw(st.integers(len(inner) // 2, len(inner)))])
    for at in data.draw(st.lists(st.integers(0, len(broken) - 1), max_size=20)):
        broken[at] = data.draw(st.integers(0, 255))
    try:
        read_as(extension, bad.changed_zip(content, {name: bytes(broken)}) if packed else bytes(broken), tmp_path)
    except UnreadableError as error:
        assert error.fix


def _largest(content: bytes) -> tuple[str, bytes]:
    """Return the name and the bytes of an archive's longest text."""
    with zipfile.ZipFile(io.BytesIO(content)) as opened:
        entry = max((one for one in opened.infolist() if one.filename.endswith("ml")), key=lambda one: one.file_size)
        return entry.filename, opened.read(entry)


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    """Open a library whose files are read as they are in earnest: in a child, within its limits."""
    opened = open_rig(tmp_path)
    opened.worker.close()
    opened.worker = Worker(opened.wiring.processing, opened.library, opened.wiring.claim, folder=opened.jobs_folder)
    yield opened
    opened.close()


def test_whatever_a_file_does_the_next_one_is_read(rig: Rig) -> None:
    makers: dict[str, Callable[[], bytes]] = {
        "bomb.pdf": lambda: bad.pdf_bomb(1200),
        "flood.png": bad.flood_png,
        "laughs.docx": bad.laughing_docx,
        "locked.pdf": bad.locked_pdf,
        "cut.pptx": lambda: pptx("x")[:300],
        "noise.m4a": lambda: b"\0\0\0\x18ftypM4A " + bytes(range(256)),
    }
    files = {name: rig.add_bytes(make(), name) for name, make in makers.items()}
    good = rig.add_bytes(docx("Photosynthesis"), "essay.docx")
    rig.run()
    states = {name: (rig.job(file).state, bool(rig.job(file).reason)) for name, file in files.items()}
    assert states == dict.fromkeys(makers, ("failed", True))
    assert rig.pages(good) == ["Photosynthesis"] and rig.job(good).state == "done"
    assert [*rig.jobs_folder.iterdir()] == []
