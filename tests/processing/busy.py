"""A process that reads a library's files until it is killed: `python -m tests.processing.busy FOLDER`."""

import sys
import time
from pathlib import Path

from tests.processing.rig import open_rig

if __name__ == "__main__":
    rig = open_rig(Path(sys.argv[1]))
    while True:
        rig.run()
        time.sleep(0.05)
