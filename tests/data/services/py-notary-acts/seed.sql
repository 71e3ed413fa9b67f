CREATE TABLE offices (id int PRIMARY KEY, name text NOT NULL, town text NOT NULL);
CREATE TABLE acts (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, office_id int NOT NULL REFERENCES offices, year int NOT NULL,
                   number int NOT NULL, kind text NOT NULL, value numeric(12,2) NOT NULL, fee numeric(10,2) NOT NULL,
                   signed_on date NOT NULL, digest text NOT NULL, seal text, UNIQUE (office_id, year, number));
CREATE TABLE parties (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, act_id bigint NOT NULL REFERENCES acts, name text NOT NULL);
INSERT INTO offices SELECT i, 'Office ' || i, (ARRAY['Bremen','Kiel','Emden','Husum'])[1 + i % 4] FROM generate_series(1, 12) i;
INSERT INTO acts (office_id, year, number, kind, value, fee, signed_on, digest, seal)
  SELECT o, y, n, (ARRAY['sale','will','loan','company'])[1 + n % 4], 1000 * (n % 400 + 20), 60 + n % 300, make_date(y, 1 + n % 12, 1 + n % 28),
         md5(o || '/' || y || '/' || n), 'S' || md5(n || ':' || o)
    FROM generate_series(1, 12) o, generate_series(2022, 2025) y, generate_series(1, 600) n;
INSERT INTO parties (act_id, name) SELECT id, 'Party ' || (id * 7 + k) % 5000 FROM acts, generate_series(1, 2) k;
ALTER TABLE offices OWNER TO app;
ALTER TABLE acts OWNER TO app;
ALTER TABLE parties OWNER TO app;
CREATE INDEX ON parties (act_id);
CREATE INDEX ON acts (office_id, signed_on);
