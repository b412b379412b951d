"""The unit that device-minutes are counted in, so that their parts are whole numbers."""

# A device-minute is so many parts. The least number that 1 to 16 divide: sevenths of an A100, quarters of an
# A30, and up to 16 pods that share one device are exact. More sharers are split by largest remainder, and no
# one is off by more than a part. 10,000 devices of an hour are 4 × 10^11, far below 2^53.
PARTS = 720_720
