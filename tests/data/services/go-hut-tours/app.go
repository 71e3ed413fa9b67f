// Hut tours: which of a tour's mountain huts still have beds on the nights that a group needs them.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
)

type Hut struct {
	Code     string `json:"code"`
	Name     string `json:"name"`
	Altitude int    `json:"altitude"`
	Beds     int    `json:"beds"`
}

type Tour struct {
	ID     string  `json:"id"`
	Title  string  `json:"title"`
	Huts   []Hut   `json:"huts"`
	Ascent []int   `json:"ascent"`
	Hours  float64 `json:"hours"`
}

type Night struct {
	Free    int  `json:"free"`
	Blanket bool `json:"blanket"`
	Price   int  `json:"price"`
}

type Stage struct {
	Night  string `json:"night"`
	Hut    string `json:"hut"`
	Free   int    `json:"free"`
	Enough bool   `json:"enough"`
	Price  int    `json:"price"`
}

type Plan struct {
	Tour     string  `json:"tour"`
	People   int     `json:"people"`
	Possible bool    `json:"possible"`
	Total    int     `json:"total"`
	Stages   []Stage `json:"stages"`
}

var errUnknownHut = errors.New("hut is not in the reservation system")

// Reservations talks to the alpine clubs' common booking system.
type Reservations struct {
	base string
	http *http.Client
}

type nightReply struct {
	night Night
	err   error
}

func NewReservations(base string) *Reservations {
	return &Reservations{base: base, http: &http.Client{
		Timeout:   3 * time.Second,
		Transport: &http.Transport{MaxIdleConns: 128, MaxIdleConnsPerHost: 64, IdleConnTimeout: time.Minute},
	}}
}

func (rs *Reservations) get(ctx context.Context, hut string, night time.Time) (Night, error) {
	q := url.Values{"date": {night.Format(time.DateOnly)}}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, rs.base+"/huts/"+hut+"/nights?"+q.Encode(), nil)
	if err != nil {
		return Night{}, err
	}
	res, err := rs.http.Do(req)
	if err != nil {
		return Night{}, err
	}
	defer res.Body.Close()
	switch res.StatusCode {
	case http.StatusOK:
	case http.StatusNotFound:
		return Night{}, errUnknownHut
	default:
		return Night{}, fmt.Errorf("reservations: %s", res.Status)
	}
	var n Night
	return n, json.NewDecoder(res.Body).Decode(&n)
}

// Night looks a night up in the background; the answer comes through the channel.
func (rs *Reservations) Night(ctx context.Context, hut string, night time.Time) <-chan nightReply {
	out := make(chan nightReply, 1)
	go func() {
		n, err := rs.get(ctx, hut, night)
		out <- nightReply{n, err}
	}()
	return out
}

type Planner struct {
	tours        map[string]Tour
	reservations *Reservations
}

func (p *Planner) stage(ctx context.Context, hut Hut, night time.Time, people int) (Stage, error) {
	select {
	case got := <-p.reservations.Night(ctx, hut.Code, night):
		if got.err != nil {
			return Stage{}, fmt.Errorf("%s: %w", hut.Code, got.err)
		}
		free := min(got.night.Free, hut.Beds)
		return Stage{Night: night.Format(time.DateOnly), Hut: hut.Name, Free: free, Enough: free >= people,
			Price: got.night.Price * people}, nil
	case <-ctx.Done():
		return Stage{}, ctx.Err()
	}
}

func (p *Planner) Plan(ctx context.Context, t Tour, from time.Time, people int) (Plan, error) {
	plan := Plan{Tour: t.Title, People: people, Possible: true}
	for i, hut := range t.Huts {
		stage, err := p.stage(ctx, hut, from.AddDate(0, 0, i), people)
		if errors.Is(err, errUnknownHut) {
			plan.Possible = false
			continue
		}
		if err != nil {
			return plan, err
		}
		plan.Possible = plan.Possible && stage.Enough
		plan.Total += stage.Price
		plan.Stages = append(plan.Stages, stage)
	}
	return plan, nil
}

type API struct{ planner *Planner }

func (a *API) tour(w http.ResponseWriter, r *http.Request) (Tour, bool) {
	t, ok := a.planner.tours[chi.URLParam(r, "tour")]
	if !ok {
		http.Error(w, "no such tour", http.StatusNotFound)
	}
	return t, ok
}

func (a *API) showTour(w http.ResponseWriter, r *http.Request) {
	if t, ok := a.tour(w, r); ok {
		writeJSON(w, t)
	}
}

func (a *API) showProfile(w http.ResponseWriter, r *http.Request) {
	t, ok := a.tour(w, r)
	if !ok {
		return
	}
	sum := 0
	for _, m := range t.Ascent {
		sum += m
	}
	writeJSON(w, map[string]any{"ascent": sum, "stages": len(t.Ascent), "hours_a_day": t.Hours / float64(len(t.Ascent))})
}

func (a *API) showPlan(w http.ResponseWriter, r *http.Request) {
	t, ok := a.tour(w, r)
	if !ok {
		return
	}
	from, err := time.Parse(time.DateOnly, r.URL.Query().Get("from"))
	if err != nil {
		http.Error(w, "from: a date is needed", http.StatusBadRequest)
		return
	}
	people, err := strconv.Atoi(r.URL.Query().Get("people"))
	if err != nil || people < 1 || people > 30 {
		people = 2
	}
	plan, err := a.planner.Plan(r.Context(), t, from, people)
	if err != nil {
		log.Printf("plan %s: %v", t.ID, err)
		http.Error(w, "reservations are not available", http.StatusBadGateway)
		return
	}
	writeJSON(w, plan)
}

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}

func loadTours() map[string]Tour {
	huts := []string{"Almagell", "Bordier", "Cabane Moiry", "Dom", "Europa", "Finsteraar", "Gauli", "Hollandia", "Iffigen", "Konkordia"}
	tours := map[string]Tour{}
	for i, id := range []string{"haute-route", "bear-trek", "five-lakes"} {
		t := Tour{ID: id, Title: id, Hours: 31 + float64(i)*4}
		for k := 0; k < 8-2*i; k++ {
			n := (i*3 + k) % len(huts)
			t.Huts = append(t.Huts, Hut{Code: fmt.Sprintf("H%02d", n), Name: huts[n], Altitude: 2100 + n*97, Beds: 40 + n*8})
			t.Ascent = append(t.Ascent, 600+(k*331+i*70)%900)
		}
		tours[id] = t
	}
	return tours
}

func main() {
	api := &API{&Planner{tours: loadTours(), reservations: NewReservations("http://127.0.0.1:" + os.Getenv("UPSTREAM_PORT"))}}
	r := chi.NewRouter()
	r.Use(middleware.Recoverer, middleware.RequestID)
	r.Get("/healthz", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "ok") })
	r.Route("/tours/{tour}", func(r chi.Router) {
		r.Get("/", api.showTour)
		r.Get("/profile", api.showProfile)
		r.Get("/plan", api.showPlan)
	})
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), r))
}
