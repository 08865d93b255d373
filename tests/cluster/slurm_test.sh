#!/usr/bin/env bash
# A one-node Slurm of its own, on 127.0.0.1 and in a temporary folder: a sweep as an array of four tasks, one of them killed,
# the array submitted again, the shards merged, and the whole compared with a sweep on one machine.
#   slurm_test.sh CAPCAM SOURCE_DIR
# Ends with 77 (skipped) and says why where Slurm cannot run.
# SPDX-License-Identifier: Apache-2.0
set -euo pipefail
capcam=$1
source_dir=$2

skip() {
  echo "skipped: $*"
  exit 77
}
PATH=$PATH:/usr/sbin:/sbin
for program in munged slurmctld slurmd sbatch squeue scancel; do
  command -v "$program" >/dev/null || skip "$program is not installed (scripts/install_packages.sh cluster)"
done
((EUID == 0)) || skip 'slurmd needs root here'

work=$(mktemp -d)
pids=()
finish() {
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  wait 2>/dev/null || true
  rm -rf "$work"
}
trap finish EXIT

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
host=$(hostname -s)
cpus=$(nproc)
mkdir -p "$work"/{munge,state,spool,log}

# A key and a munged of its own: nothing of the system's is touched.
dd if=/dev/urandom of="$work/munge/key" bs=128 count=1 status=none
chmod 700 "$work/munge"
chmod 400 "$work/munge/key"
chmod 755 "$work"
munged --foreground --force --key-file="$work/munge/key" --socket="$work/munge/socket" --pid-file="$work/munge/pid" \
  --log-file="$work/munge/log" --seed-file="$work/munge/seed" >"$work/log/munged" 2>&1 &
pids+=($!)

ctld_port=$(free_port)
d_port=$(free_port)
cat >"$work/slurm.conf" <<CONF
ClusterName=capcam
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$ctld_port
SlurmdPort=$d_port
AuthType=auth/munge
AuthInfo=socket=$work/munge/socket
CredType=cred/munge
SlurmUser=root
SlurmdUser=root
StateSaveLocation=$work/state
SlurmdSpoolDir=$work/spool
SlurmctldPidFile=$work/slurmctld.pid
SlurmdPidFile=$work/slurmd.pid
SlurmctldLogFile=$work/log/slurmctld
SlurmdLogFile=$work/log/slurmd
ProctrackType=proctrack/pgid
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
ReturnToService=2
KillWait=2
MinJobAge=300
SchedulerParameters=sched_interval=1
NodeName=$host NodeAddr=127.0.0.1 CPUs=$cpus State=UNKNOWN
PartitionName=all Nodes=$host Default=YES State=UP
CONF
export SLURM_CONF=$work/slurm.conf

slurmctld -D -f "$SLURM_CONF" >"$work/log/slurmctld.out" 2>&1 &
pids+=($!)
slurmd -D -f "$SLURM_CONF" -N "$host" >"$work/log/slurmd.out" 2>&1 &
pids+=($!)
for ((i = 0; ; ++i)); do
  state=$(sinfo --noheader --format=%t 2>/dev/null || true)
  [[ $state != idle ]] || break
  if ((i == 60)) || ! kill -0 "${pids[@]}" 2>/dev/null; then
    tail -n 5 "$work"/log/* >&2
    skip "Slurm does not come up on this machine (node '$state')"
  fi
  sleep 1
done
echo "slurm $(sinfo --version) is up"

"$capcam" trace synth "$work/trace.safetensors" --heads 4 --kv-heads 4 --queries 128 --keys 512 --head-dim 32 --value-dim 32
cat >"$work/sweep.toml" <<SWEEP
base = "$source_dir/configs/camformer.toml"
traces = ["trace.safetensors"]
[grid]
"array.rows" = [8, 16, 32, 64]
"top_n.tile_k" = [1, 2, 4, 8]
"array.columns" = [16, 32]
SWEEP
"$capcam" sweep "$work/sweep.toml" --out "$work/alone"

submit() {
  (cd "$work" && CAPCAM=$capcam sbatch --parsable --array=1-4 --output="$work/log/task-%A_%a" \
    "$source_dir/configs/cluster/slurm_array.sh" "$work/sweep.toml" "$work/results")
}
ended() {  # waits until no task of job $1 is left
  for ((i = 0; i < 240; ++i)); do
    [[ -n $(squeue --noheader --job "$1" 2>/dev/null) ]] || return 0
    sleep 0.5
  done
  squeue >&2
  tail -n 20 "$work"/log/* >&2
  echo "job $1 does not end" >&2
  return 1
}
points() { { "$capcam" export "$1" 2>/dev/null || true; } | tail -n +2 | wc -l; }  # finished ones

job=$(submit)
echo "array $job submitted"
# Task 3 is killed once it has finished a point.
for ((i = 0; i < 600; ++i)); do
  done_points=$(points "$work/results/shard-3")
  ((done_points == 0)) || break
  sleep 0.1
done
scancel --signal=KILL --full "${job}_3" || echo 'task 3 was faster than its killer'
ended "$job"
killed_points=$(points "$work/results/shard-3")
echo "task 3 was killed with $killed_points of its points done"

job=$(submit)
ended "$job"
grep -h 'done before' "$work"/log/task-"${job}"_3
"$capcam" merge "$work/results/all" "$work"/results/shard-*
"$capcam" export "$work/alone" --csv "$work/alone.csv"
"$capcam" export "$work/results/all" --csv "$work/all.csv"
cmp "$work/alone.csv" "$work/all.csv"
[[ $(points "$work/alone") == 32 ]]
echo "the merged shards are the sweep of a single machine"
