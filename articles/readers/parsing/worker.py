"""What the helper processes run: ``python -m articles.readers.parsing.worker``.

On standard input: tasks, each a JSON head and a payload behind their lengths. On standard output: one JSON answer each.
"""

from __future__ import annotations

import gc
import json
import mmap
import os
import resource
import signal
import struct
import sys

from articles.readers.parsing import feed, page

TASKS = {"page": page.parse, "feed": feed.parse}
_LENGTH = struct.Struct(">I")
_TASKS_EACH = 2_000  # after so many a worker makes room for a fresh one, whatever the parsers have kept
_KEPT_BYTES = 200_000_000
# Shared with the forked workers: is one of them at a task? Only then is its death the answer to something.
_BUSY = mmap.mmap(-1, 1)


def main() -> None:
    """Fork a worker, wait for its end, say why it ended, fork the next: until the input ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # what a parser complains of is said in answers, if at all
    gc.collect()
    gc.freeze()
    os.write(_OUT, b"ready")
    while True:
        child = os.fork()
        if child == 0:
            _work()
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if os.WIFEXITED(status):
            if os.WEXITSTATUS(status) == _MORE:
                continue
            return  # at the end of the input; or in the middle of a question, so that the next would be misread
        if not _BUSY[0]:
            return
        _BUSY[0] = 0
        _answer({"error": _REASONS.get(os.WTERMSIG(status), f"the parser broke down (signal {os.WTERMSIG(status)})")})


_MORE = 75  # a worker's exit code: nothing is owed, fork another
_REASONS = {
    signal.SIGPROF: "parsing took more processor time than is allowed, and was stopped",
    signal.SIGXCPU: "parsing took more processor time than is allowed, and was stopped",
    signal.SIGALRM: "parsing took too long, and was stopped",
    signal.SIGKILL: "parsing was stopped by the system, most likely for want of memory",
    signal.SIGSEGV: "the parser broke down: nesting too deep, or memory used up",
    signal.SIGABRT: "the parser broke down: memory used up",
}


def _work() -> None:
    """Answer tasks until the input ends; a limit kills the process, which is the answer."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))  # pipes are no files: nothing is written to disk
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    for number in (signal.SIGPROF, signal.SIGALRM):
        signal.signal(number, signal.SIG_DFL)  # death, even within C code that never returns to Python
    done = 0
    while True:
        head = _read_block()
        if head is None:
            return
        order = json.loads(head)
        payload = _read_block()
        if payload is None:
            return
        _BUSY[0] = 1
        resource.setrlimit(resource.RLIMIT_AS, (int(order["memory"]),) * 2)
        signal.setitimer(signal.ITIMER_PROF, order["cpu"])
        signal.setitimer(signal.ITIMER_REAL, order["cpu"] * 10)
        try:
            answer = TASKS[order["task"]](payload, **order["arguments"])
            data = json.dumps(answer).encode()
        except MemoryError:
            del payload
            data = json.dumps({"error": "parsing needs more memory than is allowed"}).encode()
            done = _TASKS_EACH
        except RecursionError:
            data = json.dumps({"error": "is nested too deep"}).encode()
        except ValueError as error:
            data = json.dumps({"error": str(error)[:500] or "cannot be parsed"}).encode()
        except Exception as error:
            # Parsers of the web fail on hostile input in ways of their own; none of them may cost more than the page.
            data = json.dumps({"error": f"the parser failed: {type(error).__name__}: {error}"[:500]}).encode()
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)
        _BUSY[0] = 0
        _write(data)
        done += 1
        if done >= _TASKS_EACH or resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 > _KEPT_BYTES:
            os._exit(_MORE)


def _read_block() -> bytes | None:
    head = _read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (size,) = _LENGTH.unpack(head)
    data = _read(size)
    return data if len(data) == size else None


def _read(size: int) -> bytes:
    # Straight from the pipe: a buffer would hold what belongs to the next worker.
    blocks = []
    while size:
        block = os.read(0, min(size, 1 << 20))
        if not block:
            break
        blocks.append(block)
        size -= len(block)
    return b"".join(blocks)


def _answer(answer: dict) -> None:
    _write(json.dumps(answer).encode())


def _write(data: bytes) -> None:
    left = memoryview(_LENGTH.pack(len(data)) + data)
    while left:
        left = left[os.write(_OUT, left) :]


# The answers have the pipe for themselves: what a library prints goes nowhere.
_OUT = os.dup(1)
os.dup2(os.open(os.devnull, os.O_WRONLY), 1)

if __name__ == "__main__":
    try:
        main()
    except (BrokenPipeError, KeyboardInterrupt):
        sys.exit(0)
