#!/bin/sh
set -eu
out="${CASE_BUILD_DIR:-$HOME/.cache/casebook/$(basename "$PWD")}"
mkdir -p "$out"
[ -f go.mod ] || go mod init beach-huts >/dev/null 2>&1
go get github.com/jackc/pgx/v5@v5.7.1
go build -mod=mod -trimpath -o "$out/beach-huts" .
