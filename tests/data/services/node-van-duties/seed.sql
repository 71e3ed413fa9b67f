CREATE TABLE customers (id int PRIMARY KEY, name text NOT NULL);
CREATE TABLE vans (id int PRIMARY KEY, plate text NOT NULL, model text NOT NULL);
CREATE TABLE rentals (id int PRIMARY KEY, reference text NOT NULL, customer_id int NOT NULL REFERENCES customers,
                      van_id int NOT NULL REFERENCES vans, starts_on date NOT NULL, ends_on date NOT NULL);
CREATE TABLE charges (id int PRIMARY KEY, rental_id int NOT NULL REFERENCES rentals, driver_id int REFERENCES customers,
                      kind text NOT NULL, amount_cents int NOT NULL, noticed_on date NOT NULL, settled boolean NOT NULL);
INSERT INTO customers SELECT i, 'Customer ' || i FROM generate_series(1, 30000) i;
INSERT INTO vans SELECT i, 'VN ' || lpad(i::text, 4, '0'), (ARRAY['Transit','Ducato','Sprinter'])[1 + i % 3] FROM generate_series(1, 1200) i;
INSERT INTO rentals SELECT i, 'R' || lpad(i::text, 7, '0'), 1 + (i::bigint * 7919) % 30000, 1 + (i::bigint * 31) % 1200,
       date '2021-01-01' + i / 110, date '2021-01-01' + i / 110 + 1 + i % 5
  FROM generate_series(1, 160000) i;
INSERT INTO charges SELECT i, 1 + (i::bigint * 104729) % 160000, CASE WHEN i % 3 > 0 THEN 1 + (i::bigint * 7907) % 30000 END,
       (ARRAY['parking','speeding','toll','low emission zone'])[1 + i % 4], 1500 + (i * 37) % 20000,
       date '2021-01-03' + ((1 + (i::bigint * 104729) % 160000) / 110)::int, i % 6 > 0
  FROM generate_series(1, 260000) i;
CREATE INDEX ON rentals (customer_id, starts_on);
CREATE INDEX ON rentals (van_id);
CREATE INDEX ON charges (rental_id);
CREATE INDEX ON charges (driver_id);
CREATE INDEX ON charges (noticed_on);
