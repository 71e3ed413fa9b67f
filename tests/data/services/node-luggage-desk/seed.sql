CREATE TABLE airports (code text PRIMARY KEY, city text NOT NULL, time_zone text NOT NULL);
CREATE TABLE reports (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, reference text NOT NULL, email text NOT NULL,
                      flight text NOT NULL, airport text NOT NULL REFERENCES airports, kind text NOT NULL,
                      description text NOT NULL, filed_at timestamptz NOT NULL, closed_at timestamptz);
CREATE TABLE sightings (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, report_id bigint NOT NULL REFERENCES reports,
                        airport text NOT NULL REFERENCES airports, seen_at timestamptz NOT NULL, note text);
INSERT INTO airports SELECT 'A' || chr(65 + i / 26) || chr(65 + i % 26), 'City ' || i, 'UTC' FROM generate_series(0, 119) i;
INSERT INTO reports (reference, email, flight, airport, kind, description, filed_at, closed_at)
  SELECT upper(substr(md5(i::text), 1, 6)) || i, (ARRAY['nora','Max','lea','Tim'])[1 + i % 4] || '.' || (ARRAY['Lind','berg','Holm'])[1 + i % 3]
         || (i * 7919::bigint) % 52000 || '@mail.example', 'LX' || i % 900, 'A' || chr(65 + (i % 120) / 26) || chr(65 + (i % 120) % 26),
         (ARRAY['suitcase','rucksack','pram','skis'])[1 + i % 4], 'Piece ' || md5((i * 3)::text), timestamptz '2023-01-01' + i * interval '2 minutes',
         CASE WHEN i % 6 > 0 THEN timestamptz '2023-01-03' + i * interval '2 minutes' END
  FROM generate_series(1, 420000) i;
INSERT INTO reports (reference, email, flight, airport, kind, description, filed_at)
  SELECT 'KNOWN' || i, 'nora.lind4711@mail.example', 'LX40' || i, 'AAC', 'suitcase', 'Blue, hard shell', timestamptz '2024-05-01' + i * interval '9 days'
  FROM generate_series(1, 7) i;
INSERT INTO sightings (report_id, airport, seen_at, note)
  SELECT 1 + (i * 104729::bigint) % 420007, 'AAB', timestamptz '2024-01-01' + i * interval '1 minute', 'belt ' || i % 12 FROM generate_series(1, 90000) i;
CREATE UNIQUE INDEX reports_reference ON reports (reference);
CREATE INDEX reports_email ON reports (email);
CREATE INDEX reports_airport_filed ON reports (airport, filed_at);
CREATE INDEX sightings_report ON sightings (report_id);
