"""A process that adds, trashes, restores and purges without end, in the storage that its environment names."""

import random
from io import BytesIO
from pathlib import Path

from studybuddy.adding.new_files import NewFile
from studybuddy.settings import load_settings
from studybuddy.wiring import open_all

SIZES = (0, 100, 5_000, 5_000, 70_000, 70_000, 70_000, 1_000_000, 1_000_000, 9_000_000)


def main() -> None:
    library = open_all(load_settings(env_file=Path("no.env"))).library
    session = library.session_titled("Busy")
    chance = random.Random()
    first = library.add(BytesIO(b"first"), NewFile("first.txt", session.id)).file
    print("ready", flush=True)
    print("saved", first.id, first.sha256, flush=True)
    while True:
        content = chance.randbytes(chance.choice(SIZES))
        file = library.add(BytesIO(content), NewFile("a.bin", session.id)).file
        print("saved", file.id, file.sha256, flush=True)
        if chance.random() < 0.9:
            print("purging", file.id, flush=True)
            library.trash_file(file.id)
            if chance.random() < 0.5:
                library.restore_file(file.id)
                library.trash_file(file.id)
            library.purge_file(file.id)


if __name__ == "__main__":
    main()
