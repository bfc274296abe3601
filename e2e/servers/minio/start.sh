#!/usr/bin/env bash
# start.sh PORT FOLDER: the user and the password are the access key and its secret; region us-east-1.
source "$(dirname "$0")/../recipe.sh"
port_free "$1"
data=$(folder "$2")
mkdir -p "$data/objects" "$data/home"
HOME=$data/home MINIO_ROOT_USER=$test_user MINIO_ROOT_PASSWORD=$test_password MINIO_SITE_REGION=us-east-1 \
  MINIO_BROWSER=off MINIO_UPDATE=off MINIO_CI_CD=1 \
  setsid "$cache/minio/minio" server --quiet --address "127.0.0.1:$1" "$data/objects" \
  >"$data/server.log" 2>&1 </dev/null &
pid=$!
until_it_answers "$pid" 60 "$data/server.log" http_answers "http://127.0.0.1:$1/minio/health/cluster"
echo "$pid"
