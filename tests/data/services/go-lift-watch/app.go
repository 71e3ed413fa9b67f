// Lifts of the buildings we look after: where they are, what they report, and when they were out of order.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	_ "net/http/pprof"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"
)

type Fault struct {
	Code int       `json:"code"`
	At   time.Time `json:"at"`
}

type Lift struct {
	ID      string
	Site    string
	Floor   int
	Load    float64
	Door    string
	Trips   int
	Faults  []Fault
	Touched time.Time
}

// Reading is what a lift's controller answers.
type Reading struct {
	Floor int     `json:"floor"`
	Load  float64 `json:"load"`
	Door  string  `json:"door"`
	Trips int     `json:"trips"`
	Code  int     `json:"code"`
}

type Controllers struct {
	base   string
	client *http.Client
}

func (c *Controllers) Read(ctx context.Context, lift string) (Reading, error) {
	var reading Reading
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base+"/controllers/"+lift, nil)
	if err != nil {
		return reading, err
	}
	resp, err := c.client.Do(req)
	if err != nil {
		return reading, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		_, _ = io.Copy(io.Discard, resp.Body)
		return reading, fmt.Errorf("controller of %s: %s", lift, resp.Status)
	}
	return reading, json.NewDecoder(resp.Body).Decode(&reading)
}

// Registry is the present state of all lifts.
type Registry struct {
	mu    sync.RWMutex
	lifts map[string]*Lift
	sites map[string][]string
}

func newRegistry() *Registry {
	return &Registry{lifts: make(map[string]*Lift), sites: make(map[string][]string)}
}

func (r *Registry) Add(site, id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lifts[id] = &Lift{ID: id, Site: site, Door: "closed"}
	r.sites[site] = append(r.sites[site], id)
}

func (r *Registry) Site(site string) []string {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return append([]string(nil), r.sites[site]...)
}

// State of a lift now.
func (r *Registry) State(id string) (Lift, bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	l, ok := r.lifts[id]
	if !ok {
		return Lift{}, false
	}
	now := *l
	now.Faults = append([]Fault(nil), l.Faults...)
	return now, true
}

// Update brings a lift up to date with its controller.
func (r *Registry) Update(ctx context.Context, id string, from *Controllers) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	l, ok := r.lifts[id]
	if !ok {
		return fmt.Errorf("no lift %s", id)
	}
	reading, err := from.Read(ctx, id)
	if err != nil {
		return err
	}
	l.Floor, l.Load, l.Door, l.Trips = reading.Floor, reading.Load, reading.Door, reading.Trips
	l.Touched = time.Now()
	if reading.Code != 0 {
		l.Faults = append(l.Faults, Fault{Code: reading.Code, At: l.Touched})
		if len(l.Faults) > 20 {
			l.Faults = l.Faults[len(l.Faults)-20:]
		}
	}
	return nil
}

func (r *Registry) ids() []string {
	r.mu.RLock()
	defer r.mu.RUnlock()
	ids := make([]string, 0, len(r.lifts))
	for id := range r.lifts {
		ids = append(ids, id)
	}
	return ids
}

// follow keeps the registry close to what the controllers say.
func follow(ctx context.Context, r *Registry, from *Controllers) {
	for ctx.Err() == nil {
		for _, id := range r.ids() {
			once, cancel := context.WithTimeout(ctx, 2*time.Second)
			if err := r.Update(once, id, from); err != nil {
				slog.Warn("lift not read", "lift", id, "error", err)
				time.Sleep(50 * time.Millisecond)
			}
			cancel()
		}
	}
}

type LiftView struct {
	ID     string  `json:"id"`
	Floor  int     `json:"floor"`
	Load   float64 `json:"load"`
	Door   string  `json:"door"`
	AgeMs  int64   `json:"age_ms"`
	Faults int     `json:"faults"`
	Last   *Fault  `json:"last,omitempty"`
}

func view(l Lift) LiftView {
	v := LiftView{ID: l.ID, Floor: l.Floor, Load: l.Load, Door: l.Door, Faults: len(l.Faults)}
	if !l.Touched.IsZero() {
		v.AgeMs = time.Since(l.Touched).Milliseconds()
	}
	if n := len(l.Faults); n > 0 {
		v.Last = &l.Faults[n-1]
	}
	return v
}

func routes(r *Registry) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /livez", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /sites/{site}/lifts", func(w http.ResponseWriter, req *http.Request) {
		ids := r.Site(req.PathValue("site"))
		if len(ids) == 0 {
			http.NotFound(w, req)
			return
		}
		views, moving := make([]LiftView, 0, len(ids)), 0
		for _, id := range ids {
			if l, ok := r.State(id); ok {
				views = append(views, view(l))
				if l.Door == "closed" {
					moving++
				}
			}
		}
		reply(w, map[string]any{"site": req.PathValue("site"), "moving": moving, "lifts": views})
	})
	mux.HandleFunc("GET /lifts/{id}", func(w http.ResponseWriter, req *http.Request) {
		l, ok := r.State(req.PathValue("id"))
		if !ok {
			http.NotFound(w, req)
			return
		}
		reply(w, view(l))
	})
	mux.HandleFunc("GET /lifts/{id}/faults", func(w http.ResponseWriter, req *http.Request) {
		l, ok := r.State(req.PathValue("id"))
		if !ok {
			http.NotFound(w, req)
			return
		}
		reply(w, l.Faults)
	})
	mux.Handle("/debug/pprof/", http.DefaultServeMux)
	return mux
}

func reply(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(v); err != nil {
		slog.Error("reply", "error", err)
	}
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	registry := newRegistry()
	for _, s := range []struct {
		site  string
		lifts int
	}{{"tower-west", 22}, {"hospital", 14}, {"library", 4}} {
		for i := 1; i <= s.lifts; i++ {
			registry.Add(s.site, fmt.Sprintf("%s-%02d", s.site, i))
		}
	}
	controllers := &Controllers{base: "http://127.0.0.1:" + os.Getenv("UPSTREAM_PORT"), client: &http.Client{}}
	go follow(ctx, registry, controllers)
	server := &http.Server{Addr: "127.0.0.1:" + os.Getenv("PORT"), Handler: routes(registry)}
	go func() {
		<-ctx.Done()
		_ = server.Close()
	}()
	if err := server.ListenAndServe(); err != http.ErrServerClosed {
		slog.Error("listen", "error", err)
		os.Exit(1)
	}
}
