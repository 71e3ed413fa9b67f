CREATE TABLE houses (id int PRIMARY KEY, name text NOT NULL, heated boolean NOT NULL);
CREATE TABLE beds (id int PRIMARY KEY, house_id int NOT NULL REFERENCES houses, label text NOT NULL, crop text NOT NULL, square_meters int NOT NULL);
CREATE TABLE waterings (id int PRIMARY KEY, bed_id int NOT NULL REFERENCES beds, on_day date NOT NULL, liters int NOT NULL);
CREATE TABLE inspections (id int PRIMARY KEY, bed_id int NOT NULL REFERENCES beds, on_day date NOT NULL, inspector text NOT NULL, pests int NOT NULL);
INSERT INTO houses SELECT i, 'House ' || i, i % 3 = 0 FROM generate_series(1, 12) i;
INSERT INTO beds SELECT i, 1 + i % 12, 'B' || lpad(i::text, 3, '0'), (ARRAY['tomato','pepper','basil','cyclamen','primrose'])[1 + i % 5], 8 + i % 13
  FROM generate_series(1, 216) i;
INSERT INTO waterings SELECT (b - 1) * 242 + d, b, date '2024-02-01' + d / 2, 20 + (b * 31 + d * 7) % 60
  FROM generate_series(1, 216) b, generate_series(1, 241) d;
INSERT INTO inspections SELECT (b - 1) * 122 + d, b, date '2024-02-01' + d, (ARRAY['Ida','Jo','Kim'])[1 + (b + d) % 3], ((b * 13 + d * 29) % 11 - 7) * ((b * 13 + d * 29) % 11 / 8)
  FROM generate_series(1, 216) b, generate_series(1, 121) d;
CREATE INDEX ON beds (house_id);
CREATE INDEX ON waterings (bed_id, on_day);
CREATE INDEX ON inspections (bed_id, on_day);
