#!/bin/sh
set -eu
out="${CASE_BUILD_DIR:-$HOME/.cache/casebook/$(basename "$PWD")}"
mkdir -p "$out"
cat > go.mod <<'MOD'
module heatpumps

go 1.24

require github.com/go-chi/chi/v5 v5.5.0
MOD
go mod tidy
go build -trimpath -o "$out/heat-pumps" .
