// A gate: who waits hears the bell.
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

type gate struct {
	mu   sync.Mutex
	wait chan struct{}
	rung int
}

var bell = &gate{wait: make(chan struct{})}

func (g *gate) ring() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.rung++
	close(g.wait)
	g.wait = make(chan struct{})
}

func (g *gate) next() <-chan struct{} {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.wait
}

// listen answers as soon as someone rings, or after a while: a long poll.
func listen(w http.ResponseWriter, r *http.Request) {
	select {
	case <-bell.next():
		fmt.Fprintln(w, "rung")
	case <-time.After(2 * time.Second):
		fmt.Fprintln(w, "quiet")
	case <-r.Context().Done():
	}
}

func main() {
	go func() {
		for range time.Tick(700 * time.Millisecond) {
			bell.ring()
		}
	}()
	mux := http.NewServeMux()
	mux.HandleFunc("/listen", listen)
	mux.HandleFunc("/healthz", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "ok") })
	mux.Handle("/debug/pprof/", http.DefaultServeMux)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), mux))
}
