"""Runs cells in kernels and prints what came of each.

The file named on the command line: {"kernel": NAME, "cell_seconds": N, "sessions": [[CELL, ...], ...]}. Each session has a kernel
of its own, which starts in the current folder; sessions run at the same time, and a cell that fails does not end its session. The
last line of standard output: one list of results a session. The exit status is not zero when a kernel did not start or answer.
Kernels are ended in order, so that they remove what they built; when this program is stopped they are stopped with it.
"""

import json
import os
import signal
import sys
import threading
import time
import traceback

from jupyter_client.manager import KernelManager

with open(sys.argv[1], encoding="utf-8") as file:
    order = json.load(file)


def run(client, code):
    result = {"stdout": "", "stderr": "", "html": "", "text": "", "error": ""}

    def keep(message):
        content = message["content"]
        if message["msg_type"] == "stream":
            result[content["name"]] += content["text"] + "\n"
        elif message["msg_type"] in ("execute_result", "display_data"):
            result["html"] += content["data"].get("text/html", "")
            result["text"] += content["data"].get("text/plain", "")
        elif message["msg_type"] == "error":
            result["error"] += content["evalue"] + "\n"

    began = time.monotonic()
    reply = client.execute_interactive(code, timeout=order["cell_seconds"], output_hook=keep)
    result["seconds"] = time.monotonic() - began
    result["status"] = reply["content"]["status"]
    return result


def session(cells, results):
    began = time.monotonic()
    kernel = KernelManager(kernel_name=order["kernel"])
    kernels.append(kernel)
    kernel.start_kernel()
    client = kernel.client()
    try:
        client.start_channels()
        client.wait_for_ready(timeout=order["cell_seconds"])
        for cell in cells:
            results.append({**run(client, cell), "since_start": time.monotonic() - began})
    finally:
        client.stop_channels()
        kernel.shutdown_kernel()


def attempt(at, cells, results):
    try:
        session(cells, results)
    except Exception:
        print(f"session {at + 1} ended in cell {len(results) + 1} of {len(cells)}:", file=sys.stderr)
        traceback.print_exc()
        broken.append(at)


def stop(*_):
    for kernel in kernels:
        kernel.shutdown_kernel(now=True)
    os._exit(1)


kernels = []
for ending in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    signal.signal(ending, stop)
broken = []
results = [[] for _ in order["sessions"]]
threads = [
    threading.Thread(target=attempt, args=(at, cells, result))
    for at, (cells, result) in enumerate(zip(order["sessions"], results))
]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print()
print(json.dumps(results), flush=True)
sys.exit(1 if broken else 0)
