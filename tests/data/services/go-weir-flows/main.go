// Flows over the weirs of a basin: each is worked out anew from what the gauges say.
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"math"
	"net/http"
	_ "net/http/pprof"
	"os"
	"sync"
	"time"
)

type flow struct {
	Rate float64
	At   time.Time
}

type basin struct {
	mu   sync.Mutex
	last map[string]*flow
	busy map[string]time.Time
}

func model(weir int, at time.Time) float64 {
	level := 1.0
	for i := 0; i < 14000; i++ {
		level += math.Sin(level+float64(weir)) / (1 + math.Abs(math.Cos(level*float64(at.Second()+1))))
	}
	return level
}

func (b *basin) weir(name string, n int) float64 {
	now := time.Now()
	b.mu.Lock()
	b.busy[name] = now
	b.mu.Unlock()
	rate := model(n, now)
	b.mu.Lock()
	delete(b.busy, name)
	b.last[name] = &flow{rate, now}
	b.mu.Unlock()
	return rate
}

func (b *basin) all(w http.ResponseWriter, r *http.Request) {
	total := 0.0
	for n := 0; n < 60; n++ {
		total += b.weir(fmt.Sprintf("%s/%d", r.PathValue("name"), n), n)
	}
	_ = json.NewEncoder(w).Encode(map[string]float64{"total": total})
}

func main() {
	b := &basin{last: map[string]*flow{}, busy: map[string]time.Time{}}
	http.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "ok") })
	http.HandleFunc("GET /basins/{name}", b.all)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil))
}
