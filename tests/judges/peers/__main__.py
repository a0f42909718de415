"""Usage: python -m peers PATH-TO-THE-EXAMPLE PATH-TO-NODE-MODULES WORK"""
import sys

from peers import emulate, localstripe, sdk


def main(program, node, work):
    failed = sdk.judge(program, work) + localstripe.judge(program, work) + emulate.judge(program, node, work)
    return 1 if failed else 0


sys.exit(main(*sys.argv[1:]))
