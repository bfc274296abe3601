#!/usr/bin/env bash
# start.sh PORT FOLDER: without security, unless STRATA_SERVERS_SECURITY says so. STRATA_SERVERS_HEAP: the heap, 600m
# unless said.
source "$(dirname "$0")/../recipe.sh"
home=$(compgen -G "$cache/elasticsearch-8/sonarqube-*/elasticsearch")
jdk=$(java_home 17 23)
port_free "$1"
data=$(folder "$2")
heap=${STRATA_SERVERS_HEAP:-600m}
security=$([ "${STRATA_SERVERS_SECURITY:-}" = on ] && echo true || echo false)
mkdir -p "$data"/{config,data,logs,repo,tmp}
cp "$home/config/log4j2.properties" "$data/config/"
# Logs of the collector and heap dumps would go to folders that are not the server's.
grep -v -e HeapDump -e ErrorFile -e '^-Xlog' "$home/config/jvm.options" >"$data/config/jvm.options"
cat >"$data/config/elasticsearch.yml" <<YAML
cluster.name: strata-test
node.name: node-1
discovery.type: single-node
network.host: 127.0.0.1
http.port: $1
transport.port: 0
path.data: $data/data
path.logs: $data/logs
path.repo: ["$data/repo"]
xpack.security.enabled: $security
cluster.routing.allocation.disk.threshold_enabled: false
action.destructive_requires_name: false
YAML
if [ "$security" = true ]; then
  cat >>"$data/config/elasticsearch.yml" <<YAML
xpack.security.autoconfiguration.enabled: false
xpack.security.authc.password_hashing.algorithm: pbkdf2
YAML
  # strata-test-password, as recipe.sh has it
  echo '{PBKDF2}10000$c3RyYXRhLXRlc3Qtc2VydmVyLXNhbHQtMzItYnl0ZXM=$OU9dgurY6EDHoS1y/MVGjItmS8pb8CwAHnZ8u4vMHMQ=' | sed "s/^/$test_user:/" >"$data/config/users"
  echo "superuser:$test_user" >"$data/config/users_roles"
fi
run_as nobody "$data"
rm -f "$data/server.pid"
cd "$home" # the launcher looks for its libraries from here
# With -d the launcher returns once the node is up, or with the node's own error.
env -i "PATH=$PATH" LANG=C.UTF-8 "ES_TMPDIR=$data/tmp" "ES_JAVA_OPTS=-Xms$heap -Xmx$heap" \
  "${as[@]}" "$jdk/bin/java" -Xms4m -Xmx64m -XX:+UseSerialGC \
  -Dcli.name=server "-Dcli.script=$home/bin/elasticsearch" -Dcli.libs=lib/tools/server-cli \
  "-Des.path.home=$home" "-Des.path.conf=$data/config" -Des.distribution.type=zip -Des.java.type=JAVA_HOME \
  -cp "$home/lib/*:$home/lib/cli-launcher/*" org.elasticsearch.launcher.CliToolLauncher \
  -d -p "$data/server.pid" >"$data/server.log" 2>&1 </dev/null || {
  tail -n 30 "$data/server.log" >&2
  exit 1
}
pid=$(cat "$data/server.pid")
until_it_answers "$pid" 120 "$data/server.log" \
  http_answers "http://$test_user:$test_password@127.0.0.1:$1/_cluster/health?wait_for_status=yellow&timeout=10s"
echo "$pid"
