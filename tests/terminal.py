"""The command line as typed, in this process: a new one takes a second (`fakes.living` starts one)."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from unittest.mock import patch

from living.cli.main import main
from tests.fakes import environment


def typed(home: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the program to its end, in this process, with no setting but those given."""
    out, err = StringIO(), StringIO()
    words = ["living", *arguments]
    surroundings = patch.dict(os.environ, environment(home, **settings), clear=True)
    with surroundings, patch.object(sys, "argv", words), redirect_stdout(out), redirect_stderr(err):
        try:
            main()
            code: object = 0
        except SystemExit as ended:
            code = ended.code
    assert code is None or isinstance(code, int)
    return subprocess.CompletedProcess(words, code or 0, out.getvalue(), err.getvalue())
