#!/bin/bash
# Train a package of gambol on one GPU of a SLURM cluster, then predict with it.
#
#   sbatch slurm_train.sh job.zip                    trains, then predicts the images of the package
#   sbatch slurm_train.sh job.zip night.mp4 ...      trains, then predicts these videos
#
# The run is job.run/, predictions are job.NAME.predictions.slp, all beside the package. Two minutes before the time is
# up SLURM sends USR1: the work is stopped and the job put back into the queue, where it goes on as far as it had come.
# Change the lines below to what your cluster has; a line that loads or activates gambol goes before "set".

#SBATCH --job-name=gambol
#SBATCH --gres=gpu:1
#SBATCH --cpus-per-task=4
#SBATCH --mem=16G
#SBATCH --time=04:00:00
#SBATCH --requeue
#SBATCH --signal=B:USR1@120
#SBATCH --open-mode=append
#SBATCH --output=%x.%j.log

set -euo pipefail

package=${1:?name the package: sbatch slurm_train.sh job.zip}
shift
name=${package%.zip}
run=$name.run
working=

time_is_up() {
    echo "The time is up; the job goes back into the queue."
    if [ -n "$working" ]; then
        kill -TERM "$working" 2>/dev/null || true # at most the last minute is lost
        wait "$working" || true
    fi
    scontrol requeue "$SLURM_JOB_ID"
    exit 0
}
trap time_is_up USR1

# In the background, since bash hears no signal while it waits for a program in the foreground.
work() {
    "$@" &
    working=$!
    local status=0
    wait "$working" || status=$?
    working=
    return "$status"
}

if [ ! -e "$run.trained" ]; then
    if [ -e "$run/job.yaml" ]; then
        work gambol train --resume "$run" --device cuda
    else
        work gambol train "$package" --out "$run" --device cuda
    fi
    touch "$run.trained"
fi

if [ "$#" -eq 0 ]; then
    set -- "$name/labels.pkg.slp"
fi
for source in "$@"; do
    file=$(basename "$source")
    out=$name.${file%.*}.predictions.slp
    if [ ! -e "$out" ]; then
        work gambol predict "$source" --model "$run" --out "$out" --device cuda
    fi
done
