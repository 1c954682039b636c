import hashlib
import os
from datetime import timedelta
from pathlib import Path

import pytest

from studybuddy.adding.spool import Spool
from studybuddy.errors import (
    ConflictError,
    IntegrityError,
    InvalidInputError,
    NoSpaceError,
    NotFoundError,
    TooLargeError,
)
from studybuddy.slices import Checksum

DATA = os.urandom(10_000)


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path, writer="w1")


def again(spool: Spool) -> Spool:
    """Return the spool as a process that starts anew sees it."""
    return Spool(spool._uploads.parent, writer="w2")


def send(spool: Spool, upload_id: str, offset: int, data: bytes, checksum: Checksum | None = None) -> int:
    piece = spool.open_slice(upload_id, offset, checksum=checksum)
    try:
        piece.write(data)
        return piece.finish()
    finally:
        piece.close()


def sha256(data: bytes) -> Checksum:
    return Checksum("sha256", hashlib.sha256(data).digest())


def test_slices_add_up_to_the_whole_with_its_hash(spool: Spool) -> None:
    upload = spool.create(len(DATA), {"filename": "añb.pdf"})
    assert (upload.offset, upload.state, upload.metadata["filename"]) == (0, "receiving", "añb.pdf")
    assert send(spool, upload.id, 0, DATA[:4000]) == 4000
    assert send(spool, upload.id, 4000, DATA[4000:]) == len(DATA)
    assert spool.get(upload.id).state == "saving"
    path, digest = spool.whole(upload.id)
    assert path.read_bytes() == DATA
    assert digest == hashlib.sha256(DATA).hexdigest()


def test_the_hash_is_right_after_a_restart_in_the_middle(spool: Spool) -> None:
    upload = spool.create(len(DATA), {})
    send(spool, upload.id, 0, DATA[:4000])
    restarted = again(spool)
    assert restarted.get(upload.id).offset == 4000
    send(restarted, upload.id, 4000, DATA[4000:])
    assert restarted.whole(upload.id)[1] == hashlib.sha256(DATA).hexdigest()


def test_an_upload_of_nothing_is_whole_at_once(spool: Spool) -> None:
    upload = spool.create(0, {})
    assert upload.state == "saving"
    assert spool.whole(upload.id)[1] == hashlib.sha256(b"").hexdigest()


def test_a_wrong_offset_is_refused(spool: Spool) -> None:
    upload = spool.create(len(DATA), {})
    send(spool, upload.id, 0, DATA[:10])
    for offset in (0, 9, 11, -1):
        with pytest.raises(ConflictError, match="stands at byte 10"):
            spool.open_slice(upload.id, offset)


def test_more_bytes_than_announced_are_refused(spool: Spool) -> None:
    upload = spool.create(5, {})
    with pytest.raises(TooLargeError):
        send(spool, upload.id, 0, b"123456")
    assert spool.get(upload.id).offset == 0


def test_an_older_slice_lands_no_byte_after_a_newer_took_over(spool: Spool) -> None:
    stopped = []
    upload = spool.create(len(DATA), {})
    older = spool.open_slice(upload.id, 0, on_stop=lambda: stopped.append(True))
    older.write(DATA[:1000])
    newer = spool.open_slice(upload.id, 1000)
    assert stopped == [True]
    with pytest.raises(ConflictError, match="newer request"):
        older.write(b"x" * 500)
    newer.write(DATA[1000:])
    with pytest.raises(ConflictError):
        older.finish()
    older.close()
    newer.finish()
    path, digest = spool.whole(upload.id)
    assert path.read_bytes() == DATA
    assert digest == hashlib.sha256(DATA).hexdigest()


def test_asking_where_it_stands_stops_a_slice_that_hangs(spool: Spool) -> None:
    upload = spool.create(len(DATA), {})
    hanging = spool.open_slice(upload.id, 0)
    hanging.write(DATA[:1000])
    assert spool.settle(upload.id).offset == 1000
    with pytest.raises(ConflictError):
        hanging.write(b"x")


def test_a_broken_slice_keeps_what_came(spool: Spool) -> None:
    upload = spool.create(len(DATA), {})
    broken = spool.open_slice(upload.id, 0)
    broken.write(DATA[:700])
    broken.close()
    assert spool.get(upload.id).offset == 700


def test_nothing_is_kept_of_a_slice_with_a_wrong_checksum(spool: Spool) -> None:
    upload = spool.create(len(DATA), {})
    send(spool, upload.id, 0, DATA[:1000], sha256(DATA[:1000]))
    with pytest.raises(IntegrityError, match="checksum"):
        send(spool, upload.id, 1000, b"wrong" * 100, sha256(DATA[1000:]))
    assert spool.get(upload.id).offset == 1000
    send(spool, upload.id, 1000, DATA[1000:], sha256(DATA[1000:]))
    path, digest = spool.whole(upload.id)
    assert path.read_bytes() == DATA
    assert digest == hashlib.sha256(DATA).hexdigest()


@pytest.mark.parametrize("end", ["broken", "taken over", "killed"])
def test_nothing_is_kept_of_a_slice_whose_checksum_nobody_could_look_at(spool: Spool, end: str) -> None:
    upload = spool.create(len(DATA), {})
    send(spool, upload.id, 0, DATA[:1000])
    piece = spool.open_slice(upload.id, 1000, checksum=sha256(DATA[1000:]))
    piece.write(b"x" * 300)
    if end == "broken":
        piece.close()
    seen = again(spool) if end == "killed" else spool
    assert seen.get(upload.id).offset == 1000
    assert seen.settle(upload.id).offset == 1000
    send(seen, upload.id, 1000, DATA[1000:])
    path, digest = seen.whole(upload.id)
    assert path.read_bytes() == DATA
    assert digest == hashlib.sha256(DATA).hexdigest()


