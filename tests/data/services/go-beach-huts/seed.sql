CREATE TABLE beaches (id int PRIMARY KEY, name text NOT NULL);
CREATE TABLE huts (id int PRIMARY KEY, beach_id int NOT NULL REFERENCES beaches, label text NOT NULL, colour text NOT NULL, beds int NOT NULL);
CREATE TABLE guests (id int PRIMARY KEY, name text NOT NULL, phone text, country char(2) NOT NULL);
CREATE TABLE stays (id int PRIMARY KEY, beach_id int NOT NULL REFERENCES beaches, hut_id int NOT NULL REFERENCES huts,
                    guest_id int NOT NULL REFERENCES guests, arrives date NOT NULL, leaves date NOT NULL, price int NOT NULL);
INSERT INTO beaches SELECT i, 'Beach ' || i FROM generate_series(1, 8) i;
INSERT INTO huts SELECT i, 1 + i % 8, 'H' || i, (ARRAY['red','blue','white','green'])[1 + i % 4], 2 + i % 3 FROM generate_series(1, 640) i;
INSERT INTO guests SELECT i, 'Guest ' || i, CASE WHEN i % 3 > 0 THEN '06-' || 10000 + i END, (ARRAY['NL','BE','DE','FR'])[1 + i % 4] FROM generate_series(1, 21000) i;
INSERT INTO stays SELECT i, 1 + i % 8, 1 + (i % 8 + 8 * (i / 8 % 80) + 639) % 640, 1 + (i * 7919) % 21000, date '2024-05-01' + (i / 640) * 3,
       date '2024-05-01' + (i / 640) * 3 + 3, 140 + i % 9 * 15 FROM generate_series(1, 26000) i;
CREATE INDEX ON stays (beach_id, arrives);
CREATE INDEX ON huts (beach_id);
