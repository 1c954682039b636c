"""Ceph's S3 gateway, one node in memory, where Debian's ceph-mon, ceph-mgr, ceph-osd and radosgw are installed."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from uuid import uuid4

from tests.servers.process import free_port, running

ACCESS_KEY = "CEPHSTUDYBUDDY"
SECRET_KEY = "ceph-secret-of-some-length"
PROGRAMS = ("ceph", "ceph-authtool", "ceph-mgr", "ceph-mon", "ceph-osd", "monmaptool", "radosgw", "radosgw-admin")

_CONFIG = """[global]
fsid = {fsid}
mon host = [v2:127.0.0.1:{mon_v2},v1:127.0.0.1:{mon_v1}]
mon initial members = a
public addr = 127.0.0.1
cluster addr = 127.0.0.1
run dir = {folder}/run
log file = {folder}/log/$name.log
admin socket = {folder}/run/$name.asok
pid file = {folder}/run/$name.pid
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 8
osd pool default pgp num = 8
osd crush chooseleaf type = 0
mon allow pool size one = true
mon max pg per osd = 1000
mon data avail crit = 1
ms type = async+posix
[client.admin]
keyring = {folder}/keyring
[mon.a]
mon data = {folder}/mon
[mgr.x]
keyring = {folder}/mgr.keyring
mgr data = {folder}/mgr
[osd.0]
keyring = {folder}/osd.keyring
osd data = {folder}/osd
osd objectstore = memstore
memstore device bytes = 4294967296
memstore page set = false
[client.rgw.a]
keyring = {folder}/rgw.keyring
rgw frontends = beast endpoint=127.0.0.1:{port}
rgw data = {folder}/rgw
rgw enable usage log = false
rgw enable ops log = false
"""
_CAPS = {
    "mgr.x": ("mon", "allow profile mgr", "osd", "allow *", "mds", "allow *"),
    "osd.0": ("mon", "allow profile osd", "mgr", "allow profile osd", "osd", "allow *"),
    "client.rgw.a": ("mon", "allow *", "osd", "allow *", "mgr", "allow *"),
}
_KEYRINGS = {"mgr.x": "mgr", "osd.0": "osd", "client.rgw.a": "rgw"}


def is_installed() -> bool:
    return all(shutil.which(program) for program in PROGRAMS)


@contextmanager
def ceph_server(folder: Path) -> Iterator[str]:
    """Run a cluster whose files lie in `folder`; give the endpoint's URL."""
    node = _Node(folder)
    node.prepare()
    with ExitStack() as stack:
        stack.enter_context(node.daemon("ceph-mon", "-i", "a", port=node.mon_v2))
        for name, caps in _CAPS.items():
            keyring = node.run("ceph", "auth", "get-or-create", name, *caps)
            (folder / f"{_KEYRINGS[name]}.keyring").write_text(keyring)
        stack.enter_context(node.daemon("ceph-mgr", "-i", "x", port=node.mon_v2))
        osd = str(uuid4())
        node.run("ceph", "osd", "new", osd, "0")
        node.run("ceph-osd", "-i", "0", "--mkfs", "--osd-uuid", osd)
        stack.enter_context(node.daemon("ceph-osd", "-i", "0", port=node.mon_v2))
        stack.enter_context(node.daemon("radosgw", "-n", "client.rgw.a", port=node.port))
        node.run(
            "radosgw-admin", "user", "create", "--uid=t", "--display-name=t",
            f"--access-key={ACCESS_KEY}", f"--secret-key={SECRET_KEY}",
        )  # fmt: skip
        yield f"http://127.0.0.1:{node.port}"


class _Node:
    """The cluster's only node."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._config = folder / "ceph.conf"
        self.port, self.mon_v1, self.mon_v2 = free_port(), free_port(), free_port()

    def prepare(self) -> None:
        """Write its configuration and its first keys."""
        folder, fsid = self._folder, str(uuid4())
        for name in ("mon", "mgr", "osd", "rgw", "run", "log"):
            (folder / name).mkdir()
        self._config.write_text(
            _CONFIG.format(folder=folder, fsid=fsid, port=self.port, mon_v1=self.mon_v1, mon_v2=self.mon_v2)
        )
        keyring = f"{folder}/keyring"
        self.run("ceph-authtool", keyring, "--create-keyring", "--gen-key", "-n", "mon.", "--cap", "mon", "allow *")
        caps = [word for part in ("mon", "osd", "mgr") for word in ("--cap", part, "allow *")]
        self.run("ceph-authtool", keyring, "--gen-key", "-n", "client.admin", *caps)
        address = f"[v2:127.0.0.1:{self.mon_v2},v1:127.0.0.1:{self.mon_v1}]"
        self.run("monmaptool", "--create", "--addv", "a", address, "--fsid", fsid, f"{folder}/monmap")
        self.run("ceph-mon", "-i", "a", "--mkfs", "--monmap", f"{folder}/monmap", "--keyring", keyring)

    def run(self, program: str, *arguments: str) -> str:
        """Run one of Ceph's programs to its end; return what it printed."""
        command = self._command(program, *arguments)
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, env=_ENVIRON)
        if done.returncode:
            raise RuntimeError(f"{program} failed:\n{done.stderr}")
        return done.stdout

    @contextmanager
    def daemon(self, program: str, *arguments: str, port: int) -> Iterator[None]:
        """Run one of Ceph's daemons until the end of the block, from when `port` answers."""
        with running(self._command(program, "-f", *arguments), port=port, log=self._folder / f"{program}.out"):
            yield

    def _command(self, program: str, *arguments: str) -> list[str]:
        found = shutil.which(program)
        if found is None:
            raise RuntimeError(f"{program} is missing")
        return [found, *arguments, "-c", str(self._config)]


# Ceph's own tools run under Debian's Python, which must not see this one's packages.
_ENVIRON = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")}
