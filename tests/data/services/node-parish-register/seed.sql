CREATE TABLE parishes (id int PRIMARY KEY, name text NOT NULL, county text NOT NULL);
CREATE TABLE entries (id int PRIMARY KEY, parish_id int NOT NULL REFERENCES parishes, kind text NOT NULL, surname text NOT NULL,
                      forename text NOT NULL, entered_on date NOT NULL, folio int NOT NULL, remark text);
INSERT INTO parishes SELECT i, 'St ' || (ARRAY['Anne','Olaf','Mark','Jude'])[1 + i % 4] || ' ' || i, 'County ' || i % 12 FROM generate_series(1, 240) i;
INSERT INTO entries SELECT i, 1 + (i * 7919::bigint) % 240, (ARRAY['baptism','burial','baptism','marriage'])[1 + i % 4],
       initcap(substr(md5((i % 9000)::text), 1, 7)), initcap(substr(md5((i % 700)::text || 'f'), 1, 5)), date '1780-01-01' + (i * 104729::bigint % 40000)::int,
       i % 320, CASE WHEN i % 9 = 0 THEN 'see folio ' || i % 300 END
  FROM generate_series(1, 360000) i;
CREATE INDEX entries_kind_name ON entries (kind, surname, forename, id);
CREATE INDEX entries_parish ON entries (parish_id, folio);
