// Water levels of fish ponds, a chart for each.
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"math"
	"net/http"
	"os"
	"sync"
	"time"
)

const (
	ponds = 120
	ttl   = 25 * time.Millisecond
)

type chart struct {
	points []float64
	until  time.Time
}

type charts struct {
	mu   sync.Mutex
	kept map[string]chart
}

func (c *charts) fresh(name string, make func() []float64) []float64 {
	c.mu.Lock()
	held, ok := c.kept[name]
	c.mu.Unlock()
	if ok && time.Now().Before(held.until) {
		return held.points
	}
	points := make()
	c.mu.Lock()
	c.kept[name] = chart{points, time.Now().Add(ttl)}
	c.mu.Unlock()
	return points
}

func (c *charts) sweep() {
	for range time.Tick(10 * time.Millisecond) {
		now := time.Now()
		c.mu.Lock()
		for name, held := range c.kept {
			if now.After(held.until) {
				delete(c.kept, name)
			}
		}
		c.mu.Unlock()
	}
}

func curve(pond int) []float64 {
	points := make([]float64, 168)
	for hour := range points {
		for k := 1; k < 110; k++ {
			points[hour] += math.Sin(float64(hour*k)/24+float64(pond)) / float64(k)
		}
	}
	return points
}

func (c *charts) plot(w http.ResponseWriter, r *http.Request) {
	highest := make(map[string]float64, ponds)
	for pond := 0; pond < ponds; pond++ {
		name := fmt.Sprintf("%s-%d", r.PathValue("span"), pond)
		for _, level := range c.fresh(name, func() []float64 { return curve(pond) }) {
			highest[name] = math.Max(highest[name], level)
		}
	}
	_ = json.NewEncoder(w).Encode(highest)
}

func main() {
	c := &charts{kept: make(map[string]chart)}
	go c.sweep()
	http.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "ok") })
	http.HandleFunc("GET /charts/{span}", c.plot)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil))
}
