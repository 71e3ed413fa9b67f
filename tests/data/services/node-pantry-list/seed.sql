CREATE TABLE jars (id serial PRIMARY KEY, pantry integer NOT NULL, label text NOT NULL);
CREATE TABLE stock (id serial PRIMARY KEY, jar_id integer NOT NULL, grams integer NOT NULL);
INSERT INTO jars (pantry, label) SELECT n % 30, 'Jar ' || n FROM generate_series(1, 6000) n;
INSERT INTO stock (jar_id, grams) SELECT 1 + n % 6000, n % 900 FROM generate_series(1, 24000) n;
CREATE INDEX ON jars (pantry);
CREATE INDEX ON stock (jar_id);
ANALYZE;
