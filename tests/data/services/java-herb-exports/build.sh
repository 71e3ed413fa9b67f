#!/bin/sh
set -eu
out="${CASE_BUILD_DIR:-$HOME/.cache/casebook/$(basename "$PWD")}"
mkdir -p "$out/classes"
cat > "$out/pom.xml" <<'POM'
<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>local</groupId>
  <artifactId>deps</artifactId>
  <version>1</version>
  <dependencies>
    <dependency><groupId>com.linecorp.armeria</groupId><artifactId>armeria</artifactId><version>1.31.3</version></dependency>
  </dependencies>
</project>
POM
mvn -q -B -f "$out/pom.xml" dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$out/lib"
javac -g -parameters -encoding UTF-8 -cp "$out/lib/*" -d "$out/classes" *.java
