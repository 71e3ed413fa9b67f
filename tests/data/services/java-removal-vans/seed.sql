CREATE TABLE zones (postcode text PRIMARY KEY, surcharge numeric(8,2) NOT NULL, permit boolean NOT NULL);
CREATE TABLE van_classes (name text PRIMARY KEY, cubic_meters int NOT NULL, hourly numeric(8,2) NOT NULL, per_km numeric(8,2) NOT NULL);
CREATE TABLE orders (id bigserial PRIMARY KEY, customer text NOT NULL, from_zone text NOT NULL REFERENCES zones,
                     to_zone text NOT NULL REFERENCES zones, cubic_meters int NOT NULL, moves_on date NOT NULL,
                     van_class text NOT NULL REFERENCES van_classes, van_id int, price numeric(10,2) NOT NULL);
CREATE TABLE order_log (id bigserial PRIMARY KEY, order_id bigint NOT NULL REFERENCES orders, what text NOT NULL,
                        at timestamptz NOT NULL DEFAULT now());
INSERT INTO zones SELECT 'PC' || i, i % 7 * 4, i % 11 = 0 FROM generate_series(100, 899) i;
INSERT INTO van_classes VALUES ('sprinter', 12, 78, 0.55), ('luton', 20, 96, 0.7), ('box', 36, 124, 0.95), ('artic', 80, 190, 1.6);
INSERT INTO orders (customer, from_zone, to_zone, cubic_meters, moves_on, van_class, van_id, price)
  SELECT 'Customer ' || i, 'PC' || 100 + i % 800, 'PC' || 100 + i * 37 % 800, 8 + i % 28, date '2026-01-01' + i % 400,
         (ARRAY['sprinter','luton','box'])[1 + i % 3], 1 + i % 24, 200 + i % 900
  FROM generate_series(1, 20000) i;
CREATE INDEX ON orders (van_id, moves_on);
