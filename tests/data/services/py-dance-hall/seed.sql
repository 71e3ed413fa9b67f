CREATE TABLE entries (id int PRIMARY KEY, course text NOT NULL, person text NOT NULL, state text NOT NULL, entered_at timestamptz NOT NULL);
INSERT INTO entries SELECT i, (ARRAY['tango','salsa','waltz','swing'])[1 + i % 4], 'Person ' || i,
  CASE WHEN i % 900 = 0 THEN 'waiting' WHEN i % 3 = 0 THEN 'paid' ELSE 'past' END, timestamptz '2021-01-01' + i * interval '10 minutes'
  FROM generate_series(1, 70000) i;
CREATE INDEX entries_course ON entries (course, state);
