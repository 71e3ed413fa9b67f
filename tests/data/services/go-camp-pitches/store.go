package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	_ "github.com/lib/pq"
)

var ErrNotFound = errors.New("no such site")

type Site struct {
	ID           int    `json:"id"`
	Name         string `json:"name"`
	Town         string `json:"town"`
	DepositCents int    `json:"deposit_cents"`
}

type Pitch struct {
	Code       string
	Kind       string
	NightCents int
}

type Offer struct {
	Pitch   string `json:"pitch"`
	Kind    string `json:"kind"`
	Total   int    `json:"total_cents"`
	Deposit int    `json:"deposit_cents"`
}

type Store struct{ db *sql.DB }

func OpenStore(dsn string) (*Store, error) {
	db, err := sql.Open("postgres", dsn+"?sslmode=disable")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(3)
	db.SetMaxIdleConns(3)
	db.SetConnMaxIdleTime(5 * time.Minute)
	return &Store{db: db}, db.Ping()
}

func (s *Store) Sites(ctx context.Context, town string) ([]Site, error) {
	rows, err := s.db.QueryContext(ctx,
		"SELECT id, name, town, deposit_cents FROM sites WHERE $1 = '' OR town = $1 ORDER BY name", town)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var sites []Site
	for rows.Next() {
		var v Site
		if err := rows.Scan(&v.ID, &v.Name, &v.Town, &v.DepositCents); err != nil {
			return nil, err
		}
		sites = append(sites, v)
	}
	return sites, rows.Err()
}

func (s *Store) Occupancy(ctx context.Context, site, on string) (share float64, err error) {
	err = s.db.QueryRowContext(ctx,
		`SELECT coalesce(avg((EXISTS (SELECT FROM stays s WHERE s.pitch_id = p.id AND s.arrives <= $2 AND s.leaves > $2))::int), 0)
		   FROM pitches p WHERE p.site_id = $1`, site, on).Scan(&share)
	return share, err
}

// View reads from one snapshot, so that pitches and prices of an offer belong together.
type View struct{ tx *sql.Tx }

func (s *Store) Snapshot(ctx context.Context) (*View, error) {
	tx, err := s.db.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err != nil {
		return nil, err
	}
	return &View{tx: tx}, nil
}

func (v *View) Close() { _ = v.tx.Rollback() }

func (v *View) Site(ctx context.Context, id string) (Site, error) {
	var s Site
	err := v.tx.QueryRowContext(ctx, "SELECT id, name, town, deposit_cents FROM sites WHERE id = $1", id).
		Scan(&s.ID, &s.Name, &s.Town, &s.DepositCents)
	if errors.Is(err, sql.ErrNoRows) {
		return s, ErrNotFound
	}
	return s, err
}

func (v *View) FreePitches(ctx context.Context, site int, from, to time.Time, limit int) ([]Pitch, error) {
	rows, err := v.tx.QueryContext(ctx,
		`SELECT p.code, p.kind, p.night_cents FROM pitches p
		  WHERE p.site_id = $1 AND NOT EXISTS (
		        SELECT FROM stays s WHERE s.pitch_id = p.id AND s.arrives < $3 AND s.leaves > $2)
		  ORDER BY p.night_cents, p.code LIMIT $4`, site, from, to, limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var free []Pitch
	for rows.Next() {
		var p Pitch
		if err := rows.Scan(&p.Code, &p.Kind, &p.NightCents); err != nil {
			return nil, err
		}
		free = append(free, p)
	}
	return free, rows.Err()
}

// Insurer quotes what a cancellation cover costs.
type Insurer struct {
	base   string
	client *http.Client
}

func NewInsurer(base string) *Insurer {
	return &Insurer{base: base, client: &http.Client{
		Timeout:   2 * time.Second,
		Transport: &http.Transport{MaxIdleConnsPerHost: 16},
	}}
}

func (i *Insurer) Premium(ctx context.Context, town string, nights int) (int, error) {
	q := url.Values{"town": {town}, "nights": {fmt.Sprint(nights)}}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, i.base+"/premium?"+q.Encode(), nil)
	if err != nil {
		return 0, err
	}
	resp, err := i.client.Do(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	var answer struct{ Cents int }
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		return 0, fmt.Errorf("insurer: %w", err)
	}
	return answer.Cents, nil
}
