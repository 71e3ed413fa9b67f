// Sluices: levels are asked of the stations by one group with a limit, which the hourly rounds use as well.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"time"

	"golang.org/x/sync/errgroup"
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

type Keeper struct{ group errgroup.Group }

func (k *Keeper) round(sluice int) {
	for {
		k.group.Go(func() error { return ask(context.Background(), fmt.Sprintf("/gate/%d/160", sluice)) })
	}
}

func (k *Keeper) level(w http.ResponseWriter, r *http.Request) {
	found := make(chan error, 1)
	k.group.Go(func() error {
		found <- ask(r.Context(), "/level/15")
		return nil
	})
	if err := <-found; err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	fmt.Fprintf(w, "{\"sluice\": %q}\n", r.PathValue("sluice"))
}

func main() {
	keeper := &Keeper{}
	keeper.group.SetLimit(4)
	for sluice := range 9 {
		go keeper.round(sluice)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /sluices/{sluice}", keeper.level)
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "ok") })
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), mux))
}
