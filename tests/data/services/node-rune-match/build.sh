node_modules/esbuild/bin/esbuild src/app.ts src/worker.ts --bundle --minify --sourcemap --platform=node --target=node18 --outdir="$CASE_BUILD_DIR"
