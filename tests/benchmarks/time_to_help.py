"""Print how long `living --help` takes: python tests/benchmarks/time_to_help.py. The aim is half a second."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

TIMES = 7


def main() -> None:
    """Start the program a few times and print the median and the extremes."""
    took = []
    for _ in range(TIMES):
        begun = time.perf_counter()
        subprocess.run([sys.executable, "-m", "living", "--help"], check=True, stdout=subprocess.DEVNULL)
        took.append(time.perf_counter() - begun)
    print(f"living --help: median {statistics.median(took):.2f} s ({min(took):.2f} to {max(took):.2f} s)")


if __name__ == "__main__":
    main()
