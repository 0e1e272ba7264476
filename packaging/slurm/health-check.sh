#!/bin/sh
# HealthCheckProgram: drains a node whose copies of the models in /etc/hfaudit/models (a REPO a line) are damaged.
#   slurm.conf: HealthCheckProgram=/usr/local/sbin/hfaudit-health-check HealthCheckInterval=600 HealthCheckNodeState=IDLE
# It answers from the ledger: content that a nightly scrub has proven is not read again. What has no proof is read until the
# time is over; then nothing is said about it, and the node stays. Slurm itself ends the program after 60 s.
set -u
models=${HFAUDIT_MODELS:-/etc/hfaudit/models}
age=${HFAUDIT_PROOF_AGE:-45d}
seconds=${HFAUDIT_SECONDS:-45}

[ -r "$models" ] || exit 0
HFAUDIT_REPO=$(grep -v -e '^[[:space:]]*#' -e '^[[:space:]]*$' "$models")
[ -n "$HFAUDIT_REPO" ] || exit 0
export HFAUDIT_REPO

said=$(timeout --signal=TERM "$seconds" hfaudit preflight --check full --max-age "$age" 2>&1)
code=$?
# 1: damage. 2: a model of the list is not here. 3 and a time that is over say nothing about the models.
case $code in
  1 | 2)
    reason=$(printf '%s' "$said" | head -n 1 | tr -cd '[:print:]' | cut -c 1-120)
    scontrol update nodename="${SLURMD_NODENAME:-$(uname -n | cut -d . -f 1)}" state=drain reason="$reason"
    ;;
esac
exit 0
