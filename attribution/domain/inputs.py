"""What a minute's state depends on beside the busy signal, packed into one byte.

PostgreSQL needs 70 ns to send one element of an array, which would be most of what attribution costs. The
strips keep their arrays, to be read and explained; this is the same in a sixtieth of the elements.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

Float32 = NDArray[np.float32]
Uint8 = NDArray[np.uint8]
MINUTES = 60
# Two bits a signal: unknown, zero, more than zero, less (only `held`: the slice is not there in the minute).
PACKED = ("node_ready", "held", "ready", "pending")
_UNKNOWN, _ZERO, _SOME, _LESS = 0, 1, 2, 3


def pack(signals: Mapping[str, Float32], rows: int) -> Uint8:
    """One byte a minute [rows, 60] from signals [rows, 60]; a signal that is not there is unknown."""
    packed = np.zeros((rows, MINUTES), dtype=np.uint8)
    for place, name in enumerate(PACKED):
        if name in signals:
            values = signals[name]
            code = (values == 0) * np.uint8(_ZERO) | (values > 0) * np.uint8(_SOME)
            packed |= (code | (values < 0) * np.uint8(_LESS)) << np.uint8(2 * place)
    return packed


def unpack(packed: Uint8) -> dict[str, Float32]:
    """The signals again, as far as states ask: NaN, 0, 1 or −1 in every minute."""
    codes = np.arange(256)
    signals: dict[str, Float32] = {}
    for place, name in enumerate(PACKED):
        code = codes >> (2 * place) & 3
        table = np.select([code == _ZERO, code == _SOME, code == _LESS], [0.0, 1.0, -1.0], np.nan).astype(
            np.float32
        )
        signals[name] = table[packed]
    return signals
