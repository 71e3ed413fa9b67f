// Tours of a forester: the huts on the way are looked up, then put in order.
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"math"
	"net/http"
	_ "net/http/pprof"
	"os"
	"strconv"
	"sync"
)

type hut struct{ X, Y float64 }

type huts struct {
	mu    sync.Mutex
	limit int
	known map[int]*hut
	order []int
}

func (h *huts) get(id int) *hut {
	h.mu.Lock()
	defer h.mu.Unlock()
	if found, ok := h.known[id]; ok {
		for i, other := range h.order {
			if other == id {
				h.order = append(append(h.order[:i:i], h.order[i+1:]...), id)
				break
			}
		}
		return found
	}
	if len(h.order) >= h.limit {
		delete(h.known, h.order[0])
		h.order = h.order[1:]
	}
	found := &hut{math.Mod(float64(id)*37.7, 100), math.Mod(float64(id)*91.3, 100)}
	h.known[id] = found
	h.order = append(h.order, id)
	return found
}

func shortest(way []*hut) float64 {
	best := 0.0
	for round := 0; round < 160; round++ {
		for i := 1; i < len(way)-2; i++ {
			for j := i + 1; j < len(way)-1; j++ {
				a := math.Hypot(way[i-1].X-way[i].X, way[i-1].Y-way[i].Y) + math.Hypot(way[j].X-way[j+1].X, way[j].Y-way[j+1].Y)
				b := math.Hypot(way[i-1].X-way[j].X, way[i-1].Y-way[j].Y) + math.Hypot(way[i].X-way[j+1].X, way[i].Y-way[j+1].Y)
				if b < a {
					way[i], way[j] = way[j], way[i]
				}
				best += a - b
			}
		}
	}
	return best
}

func (h *huts) tour(w http.ResponseWriter, r *http.Request) {
	day, _ := strconv.Atoi(r.PathValue("day"))
	way := make([]*hut, 0, 180)
	for i := 0; i < 180; i++ {
		way = append(way, h.get(day*31+i*7))
	}
	_ = json.NewEncoder(w).Encode(map[string]float64{"gain": shortest(way)})
}

func main() {
	h := &huts{limit: 500, known: make(map[int]*hut)}
	http.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "ok") })
	http.HandleFunc("GET /tours/{day}", h.tour)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil))
}
