#!/bin/sh
set -eu
out="${CASE_BUILD_DIR:-$HOME/.cache/casebook/$(basename "$PWD")}"
mkdir -p "$out"
[ -f go.mod ] || go mod init radio-shuffles >/dev/null 2>&1
go get github.com/hashicorp/golang-lru/v2@v2.0.7 github.com/gorilla/mux@v1.8.1
go build -mod=mod -trimpath -o "$out/radio-shuffles" .
