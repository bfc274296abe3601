#!/usr/bin/env bash
# start.sh PORT FOLDER: no users, no TLS; the protocol double has neither.
source "$(dirname "$0")/../recipe.sh"
home=$cache/mongodb
jdk=$(java_home 17 99)
port_free "$1"
data=$(folder "$2")
setsid "$jdk/bin/java" -Djava.net.preferIPv4Stack=true -Xmx400m -XX:+UseSerialGC \
  -Dorg.slf4j.simpleLogger.defaultLogLevel=warn -cp "$home/classes:$home/lib/*" \
  MongoProtocol "$1" "$data" >"$data/server.log" 2>&1 </dev/null &
pid=$!
until_it_answers "$pid" 60 "$data/server.log" bash -c "exec 3<>/dev/tcp/127.0.0.1/$1"
echo "$pid"
