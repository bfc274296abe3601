#!/usr/bin/env bash
# start.sh PORT,PORT,PORT FOLDER: three masters that share the slots; each port + 10000 is its bus.
source "$(dirname "$0")/../recipe.sh"
IFS=, read -r -a ports <<<"$1"
[ "${#ports[@]}" = 3 ] || { echo "a cluster takes three ports: PORT,PORT,PORT" >&2; exit 1; }
data=$(folder "$2")
export REDISCLI_AUTH=$test_password
pids=()
nodes=()
for port in "${ports[@]}"; do
  port_free "$port"
  node=$(folder "$data/$port")
  setsid redis-server --bind 127.0.0.1 --port "$port" --dir "$node" --save "" --appendonly yes --daemonize no \
    --requirepass "$test_password" --masterauth "$test_password" \
    --cluster-enabled yes --cluster-node-timeout 5000 >"$node/server.log" 2>&1 </dev/null &
  pids+=("$!")
  nodes+=("127.0.0.1:$port")
done
for index in 0 1 2; do
  until_it_answers "${pids[$index]}" 30 "$data/${ports[$index]}/server.log" \
    bash -c "redis-cli -h 127.0.0.1 -p ${ports[$index]} ping | grep -q PONG"
done
state="redis-cli -h 127.0.0.1 -p ${ports[0]} cluster info"
$state | grep -q cluster_slots_assigned:16384 ||
  redis-cli --cluster create "${nodes[@]}" --cluster-yes >"$data/create.log" 2>&1
for index in 0 1 2; do
  until_it_answers "${pids[$index]}" 30 "$data/${ports[$index]}/server.log" \
    bash -c "redis-cli -h 127.0.0.1 -p ${ports[$index]} cluster info | grep -q cluster_state:ok"
done
echo "${pids[@]}"
