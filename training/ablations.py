"""`python -m training.ablations`: what each choice is worth, on a fixed subset, five minutes a choice at most.

Losses, modalities, and frequency correction with thresholds. Takes the options of `python -m training`. Only figures
are kept: a model card under `<warehouse>/encoders/ablations/<choice>` (`--out`: under that folder), which the tables
encoder_runs and encoder_metrics show after the next build.
"""

import sys
from dataclasses import replace
from typing import Any

import numpy as np

from training.__main__ import FAILURES
from training.command_line import find_tables, parser
from training.config import load_settings
from training.data import DataError
from training.hardware import check_one_process
from training.kept_cards import keep_card, train_for_figures
from training.losses import LOSSES
from training.run import Made
from training.thresholds import KINDS, WEIGHTS, assigned, assignment_metrics, corrected, validation_cells

SUBSET = ["data.products=1500", "data.validation_share=0.25", "run.epochs=8", "run.max_seconds=240"]
TRAINED = {
    **{f"loss-{name}": [f"loss.name={name}"] for name in LOSSES},
    # What the paper trains with, and ours without the softmax that is added to each.
    "loss-info_nce_unmasked": ["loss.name=info_nce_unmasked", "loss.within_facets=0"],
    "loss-sigmoid-alone": ["loss.within_facets=0"],
    **{
        f"modality-{modality}": [f"loss.{other}={float(other == modality)}" for other in ("image", "text", "fused")]
        for modality in ("image", "text", "fused")
    },
}
BASELINE = "loss-sigmoid"


def main(arguments: list[str] | None = None) -> int:
    """Run every ablation; returns the exit code. A wrong input ends with one line on stderr and code 2."""
    options = parser("python -m training.ablations", __doc__).parse_args(arguments)
    try:
        check_one_process("training.ablations")
        source = find_tables(options)
        for choice, changes in TRAINED.items():
            settings = load_settings(options.config, [*SUBSET, *options.set, *changes])
            made = train_for_figures(options, source, settings, "ablations", choice)
            if choice == BASELINE:
                for setting, card in threshold_cards(made).items():
                    keep_card(options, "ablations", setting, card)
    except FAILURES as error:
        print(f"training.ablations: {error}", file=sys.stderr)
        return 2
    return 0


def threshold_cards(made: Made) -> dict[str, dict[str, Any]]:
    """A model card for each frequency weight and kind of threshold, over the similarities of one encoder.

    Raises DataError where validation products are too few.
    """
    settings = made.card["settings"]
    modality, plain, share = validation_cells(made.encoder, made.attributes, made.products)
    if len(plain.positives) < 2:
        raise DataError(
            f"thresholds are fitted on one half of the validation products and judged on the other: there are "
            f"{len(plain.positives)} with an image or text; raise data.products or data.validation_share (--set)"
        )
    fitted = np.arange(len(plain.positives)) % 2 == 0
    cards = {}
    for weight in WEIGHTS:
        cells = replace(plain, similarity=corrected(plain.similarity, share, weight))
        for kind in KINDS:
            judged = cells.at(~fitted)
            metrics = assignment_metrics(assigned(kind, cells.at(fitted), judged), judged, modality)
            choice = {"assignment": {"threshold": kind, "frequency_weight": weight}}
            cards[f"threshold-{kind}-weight-{weight}"] = {
                **made.card,
                "settings": {**settings, **choice},
                "metrics": metrics,
            }
    return cards


if __name__ == "__main__":
    sys.exit(main())
