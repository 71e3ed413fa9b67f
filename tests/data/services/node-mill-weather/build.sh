node_modules/.bin/tsc --outDir "$CASE_BUILD_DIR" --sourceMap --module commonjs --target es2022 --skipLibCheck --esModuleInterop --types node src/app.ts
