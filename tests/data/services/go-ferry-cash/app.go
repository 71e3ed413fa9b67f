// Ferries: cash moves from one box to the other.
package main

import (
	"fmt"
	"log"
	"net/http"
	_ "net/http/pprof"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

type box struct {
	mu    sync.Mutex
	coins int
}

var boxes [2]box

// settle moves coins between the cash boxes of two ferries.
func settle(from, to *box, coins int) {
	from.mu.Lock()
	defer from.mu.Unlock()
	time.Sleep(3 * time.Millisecond)
	to.mu.Lock()
	defer to.mu.Unlock()
	from.coins -= coins
	to.coins += coins
}

var turn atomic.Int64

func transfer(w http.ResponseWriter, r *http.Request) {
	if turn.Add(1)%2 == 0 {
		settle(&boxes[0], &boxes[1], 5)
	} else {
		settle(&boxes[1], &boxes[0], 5)
	}
	fmt.Fprintln(w, "settled")
}

func main() {
	mux := http.NewServeMux()
	mux.HandleFunc("/transfer", transfer)
	mux.HandleFunc("/healthz", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "ok") })
	mux.Handle("/debug/pprof/", http.DefaultServeMux)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), mux))
}
