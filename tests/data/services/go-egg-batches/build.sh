#!/bin/sh
set -eu
out="${CASE_BUILD_DIR:-$HOME/.cache/casebook/$(basename "$PWD")}"
mkdir -p "$out"
[ -f go.mod ] || go mod init egg-batches >/dev/null 2>&1
go get github.com/mattn/go-sqlite3@v1.14.22 github.com/julienschmidt/httprouter@v1.3.0
CGO_ENABLED=1 go build -mod=mod -trimpath -o "$out/egg-batches" .