@pytest.mark.parametrize("header", ["sha256", "sha256 !!", "sha256 YWJj", "crc99 YWJj", "", "SHA256 " + "A" * 44])
def test_a_checksum_header_that_makes_no_sense_is_refused(header: str) -> None:
    with pytest.raises(InvalidInputError):
        Checksum.parse(header)


@pytest.mark.parametrize("upload_id", ["", "0" * 31, "0" * 33, "../" + "0" * 29, "G" * 32, "0" * 32, "0" * 32 + "\n"])
def test_an_id_that_is_not_ours_is_unknown(spool: Spool, upload_id: str) -> None:
    for ask in (spool.get, spool.settle, spool.remove, spool.whole):
        with pytest.raises(NotFoundError):
            ask(upload_id)


def test_what_was_saved_or_failed_is_still_known_after_a_restart(spool: Spool) -> None:
    saved, failed = spool.create(0, {}), spool.create(0, {})
    spool.set_saved(saved.id, {"file_id": 7})
    spool.set_failed(failed.id, {"code": "no_space", "message": "full", "fix": ""})
    restarted = again(spool)
    assert restarted.get(saved.id).state == "saved"
    assert restarted.get(saved.id).result == {"file_id": 7}
    assert restarted.get(failed.id).state == "failed"
    assert [upload.id for upload in restarted.unfinished()] == [failed.id]
    restarted.set_failed(failed.id, None)
    assert restarted.get(failed.id).state == "saving"


def test_a_kill_in_the_middle_of_noting_a_saving_leaves_it_saved(spool: Spool) -> None:
    upload = spool.create(0, {})
    record = spool._uploads / f"{upload.id}.json"
    before = record.read_bytes()
    spool.set_saved(upload.id, {"file_id": 7})
    record.write_bytes(before)
    restarted = again(spool)
    assert restarted.get(upload.id).state == "saved"
    assert restarted.unfinished() == []
    restarted.remove_leftovers()
    assert [path.suffix for path in spool._uploads.iterdir()] == [".saved"]
    assert restarted.sweep(timedelta(0)) == [upload.id]
    assert list(spool._uploads.iterdir()) == []


def test_an_upload_whose_bytes_were_taken_over_is_still_unfinished(spool: Spool) -> None:
    upload = spool.create(5, {})
    send(spool, upload.id, 0, b"12345")
    spool.whole(upload.id)[0].unlink()
    assert [(found.id, found.state) for found in again(spool).unfinished()] == [(upload.id, "saving")]


def test_an_upload_is_swept_after_its_time_and_not_before(spool: Spool) -> None:
    upload = spool.create(10, {})
    send(spool, upload.id, 0, b"12345")
    assert spool.sweep() == []
    assert spool.sweep(timedelta(0)) == [upload.id]
    with pytest.raises(NotFoundError):
        spool.get(upload.id)
    assert list(spool._uploads.iterdir()) == []


def test_bytes_that_are_being_saved_are_not_swept(spool: Spool) -> None:
    upload = spool.create(5, {})
    send(spool, upload.id, 0, b"12345")
    assert spool.sweep(timedelta(0)) == []


def test_a_record_that_a_power_cut_left_empty_is_unknown_and_swept(spool: Spool) -> None:
    upload = spool.create(5, {})
    (spool._uploads / f"{upload.id}.json").write_bytes(b"")
    with pytest.raises(NotFoundError):
        spool.get(upload.id)
    assert spool.unfinished() == []
    spool.sweep(timedelta(0))
    assert list(spool._uploads.iterdir()) == []


def test_a_removed_upload_takes_no_more_bytes(spool: Spool) -> None:
    upload = spool.create(10, {})
    piece = spool.open_slice(upload.id, 0)
    spool.remove(upload.id)
    with pytest.raises(ConflictError):
        piece.write(b"123")
    assert list(spool._uploads.iterdir()) == []


def test_what_has_no_room_on_the_disk_is_refused_before_a_byte(spool: Spool) -> None:
    with pytest.raises(NoSpaceError, match="too little"):
        spool.create(2**60, {})
    assert list(spool._uploads.iterdir()) == []


def test_a_full_disk_in_the_middle_keeps_the_part_and_its_hash_in_step(spool: Spool) -> None:
    resource = pytest.importorskip("resource")
    upload = spool.create(len(DATA), {})
    send(spool, upload.id, 0, DATA[:1000])
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (3000, limits[1]))
    try:
        piece = spool.open_slice(upload.id, 1000)
        piece.write(DATA[1000:1500])
        with pytest.raises(NoSpaceError):
            piece.write(DATA[1500:])
        piece.close()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert spool.get(upload.id).offset == 1500
    send(spool, upload.id, 1500, DATA[1500:])
    assert spool.whole(upload.id)[1] == hashlib.sha256(DATA).hexdigest()


def test_a_temporary_file_is_gone_at_the_end_and_names_its_process(spool: Spool) -> None:
    with spool.temporary() as (path, stream):
        stream.write(b"123")
        assert spool.stale_temporary(lambda writer: writer == "w1") == []
        assert again(spool).stale_temporary(lambda writer: writer == "w2") == [path]
    assert not path.exists()


def test_a_temporary_file_that_was_taken_away_is_no_error(spool: Spool, tmp_path: Path) -> None:
    with spool.temporary() as (path, _stream):
        path.rename(tmp_path / "taken")
    assert (tmp_path / "taken").exists()


def test_the_files_of_a_group_end_together(spool: Spool) -> None:
    with spool.group() as group:
        paths = [group.path(), group.path(), group.path()]
        paths[0].write_bytes(b"1")
        paths[1].write_bytes(b"2")
    assert not any(path.exists() for path in paths)
