#!/bin/sh
set -eu
out="${CASE_BUILD_DIR:-$HOME/.cache/casebook/$(basename "$PWD")}"
mkdir -p "$out/classes" "$out/lib"
cat > "$out/pom.xml" <<'POM'
<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>local</groupId><artifactId>bats</artifactId><version>1</version>
  <dependencies>
    <dependency><groupId>org.glassfish.grizzly</groupId><artifactId>grizzly-http-server</artifactId><version>4.0.2</version></dependency>
  </dependencies>
</project>
POM
mvn -q -B -f "$out/pom.xml" dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$out/lib"
javac -g -encoding UTF-8 -cp "$out/lib/*" -d "$out/classes" *.java
