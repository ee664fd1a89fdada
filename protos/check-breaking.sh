#!/bin/sh
# Refuses a change of the contract that would break a caller: compares protos/ as it stands with the contract of
# origin/main, where there is one, and with the last ones that were committed, for a push may hold several.
set -eu
head=$(git rev-parse HEAD)
main=$(git rev-parse --quiet --verify origin/main || true)
old=$(mktemp -d)
trap 'rm -rf "$old"' EXIT
earlier=0
for base in $main $(git log -n 4 --format=%H -- protos buf.yaml); do
    rm -rf "$old/contract" && mkdir "$old/contract"
    git archive "$base" -- protos buf.yaml 2> /dev/null | tar -x -C "$old/contract" 2> /dev/null || continue
    "$BUF" breaking --against "$old/contract" || { echo "  (against the contract of $base)"; exit 1; }
    if [ "$base" != "$head" ]; then earlier=1; fi
done
if [ "$earlier" = 0 ]; then
    echo "  WARNING: there is no earlier contract to compare with. In a shallow clone: git fetch --unshallow" >&2
fi
