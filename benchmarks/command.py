"""The command line, for the scripts beside this one: UNROLL names another submit/unroll than that of this checkout."""

import json
import os
import subprocess
from pathlib import Path

HOME = Path(__file__).resolve().parents[1]
UNROLL = os.environ.get("UNROLL", str(HOME / "submit" / "unroll"))


def unroll(command, keys):
    """The JSON object of the last line."""
    line = [UNROLL, command, *(f"--{key}={value}" for key, value in keys.items())]
    run = subprocess.run(line, cwd=HOME, capture_output=True, text=True)
    if run.returncode:
        raise SystemExit(run.stderr)
    return json.loads(run.stdout.splitlines()[-1])
