CREATE TABLE units (id int PRIMARY KEY, parent_id int REFERENCES units, position int NOT NULL, signature text NOT NULL UNIQUE,
                    level text NOT NULL, title text NOT NULL, from_year int, to_year int);
CREATE TABLE scans (id int PRIMARY KEY, unit_id int NOT NULL REFERENCES units, page int NOT NULL, made_on date NOT NULL);
INSERT INTO units SELECT f, NULL, f, 'F' || lpad(f::text, 3, '0'), 'fonds', 'Papers of guild ' || f, 1700 + f, 1890 + f FROM generate_series(1, 40) f;
INSERT INTO units SELECT 1000 + f * 20 + s, f, s, 'F' || lpad(f::text, 3, '0') || '/' || s, 'series',
       (ARRAY['Accounts','Letters','Minutes','Maps','Deeds'])[1 + s % 5] || ' ' || s, 1700 + f + s, 1760 + f + s
  FROM generate_series(1, 40) f, generate_series(1, 6) s;
INSERT INTO units SELECT 10000 + p.id * 10 + n, p.id, n, p.signature || '/' || n, 'file', 'Bundle ' || n || ' of ' || p.title, p.from_year + n, p.from_year + n + 4
  FROM units p, generate_series(1, 7) n WHERE p.level = 'series';
INSERT INTO units SELECT 200000 + (p.id - 10000) * 10 + n, p.id, n, p.signature || '/' || n, 'piece', 'Sheet ' || n, p.from_year, p.from_year
  FROM units p, generate_series(1, 5) n WHERE p.level = 'file';
INSERT INTO scans SELECT row_number() OVER (), u.id, k, date '2015-01-01' + (u.id * 7) % 3000
  FROM units u, generate_series(1, 4) k WHERE u.level = 'piece' AND u.id % 3 > 0;
CREATE INDEX ON units (parent_id, position);
CREATE INDEX ON scans (unit_id);
