CREATE TABLE houses (id int PRIMARY KEY, district int NOT NULL, street text NOT NULL);
CREATE TABLE readings (id int PRIMARY KEY, house_id int NOT NULL REFERENCES houses, month date NOT NULL, litres int NOT NULL);
INSERT INTO houses SELECT i, 1 + i % 8, 'Street ' || i % 300 FROM generate_series(1, 4000) i;
INSERT INTO readings SELECT i, 1 + i % 4000, date '2019-01-01' + (i / 4000) * 31, 3000 + i * 37 % 9000 FROM generate_series(1, 100000) i;
CREATE INDEX readings_house ON readings (house_id, month);
CREATE INDEX houses_district ON houses (district);
