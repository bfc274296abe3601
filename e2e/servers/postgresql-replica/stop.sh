#!/usr/bin/env bash
# stop.sh PID...: ends connections that are open (a "fast" shutdown), the standby's first.
source "$(dirname "$0")/../recipe.sh"
for ((index = $#; index > 0; index--)); do end_processes INT "${!index}"; done
