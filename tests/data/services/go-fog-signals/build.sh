#!/bin/sh
set -eu
out="${CASE_BUILD_DIR:-$HOME/.cache/casebook/$(basename "$PWD")}"
mkdir -p "$out"
cat > go.mod <<'MOD'
module fogsignals

go 1.24

require github.com/go-chi/chi/v5 v5.2.1
MOD
go mod tidy
go build -trimpath -o "$out/fog-signals" .
