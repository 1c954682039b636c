"""A library whose files are read by the tests' own extractor."""

import hashlib
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from studybuddy.adding.new_files import NewFile
from studybuddy.catalog import contents
from studybuddy.catalog.processing import Job
from studybuddy.catalog.records import File
from studybuddy.library import Library
from studybuddy.processing.children import Limits
from studybuddy.processing.results import Cue
from studybuddy.processing.workers import Worker
from studybuddy.settings import load_settings
from studybuddy.wiring import Wiring, open_all

EXTRACTOR = "tests.processing.extractor"
SOUND = "ID3\x04\x00\x00\x00\x00\x00\x00 a recording\n"


@dataclass
class Rig:
    """What is open."""

    wiring: Wiring
    worker: Worker
    library: Library

    def add(self, text: str, name: str = "a.txt", *, session: str = "Waves") -> File:
        return self.add_bytes(text.encode(), name, session=session)

    def add_bytes(self, content: bytes, name: str, *, session: str = "Waves") -> File:
        session_id = self.library.session_titled(session).id
        return self.library.add(BytesIO(content), NewFile(name, session_id)).file

    def run(self) -> None:
        self.worker.run()

    def job(self, file: File) -> Job:
        return self.wiring.processing.job(file.id)

    def pages(self, file: File) -> list[str]:
        with self.wiring.catalog.read() as db:
            return [page.text for page in contents.pages(db, file.id).rows]

    def cues(self, file: File) -> list[Cue]:
        with self.wiring.catalog.read() as db:
            return [*contents.cues(db, file.id).rows]

    def facts(self, file: File) -> contents.FactValues:
        with self.wiring.catalog.read() as db:
            return contents.facts(db, file.id)

    @property
    def jobs_folder(self) -> Path:
        return self.wiring.settings.data_dir / "processing"

    def close(self) -> None:
        self.worker.stop()
        self.worker.close()
        self.wiring.close()


def open_rig(folder: Path, *, limits: Limits | None = None, extractor: str = EXTRACTOR) -> Rig:
    """Open the library in a folder."""
    environ = {"UPLOADS_DIR": str(folder / "uploads"), "STUDY_BUDDY_DATA": str(folder / "data")}
    return rig_over(open_all(load_settings(environ, env_file=folder / "no.env")), limits=limits, extractor=extractor)


def rig_over(wiring: Wiring, *, limits: Limits | None = None, extractor: str = EXTRACTOR) -> Rig:
    """Read the files of an open library."""
    folder = wiring.settings.data_dir / "processing"
    worker = Worker(wiring.processing, wiring.library, wiring.claim, folder=folder, limits=limits, extractor=extractor)
    return Rig(wiring, worker, wiring.library)


def everything_read(rig: Rig) -> dict[str, object]:
    """Return all that was read of all files, to compare."""
    with rig.wiring.catalog.read() as db:
        tables = {
            name: db.execute(query).fetchall()
            for name, query in {
                "pages": "SELECT file_id, number, text FROM pages ORDER BY 1, 2",
                "cues": "SELECT file_id, source_id, start_ms, end_ms, text FROM cues ORDER BY 1, 3",
                "facts": "SELECT file_id, content FROM facts ORDER BY 1",
                "jobs": "SELECT file_id, state, reason, remarks, made FROM jobs ORDER BY 1",
                "counts": "SELECT state, files FROM job_counts WHERE files > 0 ORDER BY 1",
            }.items()
        }
    derived = rig.wiring.settings.data_dir / "derived"
    made = {
        str(path.relative_to(derived)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(derived.rglob("*"))
        if path.is_file()
    }
    return {**tables, "derived": made, "left": sorted(path.name for path in rig.jobs_folder.iterdir())}
