"""Parts of pages that need JavaScript of our own; their files are served under /components."""

import os
from hashlib import sha256
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

FOLDER = Path(__file__).parent
# Told by us: a system's own table of types may call JavaScript plain text, and browsers refuse such modules.
_TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}

# All of a component that crosses the websocket at each rerun; its script is fetched from our own server, once.
_STUB = """
export default function ({ data, parentElement, ...rest }) {
  const loading = import(new URL(data.module, location.origin))
  loading.then(({ mount }) => mount({ data, parentElement, ...rest })).catch((error) => {
    console.error(error)
    parentElement.append("The WHAT could not be loaded. Reload the page.")
  })
  return () => loading.then(({ unmount }) => unmount(parentElement), () => {})
}
"""


class ComponentFiles(StaticFiles):
    """The scripts and styles of the components, and nothing else; looked at anew (by ETag) at each page load."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        if Path(path).suffix not in _TYPES:
            raise HTTPException(status_code=404)
        return await super().get_response(path, scope)

    def file_response(
        self, full_path: str | os.PathLike[str], stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers["Cache-Control"] = "no-cache"
        if response.status_code == 200:
            response.headers["Content-Type"] = _TYPES[Path(full_path).suffix]
        return response


def component_files() -> Mount:
    """Return the route that serves all components."""
    return Mount("/components", app=ComponentFiles(directory=FOLDER))


def versioned(path: str) -> str:
    """Return the address of a component's file, with the state of its folder, so that an upgrade is seen."""
    state = sha256()
    for file in sorted((FOLDER / path).parent.iterdir()):
        if file.suffix in _TYPES:
            state.update(file.read_bytes())
    return f"/components/{path}?v={state.hexdigest()[:12]}"


def stub(what: str) -> str:
    """Return the script that loads the component named in its data as `module`; `what` is its name for people."""
    return _STUB.replace("WHAT", what)
