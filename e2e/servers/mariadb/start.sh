#!/usr/bin/env bash
# start.sh PORT FOLDER: one user with every right, over TCP and with a password.
source "$(dirname "$0")/../recipe.sh"
PATH=$PATH:/usr/sbin
port_free "$1"
data=$(folder "$2")
run_as mysql "$data"
# The name of a socket has at most 107 bytes: a deep folder cannot hold it.
socket=$(mktemp -u "${TMPDIR:-/tmp}/strata-mariadb-XXXXXX")
files=(--no-defaults "--datadir=$data/db")
fresh=
if [ ! -d "$data/db/mysql" ]; then
  fresh=yes
  "${as[@]}" mariadb-install-db "${files[@]}" --auth-root-authentication-method=normal --skip-test-db \
    >"$data/server.log" 2>&1 || { tail -n 30 "$data/server.log" >&2; exit 1; }
fi
setsid "${as[@]}" mariadbd "${files[@]}" --bind-address=127.0.0.1 "--port=$1" "--socket=$socket" \
  "--pid-file=$data/server.pid" --skip-name-resolve --performance-schema=ON --userstat=ON \
  --character-set-server=utf8mb4 --collation-server=utf8mb4_general_ci --max-allowed-packet=64M \
  --innodb-buffer-pool-size=128M --innodb-flush-log-at-trx-commit=2 --skip-log-bin \
  >>"$data/server.log" 2>&1 </dev/null &
pid=$!
until_it_answers "$pid" 60 "$data/server.log" mariadb-admin --no-defaults "--socket=$socket" -u root ping
if [ -n "$fresh" ]; then
  mariadb --no-defaults "--socket=$socket" -u root <<SQL
DELETE FROM mysql.global_priv WHERE User = '';
FLUSH PRIVILEGES;
CREATE USER '$test_user'@'127.0.0.1' IDENTIFIED BY '$test_password';
CREATE USER '$test_user'@'localhost' IDENTIFIED BY '$test_password';
GRANT ALL ON *.* TO '$test_user'@'127.0.0.1' WITH GRANT OPTION;
GRANT ALL ON *.* TO '$test_user'@'localhost' WITH GRANT OPTION;
CREATE DATABASE strata;
SQL
fi
echo "$pid"
