#!/bin/sh
set -eu
out="${CASE_BUILD_DIR:-$HOME/.cache/casebook/$(basename "$PWD")}"
mkdir -p "$out"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
cp app.go "$work/"
cd "$work"
go mod init rope-walks
go mod edit -require github.com/panjf2000/ants/v2@v2.12.1
go mod tidy
go build -trimpath -o "$out/service" .
