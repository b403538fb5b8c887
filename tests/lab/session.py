"""Runs cells in kernels and prints what came of each.

Standard input: {"kernel": NAME, "sessions": [[CELL, ...], ...]}. Each session has a kernel of its own; sessions run at the
same time. The last line of standard output: one list of results a session.
"""

import json
import sys
import threading
import time

from jupyter_client.manager import KernelManager

CELL_SECONDS = 240


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
            result["error"] += content["evalue"]

    began = time.monotonic()
    reply = client.execute_interactive(code, timeout=CELL_SECONDS, output_hook=keep)
    result["seconds"] = time.monotonic() - began
    result["status"] = reply["content"]["status"]
    return result


def session(kernel_name, cells, results):
    kernel = KernelManager(kernel_name=kernel_name)
    kernel.start_kernel()
    client = kernel.client()
    try:
        client.start_channels()
        client.wait_for_ready(timeout=CELL_SECONDS)
        for cell in cells:
            results.append(run(client, cell))
    finally:
        client.stop_channels()
        kernel.shutdown_kernel(now=True)


order = json.load(sys.stdin)
results = [[] for _ in order["sessions"]]
threads = [
    threading.Thread(target=session, args=(order["kernel"], cells, result))
    for cells, result in zip(order["sessions"], results)
]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print()
print(json.dumps(results))
