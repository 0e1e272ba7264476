#!/bin/sh
# For an image whose server wants the path of a snapshot: HFAUDIT_REPO=org/name entrypoint.sh [COMMAND ARG...]
# The command finds the path in MODEL. Where the gate does not open, its one line and its exit code are all there is.
set -eu

: "${HFAUDIT_REPO:?which model? HFAUDIT_REPO=org/name or org/name@revision}"

MODEL=$(hfaudit preflight "$HFAUDIT_REPO" --print-path) || exit $?
export MODEL

[ $# -gt 0 ] || set -- vllm serve "$MODEL"
exec "$@"
