CREATE TABLE crate (id int PRIMARY KEY, day int NOT NULL, label text NOT NULL);
CREATE TABLE apple (id int PRIMARY KEY, crate_id int NOT NULL REFERENCES crate, sort text NOT NULL, weight int NOT NULL);
INSERT INTO crate SELECT i, i % 10, 'crate ' || i FROM generate_series(1, 3000) i;
INSERT INTO apple SELECT i, 1 + i % 3000, 'sort ' || i % 12, 100 + i % 90 FROM generate_series(1, 15000) i;
CREATE INDEX crate_day ON crate (day);
CREATE INDEX apple_crate ON apple (crate_id);
ANALYZE;
