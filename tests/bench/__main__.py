"""`make bench`: the speed bars, each as a ratio to its floor. Figures move with the machine; ratios less."""

import subprocess
import sys
import time

BENCHES = (
    "attribution",
    "prometheus_path",
    "overview",
    "isolation",
    "explain",
    "audit",
    "tokens",
    "bill_pools",
    "preview",
    "impact",
    "periods",
)


def main() -> None:
    """Run each bench in a process of its own, so that one's memory and caches do not colour the next."""
    wanted = sys.argv[1:] or list(BENCHES)
    failed = []
    for name in wanted:
        print(f"\n{name}\n{'=' * len(name)}", flush=True)
        began = time.perf_counter()
        done = subprocess.run([sys.executable, "-W", "ignore", "-m", f"tests.bench.{name}"], check=False)
        print(f"({time.perf_counter() - began:.0f} s)")
        if done.returncode:
            failed.append(name)
    sys.exit(f"failed: {', '.join(failed)}" if failed else 0)


if __name__ == "__main__":
    main()
