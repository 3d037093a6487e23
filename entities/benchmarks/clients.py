"""Clients that load a server on loopback; they run in a process of their own, which needs no Django."""

from __future__ import annotations

import http.client
import json
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor


def load(
    port: int, paths: list[str], clients: int, seconds: int, secret: str = ""
) -> tuple[list[float], dict[str, int], float]:
    """Ask for that long, with a token perhaps: seconds of each answer, errors by what they were, and how long it took."""
    headers = {"Authorization": f"Bearer {secret}"} if secret else {}
    began = time.perf_counter()
    with ThreadPoolExecutor(clients) as threads:
        done = list(
            threads.map(lambda number: _client(port, paths, headers, number, clients, began + seconds), range(clients))
        )
    times = [one for mine, _ in done for one in mine]
    errors: Counter[str] = sum((wrong for _, wrong in done), Counter())
    return times, dict(errors), time.perf_counter() - began


def _client(
    port: int, paths: list[str], headers: dict[str, str], number: int, clients: int, until: float
) -> tuple[list[float], Counter[str]]:
    times: list[float] = []
    errors: Counter[str] = Counter()
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    at = number
    while (started := time.perf_counter()) < until:
        try:
            link.request("GET", paths[at % len(paths)], headers=headers)
            answer = link.getresponse()
            body = answer.read()
            if answer.status != 200 or (paths[0] != "/healthz" and "results" not in json.loads(body)):
                errors[str(answer.status)] += 1
        except (OSError, http.client.HTTPException) as error:
            errors[type(error).__name__] += 1
            link.close()
        times.append(time.perf_counter() - started)
        at += clients
    link.close()
    return times, errors
