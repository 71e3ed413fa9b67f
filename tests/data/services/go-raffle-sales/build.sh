#!/bin/sh
set -eu
out="${CASE_BUILD_DIR:-$HOME/.cache/casebook/$(basename "$PWD")}"
mkdir -p "$out"
[ -f go.mod ] || go mod init raffle-sales >/dev/null 2>&1
go get github.com/jmoiron/sqlx@v1.4.0 github.com/lib/pq@v1.10.9
go build -mod=mod -trimpath -o "$out/raffle-sales" .
