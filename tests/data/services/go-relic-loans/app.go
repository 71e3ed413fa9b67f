// Loans of a museum's objects to other houses: conditions, handovers and returns.
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"log/slog"
	"math/rand"
	"net/http"
	"net/http/pprof"
	"os"
	"sort"
	"sync"
	"time"

	"github.com/gorilla/mux"
)

type Loan struct {
	ID       string    `json:"id"`
	Object   string    `json:"object"`
	Borrower string    `json:"borrower"`
	Insured  int       `json:"insured_eur"`
	Due      time.Time `json:"due"`
	State    string    `json:"state"`
	Moves    int       `json:"moves"`
}

type Handover struct {
	Courier string   `json:"courier"`
	Crate   string   `json:"crate"`
	Checks  []string `json:"checks"`
}

type finding struct {
	Check string  `json:"check"`
	Score float64 `json:"score"`
	Note  string  `json:"note"`
}

type Registry struct {
	mu    sync.RWMutex
	loans map[string]*Loan
}

func (g *Registry) get(id string) (Loan, bool) {
	g.mu.RLock()
	defer g.mu.RUnlock()
	l, ok := g.loans[id]
	if !ok {
		return Loan{}, false
	}
	return *l, true
}

func (g *Registry) move(id, state string) Loan {
	g.mu.Lock()
	defer g.mu.Unlock()
	l := g.loans[id]
	l.State, l.Moves = state, l.Moves+1
	return *l
}

func (g *Registry) due(before time.Time) []Loan {
	g.mu.RLock()
	defer g.mu.RUnlock()
	var out []Loan
	for _, l := range g.loans {
		if l.Due.Before(before) {
			out = append(out, *l)
		}
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Due.Before(out[j].Due) })
	return out
}

type Office struct {
	registry *Registry
	audit    *slog.Logger
}

func inspect(loan Loan, check string) finding {
	seed := int64(len(loan.Object)*31 + len(check)*7 + loan.Insured)
	score := 0.7 + 0.3*rand.New(rand.NewSource(seed)).Float64()
	note := "as recorded"
	if score < 0.8 {
		note = "see photograph"
	}
	return finding{check, score, note}
}

func (o *Office) handover(w http.ResponseWriter, r *http.Request) {
	loan, ok := o.registry.get(mux.Vars(r)["loan"])
	if !ok {
		http.NotFound(w, r)
		return
	}
	var h Handover
	if err := json.NewDecoder(r.Body).Decode(&h); err != nil || h.Courier == "" {
		http.Error(w, "a handover needs a courier", http.StatusBadRequest)
		return
	}
	log := o.audit.With("loan", loan.ID, "object", loan.Object)
	log.InfoContext(r.Context(), "handover begun", "courier", h.Courier, "crate", h.Crate)
	findings := make([]finding, 0, len(h.Checks))
	for _, check := range h.Checks {
		f := inspect(loan, check)
		findings = append(findings, f)
		log.InfoContext(r.Context(), "condition checked", slog.Group("finding", "check", f.Check, "score", f.Score))
	}
	loan = o.registry.move(loan.ID, "with "+h.Courier)
	log.InfoContext(r.Context(), "handover done", "state", loan.State, "moves", loan.Moves)
	reply(w, map[string]any{"loan": loan, "findings": findings})
}

func (o *Office) show(w http.ResponseWriter, r *http.Request) {
	loan, ok := o.registry.get(mux.Vars(r)["loan"])
	if !ok {
		http.NotFound(w, r)
		return
	}
	o.audit.DebugContext(r.Context(), "loan shown", "loan", loan.ID)
	reply(w, loan)
}

func (o *Office) due(w http.ResponseWriter, r *http.Request) {
	reply(w, o.registry.due(time.Date(2025, 6, 1, 0, 0, 0, 0, time.UTC)))
}

func reply(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(v); err != nil {
		log.Print(err)
	}
}

func openRegistry() *Registry {
	rnd := rand.New(rand.NewSource(4))
	objects := []string{"bronze fibula", "ivory comb", "glass beaker", "psalter", "sword hilt", "reliquary"}
	houses := []string{"Uppsala", "Ghent", "Toledo", "Kraków"}
	g := &Registry{loans: map[string]*Loan{}}
	for i := 1; i <= 900; i++ {
		id := fmt.Sprintf("L-%04d", i)
		g.loans[id] = &Loan{ID: id, Object: objects[rnd.Intn(len(objects))], Borrower: houses[rnd.Intn(len(houses))],
			Insured: 1000 * (1 + rnd.Intn(400)), Due: time.Date(2025, 1, 1+rnd.Intn(700), 0, 0, 0, 0, time.UTC), State: "in store"}
	}
	return g
}

func main() {
	journal := &Journal{addr: "127.0.0.1:" + os.Getenv("UPSTREAM_PORT")}
	o := &Office{registry: openRegistry(), audit: newAudit(journal)}
	r := mux.NewRouter()
	r.HandleFunc("/healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok", journal.last.Load()) })
	r.HandleFunc("/debug/pprof/profile", pprof.Profile)
	r.HandleFunc("/debug/pprof/trace", pprof.Trace)
	r.PathPrefix("/debug/pprof/").HandlerFunc(pprof.Index)
	loans := r.PathPrefix("/loans").Subrouter()
	loans.Use(trailed)
	loans.HandleFunc("/due", o.due).Methods("GET")
	loans.HandleFunc("/{loan}", o.show).Methods("GET")
	loans.HandleFunc("/{loan}/handover", o.handover).Methods("POST")
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), r))
}
