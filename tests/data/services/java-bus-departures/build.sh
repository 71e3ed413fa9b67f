#!/bin/sh
set -eu
out="${CASE_BUILD_DIR:-$HOME/.cache/casebook/$(basename "$PWD")}"
mkdir -p "$out/classes" "$out/lib"
cat > "$out/pom.xml" <<'POM'
<project xmlns="http://maven.apache.org/POM/4.0.0">
 <modelVersion>4.0.0</modelVersion>
 <groupId>local</groupId><artifactId>service</artifactId><version>1</version><packaging>pom</packaging>
 <dependencies>
  <dependency><groupId>io.vertx</groupId><artifactId>vertx-web</artifactId><version>5.0.7</version></dependency>
  <dependency><groupId>com.fasterxml.jackson.core</groupId><artifactId>jackson-databind</artifactId><version>2.21.6</version></dependency>
  <dependency><groupId>com.github.ben-manes.caffeine</groupId><artifactId>caffeine</artifactId><version>3.2.3</version></dependency>
 </dependencies>
</project>
POM
mvn -q -B -f "$out/pom.xml" dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$out/lib"
javac -g -encoding UTF-8 -cp "$out/lib/*" -d "$out/classes" Departures.java
