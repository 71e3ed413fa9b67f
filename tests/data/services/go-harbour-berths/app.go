// Harbour: plans of berths, computed at the harbour office over one of few lines.
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

// Quay lends its few desks, each with a line to the harbour office.
type Quay struct {
	mu    sync.Mutex
	freed *sync.Cond
	desks []int
}

func (q *Quay) take() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.desks) == 0 {
		q.freed.Wait()
	}
	desk := q.desks[0]
	q.desks = q.desks[1:]
	return desk
}

func (q *Quay) put(desk int) {
	q.mu.Lock()
	q.desks = append(q.desks, desk)
	q.mu.Unlock()
	q.freed.Signal()
}

func (q *Quay) plan(w http.ResponseWriter, r *http.Request) {
	desk := q.take()
	defer q.put(desk)
	if err := ask(r.Context(), "/plan/70"); err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	fmt.Fprintf(w, "{\"berth\": %q, \"desk\": %d}\n", r.PathValue("berth"), desk)
}

func main() {
	quay := &Quay{desks: []int{1, 2, 3}}
	quay.freed = sync.NewCond(&quay.mu)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /berths/{berth}", quay.plan)
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "ok") })
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), mux))
}
