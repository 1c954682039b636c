"""Every error that a person may see. A message says what happened, to what, and what to do; never a secret."""


class StudyBuddyError(Exception):
    """Base of all our errors; `code` is stable for programs, `fix` tells a person what to do."""

    code = "error"

    def __init__(self, message: str, *, fix: str = "") -> None:
        super().__init__(message)
        self.fix = fix


class SettingsError(StudyBuddyError, ValueError):
    """Raised when a setting has a value that it cannot take."""

    code = "settings"


class InvalidInputError(StudyBuddyError, ValueError):
    """Raised when a person's or a program's input cannot be taken as it is."""

    code = "invalid_input"


class NotFoundError(StudyBuddyError, LookupError):
    """Raised when the catalog has no such session, lecture, file or unfinished upload."""

    code = "not_found"


class ConflictError(StudyBuddyError):
    """Raised when what is asked contradicts the present state, e.g. a purge of a file that is not in the trash."""

    code = "conflict"


class TooLargeError(StudyBuddyError):
    """Raised when a file is larger than the limit in the settings."""

    code = "too_large"


class NoSpaceError(StudyBuddyError):
    """Raised when this computer's disk has no room left."""

    code = "no_space"


class CatalogError(StudyBuddyError):
    """Raised when the catalog cannot be opened or used."""

    code = "catalog"


class StorageError(StudyBuddyError):
    """Base of what a storage can raise. `retryable`: the same call may succeed later, unchanged."""

    code = "storage"
    retryable = False

    def __init__(self, message: str, *, key: str = "", fix: str = "") -> None:
        super().__init__(message, fix=fix)
        self.key = key


class InvalidKeyError(StorageError, ValueError):
    """Raised when a key has not the form that we mint."""

    code = "invalid_key"


class ObjectNotFoundError(StorageError, FileNotFoundError):
    """Raised when a storage has no object at a key."""

    code = "object_not_found"

    def __str__(self) -> str:
        return str(self.args[0])


class ObjectExistsError(StorageError, FileExistsError):
    """Raised when a key already holds other bytes."""

    code = "object_exists"

    def __str__(self) -> str:
        return str(self.args[0])


class SourceMissingError(ObjectNotFoundError):
    """Raised when an object that was to be copied is not there. What the target says is not there is another thing."""

    code = "source_missing"


class InvalidRangeError(StorageError, ValueError):
    """Raised when a range of bytes starts behind an object's end or is turned round."""

    code = "invalid_range"


class IntegrityError(StorageError):
    """Raised when bytes are not the bytes that they should be."""

    code = "integrity"


class LostPartsError(IntegrityError):
    """Raised when a storage has not all the parts that it took: there is no object until all of it is sent again."""


class SourceDamagedError(IntegrityError):
    """Raised when an object that was to be copied does not hold its file's bytes; nothing is left at the target."""

    code = "source_damaged"


class PermissionDeniedError(StorageError):
    """Raised when a storage refuses what the keys may not do."""

    code = "permission_denied"


class UnavailableError(StorageError):
    """Raised when a storage does not answer, or asks to come back later."""

    code = "unavailable"
    retryable = True


class SourceUnavailableError(StorageError):
    """Raised when the storage that is copied from does not answer. No UnavailableError: the target is not to blame."""

    code = "source_unavailable"
    retryable = True


class UnsupportedError(StorageError):
    """Raised when a storage cannot do a thing at all."""

    code = "unsupported"


class ReadOnlyError(StorageError):
    """Raised when a storage takes no writes."""

    code = "read_only"


class ClusterError(StudyBuddyError):
    """Raised when a Dask cluster cannot be used; nothing is wrong with what it was to copy."""

    code = "cluster"


class WorkerLostError(StorageError):
    """Raised for what another process, or a worker of a cluster, was to do when it died."""

    code = "worker_lost"
    retryable = True
