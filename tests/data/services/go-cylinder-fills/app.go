// Dive centre: picks a cylinder for a diver, has the compressor set up the blend and books the fill.
package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net/http"
	_ "net/http/pprof"
	"os"
	"strconv"
	"time"

	"github.com/gorilla/mux"
	_ "github.com/lib/pq"
)

const testValid = 30 * 30 * 24 * time.Hour

type Cylinder struct {
	ID     int       `json:"id"`
	Litres float64   `json:"litres"`
	Gas    string    `json:"gas"`
	Valve  string    `json:"valve"`
	Tested time.Time `json:"tested"`
}

type Order struct {
	Gas    string  `json:"gas"`
	Valve  string  `json:"valve"`
	Litres float64 `json:"min_litres"`
	Oxygen float64 `json:"oxygen"`
}

type Fill struct {
	ID       int64    `json:"id"`
	Cylinder Cylinder `json:"cylinder"`
	Bar      int      `json:"bar"`
	Oxygen   float64  `json:"oxygen"`
	Bank     string   `json:"bank"`
}

var errNoCylinder = errors.New("no cylinder free")

func (o Order) fits(c Cylinder, today time.Time) bool {
	return c.Valve == o.Valve && c.Litres >= o.Litres && today.Sub(c.Tested) < testValid
}

// Compressor is the controller of the filling panel.
type Compressor struct {
	base   string
	client *http.Client
}

type Blend struct {
	Bank   string  `json:"bank"`
	Oxygen float64 `json:"oxygen"`
}

func (c *Compressor) Blend(ctx context.Context, cylinder int, oxygen float64, bar int) (Blend, error) {
	var b Blend
	url := fmt.Sprintf("%s/panel/blend?cylinder=%d&oxygen=%.1f&bar=%d", c.base, cylinder, oxygen, bar)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, nil)
	if err != nil {
		return b, err
	}
	resp, err := c.client.Do(req)
	if err != nil {
		return b, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return b, fmt.Errorf("panel: %s", resp.Status)
	}
	return b, json.NewDecoder(resp.Body).Decode(&b)
}

type Centre struct {
	db         *sql.DB
	compressor *Compressor
	today      func() time.Time
}

func (c *Centre) pressure(ctx context.Context, site int) (bar int, err error) {
	err = c.db.QueryRowContext(ctx, `SELECT bar FROM sites WHERE id = $1`, site).Scan(&bar)
	return bar, err
}

// prepare finds the cylinder that has lain idle longest and has the panel set up its blend.
func (c *Centre) prepare(ctx context.Context, site int, o Order) (*Fill, error) {
	bar, err := c.pressure(ctx, site)
	if err != nil {
		return nil, err
	}
	rows, err := c.db.QueryContext(ctx,
		`SELECT id, litres, gas, valve, tested_on FROM cylinders WHERE site_id = $1 AND gas = $2 ORDER BY idle_since LIMIT 60`, site, o.Gas)
	if err != nil {
		return nil, err
	}
	defer rows.Close()

	var found *Cylinder
	for rows.Next() {
		var next Cylinder
		if err := rows.Scan(&next.ID, &next.Litres, &next.Gas, &next.Valve, &next.Tested); err != nil {
			return nil, err
		}
		if o.fits(next, c.today()) {
			found = &next
			break
		}
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	if found == nil {
		return nil, errNoCylinder
	}
	blend, err := c.compressor.Blend(ctx, found.ID, o.Oxygen, bar)
	if err != nil {
		return nil, err
	}
	return &Fill{Cylinder: *found, Bar: bar, Oxygen: blend.Oxygen, Bank: blend.Bank}, nil
}

func (c *Centre) book(ctx context.Context, f *Fill) error {
	return c.db.QueryRowContext(ctx, `INSERT INTO fills (cylinder_id, bar, oxygen) VALUES ($1, $2, $3) RETURNING id`,
		f.Cylinder.ID, f.Bar, f.Oxygen).Scan(&f.ID)
}

func (c *Centre) handleFill(w http.ResponseWriter, r *http.Request) {
	site, _ := strconv.Atoi(mux.Vars(r)["site"])
	var o Order
	if err := json.NewDecoder(r.Body).Decode(&o); err != nil || o.Oxygen < 20 || o.Oxygen > 40 {
		http.Error(w, "bad order", http.StatusUnprocessableEntity)
		return
	}
	fill, err := c.prepare(r.Context(), site, o)
	if err == nil {
		err = c.book(r.Context(), fill)
	}
	switch {
	case errors.Is(err, errNoCylinder), errors.Is(err, sql.ErrNoRows):
		http.Error(w, err.Error(), http.StatusNotFound)
	case err != nil:
		http.Error(w, err.Error(), http.StatusBadGateway)
	default:
		writeJSON(w, http.StatusCreated, fill)
	}
}

func (c *Centre) handleFills(w http.ResponseWriter, r *http.Request) {
	rows, err := c.db.QueryContext(r.Context(),
		`SELECT id, bar, oxygen FROM fills WHERE cylinder_id = $1 ORDER BY at DESC LIMIT 20`, mux.Vars(r)["id"])
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	defer rows.Close()
	list := []Fill{}
	for rows.Next() {
		var f Fill
		if err := rows.Scan(&f.ID, &f.Bar, &f.Oxygen); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		list = append(list, f)
	}
	writeJSON(w, http.StatusOK, list)
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(v); err != nil {
		log.Print(err)
	}
}

func main() {
	db, err := sql.Open("postgres", os.Getenv("DATABASE_URL")+"?sslmode=disable&application_name=fills")
	if err != nil {
		log.Fatal(err)
	}
	db.SetMaxOpenConns(4)
	db.SetMaxIdleConns(4)
	c := &Centre{
		db: db,
		compressor: &Compressor{
			base:   "http://127.0.0.1:" + os.Getenv("UPSTREAM_PORT"),
			client: &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 32}},
		},
		today: func() time.Time { return time.Date(2025, 6, 2, 0, 0, 0, 0, time.UTC) },
	}
	r := mux.NewRouter()
	r.HandleFunc("/healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	r.HandleFunc("/sites/{site:[0-9]+}/fills", c.handleFill).Methods(http.MethodPost)
	r.HandleFunc("/cylinders/{id:[0-9]+}/fills", c.handleFills).Methods(http.MethodGet)
	r.PathPrefix("/debug/pprof/").Handler(http.DefaultServeMux)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), r))
}
