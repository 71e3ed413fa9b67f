#!/bin/sh
set -eu
out="${CASE_BUILD_DIR:-$HOME/.cache/casebook/$(basename "$PWD")}"
mkdir -p "$out"
cat > go.mod <<'MOD'
module visaphotos

go 1.24

require (
	github.com/gofiber/fiber/v2 v2.52.9
	github.com/valyala/fasthttp v1.51.0
)
MOD
go mod tidy
go build -trimpath -o "$out/visa-photos" .
