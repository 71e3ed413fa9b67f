#!/bin/sh
set -eu
out="${CASE_BUILD_DIR:-$HOME/.cache/casebook/$(basename "$PWD")}"
mkdir -p "$out"
[ -f go.mod ] || go mod init boat-keys >/dev/null 2>&1
go get github.com/mattn/go-sqlite3@v1.14.22 github.com/jmoiron/sqlx@v1.4.0
CGO_ENABLED=1 go build -mod=mod -trimpath -o "$out/boat-keys" .
