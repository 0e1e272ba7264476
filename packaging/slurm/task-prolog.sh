#!/bin/sh
# TaskProlog: no task starts on a model that is not really there. A job asks for it by HFAUDIT_REPO in its environment, one REPO
# a line:  sbatch --export=ALL,HFAUDIT_REPO=acme/six job.sh
# It runs as the user of the job, needs no network, and takes milliseconds. Its lines go to the job's output by "print". It is not
# a Prolog: where that fails, Slurm drains the node, and a user's wrong name is no fault of the node.
[ -n "${HFAUDIT_REPO:-}" ] || exit 0
output=$(hfaudit preflight 2>&1)
code=$?
[ "$code" -eq 0 ] || printf '%s\n' "$output" | sed 's/^/print /'
exit "$code"
