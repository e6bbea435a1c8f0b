"""`inkread export`: a run -> an ONNX file anywhere, verified once more."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from inkread.errors import BadCheckpoint, BadOption
from inkread.interfaces.missing import refuse_missing_run
from inkread.interfaces.target_file import refuse_foreign
from inkread.run_folder import Run

EXPECTED = "what is exported is a run of inkread train, by its folder or its model.safetensors"


def export_run(run: Path, onnx: Path | None = None, *, data: tuple[str, ...] = ()) -> None:
    """Write a trained network as an ONNX file, verified against the original.

    Parameters
    ----------
    run
        A run's folder, or its model.safetensors.
    onnx
        The file to write; without it, model.onnx in the run's folder. Of files that exist, only one that inkread
        exported is overwritten.
    data
        Where the glyphs for the check come from, if not from the data set that the run was trained on; may be repeated.
    """
    from inkread.loading import SHIPPED
    from inkread.recognition.recogniser import opened

    if str(run) in SHIPPED or (run.suffix == ".onnx" and run.is_file()):
        raise BadCheckpoint(f"{run} is an ONNX file already, and it was verified; {EXPECTED}: inkread export runs/NAME")
    refuse_missing_run(str(run), (), "inkread export")  # before torch is waited for
    own = Run.around(run).onnx
    target = onnx or own
    if target != own:  # which may be overwritten whatever became of it
        refuse_foreign(str(target), target, own.name, "ONNX file of inkread export", opened)
        if target.suffix != own.suffix:
            raise BadOption(f"{target} does not end in .onnx, and no verb would open it; name {target}.onnx")
    from inkread.interfaces.data_choice import open_for, open_network
    from inkread.interfaces.export import check_glyphs, export

    network, checkpoint = open_network(run)
    dataset = open_for(checkpoint, checkpoint.config, data, elsewhere=False)
    glyphs = check_glyphs(dataset)
    difference = export(network, checkpoint, target, glyphs)
    Console(soft_wrap=True).print(
        f"Wrote {target} ({target.stat().st_size / 1000:,.0f} KB): at most {difference:.1g} from the original in any "
        f"log-probability of {len(glyphs)} glyphs",
        markup=False,
    )
