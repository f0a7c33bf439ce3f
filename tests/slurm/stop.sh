#!/usr/bin/env bash
# Stop what tests/slurm/start.sh FOLDER started, its jobs first; FOLDER and its logs stay.
set -uo pipefail
folder=$(realpath -m "${1:?usage: stop.sh FOLDER}")
export SLURM_CONF=$folder/slurm.conf

# one of ours: alive, and named with our folder on its command line (a zombie has none)
ours() { grep -qaF -- "$folder/" "/proc/$1/cmdline" 2> /dev/null; }

if ours "$(cat "$folder/run/slurmctld.pid" 2> /dev/null)"; then
    squeue -h -o %A | xargs -r scancel
    for ((i = 0; i < 100; i++)); do
        [ -n "$(squeue -h -o %A)" ] || break
        sleep 0.1
    done
fi

for name in slurmd-n* slurmctld munged; do
    for file in "$folder"/run/$name.pid; do
        pid=$(cat "$file" 2> /dev/null) && ours "$pid" || continue
        kill "$pid"
        for ((i = 0; i < 100; i++)); do
            ours "$pid" || continue 2
            sleep 0.1
        done
        kill -9 "$pid"
    done
done

link=/etc/slurm/slurm.conf
[ "$(readlink "$link")" != "$folder/slurm.conf" ] || rm "$link"
