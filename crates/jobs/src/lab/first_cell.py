"""Starts the kernel named on the command line, runs one cell, and prints how that went as JSON."""

import json
import sys
import time

from jupyter_client.manager import KernelManager

began = time.monotonic()
kernel = KernelManager(kernel_name=sys.argv[1])
kernel.start_kernel()
client = kernel.client()
said = []
try:
    client.start_channels()
    client.wait_for_ready(timeout=150)

    def keep(message):
        content = message["content"]
        said.append(content.get("text") or content.get("evalue") or "")

    reply = client.execute_interactive("use bellwether::prelude::*;", timeout=60, output_hook=keep)
    seconds = time.monotonic() - began
    status = reply["content"]["status"]
finally:
    client.stop_channels()
    kernel.shutdown_kernel(now=True)
print(json.dumps({"seconds": seconds, "status": status, "said": " ".join(filter(None, said))}))
