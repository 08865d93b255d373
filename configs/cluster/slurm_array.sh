#!/bin/bash
# A sweep as a Slurm job array: every task simulates its shard of the points into a folder of its own, and needs no other.
#
#   sbatch --array=1-4 slurm_array.sh SWEEP.toml RESULTS
#   capcam merge RESULTS/all RESULTS/shard-*        when the tasks have ended
#
# A task that was killed or ran out of time: submit the same array again. What is finished is not done again.
# Set what your cluster wants (--partition, --account, --time, --cpus-per-task) on the command line of sbatch or here.
# SPDX-License-Identifier: Apache-2.0
#SBATCH --job-name=capcam
#SBATCH --array=1-4
#SBATCH --cpus-per-task=1
#SBATCH --output=capcam-%A_%a.log
set -euo pipefail

sweep=$1
results=$2
capcam=${CAPCAM:-capcam}

mkdir -p "$results"
exec "$capcam" sweep "$sweep" --out "$results/shard-$SLURM_ARRAY_TASK_ID" --shard slurm \
  --jobs "${SLURM_CPUS_PER_TASK:-1}"
