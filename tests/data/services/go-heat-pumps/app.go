// Heat pumps of a housing company: setpoints are changed through the makers' gateways, which must see the commands
// for one estate in their order.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
)

type Setpoint struct {
	Flow   float64 `json:"flow"`
	Return float64 `json:"return"`
	Mode   string  `json:"mode"`
}

func (s Setpoint) valid() bool {
	return s.Flow >= 20 && s.Flow <= 65 && s.Return < s.Flow && (s.Mode == "eco" || s.Mode == "boost" || s.Mode == "night")
}

type Ack struct {
	Pump     string  `json:"pump"`
	Accepted bool    `json:"accepted"`
	Flow     float64 `json:"flow"`
}

// Gateway is the maker's service.
type Gateway struct {
	base   string
	client *http.Client
}

func (g *Gateway) Apply(ctx context.Context, pump string, s Setpoint) (Ack, error) {
	body, err := json.Marshal(s)
	if err != nil {
		return Ack{}, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, g.base+"/pumps/"+pump+"/setpoint", bytes.NewReader(body))
	if err != nil {
		return Ack{}, err
	}
	resp, err := g.client.Do(req)
	if err != nil {
		return Ack{}, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return Ack{}, fmt.Errorf("gateway: %s", resp.Status)
	}
	var ack Ack
	return ack, json.NewDecoder(resp.Body).Decode(&ack)
}

type command struct {
	ctx   context.Context
	pump  string
	set   Setpoint
	reply func(Ack, error)
}

// Lanes keep the order: commands with the same key go through the same lane.
type Lanes struct {
	queues  []chan command
	gateway *Gateway
}

func NewLanes(n int, gateway *Gateway) *Lanes {
	l := &Lanes{queues: make([]chan command, n), gateway: gateway}
	for i := range l.queues {
		l.queues[i] = make(chan command, 256)
		go l.run(l.queues[i])
	}
	return l
}

func (l *Lanes) run(queue <-chan command) {
	for c := range queue {
		if c.ctx.Err() != nil {
			c.reply(Ack{}, c.ctx.Err())
			continue
		}
		c.reply(l.gateway.Apply(c.ctx, c.pump, c.set))
	}
}

func (l *Lanes) lane(pump string) chan<- command {
	estate, _, _ := strings.Cut(pump, "-")
	h := fnv.New32a()
	h.Write([]byte(estate))
	return l.queues[h.Sum32()%uint32(len(l.queues))]
}

func (l *Lanes) Send(ctx context.Context, pump string, s Setpoint) (Ack, error) {
	type result struct {
		ack Ack
		err error
	}
	back := make(chan result, 1)
	l.lane(pump) <- command{ctx: ctx, pump: pump, set: s, reply: func(a Ack, err error) { back <- result{a, err} }}
	r := <-back
	return r.ack, r.err
}

// Ledger remembers the last setpoint of each pump.
type Ledger struct {
	mu   sync.RWMutex
	last map[string]Setpoint
}

func (l *Ledger) put(pump string, s Setpoint) {
	l.mu.Lock()
	l.last[pump] = s
	l.mu.Unlock()
}

func (l *Ledger) get(pump string) (Setpoint, bool) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	s, ok := l.last[pump]
	return s, ok
}

type API struct {
	lanes  *Lanes
	ledger *Ledger
}

func (a *API) change(w http.ResponseWriter, r *http.Request) {
	pump := chi.URLParam(r, "pump")
	var s Setpoint
	if err := json.NewDecoder(r.Body).Decode(&s); err != nil || !s.valid() {
		http.Error(w, "setpoint is not valid", http.StatusBadRequest)
		return
	}
	ack, err := a.lanes.Send(r.Context(), pump, s)
	if err != nil {
		slog.Error("setpoint", "pump", pump, "err", err)
		http.Error(w, "gateway failed", http.StatusBadGateway)
		return
	}
	a.ledger.put(pump, s)
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(ack)
}

func (a *API) show(w http.ResponseWriter, r *http.Request) {
	s, ok := a.ledger.get(chi.URLParam(r, "pump"))
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(s)
}

func main() {
	gateway := &Gateway{
		base:   "http://127.0.0.1:" + os.Getenv("UPSTREAM_PORT"),
		client: &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 64}},
	}
	api := &API{lanes: NewLanes(16, gateway), ledger: &Ledger{last: make(map[string]Setpoint)}}
	r := chi.NewRouter()
	r.Use(middleware.Recoverer, middleware.RequestID)
	r.Get("/healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	r.Put("/pumps/{pump}/setpoint", api.change)
	r.Get("/pumps/{pump}/setpoint", api.show)
	slog.Error("ended", "err", http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), r))
}
