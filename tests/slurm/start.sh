#!/usr/bin/env bash
# Start a SLURM of its own on this machine: munge, a controller and NODES node daemons.
#
#   [NODES=2 CPUS=4 MEM_MB=16000 PORT=16800] tests/slurm/start.sh FOLDER
#
# Root on Debian or Ubuntu; installs slurm-wlm and munge where absent. All it writes is in FOLDER,
# but for the link /etc/slurm/slurm.conf: Snakemake's SLURM jobs drop SLURM_CONF from their
# environment, so the configuration must be where SLURM looks by itself. Ends when every node is
# idle. tests/slurm/stop.sh FOLDER stops it.
set -euo pipefail
here=$(dirname "$(realpath "$0")")
folder=$(realpath -m "${1:?usage: start.sh FOLDER}")
nodes=${NODES:-2} cpus=${CPUS:-4} mem_mb=${MEM_MB:-16000} port=${PORT:-16800}
link=/etc/slurm/slurm.conf

fail() { echo "start.sh: $*" >&2; exit 1; }
[ "$(id -u)" = 0 ] || fail "SLURM's daemons need root"
[ ! -e "$link" ] || fail "there is a SLURM here already, $(realpath "$link");" \
    "if a test left it: tests/slurm/stop.sh $(dirname "$(realpath "$link")")"

if ! command -v slurmctld slurmd sbatch munged > /dev/null; then
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -q && apt-get install -qy --no-install-recommends slurm-wlm munge
fi

mkdir -p "$folder"/{munge,run,log,state,spool} "${link%/*}"
ln -sfn "$folder/slurm.conf" "$link"
trap '[ $? = 0 ] || "$here/stop.sh" "$folder"' EXIT
sed -e "s|@FOLDER@|$folder|g; s|@HOST@|$(hostname -s)|g; s|@PORT@|$port|g; s|@NODES@|$nodes|g" \
    -e "s|@NODE_PORTS@|[$((port + 1))-$((port + nodes))]|; s|@CPUS@|$cpus|; s|@MEM_MB@|$mem_mb|" \
    "$here/slurm.conf" > "$folder/slurm.conf"

(umask 077 && head -c 1024 /dev/urandom > "$folder/munge/key")
# --force: the folder may lie below /tmp, which all may write to
munged --force --key-file="$folder/munge/key" --socket="$folder/munge/socket" \
    --seed-file="$folder/munge/seed" --pid-file="$folder/run/munged.pid" \
    --log-file="$folder/log/munged"
slurmctld -f "$folder/slurm.conf"
for ((i = 1; i <= nodes; i++)); do
    mkdir -p "$folder/spool/n$i"
    slurmd -f "$folder/slurm.conf" -N "n$i"
done

end=$((SECONDS + 30)) idle=0
while [ "$SECONDS" -lt "$end" ]; do
    idle=$(timeout 5 sinfo -h -N -o %t 2> /dev/null | grep -cx idle) || true
    [ "$idle" != "$nodes" ] || exec sinfo
    sleep 0.1
done
tail -n 20 "$folder"/log/* >&2
fail "$idle of $nodes nodes came up in 30 s; $folder/log tells why"
