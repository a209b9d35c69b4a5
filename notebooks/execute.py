"""Executes notebooks and holds their outputs against what their cells promise (see notebooks/run).

A cell that throws ends the run. One that silently shows nothing does not; so the metadata of a cell may have `expect`, a list of
texts each of which must stand in its outputs. SVG is refused: converters strip its shapes and leave a blank area.
"""

import pathlib
import sys
import time

import nbformat
from nbclient import NotebookClient

SECONDS = 600  # per cell
KEPT = pathlib.Path("target/notebooks")


def shown(output):
    """All texts of an output, whatever their kind."""
    if output.output_type == "stream":
        return output.text  # a line may come in pieces
    return "\n".join(str(value) for value in output.get("data", {}).values()) + "\n"


def faults(notebook):
    expectations = 0
    for number, cell in enumerate(notebook.cells, 1):
        outputs = cell.get("outputs", [])
        text = "".join(shown(output) for output in outputs)
        for expected in cell.metadata.get("expect", []):
            expectations += 1
            if expected not in text:
                yield f"cell {number} does not show {expected!r}; it shows {text[:500]!r}"
        for output in outputs:
            if "image/svg+xml" in output.get("data", {}):
                yield f"cell {number} shows image/svg+xml, which converters blank; show an img element"
            if output.output_type == "error":
                yield f"cell {number} failed: {output.ename}: {output.evalue}"
    if not expectations:
        yield "no cell says what is expected of it"


def run(path):
    notebook = nbformat.read(path, as_version=4)
    if any(cell.get("outputs") for cell in notebook.cells):
        return ["it is committed with outputs; clear them"]
    directory = str(pathlib.Path.cwd())
    client = NotebookClient(notebook, timeout=SECONDS, allow_errors=True, resources={"metadata": {"path": directory}})
    client.execute()
    KEPT.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, KEPT / path.name)
    return list(faults(notebook))


def main(paths):
    failed = 0
    for path in map(pathlib.Path, paths):
        start = time.time()
        found = run(path)
        failed += bool(found)
        print(f"{path.name}: {time.time() - start:.0f} s, {'failed' if found else 'as expected'}", flush=True)
        for fault in found:
            print(f"  {fault}", file=sys.stderr, flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
