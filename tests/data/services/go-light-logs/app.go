// Lighthouse: the log of the light, kept in turn.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"sync"
	"time"
)

var client = &http.Client{Timeout: 8 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 64}}

func ask(ctx context.Context, path string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://127.0.0.1:"+os.Getenv("UPSTREAM_PORT")+path, nil)
	if err != nil {
		return err
	}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	_, err = io.Copy(io.Discard, resp.Body)
	return err
}

// Light lends its few desks, each with a line to the harbour office.
type Light struct {
	mu    sync.Mutex
	freed *sync.Cond
	desks []int
}

func (q *Light) enter() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.desks) == 0 {
		q.freed.Wait()
	}
	desk := q.desks[0]
	q.desks = q.desks[1:]
	return desk
}

func (q *Light) leave(desk int) {
	q.mu.Lock()
	q.desks = append(q.desks, desk)
	q.mu.Unlock()
	q.freed.Signal()
}

func (q *Light) plan(w http.ResponseWriter, r *http.Request) {
	if err := ask(r.Context(), "/weather/15"); err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	desk := q.enter()
	defer q.leave(desk)
	if err := ask(r.Context(), "/log/30"); err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	fmt.Fprintf(w, "{\"log\": %q, \"desk\": %d}\n", r.PathValue("log"), desk)
}

func main() {
	light := &Light{desks: []int{1}}
	light.freed = sync.NewCond(&light.mu)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /logs/{log}", light.plan)
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "ok") })
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), mux))
}
