#!/usr/bin/env bash
# start.sh PORT FOLDER: the default user has a password; what is written is in an append-only file.
source "$(dirname "$0")/../recipe.sh"
port_free "$1"
data=$(folder "$2")
export REDISCLI_AUTH=$test_password
setsid redis-server --bind 127.0.0.1 --port "$1" --dir "$data" --save "" --appendonly yes --daemonize no \
  --requirepass "$test_password" >"$data/server.log" 2>&1 </dev/null &
pid=$!
until_it_answers "$pid" 30 "$data/server.log" bash -c "redis-cli -h 127.0.0.1 -p $1 ping | grep -q PONG"
echo "$pid"
