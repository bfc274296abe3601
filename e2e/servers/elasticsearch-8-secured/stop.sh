#!/usr/bin/env bash
# stop.sh PID...
source "$(dirname "$0")/../recipe.sh"
end_processes TERM "$@"
