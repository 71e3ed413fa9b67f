CREATE TABLE fabrics (id int PRIMARY KEY, name text NOT NULL, price numeric(8,2) NOT NULL, width_cm int NOT NULL);
CREATE TABLE cuts (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, shop_id int NOT NULL, fabric_id int NOT NULL REFERENCES fabrics,
                   centimetres int NOT NULL, roll text NOT NULL, price numeric(10,2) NOT NULL, ordered_at timestamptz NOT NULL DEFAULT now());
CREATE TABLE api_usage (shop_id int NOT NULL, day date NOT NULL, calls int NOT NULL, PRIMARY KEY (shop_id, day));
INSERT INTO fabrics SELECT i, 'Fabric ' || i, 4 + (i % 37) * 0.75, 90 + (i % 5) * 15 FROM generate_series(1, 800) i;
INSERT INTO cuts (shop_id, fabric_id, centimetres, roll, price)
  SELECT 1 + i % 14, 1 + (i * 7919) % 800, 50 + i % 400, 'R' || i % 90, 3 + i % 60 FROM generate_series(1, 12000) i;
CREATE INDEX ON cuts (shop_id, id);
