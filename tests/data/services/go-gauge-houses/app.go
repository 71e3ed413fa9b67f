// House: gauges are gauged by the office; a limit on work in flight is shared with the stocktaking.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
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

type House struct{ inFlight chan struct{} }

func (c *House) limited(ctx context.Context, task func() error) error {
	select {
	case c.inFlight <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-c.inFlight }()
	return task()
}

func (c *House) takeStock(vault int) {
	for {
		err := c.limited(context.Background(), func() error { return ask(context.Background(), fmt.Sprintf("/vault/%d/150", vault)) })
		if err != nil {
			log.Print(err)
		}
	}
}

func (c *House) weigh(w http.ResponseWriter, r *http.Request) {
	if err := c.limited(r.Context(), func() error { return ask(r.Context(), "/weigh/310") }); err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	fmt.Fprintf(w, "{\"piece\": %q}\n", r.PathValue("piece"))
}

func main() {
	cabinet := &House{inFlight: make(chan struct{}, 30)}
	for vault := range 12 {
		go cabinet.takeStock(vault)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /gauges/{piece}", cabinet.weigh)
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "ok") })
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), mux))
}
