#!/usr/bin/env bash
# MariaDB's server and client programs (Debian's package).
source "$(dirname "$0")/../recipe.sh"
PATH=$PATH:/usr/sbin
debian mariadb-server mariadbd
