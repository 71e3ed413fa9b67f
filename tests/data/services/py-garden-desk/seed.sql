CREATE TABLE plots (id int PRIMARY KEY, garden text NOT NULL, area int NOT NULL, soil text NOT NULL, tenant int);
CREATE TABLE fees (soil text NOT NULL, per_metre numeric(6,2) NOT NULL);
INSERT INTO plots SELECT n, (ARRAY['Am Bach','Sonnenhang','Alte Ziegelei'])[1 + n % 3], 120 + n * 37 % 260, (ARRAY['loam','sand','clay'])[1 + n / 3 % 3], CASE WHEN n % 4 = 0 THEN NULL ELSE n * 13 END FROM generate_series(1, 420) n;
INSERT INTO fees VALUES ('loam', 0.42), ('sand', 0.31), ('clay', 0.36);
