"""`make study`: what an encoder learns from fewer extracted products, five minutes a rate at most.

Trains once for each of RATES on that share of the training products, drawn by hash, a smaller share being part of a
larger one. Takes the options of `python -m training`. Only figures are kept: a model card under
`<warehouse>/encoders/study/rate-<rate>` (`--out`: under that folder), which the next build shows in extraction_audit,
beside what extraction at that rate costs, and in encoder_runs and encoder_metrics.
"""

import sys
import tempfile
from pathlib import Path

from training.__main__ import FAILURES, remove_working_folder
from training.command_line import find_tables, parser, working_folder
from training.config import load_settings
from training.kept_cards import keep_card
from training.run import run

RATES = (0.05, 0.1, 0.25, 0.5, 1.0)
LIMIT = ["run.max_seconds=240"]


def main(arguments: list[str] | None = None) -> int:
    """Train at every rate; returns the exit code. A wrong input ends with one line on stderr and code 2."""
    options = parser("python -m training.study", __doc__).parse_args(arguments)
    try:
        source = find_tables(options)
        for rate in RATES:
            settings = load_settings(options.config, [*LIMIT, *options.set, f"data.train_share={rate}"])
            with tempfile.TemporaryDirectory() as scratch:
                print(f"study: {rate:g} of the training products", flush=True)
                made = run(source, settings, Path(scratch), lambda key: working_folder(options, key), f"rate-{rate:g}")
                keep_card(options, "study", f"rate-{rate:g}", made.card)
                remove_working_folder(made.working)
    except FAILURES as error:
        print(f"training.study: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
