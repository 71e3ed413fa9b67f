CREATE TABLE tills (id int PRIMARY KEY, shop text NOT NULL, series text NOT NULL);
CREATE TABLE articles (id int PRIMARY KEY, name text NOT NULL, cents int NOT NULL, tax int NOT NULL);
CREATE TABLE slips (id bigserial PRIMARY KEY, till_id int NOT NULL REFERENCES tills, series text NOT NULL, number int NOT NULL,
                    clerk text NOT NULL, cents int NOT NULL, signature text NOT NULL, made_at timestamptz NOT NULL DEFAULT clock_timestamp(),
                    UNIQUE (series, number));
CREATE TABLE slip_lines (slip_id bigint NOT NULL REFERENCES slips, line int NOT NULL, article_id int NOT NULL REFERENCES articles,
                         count int NOT NULL, cents int NOT NULL, PRIMARY KEY (slip_id, line));
INSERT INTO tills SELECT i, 'Shop ' || (i + 2) / 3, 'S' || (i + 2) / 3 FROM generate_series(1, 12) i;
INSERT INTO articles SELECT i, 'Article ' || i, 90 + (i * 37) % 4000, CASE WHEN i % 4 = 0 THEN 7 ELSE 19 END FROM generate_series(1, 400) i;
INSERT INTO slips (till_id, series, number, clerk, cents, signature)
  SELECT 1 + i % 12, 'S' || (1 + (i % 12) / 3), 1 + i / 12 * 3 + i % 3, 'eve', 500 + i % 900, md5(i::text) FROM generate_series(0, 5999) i;
CREATE INDEX ON slips (till_id, made_at);
