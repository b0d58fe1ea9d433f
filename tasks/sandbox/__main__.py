"""`python -m tasks.sandbox`: the sandbox without Django."""

import argparse
import sys

from tasks.sandbox.command_line import add_arguments, run

if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tasks.sandbox", description="A local TopView.")
    add_arguments(parser)
    sys.exit(run(vars(parser.parse_args())))
