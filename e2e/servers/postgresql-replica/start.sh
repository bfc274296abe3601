#!/usr/bin/env bash
# start.sh PORT,PORT FOLDER: a primary and a hot standby that streams from it, both with scram passwords.
source "$(dirname "$0")/../recipe.sh"
bin=/usr/lib/postgresql/15/bin
IFS=, read -r primary standby <<<"$1"
[ -n "$standby" ] || { echo "a primary and its standby take two ports: PORT,PORT" >&2; exit 1; }
port_free "$primary"
port_free "$standby"
data=$(folder "$2")
run_as postgres "$data"
cd "$data"
export PGPASSWORD=$test_password
shared="listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 100
max_prepared_transactions = 10
shared_buffers = 64MB
synchronous_commit = off
wal_keep_size = 256MB
hot_standby_feedback = on"
if [ ! -e primary/PG_VERSION ]; then
  printf %s "$test_password" | "${as[@]}" tee password >/dev/null
  "${as[@]}" "$bin/initdb" -D primary -U "$test_user" --pwfile=password --auth=scram-sha-256 \
    --encoding=UTF8 --locale=C --no-sync >initdb.log
  printf '%s\nport = %s\n' "$shared" "$primary" | "${as[@]}" tee -a primary/postgresql.conf >/dev/null
fi

# launch NAME PORT: starts the server in folder NAME and leaves its process id in `pid`.
launch() {
  # A killed server that nobody has buried yet still counts as running for the next one.
  if [ -e "$1/postmaster.pid" ]; then
    case "$(ps -o stat= -p "$(head -n 1 "$1/postmaster.pid")")" in Z* | '') rm -f "$1/postmaster.pid" ;; esac
  fi
  setsid "${as[@]}" "$bin/postgres" -D "$1" -p "$2" >>"$data/$1.log" 2>&1 </dev/null &
  pid=$!
  until_it_answers "$pid" 60 "$data/$1.log" \
    "$bin/psql" -XqAt -h 127.0.0.1 -p "$2" -U "$test_user" -d postgres -c 'SELECT 1'
}
launch primary "$primary"
first=$pid
from="host=127.0.0.1 port=$primary user=$test_user password=$test_password"
if [ ! -e standby/PG_VERSION ]; then
  "${as[@]}" "$bin/pg_basebackup" -d "$from" -D standby -R -X stream -c fast --no-sync
fi
# A restart may give the primary another port.
echo "primary_conninfo = '$from application_name=standby'" | "${as[@]}" tee -a standby/postgresql.auto.conf >/dev/null
launch standby "$standby"
until_it_answers "$pid" 30 "$data/standby.log" bash -c "
  '$bin/psql' -XqAt -h 127.0.0.1 -p $primary -U '$test_user' -d postgres -c 'SELECT state FROM pg_stat_replication' |
    grep -q streaming"
echo "$first $pid"
