// Stock lots: where the lots of a warehouse lie, and which of them a pick order should take.
package main

import (
	"encoding/json"
	"expvar"
	"fmt"
	"log"
	"net/http"
	_ "net/http/pprof"
	"os"
	"runtime/debug"
	"strconv"
)

type settings struct {
	Addr     string
	Articles int
	LotsEach int
	MemoryMB int64
}

func load() settings {
	return settings{
		Addr:     "127.0.0.1:" + os.Getenv("PORT"),
		Articles: number("ARTICLES", 9000),
		LotsEach: number("LOTS_EACH", 60),
		MemoryMB: int64(number("CONTAINER_MB", 64)),
	}
}

func number(name string, otherwise int) int {
	if v, err := strconv.Atoi(os.Getenv(name)); err == nil {
		return v
	}
	return otherwise
}

var picked = expvar.NewInt("lots_picked")

func (s *Store) postPick(w http.ResponseWriter, r *http.Request) {
	var order Order
	if err := json.NewDecoder(r.Body).Decode(&order); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	list := make([]Pick, 0, len(order.Lines))
	for _, line := range order.Lines {
		p, err := s.choose(line)
		if err != nil {
			http.Error(w, err.Error(), http.StatusUnprocessableEntity)
			return
		}
		picked.Add(int64(len(p.Places)))
		list = append(list, p)
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(list)
}

func main() {
	cfg := load()
	store := fill(cfg.Articles, cfg.LotsEach)
	debug.SetMemoryLimit(cfg.MemoryMB << 20)
	http.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "ok") })
	http.HandleFunc("POST /picks", store.postPick)
	log.Fatal(http.ListenAndServe(cfg.Addr, nil))
}
