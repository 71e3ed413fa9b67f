// Cold rooms: live temperatures of a warehouse's probes, read on demand through the field gateway.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"syscall"
	"time"
)

const (
	readTimeout = 5 * time.Second
	backlog     = 256
)

type Settings struct {
	Listen  string
	Gateway string
	Readers int
}

func settings() Settings {
	s := Settings{
		Listen:  "127.0.0.1:" + os.Getenv("PORT"),
		Gateway: "127.0.0.1:" + os.Getenv("UPSTREAM_PORT"),
		Readers: runtime.NumCPU(),
	}
	if v := os.Getenv("READERS"); v != "" {
		fmt.Sscanf(v, "%d", &s.Readers)
	}
	return s
}

type Room struct {
	Name  string   `json:"name"`
	Goods string   `json:"goods"`
	Low   float64  `json:"low"`
	High  float64  `json:"high"`
	Probe string   `json:"probe"`
	Doors []string `json:"doors,omitempty"`
}

type Reading struct {
	Room    string  `json:"room"`
	Celsius float64 `json:"celsius"`
	Battery int     `json:"battery"`
	State   string  `json:"state"`
}

func (r Room) judge(celsius float64) string {
	switch {
	case celsius < r.Low:
		return "too cold"
	case celsius > r.High+2:
		return "alarm"
	case celsius > r.High:
		return "warm"
	}
	return "good"
}

type sampleResult struct {
	celsius float64
	battery int
	err     error
}

type sampleTask struct {
	ctx   context.Context
	probe string
	done  chan sampleResult
}

// Sampler reads probes; its readers take turns at the tasks.
type Sampler struct {
	gateway *Gateway
	tasks   chan sampleTask
}

func StartSampler(g *Gateway, readers int) *Sampler {
	s := &Sampler{gateway: g, tasks: make(chan sampleTask, backlog)}
	for i := 0; i < readers; i++ {
		go s.reader()
	}
	return s
}

func (s *Sampler) reader() {
	for t := range s.tasks {
		if err := t.ctx.Err(); err != nil {
			t.done <- sampleResult{err: err}
			continue
		}
		c, b, err := s.gateway.Read(t.ctx, t.probe)
		t.done <- sampleResult{c, b, err}
	}
}

func (s *Sampler) Sample(ctx context.Context, probe string) (float64, int, error) {
	t := sampleTask{ctx: ctx, probe: probe, done: make(chan sampleResult, 1)}
	select {
	case s.tasks <- t:
	case <-ctx.Done():
		return 0, 0, ctx.Err()
	}
	select {
	case r := <-t.done:
		return r.celsius, r.battery, r.err
	case <-ctx.Done():
		return 0, 0, ctx.Err()
	}
}

type Warehouse struct {
	rooms   map[string]Room
	sampler *Sampler
}

func (wh *Warehouse) temperature(w http.ResponseWriter, r *http.Request) {
	room, ok := wh.rooms[r.PathValue("room")]
	if !ok {
		http.Error(w, "no such room", http.StatusNotFound)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), readTimeout)
	defer cancel()
	celsius, battery, err := wh.sampler.Sample(ctx, room.Probe)
	if err != nil {
		status := http.StatusBadGateway
		if errors.Is(err, context.DeadlineExceeded) {
			status = http.StatusGatewayTimeout
		}
		slog.Warn("sample", "room", room.Name, "error", err)
		http.Error(w, "probe does not answer", status)
		return
	}
	respond(w, Reading{Room: room.Name, Celsius: celsius, Battery: battery, State: room.judge(celsius)})
}

func (wh *Warehouse) room(w http.ResponseWriter, r *http.Request) {
	if room, ok := wh.rooms[r.PathValue("room")]; ok {
		respond(w, room)
		return
	}
	http.Error(w, "no such room", http.StatusNotFound)
}

func (wh *Warehouse) list(w http.ResponseWriter, r *http.Request) {
	goods := strings.ToLower(r.URL.Query().Get("goods"))
	found := make([]Room, 0, len(wh.rooms))
	for _, room := range wh.rooms {
		if goods == "" || room.Goods == goods {
			found = append(found, room)
		}
	}
	respond(w, found)
}

func respond(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(v)
}

func rooms() map[string]Room {
	goods := []string{"fish", "dairy", "fruit", "flowers"}
	all := map[string]Room{}
	for i := 0; i < 28; i++ {
		low := float64(i%4)*2 - 2
		r := Room{Name: fmt.Sprintf("r%02d", i), Goods: goods[i%4], Low: low, High: low + 5, Probe: fmt.Sprintf("T%03d", 100+i)}
		for d := 0; d <= i%3; d++ {
			r.Doors = append(r.Doors, fmt.Sprintf("D%d-%d", i, d))
		}
		all[r.Name] = r
	}
	return all
}

func main() {
	cfg := settings()
	wh := &Warehouse{rooms: rooms(), sampler: StartSampler(NewGateway(cfg.Gateway), cfg.Readers)}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /live", func(w http.ResponseWriter, r *http.Request) { respond(w, "up") })
	mux.HandleFunc("GET /rooms", wh.list)
	mux.HandleFunc("GET /rooms/{room}", wh.room)
	mux.HandleFunc("GET /rooms/{room}/temperature", wh.temperature)

	srv := &http.Server{Addr: cfg.Listen, Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	stop, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer cancel()
	go func() {
		<-stop.Done()
		srv.Close()
	}()
	if err := srv.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		slog.Error("listen", "error", err)
		os.Exit(1)
	}
}
