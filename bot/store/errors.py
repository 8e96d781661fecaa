"""How the store fails. All but one mean: nothing was done. None carries a password or a row's values."""


class StoreError(Exception):
    """Whatever the store raises by itself."""


class DatabaseBusyError(StoreError):
    """The transaction could not begin in time, or waited too long for a lock. Nothing was done."""


class DatabaseUnavailableError(StoreError):
    """The database cannot be reached or used. Nothing was done."""


class CommitUnknownError(StoreError):
    """The database went away during COMMIT: it was done or it was not. Read before you act."""


class RowRefusedError(StoreError):
    """A constraint refused a row, or an append-only row was to be changed. Nothing was done."""


class DatabaseInUseError(StoreError):
    """Another process holds this SQLite file. Nothing was opened."""


class DatabaseAddressError(StoreError, ValueError):
    """`DATABASE_URL` names nothing that the bot can use."""
