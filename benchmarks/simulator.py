"""How fast the simulator writes on one core, and how much memory it takes for one day and for four.

    python benchmarks/simulator.py [--agents 100]

Prints documents per second, MB per second (before compression) and peak memory; each size runs in a process of its own.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

CHILD = """
import json, resource, sys, time
from contactlake.testing import simulate
out, agents, days, truth = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4] == "1"
begun, cpu = time.perf_counter(), time.process_time()
summary = simulate(out, agents=agents, days=days, seed=1, instances=1, truth=truth)
took = time.perf_counter() - begun
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
print(json.dumps({"documents": sum(summary.documents.values()), "bytes": sum(summary.bytes.values()),
                  "seconds": took, "cpu": time.process_time() - cpu, "peak": peak}))
"""


def measure(agents: int, days: int, truth: bool) -> dict[str, float]:
    """One simulation in a fresh process, into a folder that is removed afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        arguments = [sys.executable, "-c", CHILD, str(Path(folder) / "out"), str(agents), str(days), str(int(truth))]
        result: dict[str, float] = json.loads(subprocess.run(arguments, check=True, capture_output=True).stdout)
        return result


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--agents", type=int, default=100)
    agents = parser.parse_args().agents
    print(f"{'simulator':<30}{'documents':>11}{'docs/s':>9}{'MB/s':>7}{'peak MB':>9}")
    for name, days, truth in (("1x: one day", 1, False), ("4x: four days", 4, False), ("1x with truth", 1, True)):
        m = measure(agents, days, truth)
        rate, megabytes = m["documents"] / m["seconds"], m["bytes"] / m["seconds"] / 1e6
        label = f"{name}, {agents} agents"
        print(f"{label:<30}{int(m['documents']):>11,}{rate:>9,.0f}{megabytes:>7.0f}{m['peak'] / 1e6:>9.0f}")


if __name__ == "__main__":
    main()
