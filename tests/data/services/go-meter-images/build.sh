#!/bin/sh
set -eu
out="${CASE_BUILD_DIR:-$HOME/.cache/casebook/$(basename "$PWD")}"
mkdir -p "$out/mod"
cp app.go "$out/mod/"
cd "$out/mod"
cat > go.mod <<MOD
module meterimages

go 1.24

require github.com/julienschmidt/httprouter v1.3.0
MOD
go mod tidy
go build -trimpath -o "$out/meter-images" .
