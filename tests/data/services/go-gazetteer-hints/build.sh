#!/bin/sh
set -eu
out="${CASE_BUILD_DIR:-$HOME/.cache/casebook/$(basename "$PWD")}"
mkdir -p "$out/mod"
cp app.go "$out/mod/"
cd "$out/mod"
cat > go.mod <<MOD
module gazetteerhints

go 1.24

require (
	github.com/gorilla/mux v1.8.1
)
MOD
go mod tidy
go build -trimpath -o "$out/gazetteer-hints" .
