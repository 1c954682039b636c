"""Files made from a person's files: thumbnails, waveforms, playable copies. A cache that can be made again."""

import shutil
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from studybuddy.processing.results import Derived

_EXTENSIONS = {
    "image/webp": "webp", "image/png": "png", "image/jpeg": "jpg", "application/json": "json",
    "audio/mp4": "m4a", "audio/mpeg": "mp3", "audio/wav": "wav", "audio/ogg": "ogg",
    "audio/webm": "webm", "audio/flac": "flac", "audio/aac": "aac",
}  # fmt: skip
_CONTENT_TYPES = {extension: content_type for content_type, extension in _EXTENSIONS.items()}
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Made:
    """A derived file."""

    path: Path
    content_type: str


def beside(catalog_path: Path) -> "DerivedFiles":
    """Return the derived files of a catalog: they lie beside it, and no backup holds them."""
    return DerivedFiles(catalog_path.with_name("derived"))


class DerivedFiles:
    """The derived files in `folder`, in a folder of its own for each file that they were made from."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def find(self, file_id: int, name: str) -> Made | None:
        """Return a derived file, if it is there."""
        for path in self.folder_of(file_id).glob(f"{name}.*"):
            return Made(path, _CONTENT_TYPES[path.suffix[1:]])
        return None

    def put(self, file_id: int, derived: Derived) -> None:
        """Move a finished file to where it belongs; raise ValueError for a type that is not served."""
        extension = _EXTENSIONS.get(derived.content_type)
        if extension is None:
            raise ValueError(f"{derived.content_type} is no type of a derived file")
        target = self.folder_of(file_id) / f"{derived.name}.{extension}"
        target.parent.mkdir(parents=True, exist_ok=True)
        derived.file.replace(target)
        for other in target.parent.glob(f"{derived.name}.*"):
            if other != target:
                other.unlink(missing_ok=True)

    def keep_only(self, file_id: int, names: Collection[str]) -> None:
        """Remove those of a file's derived files that were not made again."""
        for path in self.folder_of(file_id).glob("*"):
            if path.stem not in names:
                path.unlink(missing_ok=True)

    def remove(self, file_ids: Iterable[int]) -> None:
        """Remove everything that was made from files."""
        for file_id in file_ids:
            shutil.rmtree(self.folder_of(file_id), ignore_errors=True)

    def remove_strays(self, known: Callable[[list[int]], Collection[int]]) -> None:
        """Remove what was made from files that are gone; `known` tells which of some ids are not."""
        for some in self._ids():
            self.remove({*some} - {*known(some)})

    def _ids(self) -> Iterator[list[int]]:
        some: list[int] = []
        for path in self._folder.iterdir() if self._folder.is_dir() else ():
            if path.name.isdecimal():
                some.append(int(path.name))
            if len(some) >= _AT_ONCE:
                yield some
                some = []
        yield some

    def folder_of(self, file_id: int) -> Path:
        """Return where what is made from a file lies; it may not be there yet."""
        return self._folder / str(file_id)
