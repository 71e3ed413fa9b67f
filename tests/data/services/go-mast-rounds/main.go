// Lighting masts: which of them a crew has to visit next.
package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/lib/pq"
)

type Due struct {
	Code     string    `json:"code"`
	Height   float64   `json:"height_m"`
	Last     time.Time `json:"last"`
	Grade    int       `json:"grade"`
	Worse    bool      `json:"worse"`
	Times    int       `json:"inspections"`
	Next     string    `json:"next"`
	Priority int       `json:"priority"`
}

type Report struct {
	Inspector string  `json:"inspector"`
	Grade     int     `json:"grade"`
	Torque    float64 `json:"torque_nm"`
	Remarks   string  `json:"remarks"`
}

type Store struct{ db *sql.DB }

func openStore(url string) (*Store, error) {
	connector, err := pq.NewConnector(url + "?sslmode=disable&application_name=masts")
	if err != nil {
		return nil, err
	}
	db := sql.OpenDB(connector)
	db.SetMaxOpenConns(16)
	db.SetMaxIdleConns(16)
	return &Store{db}, db.Ping()
}

// Round is what the newest inspections of a district's masts say.
func (s *Store) Round(ctx context.Context, district int) ([]Due, error) {
	rows, err := s.db.QueryContext(ctx, `
		SELECT m.code, m.height_dm / 10.0, h.done_at, h.grade, coalesce(h.grade > h.grade_before, false), h.inspections
		  FROM inspection_history h
		  JOIN masts m ON m.id = h.mast_id
		 WHERE h.nth = 1 AND m.district_id = $1
		 ORDER BY h.done_at`, district)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	due := []Due{}
	for rows.Next() {
		var d Due
		if err := rows.Scan(&d.Code, &d.Height, &d.Last, &d.Grade, &d.Worse, &d.Times); err != nil {
			return nil, err
		}
		due = append(due, d)
	}
	return due, rows.Err()
}

func (s *Store) Crew(ctx context.Context, district int) (name, crew string, err error) {
	err = s.db.QueryRowContext(ctx, `SELECT name, crew FROM districts WHERE id = $1`, district).Scan(&name, &crew)
	return
}

func (s *Store) History(ctx context.Context, code string, limit int) ([]Report, error) {
	rows, err := s.db.QueryContext(ctx, `
		SELECT i.inspector, i.grade, coalesce(i.torque_nm, 0), coalesce(i.remarks, '')
		  FROM inspections i JOIN masts m ON m.id = i.mast_id WHERE m.code = $1 ORDER BY i.done_at DESC LIMIT $2`, code, limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	list := []Report{}
	for rows.Next() {
		var r Report
		if err := rows.Scan(&r.Inspector, &r.Grade, &r.Torque, &r.Remarks); err != nil {
			return nil, err
		}
		list = append(list, r)
	}
	return list, rows.Err()
}

// plan sets when a mast is to be seen again: the worse its grade, the sooner.
func plan(due []Due) {
	months := [...]int{0, 36, 24, 12, 6, 1}
	for i := range due {
		d := &due[i]
		wait := months[d.Grade]
		if d.Worse && wait > 6 {
			wait /= 2
		}
		if d.Height > 15 {
			d.Priority++
		}
		d.Priority += d.Grade
		d.Next = d.Last.AddDate(0, wait, 0).Format(time.DateOnly)
	}
}

type handler func(w http.ResponseWriter, r *http.Request) (any, error)

func (h handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	v, err := h(w, r)
	status := http.StatusOK
	switch {
	case errors.Is(err, sql.ErrNoRows):
		status, v = http.StatusNotFound, map[string]string{"error": "not found"}
	case err != nil:
		slog.Error("request failed", "path", r.URL.Path, "err", err)
		status, v = http.StatusInternalServerError, map[string]string{"error": "internal"}
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

func main() {
	store, err := openStore(os.Getenv("DATABASE_URL"))
	if err != nil {
		slog.Error("no database", "err", err)
		os.Exit(1)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })
	mux.Handle("GET /districts/{id}/round", handler(func(_ http.ResponseWriter, r *http.Request) (any, error) {
		id, err := strconv.Atoi(r.PathValue("id"))
		if err != nil {
			return nil, sql.ErrNoRows
		}
		name, crew, err := store.Crew(r.Context(), id)
		if err != nil {
			return nil, err
		}
		due, err := store.Round(r.Context(), id)
		if err != nil {
			return nil, err
		}
		plan(due)
		return map[string]any{"district": name, "crew": crew, "masts": due}, nil
	}))
	mux.Handle("GET /masts/{code}/history", handler(func(_ http.ResponseWriter, r *http.Request) (any, error) {
		return store.History(r.Context(), r.PathValue("code"), 25)
	}))
	if err := http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), mux); err != nil {
		slog.Error("stopped", "err", err)
		os.Exit(1)
	}
}
