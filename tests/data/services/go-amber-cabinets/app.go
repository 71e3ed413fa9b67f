// Amber cabinet: pieces are weighed by the bureau; a limit on work in flight is shared with the stocktaking.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"time"

	"golang.org/x/sync/semaphore"
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

type Cabinet struct{ inFlight *semaphore.Weighted }

func (c *Cabinet) limited(ctx context.Context, task func() error) error {
	if err := c.inFlight.Acquire(ctx, 1); err != nil {
		return err
	}
	defer c.inFlight.Release(1)
	return task()
}

func (c *Cabinet) takeStock(drawer int) {
	for {
		err := c.limited(context.Background(), func() error { return ask(context.Background(), fmt.Sprintf("/drawer/%d/150", drawer)) })
		if err != nil {
			log.Print(err)
		}
	}
}

func (c *Cabinet) weigh(w http.ResponseWriter, r *http.Request) {
	if err := c.limited(r.Context(), func() error { return ask(r.Context(), "/weigh/20") }); err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	fmt.Fprintf(w, "{\"piece\": %q}\n", r.PathValue("piece"))
}

func main() {
	cabinet := &Cabinet{inFlight: semaphore.NewWeighted(5)}
	for drawer := range 12 {
		go cabinet.takeStock(drawer)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /pieces/{piece}", cabinet.weigh)
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "ok") })
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), mux))
}
