"""States and reserves minute by minute, device by device, in plain dicts: slow and obvious."""

from collections import Counter


def naive_state(minute: dict, floor: float) -> str:
    """Return the state of one device in one minute; None is "no sample"."""
    if minute["node_ready"] == 0:
        return "unready"
    if minute["held"] == 0:
        return "unallocated"
    if minute["held"] is not None and minute["ready"] == 0:
        return "loading"
    if minute["held"] is None or minute["busy"] is None:
        return "no_data"
    if minute["busy"] >= floor:
        return "serving"
    if minute["pending"] is not None and minute["pending"] > 0:
        return "stalled"
    return "workless"


def naive_minutes(devices: list[list[dict]], floor: float, failover: int, warm: int) -> Counter:
    """Return minutes by state of the devices of one pool and service; reserves are declared per minute."""
    minutes: Counter = Counter()
    for at in range(len(devices[0])):
        left_failover, left_warm = failover, warm
        for device in devices:
            state = naive_state(device[at], floor)
            if state == "workless":
                if left_failover:
                    state, left_failover = "failover_reserve", left_failover - 1
                elif left_warm:
                    state, left_warm = "warm_reserve", left_warm - 1
                else:
                    state = "idle"
            minutes[state] += 1
    return minutes
