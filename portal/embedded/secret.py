"""The secret key of a one-machine installation: made once, kept in its data folder."""

import os
import secrets

from portal.embedded.errors import EmbeddedError
from portal.embedded.folder import DataFolder


def kept_secret(folder: DataFolder) -> str:
    """The key in `folder`, made at the first call. Two first calls at once agree on one key.

    Raises EmbeddedError when the folder cannot be written or the key not be read.
    """
    path = folder.root / "secret_key"
    try:
        folder.root.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            draft = path.with_name(f"secret_key.{os.getpid()}")
            handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(handle, "w") as file:
                file.write(secrets.token_urlsafe(64))
            try:
                os.link(draft, path)  # fails when somebody was faster: theirs counts
            except FileExistsError:
                pass
            finally:
                draft.unlink()
        return path.read_text()
    except OSError as problem:
        raise EmbeddedError(f"the data folder {folder.root} cannot be used: {problem}") from problem
