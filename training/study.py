"""`make study`: what an encoder learns from fewer extracted products, five minutes a rate at most.

Trains once for each of RATES on that share of the training products, drawn by hash, a smaller share being part of a
larger one. Takes the options of `python -m training`. Only figures are kept: a model card under
`<warehouse>/encoders/study/rate-<rate>` (`--out`: under that folder), which the next build shows in extraction_audit,
beside what extraction at that rate costs, and in encoder_runs and encoder_metrics.
"""

import sys

from training.__main__ import FAILURES
from training.command_line import find_tables, parser
from training.config import load_settings
from training.hardware import check_one_process
from training.kept_cards import train_for_figures

RATES = (0.05, 0.1, 0.25, 0.5, 1.0)
LIMIT = ["run.max_seconds=240"]


def main(arguments: list[str] | None = None) -> int:
    """Train at every rate; returns the exit code. A wrong input ends with one line on stderr and code 2."""
    options = parser("python -m training.study", __doc__).parse_args(arguments)
    try:
        check_one_process("training.study")
        source = find_tables(options)
        for rate in RATES:
            settings = load_settings(options.config, [*LIMIT, *options.set, f"data.train_share={rate}"])
            train_for_figures(options, source, settings, "study", f"rate-{rate:g}")
    except FAILURES as error:
        print(f"training.study: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
