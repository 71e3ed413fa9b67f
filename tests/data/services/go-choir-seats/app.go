// Concert evenings: the seats that are left in each block of the hall.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"strconv"

	"golang.org/x/sync/errgroup"
)

var blocks = []string{"stalls", "circle", "balcony", "boxes", "choir"}

type Hall struct {
	base   string
	client *http.Client
}

func (h *Hall) seats(ctx context.Context, block string) (int, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, h.base+"/seats/"+block, nil)
	if err != nil {
		return 0, err
	}
	resp, err := h.client.Do(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(string(b))
}

func (h *Hall) evening(w http.ResponseWriter, r *http.Request) {
	left := make([]int, len(blocks))
	g, ctx := errgroup.WithContext(r.Context())
	for i, block := range blocks {
		i, block := i, block
		g.Go(func() (err error) {
			left[i], err = h.seats(ctx, block)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	json.NewEncoder(w).Encode(left)
}

func main() {
	h := &Hall{
		base:   "http://127.0.0.1:" + os.Getenv("UPSTREAM_PORT"),
		client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}},
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/healthz", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("/evenings/", h.evening)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), mux))
}
