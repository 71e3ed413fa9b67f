CREATE TABLE cloths (id int PRIMARY KEY, name text NOT NULL, per_metre numeric(8,2) NOT NULL, width_cm int NOT NULL);
CREATE TABLE orders (id bigserial PRIMARY KEY, customer int NOT NULL, state text NOT NULL, cut text NOT NULL, made_at timestamptz NOT NULL DEFAULT now());
CREATE TABLE pieces (id bigserial PRIMARY KEY, order_id bigint NOT NULL REFERENCES orders ON DELETE CASCADE, cloth_id int NOT NULL REFERENCES cloths,
                     part text NOT NULL, cm int NOT NULL, minutes int NOT NULL);
INSERT INTO cloths SELECT i, (ARRAY['tweed','flannel','linen','hopsack','worsted'])[1 + i % 5] || ' ' || i, 28 + (i * 37) % 140, 140 + i % 3 * 5 FROM generate_series(1, 180) i;
INSERT INTO orders SELECT i, 1 + (i * 31) % 9000, (ARRAY['done','done','done','cutting','sewing'])[1 + i % 5], (ARRAY['single','double'])[1 + i % 2],
       timestamptz '2019-01-01' + i * interval '47 minutes' FROM generate_series(1, 64000) i;
INSERT INTO pieces SELECT i, 1 + i / 11, 1 + (i * 7) % 180, (ARRAY['front','back','sleeve','collar','lining','pocket','trouser','waistband','fly','cuff','lapel'])[1 + i % 11],
       30 + (i * 13) % 140, 20 + i % 90 FROM generate_series(0, 703999) i;
SELECT setval('orders_id_seq', 64000), setval('pieces_id_seq', 704000);
CREATE INDEX ON orders (customer, made_at);
CREATE INDEX ON orders (state) WHERE state <> 'done';
