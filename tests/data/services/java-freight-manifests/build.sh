#!/bin/sh
set -eu
out="${CASE_BUILD_DIR:-$HOME/.cache/casebook/$(basename "$PWD")}"
mkdir -p "$out/classes" "$out/maven"
cat > "$out/maven/pom.xml" <<'POM'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>freight</groupId><artifactId>manifests</artifactId><version>1</version>
  <dependencies>
    <dependency><groupId>io.netty</groupId><artifactId>netty-codec-http</artifactId><version>4.1.114.Final</version></dependency>
  </dependencies>
</project>
POM
mvn -q -B -f "$out/maven/pom.xml" dependency:copy-dependencies -DoutputDirectory="$out/lib" -DincludeScope=runtime
javac -g -encoding UTF-8 -cp "$out/lib/*" -d "$out/classes" $(find . -name '*.java')
