#!/bin/sh
# HealthCheckProgram: drains a node whose copies of the models in /etc/hfaudit/models (a REPO a line) are damaged.
#   /etc/hfaudit/health-check.env: HF_HOME=/data/hf
#   slurm.conf: HealthCheckProgram=/usr/local/sbin/hfaudit-health-check HealthCheckInterval=600 HealthCheckNodeState=IDLE
# It answers from the ledger: content that a nightly scrub has proven is not read again. What has no proof is read until the
# time is over; then the node stays. Slurm itself ends the program after 60 s.
set -u
settings=${HFAUDIT_SETTINGS:-/etc/hfaudit/health-check.env}
if [ -r "$settings" ]; then
  set -a
  # shellcheck source=/dev/null
  . "$settings"
  set +a
fi
models=${HFAUDIT_MODELS:-/etc/hfaudit/models}
age=${HFAUDIT_PROOF_AGE:-45d}
seconds=${HFAUDIT_SECONDS:-45}

[ -r "$models" ] || exit 0
HFAUDIT_REPO=$(sed -e 's/[[:space:]]*#.*//' -e 's/^[[:space:]]*//' -e 's/[[:space:]]*$//' -e '/^$/d' "$models")
[ -n "$HFAUDIT_REPO" ] || exit 0
export HFAUDIT_REPO

output=$(timeout --signal=TERM "$seconds" hfaudit preflight --check full --max-age "$age" 2>&1)
code=$?
# 1: damage. 2: a model of the list is not here. 3 and a time that is over are no statement on the models; nor is 2 where the cache
# is not named, because slurmd's own environment has no HF_HOME: root's cache was searched then.
if [ "$code" -eq 2 ] && [ -z "${HF_HOME:-}${HF_HUB_CACHE:-}${HUGGINGFACE_HUB_CACHE:-}" ]; then
  echo "hfaudit-health-check: HF_HOME is not set: $output" >&2
  exit 0
fi
case $code in
  1 | 2)
    reason=$(printf '%s' "$output" | head -n 1 | tr -cd '[:print:]' | cut -c 1-120)
    scontrol update nodename="${SLURMD_NODENAME:-$(uname -n | cut -d . -f 1)}" state=drain reason="$reason"
    ;;
esac
exit 0
