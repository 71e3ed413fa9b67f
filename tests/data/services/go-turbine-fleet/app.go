// Control room of a wind farm: what the fleet yields and which turbines need a look.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
)

// maxIDs is what the SCADA gateway takes in one call.
const maxIDs = 12

type Turbine struct {
	ID    string  `json:"id"`
	Row   string  `json:"row"`
	Rated float64 `json:"rated_kw"`
	Hub   int     `json:"hub_m"`
}

type Reading struct {
	ID      string  `json:"id"`
	Wind    float64 `json:"wind"`
	Power   float64 `json:"power"`
	Gearbox float64 `json:"gearbox"`
	Pitch   float64 `json:"pitch"`
}

type Gateway struct {
	base   string
	client *http.Client
}

func NewGateway(base string) *Gateway {
	return &Gateway{base: base, client: &http.Client{
		Timeout:   3 * time.Second,
		Transport: &http.Transport{MaxIdleConnsPerHost: 64, IdleConnTimeout: time.Minute},
	}}
}

func (g *Gateway) read(ctx context.Context, ids []string) ([]Reading, error) {
	query := url.Values{"ids": {strings.Join(ids, ",")}}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, g.base+"/scada/v2/readings?"+query.Encode(), nil)
	if err != nil {
		return nil, err
	}
	resp, err := g.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("gateway: %s", resp.Status)
	}
	var batch struct {
		Readings []Reading `json:"readings"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&batch); err != nil {
		return nil, fmt.Errorf("gateway: %w", err)
	}
	return batch.Readings, nil
}

// Readings gives the last reading of each turbine.
func (g *Gateway) Readings(ctx context.Context, ids []string) (map[string]Reading, error) {
	latest := make(map[string]Reading, len(ids))
	for part := range slices.Chunk(ids, maxIDs) {
		readings, err := g.read(ctx, part)
		if err != nil {
			return nil, err
		}
		for _, r := range readings {
			latest[r.ID] = r
		}
	}
	return latest, nil
}

type Farm struct {
	Name     string
	turbines []Turbine
	gateway  *Gateway
}

var errUnknown = errors.New("unknown turbine")

func (f *Farm) ids(row string) []string {
	var ids []string
	for _, t := range f.turbines {
		if row == "" || t.Row == row {
			ids = append(ids, t.ID)
		}
	}
	return ids
}

func (f *Farm) turbine(id string) (Turbine, error) {
	i := slices.IndexFunc(f.turbines, func(t Turbine) bool { return t.ID == id })
	if i < 0 {
		return Turbine{}, errUnknown
	}
	return f.turbines[i], nil
}

// expected is the power curve: what a turbine should give at this wind.
func expected(t Turbine, wind float64) float64 {
	switch {
	case wind < 3.5 || wind > 25:
		return 0
	case wind >= 12.5:
		return t.Rated
	}
	return t.Rated * math.Pow((wind-3.5)/9, 2.2)
}

type RowState struct {
	Row      string   `json:"row"`
	PowerKW  float64  `json:"power_kw"`
	Yield    float64  `json:"yield"`
	Turbines int      `json:"turbines"`
	Look     []string `json:"look,omitempty"`
}

func needsLook(t Turbine, r Reading) bool {
	want := expected(t, r.Wind)
	return r.Gearbox > 78 || (want > 200 && r.Power < want*0.75)
}

func (f *Farm) State(ctx context.Context, row string) ([]RowState, error) {
	readings, err := f.gateway.Readings(ctx, f.ids(row))
	if err != nil {
		return nil, err
	}
	rows := map[string]*RowState{}
	var wanted = map[string]float64{}
	for _, t := range f.turbines {
		r, ok := readings[t.ID]
		if !ok {
			continue
		}
		s := rows[t.Row]
		if s == nil {
			s = &RowState{Row: t.Row}
			rows[t.Row] = s
		}
		s.Turbines++
		s.PowerKW += r.Power
		wanted[t.Row] += expected(t, r.Wind)
		if needsLook(t, r) {
			s.Look = append(s.Look, t.ID)
		}
	}
	var states []RowState
	for name, s := range rows {
		s.PowerKW = math.Round(s.PowerKW)
		if wanted[name] > 0 {
			s.Yield = math.Round(1000*s.PowerKW/wanted[name]) / 1000
		}
		states = append(states, *s)
	}
	slices.SortFunc(states, func(a, b RowState) int { return strings.Compare(a.Row, b.Row) })
	return states, nil
}

func (f *Farm) handleState(w http.ResponseWriter, r *http.Request) {
	states, err := f.State(r.Context(), r.URL.Query().Get("row"))
	if err != nil {
		fail(w, http.StatusBadGateway, err)
		return
	}
	reply(w, map[string]any{"farm": f.Name, "rows": states})
}

func (f *Farm) handleTurbine(w http.ResponseWriter, r *http.Request) {
	t, err := f.turbine(chi.URLParam(r, "id"))
	if err != nil {
		fail(w, http.StatusNotFound, err)
		return
	}
	readings, err := f.gateway.Readings(r.Context(), []string{t.ID})
	if err != nil {
		fail(w, http.StatusBadGateway, err)
		return
	}
	reply(w, map[string]any{"turbine": t, "reading": readings[t.ID]})
}

func reply(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(v); err != nil {
		slog.Warn("reply", "err", err)
	}
}

func fail(w http.ResponseWriter, status int, err error) {
	http.Error(w, err.Error(), status)
}

func buildFleet(rows string, perRow int) []Turbine {
	var fleet []Turbine
	for _, row := range rows {
		for n := 1; n <= perRow; n++ {
			fleet = append(fleet, Turbine{ID: fmt.Sprintf("%c%02d", row, n), Row: string(row), Rated: 4200, Hub: 119})
		}
	}
	return fleet
}

func main() {
	farm := &Farm{
		Name:     "Horns Bank",
		turbines: buildFleet("ABCDEFG", 14),
		gateway:  NewGateway("http://127.0.0.1:" + os.Getenv("UPSTREAM_PORT")),
	}
	r := chi.NewRouter()
	r.Use(middleware.RequestID, middleware.Recoverer)
	r.Get("/healthz", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "ok") })
	r.Get("/fleet/state", farm.handleState)
	r.Get("/turbines", func(w http.ResponseWriter, r *http.Request) { reply(w, farm.turbines) })
	r.Get("/turbines/{id}", farm.handleTurbine)
	slog.Info("listening", "port", os.Getenv("PORT"), "turbines", len(farm.turbines))
	if err := http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), r); err != nil {
		slog.Error("server", "err", err)
		os.Exit(1)
	}
}
