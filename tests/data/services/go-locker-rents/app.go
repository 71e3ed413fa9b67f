// Luggage lockers in railway stations: who rents which, and what it has cost.
package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"log"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	_ "github.com/jackc/pgx/v5/stdlib"
)

type Rent struct {
	ID      int64      `json:"id"`
	Station string     `json:"station"`
	City    string     `json:"city"`
	Locker  int        `json:"locker"`
	Size    string     `json:"size"`
	Started time.Time  `json:"started"`
	Ended   *time.Time `json:"ended,omitempty"`
	Paid    float64    `json:"paid"`
	Note    string     `json:"note,omitempty"`
}

type Locker struct {
	ID   int    `json:"id"`
	Row  int    `json:"row"`
	Size string `json:"size"`
	Free bool   `json:"free"`
}

var errUnknown = errors.New("unknown")

type Store struct {
	db *sql.DB
}

func openStore(dsn string) (*Store, error) {
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(16)
	db.SetMaxIdleConns(16)
	db.SetConnMaxIdleTime(5 * time.Minute)
	return &Store{db: db}, db.Ping()
}

const rentColumns = `
	SELECT r.id, s.name, s.city, l.id, l.size, r.started_at, r.ended_at, r.paid_cents, r.note
	FROM rents r
	JOIN lockers l ON l.id = r.locker_id
	JOIN stations s ON s.id = l.station_id`

func scanRents(rows *sql.Rows) ([]Rent, error) {
	defer rows.Close()
	rents := []Rent{}
	for rows.Next() {
		var r Rent
		var cents int
		if err := rows.Scan(&r.ID, &r.Station, &r.City, &r.Locker, &r.Size, &r.Started, &r.Ended, &cents, &r.Note); err != nil {
			return nil, err
		}
		r.Paid = float64(cents) / 100
		rents = append(rents, r)
	}
	return rents, rows.Err()
}

// OfTenant gives the latest rents of a tenant.
func (s *Store) OfTenant(ctx context.Context, tenant string, limit int) ([]Rent, error) {
	rows, err := s.db.QueryContext(ctx, rentColumns+` WHERE r.tenant_no = $1 ORDER BY r.id DESC LIMIT $2`, tenant, limit)
	if err != nil {
		return nil, err
	}
	return scanRents(rows)
}

// OfLocker gives the latest rents of a locker.
func (s *Store) OfLocker(ctx context.Context, locker, limit int) ([]Rent, error) {
	rows, err := s.db.QueryContext(ctx, rentColumns+` WHERE r.locker_id = $1 ORDER BY r.started_at DESC LIMIT $2`, locker, limit)
	if err != nil {
		return nil, err
	}
	return scanRents(rows)
}

func (s *Store) Lockers(ctx context.Context, station int) ([]Locker, error) {
	rows, err := s.db.QueryContext(ctx, `
		SELECT l.id, l.row_no, l.size, NOT EXISTS (
			SELECT FROM rents r WHERE r.locker_id = l.id AND r.ended_at IS NULL AND r.started_at > timestamp '2024-02-01')
		FROM lockers l WHERE l.station_id = $1 ORDER BY l.row_no, l.id`, station)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var lockers []Locker
	for rows.Next() {
		var l Locker
		if err := rows.Scan(&l.ID, &l.Row, &l.Size, &l.Free); err != nil {
			return nil, err
		}
		lockers = append(lockers, l)
	}
	if lockers == nil {
		return nil, errUnknown
	}
	return lockers, rows.Err()
}

type API struct {
	store *Store
}

func limitOf(r *http.Request) int {
	limit, err := strconv.Atoi(r.URL.Query().Get("limit"))
	if err != nil || limit < 1 || limit > 100 {
		return 25
	}
	return limit
}

func (a *API) tenantRents(w http.ResponseWriter, r *http.Request) {
	tenant := strings.ToUpper(chi.URLParam(r, "tenant"))
	rents, err := a.store.OfTenant(r.Context(), tenant, limitOf(r))
	if err != nil {
		fail(w, err)
		return
	}
	total := 0.0
	for _, rent := range rents {
		total += rent.Paid
	}
	reply(w, map[string]any{"tenant": tenant, "rents": rents, "paid": total})
}

func (a *API) lockerRents(w http.ResponseWriter, r *http.Request) {
	id, err := strconv.Atoi(chi.URLParam(r, "locker"))
	if err != nil {
		fail(w, errUnknown)
		return
	}
	rents, err := a.store.OfLocker(r.Context(), id, limitOf(r))
	if err != nil {
		fail(w, err)
		return
	}
	reply(w, rents)
}

func (a *API) stationLockers(w http.ResponseWriter, r *http.Request) {
	id, _ := strconv.Atoi(chi.URLParam(r, "station"))
	lockers, err := a.store.Lockers(r.Context(), id)
	if err != nil {
		fail(w, err)
		return
	}
	reply(w, lockers)
}

func fail(w http.ResponseWriter, err error) {
	if errors.Is(err, errUnknown) {
		http.Error(w, "not found", http.StatusNotFound)
		return
	}
	log.Print(err)
	http.Error(w, "internal error", http.StatusInternalServerError)
}

func reply(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(v); err != nil {
		log.Print(err)
	}
}

func main() {
	store, err := openStore(os.Getenv("DATABASE_URL"))
	if err != nil {
		log.Fatal(err)
	}
	api := &API{store: store}
	router := chi.NewRouter()
	router.Use(middleware.Recoverer)
	router.Get("/healthz", func(w http.ResponseWriter, r *http.Request) { w.Write([]byte("ok\n")) })
	router.Get("/tenants/{tenant}/rents", api.tenantRents)
	router.Get("/lockers/{locker}/rents", api.lockerRents)
	router.Get("/stations/{station}/lockers", api.stationLockers)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), router))
}
