"""A process that adds, trashes, restores and purges without end: `python -m tests.busy FOLDER`."""

import random
import sys
from io import BytesIO
from pathlib import Path

from studybuddy.adding import NewFile
from studybuddy.settings import load_settings
from studybuddy.wiring import open_all


def main(folder: Path) -> None:
    settings = load_settings(
        {"UPLOADS_DIR": str(folder / "uploads"), "STUDY_BUDDY_DATA": str(folder / "data")},
        env_file=folder / "no.env",
    )
    library = open_all(settings).library
    session = library.session_titled("Busy")
    chance = random.Random()
    print("ready", flush=True)
    while True:
        content = chance.randbytes(chance.choice([0, 100, 70_000, 3_000_000]))
        file = library.add(BytesIO(content), NewFile("a.bin", session.id)).file
        print("saved", file.id, file.sha256, flush=True)
        if chance.random() < 0.5:
            print("purging", file.id, flush=True)
            library.trash_file(file.id)
            if chance.random() < 0.5:
                library.restore_file(file.id)
                library.trash_file(file.id)
            library.purge_file(file.id)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
