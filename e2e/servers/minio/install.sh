#!/usr/bin/env bash
# MinIO (AGPL-3.0: a server for tests, never shipped), built by the Go toolchain.
source "$(dirname "$0")/../recipe.sh"
go_program minio github.com/minio/minio v0.0.0-20260212201848-7aac2a2c5b7c
