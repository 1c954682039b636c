"""Make the library in a folder: `python -m tests.library FOLDER`. `library.json` lists what must be found."""

import json
import sys
from dataclasses import asdict
from pathlib import Path

from tests.library import make_library

target = Path(sys.argv[1])
made = make_library(target)
(target / "library.json").write_text(json.dumps([asdict(one) for one in made], ensure_ascii=False, indent=1), "utf-8")
print(f"{len(made)} files in {target}")
