#!/bin/sh
# Refuses a change of the contract that would break a caller: compares protos/ with the commit before this one on main.
# With uncommitted changes the commit before is HEAD itself.
set -eu
if [ -n "$(git status --porcelain -- protos)" ]; then base=HEAD; else base=HEAD~1; fi
if ! git rev-parse --quiet --verify "$base^{commit}" > /dev/null; then
    echo "  no earlier commit to compare with"
    exit 0
fi
old=$(mktemp -d)
trap 'rm -rf "$old"' EXIT
git archive "$base" -- protos buf.yaml 2> /dev/null | tar -x -C "$old" 2> /dev/null || { echo "  no contract in $base"; exit 0; }
"$BUF" breaking --against "$old"
