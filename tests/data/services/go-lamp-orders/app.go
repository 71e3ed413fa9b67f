// A lamp shop: orders are taken and kept for a look back.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	_ "net/http/pprof"
	"os"
	"sync"
	"time"
)

type order struct {
	ID    int64
	Lamp  string
	Notes []byte
}

type book struct {
	mu     sync.Mutex
	recent map[int64]*order
	next   int64
}

var orders = &book{recent: map[int64]*order{}}

// remember keeps an order so that it can be shown again.
func (b *book) remember(lamp string) *order {
	o := &order{Lamp: lamp, Notes: bytes.Repeat([]byte("lamp "), 4000)}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.next++
	o.ID = b.next
	b.recent[o.ID] = o
	return o
}

func orderLamp(w http.ResponseWriter, r *http.Request) {
	time.Sleep(4 * time.Millisecond)
	o := orders.remember(r.URL.Query().Get("lamp"))
	json.NewEncoder(w).Encode(map[string]any{"id": o.ID, "lamp": o.Lamp})
}

func main() {
	mux := http.NewServeMux()
	mux.HandleFunc("/orders", orderLamp)
	mux.HandleFunc("/healthz", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "ok") })
	mux.Handle("/debug/pprof/", http.DefaultServeMux)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), mux))
}
