#!/bin/sh
set -eu
out="${CASE_BUILD_DIR:-$HOME/.cache/casebook/$(basename "$PWD")}"
mkdir -p "$out"
cat > go.mod <<'MOD'
module cellarslots

go 1.24

require (
	github.com/gorilla/mux v1.8.1
	golang.org/x/sys v0.47.0
)
MOD
go mod tidy
go build -trimpath -o "$out/cellar-slots" .
