CREATE TABLE referrals (
  id serial PRIMARY KEY, clinic text NOT NULL, ward text NOT NULL, patient text NOT NULL, policy text NOT NULL,
  urgency int NOT NULL, state text NOT NULL, made_at timestamptz NOT NULL, note text NOT NULL
);
INSERT INTO referrals (clinic, ward, patient, policy, urgency, state, made_at, note)
SELECT (ARRAY['lindenhof','seeblick','marien'])[1 + n % 3],
       (ARRAY['cardiology','urology','eyes','skin'])[1 + (n / 3) % 4],
       'PT-' || (n * 7919 % 5000), 'V' || (100000 + n * 31 % 80000), 1 + n % 5,
       CASE WHEN n % 9 = 0 THEN 'open' ELSE 'closed' END, timestamptz '2026-11-20' - n * interval '11 minutes',
       'seen ' || (n % 4) || ' times'
FROM generate_series(1, 6000) n;
CREATE INDEX referrals_open ON referrals (clinic, ward, made_at DESC) WHERE state = 'open';
CREATE TABLE visits (id serial PRIMARY KEY, referral int NOT NULL REFERENCES referrals, at timestamptz NOT NULL);
INSERT INTO visits (referral, at) SELECT 1 + n % 6000, timestamptz '2026-11-20' - n * interval '7 minutes' FROM generate_series(1, 9000) n;
CREATE INDEX visits_referral ON visits (referral);
ANALYZE;
