#!/usr/bin/env bash
# What the recipes of test servers share. Source it: every recipe runs on its own, too.
#   install.sh             fetches what the server needs, once; exit code 3 names what this machine lacks
#   start.sh PORT FOLDER   listens on 127.0.0.1, returns when it answers, prints its process ids on one line
#   stop.sh PID...         ends exactly these processes
set -euo pipefail

recipes=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${STRATA_SERVERS_CACHE:-$(cd "$recipes/../.." && pwd)/node_modules/.cache/strata-servers}
test_user=${STRATA_SERVERS_USER:-strata}
test_password=${STRATA_SERVERS_PASSWORD:-strata-test-password}
mkdir -p "$cache"

# A recipe that fails takes along what it has started.
trap '[ $? = 0 ] || { started=$(jobs -p); [ -z "$started" ] || kill $started 2>/dev/null || true; }' EXIT

# lacks SENTENCE: ends the recipe with the code that means "not on this machine".
lacks() {
  echo "$*" >&2
  exit 3
}

# debian PACKAGE PROGRAM: installs the package unless the program is there. One at a time, as apt wants it.
debian() {
  if command -v "$2" >/dev/null; then return; fi
  command -v apt-get >/dev/null || lacks "$2 is missing, and this machine has no apt-get to install $1 with"
  [ "$(id -u)" = 0 ] || lacks "$2 is missing: install the package $1 (as root)"
  (
    flock 9
    [ -e "$cache/apt-updated" ] || apt-get update -q && touch "$cache/apt-updated"
    # Debian starts a packaged service at once, and on its own port: not here.
    DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 \
      apt-get install -yq --no-install-recommends -o DPkg::Lock::Timeout=300 "$1"
  ) 9>"$cache/apt.lock" >&2 || lacks "apt-get could not install $1"
}

# go_program NAME MODULE VERSION: builds a Go program into the cache, unless this version stands there.
go_program() {
  local folder=$cache/$1
  if [ -x "$folder/$1" ] && [ "$(cat "$folder/version" 2>/dev/null)" = "$3" ]; then return; fi
  debian curl curl
  command -v go >/dev/null || lacks "go is missing: $1 is built from source (package golang, or the Go toolchain)"
  mkdir -p "$folder"
  GOBIN=$folder GOFLAGS=-modcacherw GOTOOLCHAIN=local CGO_ENABLED=0 \
    nice go install -trimpath -ldflags "-s -w" "$2@$3" >&2 || lacks "go install $2@$3 failed"
  echo "$3" >"$folder/version"
}

# maven POM FOLDER ARGUMENT...: runs a pom's process-resources phase with its output in FOLDER.
maven() {
  debian maven mvn
  debian curl curl
  local pom=$1 folder=$2
  shift 2
  mvn -B -ntp -q -f "$pom" process-resources "-Dserver.folder=$folder" "-DbuildDirectory=$folder/target" "$@" >&2 ||
    lacks "Maven could not fetch what $(basename "$(dirname "$pom")") needs"
}

# java_home FROM TO: prints the first JDK whose major version lies in FROM..TO, JAVA_HOME's first. Debian's 17 is
# installed when it would do and none is here.
java_home() {
  find_jdk "$@" && return
  if [ "$1" -le 17 ]; then
    debian openjdk-17-jdk-headless no-such-jdk
    find_jdk "$@" && return
  fi
  lacks "no JDK from $1 to $2 was found in JAVA_HOME or /usr/lib/jvm"
}

find_jdk() {
  local home major
  for home in "${JAVA_HOME:-}" /usr/lib/jvm/*; do
    [ -x "$home/bin/javac" ] || continue
    major=$("$home/bin/javac" -version 2>&1 | sed 's/[^0-9]*\([0-9]*\).*/\1/')
    if [ "$major" -ge "$1" ] && [ "$major" -le "$2" ]; then
      echo "$home"
      return
    fi
  done
  return 1
}

# port_free PORT: refuses a port that something answers on.
port_free() {
  if (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; then
    echo "port $1 is in use" >&2
    exit 1
  fi
}

# folder PATH: makes it and prints it as an absolute path.
folder() {
  mkdir -p "$1"
  (cd "$1" && pwd)
}

# run_as USER PATH...: sets the array `as`, the words before a program that refuses to run as root. The user gets
# the paths; folders on the way that only root may enter are passed with one right lent to it.
run_as() {
  as=()
  [ "$(id -u)" = 0 ] || return 0
  local user=$1 path
  shift
  chown -R "$user" "$@"
  as=(setpriv "--reuid=$user" "--regid=$(id -g "$user")" --clear-groups)
  for path in "$@" "$cache"; do
    "${as[@]}" test -x "$path" && continue
    as+=(--securebits=+no_setuid_fixup --inh-caps=+dac_override --ambient-caps=+dac_override)
    break
  done
}

# until_it_answers PID SECONDS LOG COMMAND...: waits for the command to succeed while the process lives.
until_it_answers() {
  local pid=$1 end=$((SECONDS + $2)) log=$3
  shift 3
  until "$@" >/dev/null 2>&1; do
    if ! kill -0 "$pid" 2>/dev/null; then
      echo "the server ended before it answered" >&2
      tail -n 30 "$log" >&2
      exit 1
    fi
    if [ "$SECONDS" -ge "$end" ]; then
      kill "$pid" 2>/dev/null || true
      echo "the server did not answer in time" >&2
      tail -n 30 "$log" >&2
      exit 1
    fi
    sleep 0.1
  done
}

# http_answers URL: true once the URL answers with a success.
http_answers() {
  curl -fsS -o /dev/null -m 15 "$1"
}

# end_processes SIGNAL PID...: the signal, then up to 30 s of patience, then KILL.
end_processes() {
  local signal=$1 pid end=$((SECONDS + 30))
  shift
  for pid in "$@"; do kill -s "$signal" "$pid" 2>/dev/null || true; done
  for pid in "$@"; do
    while kill -0 "$pid" 2>/dev/null && [ "$(ps -o stat= -p "$pid" | cut -c1)" != Z ]; do
      if [ "$SECONDS" -ge "$end" ]; then
        kill -s KILL "$pid" 2>/dev/null || true
        break
      fi
      sleep 0.1
    done
  done
}
