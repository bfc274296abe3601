#!/usr/bin/env bash
# start.sh PORT FOLDER: the user and the password are the access key and its secret; region us-east-1.
source "$(dirname "$0")/../recipe.sh"
port_free "$1"
data=$(folder "$2")
mkdir -p "$data/objects" "$data/attributes"
# Where the file system has no user attributes, objects' headers go to a folder beside them.
beside=(--sidecar "$data/attributes")
if python3 -c 'import os, sys; os.setxattr(sys.argv[1], "user.strata", b"1")' "$data/objects" 2>/dev/null; then
  beside=()
fi
ROOT_ACCESS_KEY=$test_user ROOT_SECRET_KEY=$test_password \
  setsid "$cache/versitygw/versitygw" --port "127.0.0.1:$1" --region us-east-1 --quiet --health /_health \
  posix "${beside[@]}" "$data/objects" >"$data/server.log" 2>&1 </dev/null &
pid=$!
until_it_answers "$pid" 30 "$data/server.log" http_answers "http://127.0.0.1:$1/_health"
echo "$pid"
