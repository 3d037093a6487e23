"""Pages and feeds parsed in child processes with limits of bytes, time and memory; the children are used again and again.

Each helper process loads the parsers once and forks a worker, which parses until a limit kills it; the helper then says why
and forks the next, so that neither the usual page nor the page after a bomb costs the start of an interpreter.
POSIX only; the limit of memory holds where the system enforces ``RLIMIT_AS`` (Linux).
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import select
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path

from articles.readers.limits import Limits

_ROOT = Path(__file__).resolve().parents[3]
_HELPERS = max(2, os.cpu_count() or 2)  # at most; made when they are needed
_ANSWER_BYTES = 128_000_000  # no honest answer to 10 MB is longer
#: Beyond the limit of processor time a child that got no processor may take this many times as long by the clock.
_PATIENCE = 12
_START_SECONDS = 120
_READY = b"ready"  # what a helper says when it has loaded the parsers
_LENGTH = struct.Struct(">I")


class ParseError(ValueError):
    """Parsing was refused or given up; the message says why."""


class _Helper:
    """One helper process, and the pipes to it."""

    def __init__(self) -> None:
        # Nothing secret goes along: neither the environment nor open files, and a directory only for its code.
        environment = {
            "PYTHONPATH": os.pathsep.join([str(_ROOT), *(path for path in sys.path if path)]),
            "PATH": os.defpath, "LANG": "C.UTF-8", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
        }  # fmt: skip
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "articles.readers.parsing.worker"], cwd="/", env=environment,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0, start_new_session=True,
        )  # fmt: skip
        os.set_blocking(self._process.stdin.fileno(), False)
        self.owner = os.getpid()
        try:
            self._read(len(_READY), time.monotonic() + _START_SECONDS)
        except OSError as error:
            self.end()
            raise RuntimeError("the helper process that parses pages does not start") from error

    def ask(self, task: str, payload: bytes, arguments: dict, limits: Limits) -> dict:
        """The answer to one task; raises OSError if the helper is gone or does not answer in time."""
        head = json.dumps(
            {"task": task, "cpu": limits.cpu_seconds, "memory": limits.memory_bytes, "arguments": arguments}
        ).encode()
        deadline = time.monotonic() + max(30.0, limits.cpu_seconds * _PATIENCE)
        self._write(_LENGTH.pack(len(head)) + head + _LENGTH.pack(len(payload)) + payload, deadline)
        (size,) = _LENGTH.unpack(self._read(_LENGTH.size, deadline))
        if size > _ANSWER_BYTES:
            raise OSError("the parser's answer is too long")
        answer = json.loads(self._read(size, deadline))
        if not isinstance(answer, dict):
            raise OSError("the parser's answer makes no sense")
        return answer

    def _write(self, data: bytes, deadline: float) -> None:
        pipe, left = self._process.stdin.fileno(), memoryview(data)
        while left:
            self._wait([], [pipe], deadline)
            left = left[os.write(pipe, left[:65_536]) :]

    def _read(self, size: int, deadline: float) -> bytes:
        pipe, blocks = self._process.stdout.fileno(), []
        while size:
            self._wait([pipe], [], deadline)
            block = os.read(pipe, min(size, 1 << 20))
            if not block:
                raise OSError("the parser's process is gone")
            blocks.append(block)
            size -= len(block)
        return b"".join(blocks)

    @staticmethod
    def _wait(readable: list[int], writable: list[int], deadline: float) -> None:
        poll = select.poll()  # unlike select, at home with file numbers above 1,023
        for pipe in readable:
            poll.register(pipe, select.POLLIN)
        for pipe in writable:
            poll.register(pipe, select.POLLOUT)
        if not poll.poll(max(0.0, deadline - time.monotonic()) * 1000):
            raise TimeoutError("the parser did not answer in time")

    def end(self) -> None:
        """Close the pipes, on which the helper and its worker end, and see to it that they do."""
        for pipe in (self._process.stdin, self._process.stdout):
            pipe.close()
        if self.owner == os.getpid():
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, 9)  # the group is its own: the helper and its worker
            self._process.wait()


class Sandbox:
    """A pool of helpers; safe in threads and after a fork."""

    def __init__(self, helpers: int = _HELPERS) -> None:
        self._idle: list[_Helper] = []
        self._free = threading.BoundedSemaphore(helpers)
        self._lock = threading.Lock()

    def run(self, task: str, payload: bytes, limits: Limits, **arguments: object) -> dict:
        """One task of ``worker.TASKS`` on a payload.

        Raises:
            ParseError: if the task refuses the payload, or is stopped by a limit.
            RuntimeError: if no helper can be started, which is no fault of the payload.
        """
        if len(payload) > 4 * limits.document_bytes:  # four bytes to a character
            raise ParseError(f"is larger than {4 * limits.document_bytes} bytes")
        with self._free:
            for attempt in (1, 2):
                with self._lock:
                    helper = self._idle.pop() if self._idle else None
                fresh = helper is None
                try:
                    helper = helper or _Helper()
                    answer = helper.ask(task, payload, arguments, limits)
                except (OSError, ValueError) as error:
                    if helper is not None:
                        helper.end()
                    if isinstance(error, TimeoutError):
                        raise ParseError("the parser did not answer in time and was stopped") from error
                    # An idle helper may have been ended from outside; a fresh one that dies did so of the payload.
                    if fresh or attempt == 2:
                        raise ParseError(f"the parser's process ended: {error}"[:300]) from error
                    continue
                except BaseException:  # an interrupt between question and answer: the answer must not reach the next
                    if helper is not None:
                        helper.end()
                    raise
                with self._lock:
                    self._idle.append(helper)
                break
        if "error" in answer:
            raise ParseError(str(answer["error"])[:500])
        return answer

    def close(self) -> None:
        """End all idle helpers."""
        with self._lock:
            idle, self._idle = self._idle, []
        for helper in idle:
            helper.end()


SANDBOX = Sandbox()
atexit.register(lambda: SANDBOX.close())


def _forget() -> None:
    """A forked child must not speak on its parent's pipes."""
    global SANDBOX
    SANDBOX = Sandbox()


os.register_at_fork(after_in_child=_forget)


def run(task: str, payload: bytes, limits: Limits, **arguments: object) -> dict:
    """One task in the process's own pool; see ``Sandbox.run``."""
    return SANDBOX.run(task, payload, limits, **arguments)
