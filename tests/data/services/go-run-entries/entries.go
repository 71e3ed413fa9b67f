package main

import (
	"bytes"
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

type Race struct {
	ID     int    `json:"id"`
	Title  string `json:"title"`
	Fee    int    `json:"fee_cent"`
	Places int    `json:"places"`
	Next   int    `json:"next_bib"`
}

type Entry struct {
	Race    int    `json:"race"`
	Bib     int    `json:"bib"`
	Runner  string `json:"runner"`
	Wave    string `json:"wave"`
	Receipt string `json:"receipt,omitempty"`
}

type Payments struct {
	url  string
	http *http.Client
}

func (p *Payments) Charge(ctx context.Context, card string, cent int) (receipt string, err error) {
	body, _ := json.Marshal(map[string]any{"card": card, "cent": cent})
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.url, bytes.NewReader(body))
	if err != nil {
		return "", err
	}
	res, err := p.http.Do(req)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	var answer struct{ Receipt string }
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil {
		return "", err
	}
	if res.StatusCode == http.StatusPaymentRequired {
		return "", problem{http.StatusPaymentRequired, "the card was refused"}
	}
	return answer.Receipt, nil
}

type Entries struct {
	db       *sql.DB
	payments *Payments
}

func OpenEntries(dsn string, payments *Payments) (*Entries, error) {
	target, err := url.Parse(dsn)
	if err != nil {
		return nil, err
	}
	target.RawQuery = url.Values{"sslmode": {"disable"}, "application_name": {"entries"}}.Encode()
	db, err := sql.Open("postgres", target.String())
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(24)
	db.SetMaxIdleConns(24)
	db.SetConnMaxIdleTime(10 * time.Minute)
	return &Entries{db: db, payments: payments}, db.Ping()
}

func (e *Entries) inTx(ctx context.Context, f func(tx *sql.Tx) error) error {
	tx, err := e.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := f(tx); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}

const raceColumns = "SELECT id, title, fee_cent, places, next_bib FROM races WHERE id = $1"

func scanRace(row *sql.Row) (r Race, err error) {
	err = row.Scan(&r.ID, &r.Title, &r.Fee, &r.Places, &r.Next)
	if errors.Is(err, sql.ErrNoRows) {
		err = problem{http.StatusNotFound, "no such race"}
	}
	return r, err
}

func (e *Entries) Race(ctx context.Context, id int) (Race, error) {
	return scanRace(e.db.QueryRowContext(ctx, raceColumns, id))
}

// Enter gives the runner the race's next bib, once the fee is paid.
func (e *Entries) Enter(ctx context.Context, race int, form EntryForm) (Entry, error) {
	entry := Entry{Race: race, Runner: form.Runner, Wave: wave(form.Goal)}
	err := e.inTx(ctx, func(tx *sql.Tx) error {
		r, err := scanRace(tx.QueryRowContext(ctx, raceColumns+" FOR UPDATE", race))
		if err != nil {
			return err
		}
		if r.Next > r.Places {
			return problem{http.StatusConflict, "the race is full"}
		}
		if entry.Receipt, err = e.payments.Charge(ctx, form.Card, r.Fee); err != nil {
			return fmt.Errorf("charge: %w", err)
		}
		entry.Bib = r.Next
		if _, err = tx.ExecContext(ctx,
			"INSERT INTO entries (race_id, bib, runner, born, wave, receipt) VALUES ($1, $2, $3, $4, $5, $6)",
			race, entry.Bib, entry.Runner, form.Born, entry.Wave, entry.Receipt); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, "UPDATE races SET next_bib = next_bib + 1 WHERE id = $1", race)
		return err
	})
	return entry, err
}

func (e *Entries) ByRunner(ctx context.Context, runner string) ([]Entry, error) {
	rows, err := e.db.QueryContext(ctx, "SELECT race_id, bib, runner, wave FROM entries WHERE runner = $1 ORDER BY race_id LIMIT 50", runner)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	found := []Entry{}
	for rows.Next() {
		var entry Entry
		if err := rows.Scan(&entry.Race, &entry.Bib, &entry.Runner, &entry.Wave); err != nil {
			return nil, err
		}
		found = append(found, entry)
	}
	return found, rows.Err()
}
