#!/bin/sh
set -eu
out="${CASE_BUILD_DIR:-$HOME/.cache/casebook/$(basename "$PWD")}"
mkdir -p "$out"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
cp app.go "$work/"
cd "$work"
go mod init cylinder-fills
go mod edit -require github.com/lib/pq@v1.12.3
go mod edit -require github.com/gorilla/mux@v1.8.1
go mod tidy
go build -trimpath -o "$out/cylinder-fills" .
