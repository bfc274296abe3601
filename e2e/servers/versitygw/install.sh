#!/usr/bin/env bash
# versitygw (Apache-2.0): the S3 protocol over a local folder, built by the Go toolchain.
source "$(dirname "$0")/../recipe.sh"
go_program versitygw github.com/versity/versitygw/cmd/versitygw v1.8.0
