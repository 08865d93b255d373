#!/bin/bash
# A sweep as a Slurm job array: every task simulates its shard of the points into a folder of its own, and needs no other.
#
#   sbatch --array=1-4 slurm_array.sh SWEEP.toml RESULTS
#   capcam merge RESULTS/all RESULTS/shard-*        when the tasks have ended
#
# A task that was killed, preempted or ran out of time is queued again or can be submitted again as part of the same
# array: what is finished is not done again. A lone task (sbatch without --array, or a shell) does shard SHARD, 1/1 unless
# that is set.
#
# Set what your cluster wants (--partition, --account) on the command line of sbatch or here, and time and memory to what
# a task takes.
# SPDX-License-Identifier: Apache-2.0
#SBATCH --job-name=capcam
#SBATCH --array=1-4
#SBATCH --cpus-per-task=1
#SBATCH --mem-per-cpu=2G
#SBATCH --time=04:00:00
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --output=capcam-%A_%a.log
set -euo pipefail

if [[ $# -ne 2 ]]; then
  echo "usage: sbatch --array=1-N slurm_array.sh SWEEP.toml RESULTS" >&2
  exit 2
fi
sweep=$1
results=$2
capcam=${CAPCAM:-capcam}

if [[ -n ${SLURM_ARRAY_TASK_ID:-} ]]; then
  shard=slurm
  folder=$results/shard-$SLURM_ARRAY_TASK_ID
else
  shard=${SHARD:-1/1}
  folder=$results/shard-${shard%/*}
fi
mkdir -p "$results"
exec "$capcam" sweep "$sweep" --out "$folder" --shard "$shard" --jobs "${SLURM_CPUS_PER_TASK:-1}"
