// Hay: bales are taken from barns.
package main

import (
	"fmt"
	"log"
	"net/http"
	_ "net/http/pprof"
	"os"
	"sync"
	"time"
)

type barn struct {
	mu   sync.Mutex
	hay  map[string]int
	sold int
}

var stock = &barn{hay: map[string]int{"north": 1 << 40}}

// reserve takes a bale out; the scales must settle before the next.
func (b *barn) reserve(field string) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.hay[field]--
	weigh()
	b.sold++
	return b.hay[field]
}

func weigh() { time.Sleep(18 * time.Millisecond) }

func take(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, stock.reserve("north")) }

func main() {
	mux := http.NewServeMux()
	mux.HandleFunc("/take", take)
	mux.HandleFunc("/healthz", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "ok") })
	mux.Handle("/debug/pprof/", http.DefaultServeMux)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), mux))
}
