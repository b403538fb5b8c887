"""Executes a notebook from scratch and compares what it shows with what is saved in it.

    notebook.py check FILE     prints JSON: cells that failed, outputs that moved, and how long each cell took
    notebook.py save FILE      the same, and saves the new outputs

The file is never changed by `check`.
"""

import copy
import json
import sys
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

CELL_SECONDS = 300


def shown(cell):
    """What a reader sees of a cell: streams as one text each, then results by type."""
    streams, results = {}, []
    for output in cell.get("outputs", []):
        if output["output_type"] == "stream":
            streams[output["name"]] = streams.get(output["name"], "") + output["text"]
        elif output["output_type"] == "error":
            results.append({"error": output["evalue"]})
        else:
            results.append(dict(sorted(output["data"].items())))
    return {"streams": dict(sorted(streams.items())), "results": results}


mode, path = sys.argv[1], Path(sys.argv[2])
saved = nbformat.read(path, as_version=4)
fresh = copy.deepcopy(saved)
for cell in fresh.cells:
    if cell.cell_type == "code":
        cell.outputs, cell.execution_count = [], None
client = NotebookClient(
    fresh, timeout=CELL_SECONDS, kernel_name="bellwether", resources={"metadata": {"path": str(path.parent)}}
)
report = {"failed": None, "moved": [], "seconds": [], "start": 0.0}
began = time.monotonic()
with client.setup_kernel():
    report["start"] = time.monotonic() - began
    count = 0
    for index, cell in enumerate(fresh.cells):
        if cell.cell_type != "code":
            continue
        count += 1
        began = time.monotonic()
        try:
            client.execute_cell(cell, index)
        except CellExecutionError as error:
            report["failed"] = {"cell": index, "source": cell.source, "error": str(error)}
            break
        finally:
            report["seconds"].append([index, time.monotonic() - began])
            cell.execution_count = count
            cell.metadata.pop("execution", None)
            for output in cell.outputs:
                if "execution_count" in output:
                    output["execution_count"] = count
if report["failed"] is None:
    for index, (was, now) in enumerate(zip(saved.cells, fresh.cells)):
        if was.cell_type == "code" and shown(was) != shown(now):
            report["moved"].append({"cell": index, "source": was.source, "was": shown(was), "is": shown(now)})
    if mode == "save":
        fresh.metadata.pop("language_info", None)
        nbformat.write(fresh, path)
print()
print(json.dumps(report))
