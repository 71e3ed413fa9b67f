// Irrigation: opens and closes the valves of the fields by what the probes in them say.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"log"
	"net/http"
	_ "net/http/pprof"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"
)

const (
	fields  = 18
	senders = 3
)

type Valve struct {
	ID    int    `json:"id"`
	State string `json:"state"`
	Flow  int    `json:"flow"`
}

type control struct {
	gateway *Gateway
	probes  *Probes
}

func fieldID(r *http.Request) (int, bool) {
	id, err := strconv.Atoi(r.PathValue("id"))
	return id, err == nil && id >= 1 && id <= fields
}

func need(moisture float64) string {
	switch {
	case moisture < 0.18:
		return "water now"
	case moisture < 0.27:
		return "water tonight"
	}
	return "wet enough"
}

func (c *control) turn(w http.ResponseWriter, r *http.Request) {
	id, ok := fieldID(r)
	state := r.PathValue("state")
	if !ok || state != "open" && state != "shut" {
		http.NotFound(w, r)
		return
	}
	valve := Valve{ID: id}
	err := c.gateway.Send(r.Context(), Telegram{http.MethodPost, "/valves/" + strconv.Itoa(id) + "/" + state, &valve})
	switch {
	case errors.Is(err, errGateway):
		http.Error(w, err.Error(), http.StatusBadGateway)
	case err != nil:
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
	default:
		writeJSON(w, valve)
	}
}

func (c *control) field(w http.ResponseWriter, r *http.Request) {
	id, ok := fieldID(r)
	if !ok {
		http.NotFound(w, r)
		return
	}
	p, ok := c.probes.Get(id)
	if !ok {
		http.Error(w, "not heard of yet", http.StatusNotFound)
		return
	}
	writeJSON(w, map[string]any{"field": id, "probe": p, "need": need(p.Moisture)})
}

func (c *control) thirsty(w http.ResponseWriter, r *http.Request) {
	found := []int{}
	for id := 1; id <= fields; id++ {
		if p, ok := c.probes.Get(id); ok && need(p.Moisture) != "wet enough" {
			found = append(found, id)
		}
	}
	writeJSON(w, found)
}

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	c := &control{
		gateway: NewGateway("http://127.0.0.1:"+os.Getenv("UPSTREAM_PORT"), senders),
		probes:  &Probes{last: make(map[int]Probe)},
	}
	for id := 1; id <= fields; id++ {
		go c.probes.follow(ctx, c.gateway, id, 200*time.Millisecond)
	}
	http.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) { writeJSON(w, "ok") })
	http.HandleFunc("POST /valves/{id}/{state}", c.turn)
	http.HandleFunc("GET /fields/{id}", c.field)
	http.HandleFunc("GET /thirsty", c.thirsty)
	srv := &http.Server{Addr: "127.0.0.1:" + os.Getenv("PORT")}
	go func() {
		<-ctx.Done()
		_ = srv.Close()
	}()
	if err := srv.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		log.Fatal(err)
	}
}
