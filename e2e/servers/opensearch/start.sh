#!/usr/bin/env bash
# start.sh MAJOR FIRST_JDK PORT FOLDER. STRATA_SERVERS_HEAP: the heap, 600m unless said.
source "$(dirname "$0")/../recipe.sh"
home=$cache/opensearch-$1
jdk=$(java_home "$2" 99)
port_free "$3"
data=$(folder "$4")
mkdir -p "$data"/{config,data,logs,repo,tmp}
heap=${STRATA_SERVERS_HEAP:-600m}
cd "$data"
setsid "$jdk/bin/java" "-Xms$heap" "-Xmx$heap" -XX:+UseSerialGC -XX:+ExitOnOutOfMemoryError \
  "-Djava.io.tmpdir=$data/tmp" "-Dlog4j.configurationFile=$recipes/opensearch/log4j2.properties" \
  -Dlog4j.shutdownHookEnabled=false -Dlog4j2.disable.jmx=true -Dio.netty.noUnsafe=true \
  --add-opens=java.base/java.nio=ALL-UNNAMED -cp "$home/classes:$home/lib/*" \
  SingleNode "$3" "$data" >"$data/server.log" 2>&1 </dev/null &
pid=$!
until_it_answers "$pid" 180 "$data/server.log" \
  http_answers "http://127.0.0.1:$3/_cluster/health?wait_for_status=yellow&timeout=10s"
echo "$pid"
